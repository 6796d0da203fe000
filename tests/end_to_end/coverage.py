"""The coverage map is that of the spectra there are, in every form, and follows what ingest does."""
import io
import json
import pathlib
import shutil
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import cutoutd_server as support  # noqa: E402

try:
    import healpy
except ImportError:
    support.skip("no healpy")
import numpy as np  # noqa: E402
from astropy.io import fits  # noqa: E402


def pixels(cells, order):
    """The pixels of an order that cells, (their order, number), are made of."""
    return {pixel for coarse, cell in cells
            for pixel in range(cell << 2 * (order - coarse), (cell + 1) << 2 * (order - coarse))}


def read_ascii(text):
    """MOC 2.0, section 4.3.2."""
    cells, order = [], None
    for word in text.split():
        if "/" in word:
            order, word = word.split("/")
            order = int(order)
        if word:
            first, _, last = word.partition("-")
            cells += [(order, cell) for cell in range(int(first), int(last or first) + 1)]
    assert cells == sorted(cells)
    return cells, order


def read_json(text):
    read = json.loads(text)
    return [(int(order), cell) for order in read for cell in read[order]], max(map(int, read))


def read_fits(data):
    with fits.open(io.BytesIO(data)) as hdus:
        hdus.verify("exception")
        header, uniq = hdus[1].header, hdus[1].data["UNIQ"].astype(int)
        assert header["MOCVERS"] == "2.0" and header["MOCDIM"] == "SPACE"
        assert header["ORDERING"] == "NUNIQ" and header["COORDSYS"] == "C"
        assert (np.diff(uniq) > 0).all()
        order = (np.log2(uniq // 4) // 2).astype(int)
        return [(int(o), int(u) - 4 * 4 ** int(o)) for o, u in zip(order, uniq)], header["MOCORD_S"]


class Coverage(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="cutoutd-coverage-"))
        self.addCleanup(shutil.rmtree, self.folder)
        support.make_fixtures(self.folder / "spectra", 40)

    def service(self, **settings):
        cutoutd = support.Cutoutd(self.folder, self.folder / "spectra", **settings)
        self.addCleanup(cutoutd.stop)
        cutoutd.ingest(code=None)
        return cutoutd.start()

    def expect(self, cutoutd, order):
        """All forms say what healpy makes of the positions in the catalogue."""
        rows = cutoutd.rows("select raj2000, dej2000 from spectra"
                            " where ssa_deleted is null and raj2000 is not null")
        ra, dec = np.array(rows).T
        expected = set(healpy.ang2pix(1 << order, ra, dec, nest=True, lonlat=True).tolist())
        for form, content_type, read in (
                (None, "text/plain", lambda data: read_ascii(data.decode())),
                ("json", "application/json", read_json),
                ("application/fits", "application/fits", read_fits)):
            answer = cutoutd.get("/lamost5/coverage", **({"RESPONSEFORMAT": form} if form else {}))
            self.assertEqual((answer.code, answer.headers["Content-Type"]), (200, content_type))
            cells, finest = read(answer.body)
            self.assertEqual(finest, order)
            self.assertEqual(pixels(cells, order), expected)
            self.assertEqual(len(pixels(cells, order)), sum(4 ** (order - o) for o, _ in cells))
        return expected

    def test_it_is_where_spectra_are(self):
        self.assertGreater(len(self.expect(self.service(collection="keep_in_step = no"), 10)), 20)

    def test_its_order_is_configured(self):
        self.expect(self.service(collection="keep_in_step = no\ncoverage_order = 3"), 3)

    def test_what_is_gone_leaves_it(self):
        cutoutd = self.service(collection="keep_in_step = no\nread_through_workers = 0")
        before = self.expect(cutoutd, 10)
        tag = cutoutd.get("/lamost5/coverage").headers["ETag"]
        self.assertEqual(cutoutd.get("/lamost5/coverage", headers={"If-None-Match": tag}).code, 304)
        files = sorted((self.folder / "spectra").rglob("*.fits"))
        for path in files[::2]:
            path.unlink()
        cutoutd.ingest(code=None)
        after = self.expect(cutoutd, 10)
        self.assertLess(after, before)
        self.assertEqual(cutoutd.get("/lamost5/coverage", headers={"If-None-Match": tag}).code, 200)

    def test_it_has_a_picture(self):
        cutoutd = self.service(collection="keep_in_step = no")
        answer = cutoutd.get("/lamost5/coverage.png")
        self.assertEqual((answer.code, answer.headers["Content-Type"]), (200, "image/png"))
        self.assertEqual(answer.body[:8], b"\x89PNG\r\n\x1a\n")
        self.assertEqual(answer.body[16:24], (900).to_bytes(4, "big") + (500).to_bytes(4, "big"))
        self.assertEqual(answer.body[25], 3, "of a palette")
        self.assertLess(len(answer.body), 40000)
        self.assertEqual(cutoutd.get("/lamost5/coverage.png").body, answer.body)

    def test_other_forms_are_refused(self):
        cutoutd = self.service(collection="keep_in_step = no")
        answer = cutoutd.get("/lamost5/coverage", RESPONSEFORMAT="votable")
        self.assertEqual(answer.code, 400)
        self.assertIn("RESPONSEFORMAT", answer.text)


if __name__ == "__main__":
    unittest.main()
