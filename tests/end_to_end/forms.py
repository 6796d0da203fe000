"""Every form of a cut-out has the samples of the FITS file, as astropy reads them.

Of low and of medium resolution, whole and a window; with real spectra where CUTOUTD_LAMOST_DIR is set.
"""
import gzip
import io
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest
import warnings
import xml.etree.ElementTree

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

import astropy.units as u  # noqa: E402
import numpy as np  # noqa: E402
from astropy.io import fits, votable  # noqa: E402
from astropy.table import Table  # noqa: E402

import cutoutd_server as support  # noqa: E402

COLUMNS = ["spectral", "flux", "flux_error", "and_mask", "or_mask"]
TABLES = {
    "votable": "application/x-votable+xml;serialization=BINARY2",
    "binary": "application/x-votable+xml;serialization=BINARY",
    "tabledata": "application/x-votable+xml;serialization=TABLEDATA",
    "fits": "application/fits",
    "csv": "text/csv;header=present",
    "tsv": "text/tab-separated-values",
    "ecsv": "text/x-ecsv",
}
READERS = {"votable": "votable", "binary": "votable", "tabledata": "votable", "fits": "fits",
           "csv": "ascii.csv", "tsv": "ascii.tab", "ecsv": "ascii.ecsv"}
BANDS = {"": (None, None), "3.92e-7 3.98e-7": (3920, 3980), "6.5e-7 6.6e-7": (6500, 6600)}


def expected(path, spectrum):
    """The columns of a file of ours, by astropy: image (COEFF0, or a row of wavelengths) or table."""
    with fits.open(path) as hdus:
        if not spectrum and hdus[0].data is not None:
            rows = hdus[0].data
            if len(rows) > 2 and rows[2].min() > 1000:
                axis = rows[2].astype(float)
            else:
                header = hdus[0].header
                axis = 10 ** (header["COEFF0"] + header["COEFF1"] * np.arange(rows.shape[1]))
            flux, ivar, masks = rows[0], rows[1], (rows[3], rows[4])
        else:
            hdu = next(h for h in hdus[1:] if not spectrum or h.name in (f"COADD_{spectrum}", spectrum))
            data = {name.upper(): np.asarray(hdu.data[name]).ravel() for name in hdu.data.names}
            axis = (data["WAVELENGTH"] if "WAVELENGTH" in data else 10 ** data["LOGLAM"].astype(float)).astype(float)
            flux, ivar = data["FLUX"], data["IVAR"]
            masks = (data["ANDMASK"], data["ORMASK"]) if "ANDMASK" in data else (data["PIXMASK"],) * 2
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.where(ivar > 0, 1 / np.sqrt(ivar.astype(float)), np.nan).astype(np.float32)
    columns = [axis, flux.astype(np.float32), error, *(mask.astype(int) for mask in masks)]
    return [column[np.argsort(axis)] for column in columns]


def redshift(path, spectrum):
    """Z of the file's header, or of the arm's table; None where there is none."""
    with fits.open(path) as hdus:
        z = hdus[0].header.get("Z", -9999)
    return None if z in ("", -9999) else float(z)


def read(form, body):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if READERS[form].startswith("ascii"):
            return Table.read(body.decode(), format=READERS[form])
        return Table.read(io.BytesIO(body), format=READERS[form])


class Forms(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.place = tempfile.TemporaryDirectory()
        folder = pathlib.Path(cls.place.name)
        archive = folder / "archive"
        support.make_fixtures(archive, 12)
        cls.spectra = {}
        for path in sorted(archive.rglob("*.fits*")):
            stem = str(path.relative_to(archive)).removesuffix(".gz").removesuffix(".fits")
            for spectrum in ("B", "R") if path.name.startswith("med-") else ("",):
                cls.spectra[f"{stem}/{spectrum}" if spectrum else stem] = (path, spectrum)
        if support.LAMOST:
            for path in sorted(pathlib.Path(support.LAMOST).glob("[lm]rs*/*.fits*"))[::12]:
                target = archive / path.relative_to(support.LAMOST)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target)
                stem = str(path.relative_to(support.LAMOST)).removesuffix(".gz").removesuffix(".fits")
                for spectrum in ("B", "R") if path.name.startswith("med-") else ("",):
                    cls.spectra[f"{stem}/{spectrum}" if spectrum else stem] = (target, spectrum)
        cls.cutoutd = support.Cutoutd(folder, archive)
        cls.cutoutd.ingest(code=None)
        cls.cutoutd.start()

    @classmethod
    def tearDownClass(cls):
        cls.cutoutd.stop()
        cls.place.cleanup()

    def ask(self, path, form, band="", **more):
        return self.cutoutd.get("/lamost5/sync", ID=path, RESPONSEFORMAT=form, BAND=band, **more)

    def test_every_table_has_the_samples_of_the_file(self):
        for path, (file, spectrum) in self.spectra.items():
            columns = expected(file, spectrum)
            for band, (lower, upper) in BANDS.items():
                inside = np.ones(len(columns[0]), bool) if not band else (
                    columns[0] >= lower * (1 - 1e-12)) & (columns[0] <= upper * (1 + 1e-12))
                for form, content_type in TABLES.items():
                    answer = self.ask(path, form, band)
                    if not inside.any():
                        self.assertEqual((answer.code, answer.body), (204, b""))
                        continue
                    self.assertEqual((answer.code, answer.headers["Content-Type"]), (200, content_type))
                    table = read(form, answer.body)
                    self.assertEqual(table.colnames, COLUMNS)
                    for name, column in zip(COLUMNS, columns):
                        found = np.ma.filled(table[name].astype(float), np.nan)
                        wanted = column[inside].astype(float)
                        if name in ("spectral", "flux_error"):  # computed here and there
                            np.testing.assert_allclose(found, wanted, rtol=2e-7, err_msg=f"{path} {form} {name}")
                        else:
                            np.testing.assert_array_equal(found.astype(np.float32), wanted.astype(np.float32),
                                                          f"{path} {form} {name}")

    def test_all_tables_are_the_same_to_the_last_bit(self):
        for path in self.spectra:
            tables = {form: read(form, self.ask(path, form).body) for form in TABLES}
            for form, table in tables.items():
                for name in COLUMNS:
                    kind = float if name == "spectral" else np.float32  # a short is a float32, too
                    np.testing.assert_array_equal(np.ma.filled(table[name].astype(kind), np.nan),
                                                  np.ma.filled(tables["votable"][name].astype(kind), np.nan),
                                                  f"{path} {form} {name}")

    def test_units_and_facts_are_there_without_a_votable(self):
        path = next(iter(self.spectra))
        document = read("votable", self.ask(path, "votable").body)
        for form in ("fits", "ecsv"):
            table = read(form, self.ask(path, form).body)
            self.assertEqual(table["spectral"].unit, u.Angstrom)
            self.assertEqual(table["spectral"].dtype.kind, "f")
        meta = read("ecsv", self.ask(path, "ecsv").body).meta
        self.assertEqual(meta["ssa_length"], len(document))
        self.assertTrue(meta["ssa_pubDID"].endswith(path))
        self.assertAlmostEqual(meta["ssa_specstart"], document["spectral"][0])
        with fits.open(io.BytesIO(self.ask(path, "fits", "6.5e-7 6.6e-7").body)) as hdus:
            header = hdus[1].header
            self.assertEqual(header["DS_IDPUB"], meta["ssa_pubDID"])
            self.assertEqual(header["TMID"], meta["ssa_dateObs"])
            self.assertEqual((header["VOCLASS"], header["CRETYPE"]), ("Spectrum-1.0", "cutout"))
            self.assertEqual((header["TUCD1"], header["TUTYP1"]),
                             ("em.wl", "spec:Spectrum.Data.SpectralAxis.Value"))
            self.assertTrue(6500 <= header["TDMIN1"] <= header["SPEC_VAL"] <= header["TDMAX1"] <= 6600)

    def test_astropy_writes_ecsv_that_reads_the_same(self):
        table = read("ecsv", self.ask(next(iter(self.spectra)), "ecsv").body)
        again = io.StringIO()
        table.write(again, format="ascii.ecsv")
        twice = Table.read(again.getvalue(), format="ascii.ecsv")
        self.assertEqual(dict(twice.meta), dict(table.meta))
        self.assertEqual(twice["spectral"].description, table["spectral"].description)

    def test_fitsverify_finds_nothing(self):
        if not shutil.which("fitsverify"):
            self.skipTest("fitsverify is not installed")
        for path in self.spectra:
            for band in BANDS:
                answer = self.ask(path, "fits", band)
                if answer.code == 204:
                    continue
                self.assertEqual(len(answer.body) % 2880, 0)
                with tempfile.NamedTemporaryFile(suffix=".fits") as file:
                    file.write(answer.body)
                    file.flush()
                    said = subprocess.run(["fitsverify", "-q", file.name], capture_output=True, text=True).stdout
                self.assertIn("verification OK", said, (path, band))

    def test_relative_flux_is_1_at_its_largest(self):
        for path in self.spectra:
            band = "5.0e-7 5.2e-7" if path.endswith("/B") else "6.5e-7 6.6e-7"
            plain, scaled = (read("votable", self.ask(path, "votable", band, **more).body)
                             for more in ({}, {"FLUXCALIB": "relative"}))
            largest = np.nanmax(plain["flux"])
            self.assertEqual(np.nanmax(scaled["flux"]), 1)
            for name in ("flux", "flux_error"):
                np.testing.assert_allclose(np.ma.filled(scaled[name].astype(float), np.nan),
                                           np.ma.filled(plain[name].astype(float), np.nan) / float(largest),
                                           rtol=1e-6)
            for name in ("spectral", "and_mask", "or_mask"):
                np.testing.assert_array_equal(scaled[name], plain[name])
        self.assertEqual(self.ask(path, "votable", FLUXCALIB="ABSOLUTE").code, 400)

    def test_the_rest_frame_is_the_observed_one_moved(self):
        moved = 0
        for path, (file, spectrum) in self.spectra.items():
            z = redshift(file, spectrum)
            columns = expected(file, spectrum)
            for band, (lower, upper) in (*BANDS.items(), ("3.2e-7 3.3e-7", (3200, 3300))):
                answer = self.ask(path, "votable", band, FRAME="rest")
                at_rest = columns[0] / (1 + (z or 0))
                inside = np.ones(len(at_rest), bool) if not band else (
                    at_rest >= lower * (1 - 1e-12)) & (at_rest <= upper * (1 + 1e-12))
                if z is None or not inside.any():
                    self.assertEqual((answer.code, answer.body), (204, b""), (path, band, z))
                    self.assertIn("redshift" if z is None else "lie within", answer.headers["Cutoutd-Reason"])
                    continue
                moved += 1
                self.check_at_rest(path, band, z, [at_rest[inside], *(c[inside] for c in columns[1:])])
        self.assertGreater(moved, 10)
        self.assertEqual(self.ask(path, "votable", FRAME="moon").code, 400)

    def check_at_rest(self, path, band, z, columns):
        for form in TABLES:
            answer = self.ask(path, form, band, FRAME="Rest")
            self.assertIn("_rest.", answer.headers["Content-Disposition"])
            table = read(form, answer.body)
            for name, wanted in zip(COLUMNS, columns):
                np.testing.assert_allclose(np.ma.filled(table[name].astype(float), np.nan), wanted.astype(float),
                                           rtol=1e-14 if name == "spectral" else 1e-6, err_msg=f"{path} {form}")
            if form == "votable":
                resource = votable.parse(io.BytesIO(answer.body)).resources[0]
                self.assertEqual([i.value for i in resource.infos if i.name == "FRAME"], ["rest"])
            elif form == "fits":
                header = fits.getheader(io.BytesIO(answer.body), 1)
                self.assertAlmostEqual(header["REST_Z"], z)
                self.assertEqual(header["TDMIN1"], table["spectral"][0])
            elif form == "ecsv":
                self.assertAlmostEqual(table.meta["ssa_specframez"], z)
                self.assertEqual(table.meta["ssa_creationtype"], "cutout")
                self.assertEqual((table.meta["ssa_specstart"], table.meta["ssa_specend"]),
                                 (table["spectral"][0], table["spectral"][-1]))
                observed = read(form, self.ask(path, form).body).meta
                self.assertEqual(observed["ssa_specframez"], 0)

    def test_pictures_are_pictures(self):
        path = next(iter(self.spectra))
        for band in BANDS:
            png, svg = self.ask(path, "png", band, WIDTH=300), self.ask(path, "svg", band, WIDTH=300)
            if png.code == 204:
                continue
            self.assertEqual(png.body[:8], b"\x89PNG\r\n\x1a\n")
            self.assertEqual(int.from_bytes(png.body[16:20], "big"), 300)
            root = xml.etree.ElementTree.fromstring(svg.body)
            self.assertEqual(root.get("width"), "300")
            for suffix, body in ((".png", png.body), (".svg", svg.body)):
                url = f"/lamost5/spectra/{path}{suffix}"
                self.assertEqual(self.cutoutd.get(url, BAND=band, WIDTH=300).body, body)
        for params in ({"WIDTH": "x"}, {"COLOUR": "red"}, {"BAND": "1"}, {"WIDTH": "99999"}):
            answer = self.cutoutd.get(f"/lamost5/spectra/{path}.svg", **params)
            self.assertEqual(answer.code, 400, params)
            self.assertIn(next(iter(params)), answer.text)

    def test_whole_tables_are_beside_the_document(self):
        path = next(iter(self.spectra))
        for suffix in ("csv", "tsv", "ecsv"):
            self.assertEqual(self.cutoutd.get(f"/lamost5/spectra/{path}.{suffix}").body,
                             self.ask(path, suffix).body)

    def test_media_types_name_forms_and_unknown_ones_are_told_the_known(self):
        path = next(iter(self.spectra))
        for form, content_type in TABLES.items():
            self.assertEqual(self.ask(path, content_type.upper()).body, self.ask(path, form).body)
        answer = self.ask(path, "application/pdf")
        self.assertEqual(answer.code, 400)
        for form in (*TABLES, "png", "svg"):
            self.assertIn(form, answer.text)

    def test_filters_let_pass_or_not(self):
        path = next(iter(self.spectra))
        header = fits.getheader(io.BytesIO(self.ask(path, "fits").body), 1)
        ra, dec, start, stop = (header[key] for key in ("RA", "DEC", "TSTART", "TSTOP"))
        far = f"{ra} {-dec if abs(dec) > 5 else dec + 10}"
        box = f"{ra - 1} {dec - 1} {ra + 1} {dec - 1} {ra + 1} {dec + 1} {ra - 1} {dec + 1}"
        for code, params in (
                (200, {"CIRCLE": f"{ra} {dec} 0"}), (204, {"CIRCLE": f"{far} 1"}),
                (200, {"POS": f"CIRCLE {ra} {dec} 1"}), (204, {"POS": f"CIRCLE {far} 1"}),
                (200, {"POS": f"RANGE {ra - 1} {ra + 1} {dec} {dec}"}),
                (204, {"POS": f"RANGE {ra + 1} {ra + 2} -90 90"}),
                (200, {"POLYGON": box}), (200, {"POS": f"POLYGON {box}"}),
                (204, {"POLYGON": box, "CIRCLE": f"{far} 1"}),
                (200, {"TIME": f"{stop} +Inf"}), (200, {"TIME": f"-Inf {start}"}),
                (204, {"TIME": f"{stop + 0.001} +Inf"}), (204, {"TIME": f"-Inf {start - 0.001}"}),
                (200, {"POL": "I"}), (200, {"WHATEVER": "x"}),
                (400, {"CIRCLE": f"{ra} {dec}"}), (400, {"TIME": "x y"})):
            answer = self.ask(path, "votable", **params)
            self.assertEqual(answer.code, code, params)
            if code == 400:
                self.assertTrue(answer.text.startswith("UsageError: " + next(iter(params))), answer.text)

    def test_several_values_of_what_takes_one_are_not_supported(self):
        path = next(iter(self.spectra))
        for query in (f"ID={path}&TIME=5e4+6e4&TIME=6e4+7e4", f"ID={path}&CIRCLE=1+2+3&CIRCLE=1+2+4",
                      f"ID={path}&FORMAT=csv&FORMAT=tsv"):
            answer = self.cutoutd.get(f"/lamost5/sync?{query}")
            self.assertEqual(answer.code, 400)
            self.assertTrue(answer.text.startswith("MultiValuedParamNotSupported"), answer.text)

    def test_three_lines_make_a_spectrum1d(self):
        try:
            from specutils import Spectrum1D
        except ImportError:
            self.skipTest("python3-specutils is not installed")
        from astropy.nddata import StdDevUncertainty
        body = io.BytesIO(self.ask(next(iter(self.spectra)), "fits", "6.5e-7 6.6e-7").body)
        table = Table.read(body)
        spectrum = Spectrum1D(spectral_axis=table["spectral"].quantity, flux=table["flux"] * u.one,
                              uncertainty=StdDevUncertainty(table["flux_error"]))
        self.assertEqual(len(spectrum.flux), len(table))
        self.assertEqual(spectrum.spectral_axis.unit, u.Angstrom)


if __name__ == "__main__":
    unittest.main(verbosity=2)
