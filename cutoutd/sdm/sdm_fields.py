"""Make the C table of an SDM document's fields from sdm_fields.tsv.

Usage: sdm_fields.py sdm_fields.tsv sdm_fields.h sdm_fields.c

A document has five columns; every other field with a value is a PARAM. All text that does
not depend on the spectrum is put together here, so that writing a document is copying.
"""
import csv
import re
import sys
from xml.sax.saxutils import quoteattr, escape

COLUMNS = ["spectral", "flux", "flux_error", "and_mask", "or_mask"]

# Attributes that the table has no column for; the references are those of sdm.c.
MORE = {
    "ssa_cdate": {"xtype": "timestamp"},
    "ssa_targetpos": {"ref": "cs"},
    "ssa_location": {"ref": "cs"},
    "ssa_dateObs": {"ref": "ts"},
    "ssa_timestart": {"ref": "ts"},
    "ssa_timestop": {"ref": "ts"},
}

# datatype -> TFORMn of FITS, datatype of ECSV
COLUMN_TYPES = {"double": ("1D", "float64"), "float": ("1E", "float32"), "short": ("1I", "int16")}

KINDS = {"char[*]": "TEXT", "double[2]": "POSITION", "double": "REAL", "float": "REAL",
         "long": "INTEGER", "int": "INTEGER"}

# Keywords of columns, which the table's own header has, whatever the field says.
COLUMN_KEYWORDS = ("TUCD", "TCTYP", "TCDLT", "TTYPE")

GROUP_DEPTH = 2  # spec:Spectrum.Char.SpectralAxis, and no group inside it


def given(text):
    """None for the dash that stands for nothing."""
    return None if text == "-" else text


def unit(row):
    """The unit in a document: relative flux has none, the spectral axis is in Angstrom."""
    if row["unit"] == "(flux unit)":
        return None
    if "Angstrom, as the axis, in the document" in row["note"]:
        return "Angstrom"
    return given(row["unit"])


def attributes(row):
    kind, size = re.fullmatch(r"(\w+)(?:\[(.+)\])?", row["datatype"]).groups()
    named = {"name": row["name"], "datatype": kind, "arraysize": size, "unit": unit(row),
             "ucd": given(row["ucd"]), "utype": given(row["utype_spec"])}
    named.update(MORE.get(row["name"], {}))
    return "".join(f" {name}={quoteattr(value)}" for name, value in named.items() if value)


def description(row):
    text = given(row["description"])
    return f"<DESCRIPTION>{escape(text)}</DESCRIPTION>" if text else ""


def is_param(row):
    if row["role"] == "private":
        return True
    if row["name"] in COLUMNS or not row["utype_spec"].startswith("spec:Spectrum."):
        return False
    has_value = not row["lamost_source"].startswith("-") or row["mandatory"] != "O"
    return has_value and not row["utype_spec"].startswith("spec:Spectrum.Data.")


def groups(row):
    """The groups around a field, outermost first, as the text that opens each."""
    if row["role"] == "private":
        return ['<GROUP name="lamost">\n']
    path = row["utype_spec"].split(".")[:-1][:1 + GROUP_DEPTH]
    return [f'<GROUP utype="{".".join(path[:i])}">\n' for i in range(2, len(path) + 1)]


def group_change(before, after):
    common = 0
    while common < min(len(before), len(after)) and before[common] == after[common]:
        common += 1
    return "</GROUP>\n" * (len(before) - common) + "".join(after[common:])


def absent(row):
    """What stands for a mandatory or recommended value that is not known."""
    if row["datatype"] == "char[*]":
        return "UNKNOWN" if row["mandatory"] == "M" else ""
    return {"double[2]": "NaN NaN"}.get(row["datatype"], "NaN")


def field(row):
    text = description(row)
    head = f'<FIELD ID="{row["name"]}"{attributes(row)}'
    return f"{head}>{text}</FIELD>\n" if text else f"{head}/>\n"


def columns_text(rows):
    """GROUPs of FIELDrefs by axis, then the FIELDs."""
    rows = [next(row for row in rows if row["name"] == name) for name in COLUMNS]
    text, inside = "", []
    for row in rows:
        if row["utype_spec"] == "-":
            continue
        around = groups(row)
        text += group_change(inside, around) + f'<FIELDref ref="{row["name"]}"/>\n'
        inside = around
    return text + group_change(inside, []) + "".join(map(field, rows))


def keywords(row, taken):
    """The keywords of FITS that a field has to itself: one that an earlier field took is not
    written again."""
    given_ones = row["sdm_fits_key"].split(", ") if row["sdm_fits_key"] != "-" else []
    if row["role"] == "private" and len(row["name"]) <= 8:
        given_ones = [row["name"].upper()]
    # The first of its kind, or of the first column, which is the spectral one.
    ours = [re.sub("n$", "1", key) for key in given_ones if not key.startswith(COLUMN_KEYWORDS)]
    ours = [key for key in ours if key not in taken]
    taken.update(ours)
    return ours


def comment(row):
    return f"[{unit(row)}] {row['name']}" if unit(row) else row["name"]


def optional_literal(text):
    return '"' + text.replace('"', '\\"') + '"' if text else "NULL"


def column(row):
    form, datatype = COLUMN_TYPES[row["datatype"]]
    texts = [row["name"], form, datatype, unit(row), given(row["ucd"]), given(row["utype_spec"]),
             given(row["description"])]
    return "    {" + ", ".join(map(optional_literal, texts)) + "},\n"


def literal(text):
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'TEXT("{escaped}")'


def constant(row):
    return "SDM_" + row["name"].upper()


def write_header(params, out):
    out.write("/* Made by sdm_fields.py from sdm_fields.tsv: the PARAMs in their order. */\n"
              "#pragma once\n\nenum sdm_field {\n")
    out.writelines(f"    {constant(row)},\n" for row in params)
    out.write("    SDM_FIELD_COUNT\n};\n")


def write_table(rows, params, out):
    out.write('/* Made by sdm_fields.py from sdm_fields.tsv. */\n'
              '#include "sdm/sdm_fields.h"\n#include "sdm/sdm_table.h"\n\n'
              "#include <stddef.h>\n\n#define TEXT(literal) {literal, sizeof(literal) - 1}\n\n"
              "const struct sdm_param sdm_params[SDM_FIELD_COUNT] = {\n")
    inside, taken = [], set()
    for row in params:
        around = groups(row)
        text = description(row)
        keys = "".join(f'"{key}", ' for key in keywords(row, taken)) or "NULL"
        tail = f'">{text}</PARAM>\n' if text else '"/>\n'
        out.write(f"    [{constant(row)}] = {{\n"
                  f"        .groups = {literal(group_change(inside, around))},\n"
                  f'        .head = {literal(f"<PARAM{attributes(row)} value=" + chr(34))},\n'
                  f"        .tail = {literal(tail)},\n"
                  f"        .absent = {literal(absent(row))},\n"
                  f'        .is_optional = {"true" if row["mandatory"] == "O" else "false"},\n'
                  f'        .kind = SDM_KIND_{KINDS[row["datatype"]]},\n'
                  f'        .name = "{row["name"]}",\n'
                  f"        .keywords = {{{keys}}},\n"
                  f'        .comment = "{comment(row)}",\n'
                  "    },\n")
        inside = around
    out.write("};\n\nconst size_t sdm_param_count = SDM_FIELD_COUNT;\n\n"
              "const struct sdm_text sdm_columns =\n    "
              f"{literal(group_change(inside, []) + columns_text(rows))};\n\n"
              "const struct sdm_column sdm_column_table[SDM_COLUMN_COUNT] = {\n")
    out.writelines(column(next(row for row in rows if row["name"] == name)) for name in COLUMNS)
    out.write("};\n")


def main(table, header, source):
    with open(table, encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    params = [row for row in rows if is_param(row)]
    with open(header, "w", encoding="utf-8") as out:
        write_header(params, out)
    with open(source, "w", encoding="utf-8") as out:
        write_table(rows, params, out)


main(*sys.argv[1:])
