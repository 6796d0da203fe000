"""Make the C table of an SSA answer's fields from sdm_fields.tsv.

Usage: ssa_fields.py sdm_fields.tsv ssa_fields.c

Every row with an ssa: utype, then columns of our own. A value comes from the document's
field of that name, from the answer itself, or from nowhere.
"""
import csv
import re
import sys

# What the answer itself knows; enum ssa_own.
OWN = {"ssa_score", "ssa_assoctype", "ssa_associd", "ssa_assockey", "accref", "mime", "accsize",
       "ssa_model", "ssa_deleted", "ssa_cdate", "raj2000", "dej2000", "obsid", "datalink_url"}

# name, UCD, unit, datatype, description
MORE = [
    ("raj2000", "pos.eq.ra;meta.main", "deg", "double", "Right ascension of the target, ICRS"),
    ("dej2000", "pos.eq.dec;meta.main", "deg", "double", "Declination of the target, ICRS"),
    ("obsid", "meta.id;obs", "", "long", "OBSID: the survey's number of this observation"),
    ("datalink_url", "meta.ref.url", "", "char[*]", "What belongs to this spectrum"),
]


def given(text):
    return "" if text == "-" else text


def in_document(row):
    """Whether the document has a field of that name; as sdm_fields.py decides it."""
    has_value = not row["lamost_source"].startswith("-") or row["mandatory"] != "O"
    return row["utype_spec"].startswith("spec:Spectrum.") and has_value


def literal(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"' if text else "NULL"


def line(name, ucd, unit, datatype, description, utype="", origin="SSA_NOWHERE", of=0, scaled=False):
    kind, size = re.fullmatch(r"(\w+)(?:\[(.+)\])?", datatype).groups()
    attributes = [literal(text) for text in (name, kind, size, unit, ucd, utype, description)]
    # Without one, astropy saves no table in binary that lacks such a number.
    null = literal("-1" if kind == "long" else "")
    return (f"    {{{{{attributes[0]}, {attributes[0]}, {attributes[1]}, {attributes[2]}, NULL, "
            f"{attributes[3]}, {attributes[4]}, {attributes[5]}, NULL, {null}, {attributes[6]}}}, "
            f"{origin}, {of}, {str(scaled).lower()}}},\n")


def field(row):
    name = row["name"]
    if name in OWN:
        origin, of = "SSA_OWN", "SSA_" + name.upper().removeprefix("SSA_")
    elif in_document(row):
        origin, of = "SSA_DOCUMENT", "SDM_" + name.upper()
    else:
        origin, of = "SSA_NOWHERE", "0"
    unit = given(row["unit"])
    return line(name, given(row["ucd"]), "" if unit == "(flux unit)" else unit, row["datatype"],
                given(row["description"]), row["utype_ssa"], origin, of,
                "unit m in SSA answers" in row["note"])


def main(table, source):
    with open(table, encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    with open(source, "w", encoding="utf-8") as out:
        out.write("/* Made by ssa_fields.py from sdm_fields.tsv. */\n"
                  '#include "sdm/sdm_fields.h"\n#include "protocol/ssa_table.h"\n\n'
                  "const struct ssa_field ssa_fields[] = {\n")
        out.writelines(field(row) for row in rows if row["utype_ssa"] != "-")
        out.writelines(line(*more, origin="SSA_OWN", of="SSA_" + more[0].upper()) for more in MORE)
        out.write("};\n\nconst size_t ssa_field_count = sizeof(ssa_fields) / sizeof(ssa_fields[0]);\n")


main(*sys.argv[1:])
