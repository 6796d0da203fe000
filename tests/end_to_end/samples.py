"""The samples that are served are the file's, as astropy reads it: all of them, and random windows.

Of made-up files of all layouts with every oddity, and of real ones where CUTOUTD_LAMOST_DIR is set.
"""
import base64
import csv
import gzip
import io
import os
import pathlib
import random
import re
import sys
import tempfile
import unittest
import warnings

import numpy as np
from astropy.io import fits
from astropy.io.votable import parse

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import cutoutd_server as support  # noqa: E402

WINDOWS = int(os.environ.get("CUTOUTD_TEST_WINDOWS", 1000))
CALCIUM = "3.92e-7 3.98e-7"
COLUMNS = ("spectral", "flux", "flux_error", "and_mask", "or_mask")

warnings.simplefilter("ignore")  # about the header of layout D


def stem(path):
    return str(path).removesuffix(".gz").removesuffix(".fits")


def flux_error(ivar):
    """The nearest float to 1/sqrt(ivar), NaN where that is unknown."""
    with np.errstate(divide="ignore"):
        error = 1 / np.sqrt(ivar.astype(np.longdouble))
    return np.where(ivar == 0, np.nan, error).astype(np.float32)


def columns_of(wavelength, flux, ivar, and_mask, or_mask):
    """The columns of a document, from those of a file; wavelengths increase."""
    found = (np.asarray(wavelength, np.double), np.asarray(flux, np.float32), flux_error(ivar),
             np.asarray(and_mask, np.int16), np.asarray(or_mask, np.int16))
    return [column[::-1] for column in found] if wavelength[0] > wavelength[-1] else list(found)


def spectra_of(path):
    """Name and columns of each spectrum of a file, and whether its wavelengths are computed."""
    data = path.read_bytes()
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    with fits.open(io.BytesIO(data)) as hdus:
        header = hdus[0].header
        if header["NAXIS"]:
            flux, ivar, third, ands, ors = hdus[0].data
            computed = "Subcontinuum" in header["EXTEN0"]
            formula = 10.0 ** (header["COEFF0"] + header["COEFF1"] * np.arange(len(flux)))
            return [("", computed, columns_of(formula if computed else third, flux, ivar, ands, ors))]
        found = []
        for hdu in hdus[1:]:
            column = {name: np.ravel(hdu.data[name]) for name in hdu.data.names}
            computed = "LOGLAM" in column
            wavelength = (10.0 ** column["LOGLAM"].astype(np.double) if computed
                          else column["WAVELENGTH"])
            masks = [column.get(name, column.get("PIXMASK")) for name in ("ANDMASK", "ORMASK")]
            name = "" if hdu.name == "COADD" else "/" + hdu.name.removeprefix("COADD_")
            found.append((name, computed,
                          columns_of(wavelength, column["FLUX"], column["IVAR"], *masks)))
        return found


# A row of BINARY2 (VOTable 1.4, section 5.4): a flag a column for null, then the values.
ROW = np.dtype([("null", "u1"), ("spectral", ">f8"), ("flux", ">f4"), ("flux_error", ">f4"),
                ("and_mask", ">i2"), ("or_mask", ">i2")])


def table(document):
    """The rows of a document. astropy takes its time: see check_calcium() for its word on them."""
    stream = re.search(rb"<STREAM[^>]*>([^<]*)</STREAM>", document)[1]
    return np.frombuffer(base64.b64decode(stream), ROW)


def differences(columns, document, computed):
    """Names of the columns that are not, bit for bit, those of the document."""
    served = table(document)
    if len(served) != len(columns[0]):
        return f"{len(served)} samples instead of {len(columns[0])}"
    wrong = []
    for name, column in zip(COLUMNS, columns):
        have = served[name].astype(column.dtype)
        same = have.tobytes() == column.tobytes()
        if computed and name == "spectral":
            same = np.all(np.abs(have - column) <= np.spacing(column))
        if name == "flux_error":  # any NaN is as good as another
            same = np.array_equal(have, column, equal_nan=True)
        if not same:
            wrong.append(name)
    return " ".join(wrong)


class Archive:
    """A folder in the cache and served."""

    def __init__(self, test, archive, files):
        folder = pathlib.Path(test.enterContext(tempfile.TemporaryDirectory(prefix="cutoutd-samples-")))
        self.test = test
        self.cutoutd = support.Cutoutd(folder, archive, collection="read_through_workers = 0")
        self.cutoutd.ingest(code=None)
        test.enterContext(self.cutoutd)
        self.spectra = {stem(file) + name: (computed, columns) for file in files
                        for name, computed, columns in spectra_of(archive / file)}

    def check_whole(self):
        paths = {path for path, in self.cutoutd.rows("select path from spectra")}
        self.test.assertEqual(paths, set(self.spectra))
        for path, (computed, columns) in self.spectra.items():
            answer = self.cutoutd.get(f"/lamost5/spectra/{path}.vot")
            self.test.assertEqual(answer.code, 200, path)
            self.test.assertEqual(differences(columns, answer.body, computed), "", path)

    def check_calcium(self):
        """66 samples of each spectrum in low resolution, none in medium; as astropy reads them."""
        for path, (_, columns) in self.spectra.items():
            answer = self.cutoutd.get("/lamost5/sync", ID=path, BAND=CALCIUM)
            if columns[0][0] > 3980:
                self.test.assertEqual((answer.code, answer.body), (204, b""), path)
                continue
            ours = table(answer.body)
            theirs = parse(io.BytesIO(answer.body)).get_first_table().array
            self.test.assertEqual((len(ours), len(theirs)), (66, 66), path)
            for name in COLUMNS:
                have = np.ma.getdata(theirs[name])
                self.test.assertTrue(np.array_equal(have, ours[name], equal_nan=have.dtype.kind == "f"),
                                     (path, name))

    def check_windows(self):
        chance = random.Random(392)
        for _ in range(WINDOWS):
            path = chance.choice(list(self.spectra))
            computed, columns = self.spectra[path]
            middle = chance.uniform(columns[0][0] - 20, columns[0][-1] + 20)
            half = 10 ** chance.uniform(-1, 3)
            lower, upper = middle - half, middle + half
            inside = (columns[0] >= lower) & (columns[0] <= upper)
            answer = self.cutoutd.get("/lamost5/sync", ID=path,
                                      BAND=f"{lower * 1e-10!r} {upper * 1e-10!r}")
            if not inside.any():
                self.test.assertEqual((answer.code, answer.body), (204, b""), (path, lower, upper))
                continue
            wrong = differences([column[inside] for column in columns], answer.body, computed)
            self.test.assertEqual(wrong, "", (path, lower, upper))


class MadeUp(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="cutoutd-")))
        support.make_fixtures(self.folder, 30, "--odd", "--damaged")
        with open(self.folder / "manifest.tsv", newline="") as manifest:
            self.rows = list(csv.DictReader(manifest, delimiter="\t", quoting=csv.QUOTE_NONE))
        self.good = [row for row in self.rows if row["n"] != "0"]
        self.archive = Archive(self, self.folder, [row["path"] for row in self.good])

    def test_samples(self):
        self.archive.check_whole()
        self.archive.check_calcium()
        self.archive.check_windows()
        self.check_refused()
        self.check_catalogue()

    def check_refused(self):
        """Each damaged file is refused with its reason, and no other."""
        refused = dict(self.archive.cutoutd.rows("select path, reason from files where refused"))
        self.assertEqual(set(refused), {row["path"] for row in self.rows if row["n"] == "0"})
        for path, reason in refused.items():
            self.assertRegex(reason, r"^[^\n]{8,200}$", path)

    def check_catalogue(self):
        """What the manifest says of a file is what the catalogue says of its spectra."""
        found = {row[0]: row[1:] for row in self.archive.cutoutd.rows(
            "select path, ssa_length, obsid, ssa_targclass, ssa_targsubclass, ssa_redshift, raj2000,"
            " dej2000 from spectra")}
        for row in self.good:
            names = [f"/{name.removeprefix('COADD_')}" if name else ""
                     for name in row["spectra"].split(",")]
            for name, length in zip(names, row["n"].split(",")):
                got = found[stem(row["path"]) + name]
                self.assertEqual(got[0], int(length), row)
                self.assertEqual(str(got[1] or ""), row["obsid"], row)
                self.assertEqual((got[2] or "").upper(), row["class"].upper(), row)
                known = row["subclass"] not in ("", "Non")
                self.assertEqual(got[3] if known else None, row["subclass"] if known else None, row)
                redshift = float(row["z"]) if row["z"] not in ("", "-9999") else None
                self.assertEqual(got[4], redshift, row) if redshift is None else \
                    self.assertAlmostEqual(got[4], redshift, 8, row)
                self.assertAlmostEqual(got[5], float(row["ra"]), 6, row)
                self.assertAlmostEqual(got[6], float(row["dec"]), 6, row)


@unittest.skipUnless(support.LAMOST, "CUTOUTD_LAMOST_DIR is not set")
class Real(unittest.TestCase):
    def test_samples(self):
        folder = pathlib.Path(support.LAMOST)
        files = [path.relative_to(folder) for pattern in ("lrs-*/*.fits*", "mrs/*.fits*")
                 for path in sorted(folder.glob(pattern))]
        archive = Archive(self, folder, files)
        refused = {path for path, in archive.cutoutd.rows("select path from files where refused")}
        self.assertEqual(refused, {str(path.relative_to(folder)) for path in folder.glob("other/*")})
        archive.check_whole()
        archive.check_calcium()
        archive.check_windows()


if __name__ == "__main__":
    unittest.main(verbosity=2)
