"""Debian's pyVO finds spectra by SSA, follows their links and cuts them; STILTS and the requests of TOPCAT and SPLAT."""
import io
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest
import warnings

from astropy import units
from astropy.coordinates import SkyCoord
from astropy.io.votable import parse
from astropy.table import Table
from astropy.time import Time
from pyvo.dal import DALQueryError
from pyvo.dal.ssa import SSAService

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import cutoutd_server as support  # noqa: E402

VOTABLE, FITS = "application/x-votable+xml", "application/fits"


def samples(stream):
    return Table.read(io.BytesIO(stream.read()), format="votable")


class Ssa(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        warnings.simplefilter("ignore")
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="cutoutd-ssa-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        support.make_fixtures(cls.folder / "spectra", 72)
        cls.cutoutd = support.Cutoutd(cls.folder, cls.folder / "spectra", collection="keep_in_step = no")
        cls.cutoutd.ingest(code=None)
        cls.rows = cls.cutoutd.rows(
            "select path, raj2000, dej2000, ssa_dateObs, spectral_start * 1e-10, spectral_end * 1e-10"
            " from spectra where ssa_deleted is null and raj2000 is not null order by path")
        cls.cutoutd.start()
        cls.addClassCleanup(cls.cutoutd.stop)
        cls.service = SSAService(cls.cutoutd.base + "/lamost5/ssa")
        cls.row = next(row for row in cls.rows if row[4] < 3.9e-7 and row[5] > 4e-7)
        cls.position = SkyCoord(cls.row[1], cls.row[2], unit="deg")

    def paths(self, results):
        return {row.getdataurl().split("/spectra/")[1].removesuffix(".vot") for row in results}

    def near(self, row):
        return SkyCoord(row[1], row[2], unit="deg").separation(self.position).deg <= 0.05

    def test_position(self):
        results = self.service.search(pos=self.position, diameter=0.1 * units.deg, format=VOTABLE)
        self.assertEqual(self.paths(results), {row[0] for row in self.rows if self.near(row)})
        self.assertLess(abs(results[0].dec - self.row[2]), 0.06)
        self.assertEqual(results[0].dateobs.datetime.hour, 0)  # pyVO wants the day alone

    def test_band_and_time(self):
        results = self.service.search(band=(5.0e-7 * units.m, 5.1e-7 * units.m), format=VOTABLE, maxrec=10000)
        self.assertEqual(self.paths(results), {row[0] for row in self.rows if row[4] <= 5.1e-7 and row[5] >= 5e-7})
        day = int(self.row[3])
        results = self.service.search(time=Time([day, day + 0.999], format="mjd"), format=VOTABLE, maxrec=10000)
        self.assertIn(self.row[0], self.paths(results))
        self.assertLess(len(results), len(self.rows))

    def test_formats(self):
        everything = self.service.search(pos=self.position, diameter=0.01)
        self.assertEqual({row.format for row in everything}, {VOTABLE, FITS})
        self.assertEqual(len(set(everything.to_table()["ssa_associd"])), len(everything) // 2)
        self.assertEqual({row.format for row in self.service.search(self.position, 0.01, format=FITS)}, {FITS})
        self.assertEqual(len(self.service.search(self.position, 0.01, format="graphic")), 0)

    def test_links_and_cutouts(self):
        results = self.service.search(pos=self.position, diameter=0.001, format=VOTABLE)
        band = (392 * units.nm, 398 * units.nm)
        self.assertEqual(len(list(results.iter_datalinks())), len(results))
        for row, links in zip(results, results.iter_datalinks()):
            cut = samples(next(links.iter_procs()).processed(band=band))
            again = samples(row.processed(band=band))
            self.assertGreater(len(cut), 50)
            self.assertTrue((cut["flux"] == again["flux"]).all())
            self.assertTrue(3920 <= cut["spectral"].min() and cut["spectral"].max() <= 3980)

    def test_what_is_wrong_is_told(self):
        with self.assertRaisesRegex(DALQueryError, "FLUXCALIB"):
            self.service.search(fluxcalib="nonsense")

    def test_metadata(self):
        answer = self.cutoutd.get("/lamost5/ssa", REQUEST="queryData", FORMAT="METADATA")
        resource = parse(io.BytesIO(answer.body)).resources[0]
        names = [param.name for param in resource.params]
        self.assertEqual(len(resource.tables), 0)
        for name in ("INPUT:POS", "INPUT:SIZE", "INPUT:BAND", "INPUT:TIME", "INPUT:FORMAT", "OUTPUT:accref"):
            self.assertIn(name, names)

    def test_overflow(self):
        answer = self.cutoutd.get("/lamost5/ssa", MAXREC="3")
        self.assertEqual(answer.text.count("<TR>"), 3)
        self.assertIn('value="OVERFLOW"', answer.text)
        answer = self.cutoutd.get("/lamost5/ssa", MAXREC="0")
        self.assertNotIn("<TR>", answer.text)
        self.assertIn('value="OVERFLOW"', answer.text)
        self.assertIn("<FIELD", answer.text)

    def test_best_first(self):
        results = parse(io.BytesIO(self.cutoutd.get(
            "/lamost5/ssa", POS=f"{self.row[1]!r},{self.row[2]!r}", SIZE="360", TOP="10", FORMAT="votable").body))
        table = results.get_first_table().to_table()
        distances = SkyCoord(table["raj2000"], table["dej2000"], unit="deg").separation(self.position).deg
        wanted = sorted(SkyCoord(row[1], row[2], unit="deg").separation(self.position).deg for row in self.rows)[:10]
        self.assertEqual(list(distances), sorted(distances))
        for found, expected in zip(distances, wanted):
            self.assertAlmostEqual(found, expected, 9)
        self.assertEqual(list(table["ssa_score"]), sorted(table["ssa_score"], reverse=True))

    def test_requests_of_splat_and_topcat(self):
        ra, dec = self.row[1:3]
        splat = (f"/lamost5/ssa?REQUEST=queryData&POS={ra},{dec}&FORMAT=application/x-votable+xml,application/fits"
                 "&SIZE=0.1&BAND=3.9e-7/4.1e-7&WAVECALIB=absolute&FLUXCALIB=relative")
        topcat = f"/lamost5/ssa?REQUEST=queryData&POS={ra}%2c{dec}&SIZE=0.1&FORMAT=application%2ffits"
        for url in splat, topcat:
            answer = self.cutoutd.get(url)
            self.assertEqual(answer.code, 200, answer.text)
            self.assertGreater(len(parse(io.BytesIO(answer.body)).get_first_table().array), 0)

    def test_stilts_matches_a_table_of_positions(self):
        if not shutil.which("stilts"):
            self.skipTest("no stilts")
        positions = [self.rows[i % len(self.rows)][1:3] for i in range(100)]
        table = self.folder / "positions.csv"
        table.write_text("ra,dec\n" + "".join(f"{ra!r},{dec!r}\n" for ra, dec in positions))
        out = self.folder / "matches.csv"
        subprocess.run(["stilts", "-batch", "coneskymatch", "servicetype=ssa", f"serviceurl={self.service.baseurl}",
                        f"in={table}", "ra=ra", "dec=dec", "sr=0.001", "find=best", "parallel=2", "dataformat=",
                        f"out={out}"], check=True, stdin=subprocess.DEVNULL, capture_output=True)
        matches = Table.read(out, format="csv")
        self.assertEqual(len(matches), 100)
        self.assertLess(abs(matches["Separation"]).max(), 1e-3)


if __name__ == "__main__":
    unittest.main()
