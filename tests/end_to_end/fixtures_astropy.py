#!/usr/bin/python3
"""astropy and fitsverify read the fixtures as they read real files, and find sense in them.

Where CUTOUTD_LAMOST_DIR is set, the cards are those of real headers, one for one.
"""
import collections
import csv
import gzip
import io
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import warnings

import numpy as np
from astropy import units
from astropy.coordinates import EarthLocation, SkyCoord
from astropy.io import fits
from astropy.time import Time
from astropy.utils import iers

MAKE_FIXTURES = os.environ["CUTOUTD_MAKE_FIXTURES"]
LAMOST = os.environ.get("CUTOUTD_LAMOST_DIR")
SITE = EarthLocation.from_geodetic(117.58, 40.39, 900)

iers.conf.auto_download = False  # no network; Earth's rotation matters little here
iers.conf.iers_degraded_accuracy = "ignore"
warnings.simplefilter("ignore")  # of the header of layout D, as of the real one


def file_bytes(path):
    data = path.read_bytes()
    return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data


def headers(data):
    """The cards of each HDU as they lie in the file, without END."""
    with fits.open(io.BytesIO(data)) as hdus:
        for hdu in hdus:
            place = hdu.fileinfo()
            cards = [data[at:at + 80].decode() for at in range(place["hdrLoc"], place["datLoc"], 80)]
            yield cards[:cards.index("END".ljust(80))]


def shape(card):
    """Keyword, type and comment of a card."""
    found = re.match(r"(.{8})= +('(?:[^']|'')*'|[^/]*?) *(?:/(.*))?$", card.rstrip())
    if not found:
        return card.rstrip(), "", ""
    value = found[2]
    kind = ("string" if value.startswith("'") else "logical" if value in "TF" else
            "real" if re.search("[.E]", value) else "integer")
    return found[1], kind, found[3] or ""


def without_counts(shapes):
    """How many cards list the exposures depends on how many those are; comments may be cut short."""
    return [(keyword, comment[:20]) for keyword, _, comment in shapes
            if not re.match("LMJMLIS[1-9]", keyword)]


class RealHeaders:
    def __init__(self, folder):
        self.sequences = set()
        self.types = collections.defaultdict(set)
        for path in [*folder.glob("lrs-*/*.fits*"), *folder.glob("mrs/*.fits*")]:
            for cards in headers(file_bytes(path)):
                shapes = [shape(card) for card in cards]
                self.sequences.add(tuple(without_counts(shapes)))
                for keyword, kind, _ in shapes:
                    self.types[keyword].add(kind)

    def check(self, cards, removed):
        shapes = [shape(card) for card in cards]
        if not removed:
            assert tuple(without_counts(shapes)) in self.sequences
        for keyword, kind, _ in shapes:
            known = self.types[re.sub("^LMJMLIS[0-9]", "LMJMLIS0", keyword)]
            assert kind in known, f"{keyword}: {kind}, not {known}"


def spectra(layout, hdus):
    """Name, wavelength, flux, ivar, and-mask, or-mask of each spectrum of a file, as stored."""
    if layout <= "C":
        flux, ivar, third, ands, ors = hdus[0].data
        header = hdus[0].header
        formula = 10 ** (header["COEFF0"] + header["COEFF1"] * np.arange(len(flux)))
        return [("", formula if layout == "A" else third, flux, ivar, ands, ors)]
    found = []
    for hdu in hdus[1:]:
        column = {name: np.ravel(hdu.data[name]) for name in hdu.data.names}
        wavelength = (10 ** column["LOGLAM"].astype(float) if "LOGLAM" in column
                      else column["WAVELENGTH"])
        mask = column.get("PIXMASK")
        found.append(("" if layout == "D" else hdu.name, wavelength, column["FLUX"],
                      column["IVAR"], column["ANDMASK"] if mask is None else mask,
                      column["ORMASK"] if mask is None else mask))
    return found


def check_samples(row, name, wavelength, flux, ivar, ands, ors):
    layout = row["layout"]
    within = np.count_nonzero((wavelength >= 3920) & (wavelength <= 3980))
    assert within == (66 if layout <= "D" else 0)
    step = np.sign(np.diff(wavelength.astype(float)))
    assert np.all(step == (-1 if layout == "E" and name.startswith("R-") else 1))
    assert np.all(np.isfinite(flux)) and np.all(np.isfinite(ivar)) and np.all(ivar >= 0)
    for mask in (ands, ors):
        assert np.all(mask == np.round(mask)) and mask.min() >= 0
    assert np.all(ands.astype(int) & ~ors.astype(int) == 0)
    if layout <= "D" or name.startswith("COADD"):
        assert flux[-1] == 0 and ivar[-1] == 0


def noise_over_claim(flux, ivar):
    """Differences of neighbours over what ivar says they are: 1 where noise is what it says."""
    good = (ivar[:-2] > 0) & (ivar[1:-1] > 0) & (ivar[2:] > 0)
    second = flux[:-2] - 2 * flux[1:-1] + flux[2:]
    with np.errstate(divide="ignore"):
        claim = np.sqrt(1 / ivar[:-2] + 4 / ivar[1:-1] + 1 / ivar[2:])
    return np.median(np.abs(second / claim)[good]) / 0.6745


def check_wavelengths(row, header, wavelength):
    """Float wavelengths are rounded from COEFF0 rounded to float, as in real files."""
    place = np.arange(len(wavelength))
    if row["layout"] == "B":
        assert np.allclose(wavelength, 10 ** (header["COEFF0"] + 1e-4 * place), rtol=1e-14)
    elif row["kind"] == "shifted-grid":
        assert np.array_equal(wavelength, (3700 * 10 ** (1e-4 * place)).astype(np.float32))
    elif row["layout"] in "CD":
        first = float(np.float32(header["COEFF0"]))
        assert np.array_equal(wavelength, (10 ** (first + 1e-4 * place)).astype(np.float32))


def check_place(header):
    place = SkyCoord(header["RA"], header["DEC"], unit="deg")
    # RA and DEC are rounded to 1e-6 degrees: the last digit of DESIG may be the one below.
    near = [SkyCoord(header["RA"] + d, header["DEC"] + d, unit="deg") for d in (-1e-6, 0, 1e-6)]
    names = {at.ra.to_string("hour", sep="", pad=True, precision=4)[:9] for at in near}
    assert header["DESIG"][8:17] in names, header["DESIG"]
    assert -10 <= header["DEC"] <= 62
    if "GL" in header:
        assert place.separation(SkyCoord(header["GL"], header["GB"], unit="deg",
                                         frame="galactic")) < 0.1 * units.arcsec
    begin = Time(header["DATE-BEG"]) - 8 * units.hour
    motion = place.radial_velocity_correction("heliocentric", obstime=begin, location=SITE)
    assert abs(motion.to_value("km/s") + header["HELIO_RV"]) < 1.6, "circular orbit, no rotation"


def check_names(row, header):
    prefix = "med" if row["layout"] >= "E" else "spec"
    fiber = int(header["FIBERID"])
    assert header["FILENAME"] == (f"{prefix}-{header['LMJD']}-{header['PLANID']}"
                                  f"_sp{header['SPID']:02}-{fiber:03}.fits")
    if "large" not in row["kind"] and header.get("OBSID", -1) > 0:
        assert header["OBSID"] % 100000 == header["SPID"] * 1000 + fiber
    evening = Time(header["LMJD"] - 1, format="mjd").strftime("%Y%m%d")
    if row["kind"] == "ordinary":
        assert row["path"].startswith(f"{evening}/{header['PLANID']}/{header['FILENAME']}")
    assert header["LMJD"] - 1 <= Time(header["DATE-BEG"]).mjd < header["LMJD"] + 0.5


def check_manifest(row, header, found):
    assert row["n"] == ",".join(str(len(one[1])) for one in found)
    assert row["spectra"] == ",".join(one[0] for one in found)
    for column, keyword in (("class", "CLASS"), ("subclass", "SUBCLASS"), ("obsid", "OBSID")):
        assert row[column] == str(header.get(keyword, "")), keyword
    if row["z"]:
        assert abs(float(row["z"]) - header["Z"]) < 1e-8
        assert (header["CLASS"] == "Unknown") == (header["Z"] == -9999)
        assert header["CLASS"] in ("STAR", "GALAXY", "QSO", "Unknown")
        assert (header["SUBCLASS"] == "Non") == (header["CLASS"] != "STAR")
    assert abs(float(row["ra"]) - header["RA"]) < 1e-6


def check_file(row, path, real):
    data = file_bytes(path)
    assert len(data) % 2880 == 0
    if real:
        for cards in headers(data):
            real.check(cards, row["kind"] == "missing-obsid")
    with fits.open(io.BytesIO(data)) as hdus:
        header = hdus[0].header
        found = spectra(row["layout"], hdus)
        if row["layout"] >= "D":
            assert len(hdus) == header["N_EXTEN"]
        if row["layout"] in "AB":
            assert "OBSID" not in header and "DATA_V" not in header
        check_names(row, header)
        check_place(header)
        check_manifest(row, header, found)
        for one in found:
            check_samples(row, *one)
        check_wavelengths(row, header, found[0][1])
        if row["kind"] == "ordinary":
            ratio = [noise_over_claim(one[2].astype(float), one[3].astype(float)) for one in found]
            assert 0.8 < np.median(ratio) < 1.6, ratio  # lines add to the noise
            assert np.any(found[0][3] > 0)


def check_fitsverify(row, path):
    """Errors and warnings are those of the survey's own files."""
    known = {"B": (0, 1), "D": (5, 2)}.get(row["layout"], (0, 0))
    known = {"shifted-grid": (2, 1), "null-strings": (1, 0)}.get(row["kind"], known)
    said = subprocess.run(["fitsverify", "-q", path], capture_output=True, text=True).stdout
    warned = re.search(r"(\d+) warnings and (\d+) errors", said)
    assert (tuple(map(int, warned.groups())) if warned else (0, 0)) == known, said


def check_twins(rows, folder):
    image, table = (next(folder / row["path"] for row in rows if row["kind"] == kind)
                    for kind in ("same-target-image", "same-target-table"))
    with fits.open(image) as one, fits.open(table) as other:
        for a, b in zip(spectra("C", one)[0][1:], spectra("D", other)[0][1:]):
            assert np.array_equal(a, b)


def check_damaged(path):
    """What astropy itself takes for a good file is damaged in its contents, and named so."""
    readable = ("foreign", "missing-column", "wavelength", "wrong-tform", "no-samples")
    try:
        with fits.open(io.BytesIO(file_bytes(path)), mode="readonly") as hdus:
            hdus.verify("exception")
            [hdu.data is None or np.sum(np.ravel(hdu.data[:1]).size) for hdu in hdus]
            if len(file_bytes(path)) % 2880:
                return
    except Exception:
        return
    assert path.name.startswith(readable) or path.name.startswith("gzip"), path.name


with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    subprocess.run([MAKE_FIXTURES, "--count", "60", "--odd", "--damaged", folder], check=True)
    with open(folder / "manifest.tsv", newline="") as manifest:
        rows = list(csv.DictReader(manifest, delimiter="\t", quoting=csv.QUOTE_NONE))
    real_headers = RealHeaders(pathlib.Path(LAMOST)) if LAMOST else None
    for row in rows:
        path = folder / row["path"]
        try:
            if row["n"] == "0":
                check_damaged(path)
                continue
            check_file(row, path, real_headers)
            if shutil.which("fitsverify"):
                check_fitsverify(row, path)
        except Exception:
            print(row)
            raise
    check_twins(rows, folder)
    obsids = [row["obsid"] for row in rows if row["obsid"] and not row["kind"].startswith("same")]
    assert len(obsids) == len(set(obsids))
    assert {"STAR", "GALAXY", "QSO", "Unknown"} <= {row["class"] for row in rows}
    if not LAMOST:
        print("without CUTOUTD_LAMOST_DIR: cards not compared with real ones")
