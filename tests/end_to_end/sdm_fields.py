"""Row by row of sdm_fields.tsv: each mandatory and recommended field of a document, with the value of the FITS header.

One made-up file of each layout, and with CUTOUTD_LAMOST_DIR a real one of each.
"""
import csv
import gzip
import io
import pathlib
import shutil
import sys
import tempfile
import unittest
import warnings

import numpy as np
from astropy.io import fits
from astropy.io.votable import parse
from astropy.io.votable.tree import Param
from astropy.time import Time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))
import cutoutd_server as support  # noqa: E402

REAL = {
    "A": "lrs-image/spec-55862-B6212_sp06-003.fits",
    "B": "lrs-image/spec-56309-GAC088N20V1_sp08-126.fits",
    "C": "lrs-image/spec-58575-HD103621N361936B01_sp03-045.fits",
    "D": "lrs-table/3706009.fits",
    "E": "mrs/med-58408-TD230151N343645T01_sp01-015.fits",
    "F": "mrs/med-58859-NT054013S012745S01_sp12-013.fits",
}
DAY = 86400
UTC_PLUS_8 = 8 / 24
FIBRE = 3.3 / 3600  # degrees
BLANK = {"", "-9999"}

with open(ROOT / "cutoutd/sdm/sdm_fields.tsv", encoding="utf-8", newline="") as lines:
    FIELDS = [row for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
              if row["utype_spec"].startswith("spec:") and row["mandatory"] in ("M", "R")]

warnings.simplefilter("ignore")


def mjd(text):
    return Time(text.replace(" ", "T"), format="isot", scale="utc").mjd


def hdus_of(path):
    data = path.read_bytes()
    return fits.open(io.BytesIO(gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data))


def arrays_of(hdus, hdu):
    """Wavelengths and inverse variance of a spectrum, by astropy."""
    header = hdus[0].header
    if hdu == 0:
        rows = hdus[0].data
        computed = "Subcontinuum" in header["EXTEN0"]
        axis = 10.0 ** (header["COEFF0"] + header["COEFF1"] * np.arange(rows.shape[1]))
        return (axis if computed else rows[2]).astype(float), rows[1].astype(float)
    table = hdus[hdu].data
    axis = (table["WAVELENGTH"] if "WAVELENGTH" in table.names
            else 10.0 ** table["LOGLAM"].astype(float))
    return np.ravel(axis).astype(float), np.ravel(table["IVAR"]).astype(float)


def expected(path, did, is_medium, band):
    """utype -> value, mapped from the cards a second time."""
    with hdus_of(path) as hdus:
        head = hdus[0].header
        is_image = hdus[0].data is not None
        axis, ivar = arrays_of(hdus, 0 if is_image else 1)
        axis = axis[(axis >= band[0]) & (axis <= band[1])]
        ext = hdus[1].header if is_medium else {}
    begin, end = (mjd(ext.get(card, head[card])) - UTC_PLUS_8 for card in ("DATE-BEG", "DATE-END"))
    target = [head["RA"], head["DEC"]]
    fibre = [head.get("RA_OBS", head.get("OBS_RA", head["RA"])),
             head.get("DEC_OBS", head.get("OBS_DEC", head["DEC"]))]
    names = [str(head.get(card, "")).strip() for card in ("DESIG", "OBJNAME", "OBSID")]
    with np.errstate(divide="ignore"):
        errors = 1 / np.sqrt(ivar[ivar > 0])
    return {
        "DataModel": "Spectrum-1.0",
        "TimeSI": "8.64E4 T",
        "SpectralSI": "1.E-10 L",
        "FluxSI": "",
        "Curation.PublisherDID": did,
        "Curation.Rights": "public",
        "Target.Name": next(name for name in names if name not in BLANK),
        "Target.Pos": target,
        "CoordSys.SpaceFrame.Name": "ICRS",
        "Char.FluxAxis.Ucd": "phot.flux.density;em.wl",
        "Char.FluxAxis.Unit": "",
        "Char.FluxAxis.Accuracy.StatError": float(np.median(errors)) if errors.size else np.nan,
        "Char.SpectralAxis.Ucd": "em.wl" if head["VACUUM"] else "em.wl;obs.atmos",
        "Char.SpectralAxis.Unit": "Angstrom",
        "Char.SpectralAxis.Coverage.Location.Value": (axis.min() + axis.max()) / 2,
        "Char.SpectralAxis.Coverage.Bounds.Extent": axis.max() - axis.min(),
        "Char.SpectralAxis.Coverage.Bounds.Start": axis.min(),
        "Char.SpectralAxis.Coverage.Bounds.Stop": axis.max(),
        "Char.TimeAxis.Ucd": "time",
        "Char.TimeAxis.Unit": "d",
        "Char.TimeAxis.Coverage.Location.Value": mjd(ext.get("DATE-OBS", head["DATE-OBS"])),
        "Char.TimeAxis.Coverage.Bounds.Extent": (end - begin) * DAY,
        "Char.TimeAxis.Coverage.Bounds.Start": begin,
        "Char.TimeAxis.Coverage.Bounds.Stop": end,
        "Char.SpatialAxis.Ucd": "pos.eq",
        "Char.SpatialAxis.Unit": "deg",
        "Char.SpatialAxis.Coverage.Location.Value": fibre,
        "Char.SpatialAxis.Coverage.Bounds.Extent": FIBRE,
    }


class Fields(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        archive = pathlib.Path(cls.folder.name) / "archive"
        cls.files = {}  # what -> path in the archive, whether it has several spectra
        for layout in "ABCDEF":
            made = archive / layout
            support.make_fixtures(made, 1, "--layouts", layout, "--seed", "5")
            path = next(made.rglob("*.fits*"))
            cls.files[f"made {layout}"] = path.relative_to(archive), layout in "EF"
            if support.LAMOST:
                target = archive / "real" / REAL[layout]
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(pathlib.Path(support.LAMOST) / REAL[layout], target)
                cls.files[f"real {layout}"] = target.relative_to(archive), layout in "EF"
        cls.cutoutd = support.Cutoutd(cls.folder.name, archive)
        cls.cutoutd.ingest()
        cls.cutoutd.start()

    @classmethod
    def tearDownClass(cls):
        cls.cutoutd.stop()
        cls.folder.cleanup()

    def document(self, did, band):
        answer = self.cutoutd.get("/lamost5/sync", ID=did, BAND=" ".join(str(x * 1e-10) for x in band))
        self.assertEqual(answer.code, 200, answer.body[:200])
        table = parse(io.BytesIO(answer.body)).get_first_table()
        found = {field.utype: field for field in table.fields}
        found.update((param.utype, param) for param in table.iter_fields_and_params()
                     if isinstance(param, Param))
        return found

    def check_row(self, row, found, value):
        self.assertEqual(found.ucd or "-", row["ucd"])
        unit = {"-": None, "(flux unit)": None}.get(row["unit"], row["unit"])
        if "Angstrom, as the axis, in the document" in row["note"]:
            unit = "Angstrom"
        self.assertEqual(str(found.unit), str(unit))
        if value is None:
            return
        if isinstance(value, str):
            self.assertEqual(str(found.value), value)
        else:
            # sums of fractions of a day, a median in single precision, a fibre of three digits
            tolerance = 5e-5 if value == FIBRE else 1e-6 if row["name"] in (
                "ssa_fluxStatError", "ssa_timeExt") else 1e-11
            np.testing.assert_allclose(np.array(found.value, float), value, rtol=tolerance)

    def test_every_row_of_the_table_for_each_layout(self):
        for what, (path, is_medium) in self.files.items():
            stem = str(path).removesuffix(".gz").removesuffix(".fits")
            did = f"ivo://test.example/~?lamost5/{stem}" + ("/B" if is_medium else "")
            band = (5000, 5100)
            document = self.document(did, band)
            values = expected(self.cutoutd.archive / path, did, is_medium, band)
            for row in FIELDS:
                with self.subTest(file=what, field=row["name"]):
                    self.assertIn(row["utype_spec"], document)
                    value = values.get(row["utype_spec"].removeprefix("spec:Spectrum."))
                    self.check_row(row, document[row["utype_spec"]], value)

    def test_the_table_has_all_its_rows(self):
        self.assertEqual(len(FIELDS), 37)


unittest.main(verbosity=1)
