#!/usr/bin/python3
"""The generator still makes the very bytes of fixtures/golden, whatever compiled it.

With the argument --write: make the golden files anew (after a change that is meant).
"""
import gzip
import hashlib
import os
import pathlib
import subprocess
import sys
import tempfile

MAKE_FIXTURES = os.environ["CUTOUTD_MAKE_FIXTURES"]
GOLDEN = pathlib.Path(__file__).resolve().parents[2] / "fixtures" / "golden"

# Of these the bytes are kept, of all others the sums: one of each layout, and a few oddities.
KEPT = {
    "A.fits.gz": "20120310/",
    "B.fits.gz": "20121017/",
    "C.fits.gz": "20160211/",
    "D.fits.gz": "20171106/",
    "E.fits.gz": "odd/single-exposure/",
    "F.fits.gz": "odd/single-exposure-in-vectors/",
    "short-grid.fits.gz": "odd/short-grid/",
    "shifted-grid.fits.gz": "odd/shifted-grid/",
    "distant-quasar.fits.gz": "odd/distant-quasar/",
}


def generate(folder, *options):
    subprocess.run([MAKE_FIXTURES, *options, folder], check=True, stdout=subprocess.DEVNULL)
    return {str(path.relative_to(folder)): path.read_bytes()
            for path in sorted(pathlib.Path(folder).rglob("*")) if path.is_file()}


def contents(name, data):
    """What zlib made is compared inflated: another version of it may pack otherwise."""
    if data[:2] != b"\x1f\x8b":
        return data
    return b"" if name.startswith("damaged/") else gzip.decompress(data)


def sums(files):
    return "".join(f"{hashlib.sha256(contents(name, data)).hexdigest()}  {name}\n"
                   for name, data in files.items())


def kept(files):
    for golden, start in KEPT.items():
        yield golden, next(data for name, data in files.items() if name.startswith(start))


def write(files):
    for golden, data in kept(files):
        (GOLDEN / golden).write_bytes(gzip.compress(data, 9, mtime=0))
    (GOLDEN / "SHA256SUMS").write_text(sums(files))


def check_golden(files):
    for golden, data in kept(files):
        assert gzip.decompress((GOLDEN / golden).read_bytes()) == data, golden
    now, then = sums(files).splitlines(), (GOLDEN / "SHA256SUMS").read_text().splitlines()
    changed = set(now) ^ set(then)
    assert not changed, "\n".join(sorted(changed, key=lambda line: line.split()[1]))


def check_independence(files, folder):
    """A file depends on the seed and its number alone."""
    one = generate(folder / "one", "--count", "1", "--first", "8")
    name = next(name for name in one if name.endswith(".fits"))
    assert one[name] == files[name], name
    other = generate(folder / "other", "--count", "6", "--seed", "2")
    assert not set(other) & set(files) - {"manifest.tsv"}


def check_gzip(files, folder):
    packed = generate(folder / "packed", "--count", "6", "--gzip")
    for name, data in packed.items():
        if not name.endswith(".gz"):
            continue
        plain = name.removesuffix(".gz")
        assert gzip.decompress(data) == files[plain], name
        assert data[3] == 8 and data[8:10] == b"\0\3", "flags, level and system of the survey's"
        assert data[10:].split(b"\0")[0].decode() == pathlib.Path(plain).name
    assert generate(folder / "again", "--count", "6", "--gzip") == packed


def check_options():
    for wrong in (["--count", "-1", "x"], ["--count", "many", "x"], ["--layouts", "ABX", "x"],
                  ["--layouts", "", "x"], ["--bogus", "x"], [], ["x", "y"], ["/dev/null/x"]):
        run = subprocess.run([MAKE_FIXTURES, *wrong], capture_output=True, text=True)
        assert run.returncode == 1 and run.stderr.count("make_fixtures: "), wrong
        assert not os.path.exists("x"), wrong
    for about in ("--help", "--list"):
        assert subprocess.run([MAKE_FIXTURES, about], check=True, capture_output=True).stdout


with tempfile.TemporaryDirectory() as name:
    temporary = pathlib.Path(name)
    everything = generate(temporary / "all", "--odd", "--damaged")
    if sys.argv[1:] == ["--write"]:
        write(everything)
    check_golden(everything)
    check_independence(everything, temporary)
    check_gzip(everything, temporary)
    check_options()
