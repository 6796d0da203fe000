"""The record for a registry: valid, and of the collection that is there."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import cutoutd_server as support  # noqa: E402

SCHEMAS = os.environ.get("CUTOUTD_SCHEMA_DIR")
HC = 1.986445857e-15  # J Angstrom
CONTACT = "contact_name = A & B <archive>\ncontact_email = help@test.example\n"


class Record(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="cutoutd-record-"))
        self.addCleanup(shutil.rmtree, self.folder)
        (self.folder / "spectra").mkdir()

    def record(self, count, collection=""):
        if count:
            support.make_fixtures(self.folder / "spectra", count)
        self.cutoutd = support.Cutoutd(self.folder, self.folder / "spectra", collection=collection)
        self.addCleanup(self.cutoutd.stop)
        self.cutoutd.conf.write_text(self.cutoutd.conf.read_text().replace(
            "[publisher]\n", "[publisher]\n" + CONTACT))
        self.cutoutd.ingest(code=None)
        text = self.cutoutd.run("record", "lamost5")
        if SCHEMAS:
            schemas = pathlib.Path(SCHEMAS)
            done = subprocess.run(
                ["xmllint", "--nonet", "--noout", "--schema", schemas / "all.xsd", "-"], input=text,
                capture_output=True, env={**os.environ, "XML_CATALOG_FILES": str(schemas / "catalog.xml")})
            self.assertEqual(done.returncode, 0, done.stderr.decode())
        return ElementTree.fromstring(text)

    def test_it_tells_what_the_configuration_and_the_spectra_say(self):
        record = self.record(30, "title = T & <U>\nrights = secure\ncreator = C\n"
                                 "reference = 2012RAA....12.1197C\n")
        base = self.cutoutd.base + "/lamost5"
        for path, text in (("title", "T & <U>"), ("identifier", "ivo://test.example/lamost5"),
                           ("rights", "secure"), ("curation/creator/name", "C"),
                           ("curation/contact/name", "A & B <archive>"),
                           ("curation/contact/email", "help@test.example"),
                           ("content/source", "2012RAA....12.1197C"),
                           ("content/referenceURL", base), ("coverage/footprint", base + "/coverage")):
            self.assertEqual(record.findtext(path), text)
        served = self.cutoutd.start().get("/lamost5/capabilities").body
        standards = [row.get("standardID") for row in ElementTree.fromstring(served)]
        self.assertEqual([row.get("standardID") for row in record.findall("capability")], standards)
        self.assertIn("ivo://ivoa.net/std/DataLink#links-1.1", standards)

    def test_it_covers_what_the_spectra_cover(self):
        record = self.record(30)
        low, high, begin, end = self.cutoutd.rows(
            "select min(spectral_start), max(spectral_end),"
            " min(ifnull(ssa_timestart, ssa_dateObs)), max(ifnull(ssa_timestop, ssa_dateObs))"
            " from spectra")[0]
        spectral = [float(word) for word in record.findtext("coverage/spectral").split()]
        temporal = [float(word) for word in record.findtext("coverage/temporal").split()]
        self.assertAlmostEqual(spectral[0] * high / HC, 1, 5)
        self.assertAlmostEqual(spectral[1] * low / HC, 1, 5)
        self.assertAlmostEqual(temporal[0], begin, 3)
        self.assertAlmostEqual(temporal[1], end, 3)
        self.assertIn("6/", record.findtext("coverage/spatial"))

    def test_an_empty_collection_has_one_too(self):
        self.assertIsNone(self.record(0).find("coverage/spatial"))


if __name__ == "__main__":
    unittest.main()
