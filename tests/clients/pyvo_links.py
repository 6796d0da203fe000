"""Debian's pyVO follows links and cuts, from a table of rows as a discovery service answers it.

The table is made here: a results RESOURCE with a column of identifiers, and a DataLink descriptor that refers to it.
"""
import io
import pathlib
import shutil
import sys
import tempfile
import unittest
import warnings

import numpy
from astropy import units
from astropy.io.votable import parse
from astropy.table import Table
from pyvo.dal import DALServiceError
from pyvo.dal.adhoc import DatalinkResults
from pyvo.dal.tap import TAPResults

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import cutoutd_server as support  # noqa: E402

DOCUMENT = """<?xml version="1.0"?>
<VOTABLE version="1.4" xmlns="http://www.ivoa.net/xml/VOTable/v1.3">
<RESOURCE type="results"><INFO name="QUERY_STATUS" value="OK"/><TABLE>
<FIELD ID="ssa_pubDID" name="ssa_pubDID" datatype="char" arraysize="*" ucd="meta.ref.ivoid"/>
<DATA><TABLEDATA>{rows}</TABLEDATA></DATA></TABLE></RESOURCE>
<RESOURCE type="meta" utype="adhoc:service" name="Links">
<PARAM name="standardID" datatype="char" arraysize="*" value="ivo://ivoa.net/std/DataLink#links-1.1"/>
<PARAM name="accessURL" datatype="char" arraysize="*" value="{links}"/>
<GROUP name="inputParams"><PARAM name="ID" datatype="char" arraysize="*" ref="ssa_pubDID" value=""/></GROUP>
</RESOURCE></VOTABLE>
"""


def samples(stream):
    return Table.read(io.BytesIO(stream.read()), format="votable")


class Links(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        warnings.simplefilter("ignore")
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="cutoutd-pyvo-"))
        cls.archive = cls.folder / "spectra"
        support.make_fixtures(cls.archive, 72)
        cls.cutoutd = support.Cutoutd(cls.folder, cls.archive, collection="keep_in_step = no")
        cls.cutoutd.ingest(code=None)
        paths = [row[0] for row in cls.cutoutd.rows("select path from spectra order by path")]
        cls.ids = ["ivo://test.example/~?lamost5/" + path for path in paths]
        cls.low = [id_ for id_ in cls.ids if "/spec-" in id_]
        cls.cutoutd.start()
        cls.links = cls.cutoutd.base + "/lamost5/links"

    @classmethod
    def tearDownClass(cls):
        cls.cutoutd.stop()
        shutil.rmtree(cls.folder)

    def results(self, ids):
        rows = "".join(f"<TR><TD>{id_}</TD></TR>" for id_ in ids)
        return TAPResults(parse(io.BytesIO(DOCUMENT.format(rows=rows, links=self.links).encode())))

    def one(self, id_=None):
        return next(self.results([id_ or self.low[0]]).iter_datalinks())

    # ---- many rows ----

    def test_links_of_250_rows_with_unknown_ones_among_them(self):
        ids = [id_ for number, known in enumerate(self.ids[:217])
               for id_ in ([known, f"ivo://test.example/~?lamost5/nowhere/spec-{number}"]
                           if number % 6 == 0 and number < 198 else [known])]
        self.assertEqual(len(ids), 250)
        answers = list(self.results(ids).iter_datalinks())
        self.assertEqual(len(answers), 250)
        for id_, links in zip(ids, answers):
            self.assertEqual({row["ID"] for row in links}, {id_})
            if "/nowhere/" in id_:
                self.assertEqual(len(links), 1)
                self.assertTrue(links[0].error_message.startswith("NotFoundFault"), id_)
                continue
            semantics = [row.semantics for row in links]
            for term in ("#this", "#progenitor", "#preview", "#preview-plot", "#cutout"):
                self.assertEqual(semantics.count(term), 1, (id_, semantics))

    def test_an_id_that_comes_twice_has_its_links_twice(self):
        answers = list(self.results([self.low[0], self.low[1], self.low[0]]).iter_datalinks())
        self.assertEqual([links[0]["ID"] for links in answers], [self.low[0], self.low[1], self.low[0]])
        self.assertEqual(len(answers[0]), len(answers[2]))

    # ---- one row ----

    def test_semantics_choose_links(self):
        links = self.one()
        for term, suffix in (("#this", ".vot"), ("#progenitor", ".fits"), ("#preview", ".png"),
                             ("#preview-plot", ".svg")):
            rows = list(links.bysemantics(term, include_narrower=False))
            self.assertEqual(len(rows), 1, term)
            self.assertTrue(rows[0].access_url.endswith(suffix), term)
        this = next(links.bysemantics("#this", include_narrower=False))
        self.assertEqual(len(self.cutoutd.get(this.access_url.removeprefix(self.cutoutd.base)).body),
                         this.content_length)

    def test_the_spectra_of_one_medium_resolution_file_know_each_other(self):
        medium = next(id_ for id_ in self.ids if id_.endswith("/B"))
        others = [id_ for id_ in self.ids if id_.startswith(medium[:-1]) and id_ != medium]
        found = [row.access_url for row in self.one(medium).bysemantics("#coderived", include_narrower=False)]
        self.assertGreater(len(others), 0)
        self.assertEqual([url.rpartition("/")[2] for url in found],
                         [id_.rpartition("/")[2] + ".vot" for id_ in others])

    # ---- cutting ----

    def cutter(self, id_=None):
        procs = list(self.one(id_).iter_procs())
        self.assertEqual(len(procs), 1)
        return procs[0]

    def test_bands_in_every_unit_cut_the_same(self):
        whole = samples(self.cutter().processed())
        wavelengths = whole["spectral"]
        for band, low, high in (
                ((392 * units.nm, 398 * units.nm), 3920, 3980),
                ((3920 * units.Angstrom, 3980 * units.Angstrom), 3920, 3980),
                ((0.392 * units.um, 0.398 * units.um), 3920, 3980),
                ((3.92e-7, 3.98e-7) * units.m, 3920, 3980),
                ((-numpy.inf * units.nm, 398 * units.nm), 0, 3980),
                ((392 * units.nm, numpy.inf * units.nm), 3920, numpy.inf)):
            cut = samples(self.cutter().processed(band=band))
            expected = whole[(wavelengths >= low) & (wavelengths <= high)]
            self.assertGreater(len(expected), 0)
            self.assertEqual(len(cut), len(expected), band)
            for name in ("spectral", "flux", "flux_error"):
                self.assertEqual(cut[name].data.tobytes(), expected[name].data.tobytes(), (band, name))

    def test_the_samples_at_the_ends_of_a_band_belong_to_it(self):
        """pyVO converts the units, and the last digit of a limit may be off by that."""
        wavelengths = samples(self.cutter().processed())["spectral"].data
        for unit in (units.nm, units.Angstrom, units.um):
            ends = (wavelengths[[100, 140]] * units.Angstrom).to(unit)
            cut = samples(self.cutter().processed(band=(ends[0], ends[1])))
            self.assertEqual(len(cut), 41, unit)

    def test_each_row_is_cut_from_its_own_spectrum(self):
        """The document has one descriptor, and pyVO takes it for every row."""
        for links in self.results(self.low[:4]).iter_datalinks():
            id_ = links[0]["ID"]
            stream = next(links.iter_procs()).processed(band=(392 * units.nm, 398 * units.nm))
            document = parse(io.BytesIO(stream.read()))
            dids = [param.value for param in document.iter_fields_and_params()
                    if (param.utype or "").endswith("Curation.PublisherDID")]
            self.assertEqual(dids, [id_])

    def test_wrong_bands_fail(self):
        for band in ((398 * units.nm, 392 * units.nm), (numpy.inf * units.nm, numpy.inf * units.nm)):
            with self.assertRaises(DALServiceError) as caught:
                self.cutter().processed(band=band).read()
            self.assertIn("400", str(caught.exception))

    def test_a_band_outside_the_spectrum_is_empty(self):
        self.assertEqual(self.cutter().processed(band=(2 * units.um, 3 * units.um)).read(), b"")

    def test_a_url_of_links_is_enough(self):
        links = DatalinkResults.from_result_url(f"{self.links}?ID={self.low[0].rpartition('?lamost5/')[2]}")
        self.assertEqual(len(samples(next(links.iter_procs()).processed(band=(392 * units.nm, 398 * units.nm)))), 66)


if __name__ == "__main__":
    unittest.main(verbosity=2)
