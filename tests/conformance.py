"""CONFORMANCE.md has a row for each requirement, and the tests that it names are there.

Usage: conformance.py ROOT
"""
import pathlib
import re
import sys

NUMBERS = {  # of the requirements of each standard, as the file's first lines name them
    "DA": [range(1, 18)],
    "DL": [range(1, 12), range(20, 30), range(40, 50)],
    "SO": [range(1, 18)],
    "SS": [range(1, 7), range(20, 32)],
    "UW": [range(1, 12)],
    "VS": [range(1, 8)],
}

root = pathlib.Path(sys.argv[1])
wrong = []
rows = {}

for line in (root / "tests/CONFORMANCE.md").read_text().splitlines():
    found = re.fullmatch(r"\| ([A-Z]{2}-\d\d) \| (.+) \| (.+) \|", line)
    if found:
        if found[1] in rows:
            wrong.append(f"{found[1]} stands there twice")
        rows[found[1]] = found[3]

for letters, parts in NUMBERS.items():
    for number in (number for part in parts for number in part):
        if f"{letters}-{number:02}" not in rows:
            wrong.append(f"{letters}-{number:02} is missing")

for identifier, where in rows.items():
    for path, names in re.findall(r"(tests/[\w/]+\.(?:c|py|tsv))(?:: ((?:\w+_\w+(?:, )?)+))?", where):
        if not (root / path).exists():
            wrong.append(f"{identifier}: there is no {path}")
            continue
        text = (root / path).read_text()
        wrong += [f"{identifier}: {path} has no {name}" for name in names.split(", ")
                  if name and not re.search(rf"\b{name}\b", text)]

print("\n".join(wrong) or f"{len(rows)} rows")
sys.exit(1 if wrong else 0)
