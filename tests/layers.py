"""Floors include only what lies below them, and each foreign library has one door."""
import pathlib
import re
import sys

# header of a foreign library -> where it may be included
DOORS = {
    r"event2/.*": ["cutoutd/http/"],
    r"fitsio\.h": ["cutoutd/ingest/fits_file.c"],
    r"libdeflate\.h": ["cutoutd/ingest/gzip.c", "cutoutd/dali/compress.c",
                       "cutoutd/plot/png_encode.c"],
    r"sqlite3\.h": ["cutoutd/archive/catalogue"],
    r"xxhash\.h": ["cutoutd/base/checksum.c"],
    r"zlib\.h": ["cutoutd/protocol/inflate.c"],
    r"ini\.h": ["cutoutd/config_file.c"],
    r"expat\.h": ["cutoutd/format/votable_column.c"],
    r"cairo.*\.h": ["cutoutd/plot/png.c", "cutoutd/plot/sky_map.c"],
}

root = pathlib.Path(sys.argv[1])
uses = {floor: set(filter(None, names.split(",")))
        for floor, names in (rule.split(":") for rule in sys.argv[2:])}
wrong = []

for floor, below in uses.items():
    for top in ("include", "cutoutd"):
        for path in (root / top / floor).glob("*.[ch]"):
            for header in re.findall(r'^#include "([^"]+)"', path.read_text(), re.M):
                if header.split("/")[0] not in below | {floor}:
                    wrong.append(f"{path.relative_to(root)} includes {header}")

for top in ("include", "cutoutd"):
    for path in (root / top).rglob("*.[ch]"):
        name = str(path.relative_to(root))
        for header in re.findall(r"^#include <([^>]+)>", path.read_text(), re.M):
            for pattern, places in DOORS.items():
                if re.fullmatch(pattern, header) and not any(name.startswith(p) for p in places):
                    wrong.append(f"{name} includes <{header}>, which has its door elsewhere")

if not uses:
    wrong.append("no floors were named")
sys.exit("\n".join(wrong) or 0)
