"""What SSA found, saved by pyVO or by STILTS, is sent back as it is: a row for each spectrum."""
import io
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest
import warnings

from pyvo.dal.ssa import SSAService

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import cutoutd_server as support  # noqa: E402
from bulk_request import counted, fits_columns, upload  # noqa: E402

FIELDS = [("UPLOAD", "ids,param:found"), ("BAND", "3.92e-7 3.98e-7"), ("RESPONSEFORMAT", "fits"),
          ("COLUMNS", "ssa_pubDID status n")]


class BulkUpload(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        warnings.simplefilter("ignore")
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="cutoutd-upload-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        support.make_fixtures(cls.folder / "spectra", 48)
        cls.cutoutd = support.Cutoutd(cls.folder, cls.folder / "spectra", collection="keep_in_step = no")
        cls.cutoutd.ingest(code=None)
        cls.cutoutd.start()
        cls.addClassCleanup(cls.cutoutd.stop)
        cls.found = SSAService(cls.cutoutd.base + "/lamost5/ssa").search(
            format="application/x-votable+xml", TARGETCLASS="star", MAXREC=100000)
        cls.dids = [row["ssa_pubDID"] for row in cls.found]
        assert len(cls.dids) > 20

    def assert_found_again(self, table):
        answer = upload(self.cutoutd, FIELDS, {"found": table})
        self.assertEqual(answer.code, 200, answer.body[:300])
        columns, ledger = fits_columns(answer.body)
        self.assertEqual(list(columns["ssa_pubDID"]), self.dids)
        self.assertEqual(ledger, counted(columns["status"]))
        self.assertGreater(ledger["ok"], 0)
        self.assertEqual(ledger["ok"] + ledger["empty"], len(self.dids))

    def test_what_came_over_the_wire(self):
        answer = self.cutoutd.get("/lamost5/ssa", TARGETCLASS="star", FORMAT="votable", MAXREC=100000)
        self.assert_found_again(answer.body)

    def test_what_pyvo_saves(self):
        for form in ["tabledata", "binary", "binary2"]:
            with self.subTest(form):
                text = io.BytesIO()
                self.found.votable.to_xml(text, tabledata_format=form)
                self.assert_found_again(text.getvalue())

    def test_what_astropy_saves_of_it(self):
        for form in ["tabledata", "binary", "binary2"]:
            with self.subTest(form):
                text = io.BytesIO()
                self.found.to_table().write(text, format="votable", tabledata_format=form)
                self.assert_found_again(text.getvalue())

    def stilts(self, form):
        """The answer as STILTS, and so TOPCAT, saves it."""
        found, saved = self.folder / "found.vot", self.folder / "saved"
        self.found.votable.to_xml(str(found))
        subprocess.run(["stilts", "tcopy", f"in={found}", "ifmt=votable", f"out={saved}", f"ofmt={form}"],
                       check=True, capture_output=True, timeout=support.SECONDS * 5)
        return saved.read_bytes()

    def test_what_stilts_saves(self):
        for form in ["votable-tabledata", "votable-binary-inline", "votable-binary2-inline"]:
            with self.subTest(form):
                self.assert_found_again(self.stilts(form))

    def test_what_stilts_saves_as_fits_is_refused_with_a_sentence(self):
        rows = [("fits", "found: this is a FITS file; send a VOTable"),
                ("votable-fits-inline", "rows as FITS are not taken")]
        for form, words in rows:
            with self.subTest(form):
                answer = upload(self.cutoutd, FIELDS, {"found": self.stilts(form)})
                self.assertEqual(answer.code, 400)
                self.assertIn(words, answer.text)


unittest.main()
