"""Every real file cut short at twenty places is refused in one line; with bytes changed it is refused or still makes sense.

Usage: damage_real_files.py DUMP_READING [SEED], with the folder of LAMOST files in CUTOUTD_LAMOST_DIR.
"""
import gzip
import os
import pathlib
import random
import subprocess
import sys
import tempfile

SKIPPED = 77
CUTS = 20
CHANGES = 8
BLOCK = 2880

if "CUTOUTD_LAMOST_DIR" not in os.environ:
    print("skipped: CUTOUTD_LAMOST_DIR names no folder of LAMOST files")
    sys.exit(SKIPPED)

import numpy as np

folder = pathlib.Path(os.environ["CUTOUTD_LAMOST_DIR"])
chance = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 2)
wrong = []


def dump(where, names):
    """Name -> the lines that follow its own; a reader that died is a finding."""
    run = subprocess.run([sys.argv[1], where, *names], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                         text=True)
    if run.returncode or run.stderr:
        wrong.append(f"{where} {names}: status {run.returncode}: {run.stderr[-2000:]}")
    answer, lines = {}, []
    for line in run.stdout.splitlines():
        if line.startswith("file "):
            lines = answer[line.removeprefix("file ")] = []
        else:
            lines.append(line)
    return answer


def cut_places(size):
    edges = [0, 1, 2, 79, 80, BLOCK - 1, BLOCK, 4 * BLOCK, size - BLOCK, size - 9, size - 8, size - 1]
    places = {place for place in edges if 0 <= place < size}
    while len(places) < CUTS:
        places.add(chance.randrange(size))
    return sorted(places)


def changed(data):
    data = bytearray(data)
    for _ in range(chance.choice([1, 2, 10, 100])):
        # headers are small and decide more than data: half of the changes go there
        end = min(len(data), 5 * BLOCK) if chance.random() < 0.5 else len(data)
        data[chance.randrange(end)] = chance.randrange(256)
    return data


def check_cut(name, lines):
    if len(lines) != 1 or not lines[0].startswith("refused "):
        wrong.append(f"{name}: cut short, and not refused in one line: {lines[:1]}")


def check_changed(name, lines):
    if len(lines) == 1 and lines[0].startswith("refused "):
        return
    for line in lines:
        if line.startswith("axis "):
            _, width, digits = line.split(" ")
            axis = np.frombuffer(bytes.fromhex(digits), f"<f{width}")
            if not (np.diff(axis) > 0).all() or not np.isfinite(axis).all() or axis[0] <= 0:
                wrong.append(f"{name}: wavelengths that do not rise")
    if not any(line.startswith("axis ") for line in lines):
        wrong.append(f"{name}: neither refused nor a spectrum")


def damage(path):
    data = path.read_bytes()
    plain = gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
    variants = {}
    for source, label in {data: "as-is", plain: "plain"}.items():
        for place in cut_places(len(source)):
            variants[f"cut-{label}-{place}.fits"] = source[:place]
        for number in range(CHANGES):
            variants[f"changed-{label}-{number}.fits"] = changed(source)
    return variants


cuts = changes = 0
paths = sorted(path for part in ("lrs-image", "lrs-table", "mrs") for path in (folder / part).iterdir())
for path in paths:
    with tempfile.TemporaryDirectory() as where:
        variants = damage(path)
        for name, data in variants.items():
            pathlib.Path(where, name).write_bytes(data)
        answer = dump(where, list(variants))
        for name in variants:
            lines = answer.get(name, [])
            if name.startswith("cut-"):
                cuts += 1
                check_cut(f"{path.name} {name}", lines)
            else:
                changes += 1
                check_changed(f"{path.name} {name}", lines)
print("\n".join(wrong[:50]))
print(f"{len(paths)} files, {cuts} cut short, {changes} changed, {len(wrong)} findings")
sys.exit(1 if wrong or cuts == 0 else 0)
