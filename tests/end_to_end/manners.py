"""HTTP as caches, browsers and download managers use it: HEAD, ETag, 304, Range, gzip, CORS, preflight."""
import contextlib
import email.utils
import gzip
import pathlib
import shutil
import sys
import tempfile
import unittest
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import cutoutd_server as support  # noqa: E402

BAND = "3.92e-7 3.98e-7"
NO_INGEST = "keep_in_step = no"


def stem(path):
    return str(path).removesuffix(".gz").removesuffix(".fits")


class Manners(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="cutoutd-manners-"))
        cls.archive = cls.folder / "spectra"
        support.make_fixtures(cls.archive, 8)
        support.make_fixtures(cls.archive, 8, "--first", "8", "--gzip")
        cls.cutoutd = support.Cutoutd(cls.folder, cls.archive, collection=NO_INGEST)
        cls.cutoutd.ingest(code=None)
        cls.cutoutd.start()
        names = sorted(path.relative_to(cls.archive) for path in cls.archive.rglob("spec-*.fits*"))
        cls.plain = next(name for name in names if name.suffix == ".fits")
        cls.packed = next(name for name in names if name.suffix == ".gz")
        query = urllib.parse.urlencode
        spectrum = stem(cls.plain)
        cls.sync = "/lamost5/sync?" + query({"ID": spectrum, "BAND": BAND})
        cls.links = "/lamost5/links?" + query({"ID": spectrum})
        cls.documents = [
            cls.sync, cls.links, cls.sync + "&RESPONSEFORMAT=tabledata", "/lamost5/links",
            f"/lamost5/spectra/{spectrum}.vot", "/lamost5/capabilities"]
        cls.files = [f"/lamost5/spectra/{cls.plain}", f"/lamost5/spectra/{cls.packed}",
                     f"/lamost5/spectra/{stem(cls.packed)}.fits"]

    @classmethod
    def tearDownClass(cls):
        cls.cutoutd.stop()
        shutil.rmtree(cls.folder)

    def get(self, path, method="GET", **headers):
        return self.cutoutd.get(path, method,
                                headers={name.replace("_", "-"): value for name, value in headers.items()})

    # ---- HEAD ----

    def test_head_has_the_headers_of_get_and_no_body(self):
        others = ["/lamost5/examples", "/lamost5/availability", "/healthz", "/lamost5/nowhere",
                  "/lamost5/sync", "/lamost5/sync?ID=nowhere", "/lamost5/links?RESPONSEFORMAT=csv"]
        for path in self.documents + self.files + others:
            get, head = self.get(path), self.get(path, "HEAD")
            self.assertEqual((head.code, head.body), (get.code, b""), path)
            for headers in get.headers, head.headers:
                del headers["Date"]
            self.assertEqual(sorted(head.headers.items()), sorted(get.headers.items()), path)
            self.assertEqual(int(get.headers["Content-Length"]), len(get.body), path)

    def test_a_connection_goes_on_after_head_304_and_206(self):
        tag = self.get(self.sync).headers["ETag"]
        with contextlib.closing(self.cutoutd.connection()) as connection:
            for method, path, headers, code in (
                    ("HEAD", self.sync, {}, 200), ("GET", self.sync, {"If-None-Match": tag}, 304),
                    ("GET", self.files[0], {"Range": "bytes=0-9"}, 206),
                    ("OPTIONS", self.sync, {}, 204), ("GET", self.sync, {}, 200)):
                connection.request(method, path, headers=headers)
                answer = connection.getresponse()
                answer.read()
                self.assertEqual(answer.status, code)

    # ---- conditions ----

    def test_a_tag_that_is_known_is_answered_304_without_a_body(self):
        for path in self.documents + self.files:
            whole = self.get(path)
            tag = whole.headers["ETag"]
            self.assertRegex(tag, r'^"[0-9a-f]{16}"$', path)
            for known in (tag, "W/" + tag, f'"a", {tag}', "*"):
                answer = self.get(path, If_None_Match=known)
                self.assertEqual((answer.code, answer.body), (304, b""), (path, known))
                for name in ("ETag", "Last-Modified", "Cache-Control", "Vary"):
                    self.assertEqual(answer.headers[name], whole.headers[name], (path, name))
                self.assertIsNone(answer.headers["Content-Type"])
            for unknown in ('"a"', tag.strip('"'), tag[:-2] + 'x"'):
                self.assertEqual(self.get(path, If_None_Match=unknown).code, 200, (path, unknown))

    def test_the_tag_differs_where_the_answer_does(self):
        tags = [self.get(path).headers["ETag"] for path in self.documents]
        self.assertEqual(len(set(tags)), len(tags))
        for path in self.documents:
            self.assertEqual(self.get(path).headers["ETag"], self.get(path).headers["ETag"])

    def test_the_date_of_the_file_is_told_and_heeded(self):
        mtime = int((self.archive / self.plain).stat().st_mtime)
        date = email.utils.formatdate
        path = self.files[0]
        self.assertEqual(self.get(path).headers["Last-Modified"], date(mtime, usegmt=True))
        for seconds, code in ((mtime, 304), (mtime + 60, 304), (mtime - 1, 200)):
            self.assertEqual(self.get(path, If_Modified_Since=date(seconds, usegmt=True)).code, code)
        self.assertEqual(self.get(path, If_Unmodified_Since=date(mtime - 1, usegmt=True)).code, 412)
        self.assertEqual(self.get(path, If_Match='"a"').code, 412)
        self.assertEqual(self.get(self.links, If_Modified_Since=self.get(self.links).headers["Last-Modified"]).code,
                         304)

    def test_a_post_has_no_conditions(self):
        answer = self.cutoutd.get("/lamost5/links", "POST", f"ID={stem(self.plain)}",
                                  {"Content-Type": "application/x-www-form-urlencoded", "If-None-Match": "*"})
        self.assertEqual(answer.code, 200)
        self.assertIsNone(answer.headers["ETag"])

    def test_errors_have_no_tag(self):
        for path in ("/lamost5/sync", "/lamost5/sync?ID=nowhere", "/lamost5/nowhere"):
            answer = self.get(path)
            self.assertGreaterEqual(answer.code, 400)
            self.assertIsNone(answer.headers["ETag"])

    # ---- ranges ----

    def test_parts_of_a_file_make_the_file(self):
        for path, name in zip(self.files[:2], (self.plain, self.packed)):
            whole = (self.archive / name).read_bytes()
            size = len(whole)
            self.assertEqual(self.get(path).headers["Accept-Ranges"], "bytes")
            for text, first, last in (("0-9", 0, 9), ("100-", 100, size - 1), ("-7", size - 7, size - 1),
                                      (f"5-{size * 9}", 5, size - 1), (f"-{size * 9}", 0, size - 1)):
                answer = self.get(path, Range="bytes=" + text)
                self.assertEqual((answer.code, answer.body), (206, whole[first:last + 1]), text)
                self.assertEqual(answer.headers["Content-Range"], f"bytes {first}-{last}/{size}")
            for text in ("0-9,20-29", "9-5", "x", "1"):
                answer = self.get(path, Range="bytes=" + text)
                self.assertEqual((answer.code, answer.body), (200, whole), text)
            for text in (f"{size}-", "-0"):
                answer = self.get(path, Range="bytes=" + text)
                self.assertEqual((answer.code, answer.headers["Content-Range"]), (416, f"bytes */{size}"))

    def test_a_range_is_of_the_file_that_was_begun(self):
        path = self.files[0]
        tag, date = (self.get(path).headers[name] for name in ("ETag", "Last-Modified"))
        for known, code in ((tag, 206), (date, 206), ("W/" + tag, 200), ('"a"', 200),
                            ("Sun, 06 Nov 1994 08:49:37 GMT", 200)):
            self.assertEqual(self.get(path, Range="bytes=0-9", If_Range=known).code, code, known)

    # ---- gzip ----

    def test_gzip_is_the_same_bytes_under_another_tag(self):
        ids = [stem(name.relative_to(self.archive)) for name in self.archive.rglob("spec-*.fits*")]
        links = "/lamost5/links?" + urllib.parse.urlencode([("ID", id_) for id_ in ids[:5]])
        for path in (links, f"/lamost5/spectra/{stem(self.plain)}.svg"):
            plain, packed = self.get(path), self.get(path, Accept_Encoding="gzip, deflate")
            self.assertEqual(packed.headers["Content-Encoding"], "gzip", path)
            self.assertEqual(gzip.decompress(packed.body), plain.body, path)
            self.assertEqual(packed.headers["ETag"], plain.headers["ETag"][:-1] + '-gzip"', path)
            for answer in plain, packed:
                self.assertEqual(answer.headers["Vary"], "Accept-Encoding", path)
            self.assertEqual(self.get(path, Accept_Encoding="gzip",
                                      If_None_Match=packed.headers["ETag"]).code, 304)
            self.assertEqual(self.get(path, If_None_Match=packed.headers["ETag"]).code, 200)
            refused = self.get(path, Accept_Encoding="gzip;q=0")
            self.assertEqual(refused.body, plain.body)

    def test_what_would_be_slower_gzipped_is_not(self):
        for path in self.documents:
            answer = self.get(path, Accept_Encoding="gzip, deflate")
            self.assertIsNone(answer.headers["Content-Encoding"], path)
            self.assertIsNone(answer.headers["Vary"], path)

    def test_a_file_kept_as_gzip_has_a_tag_for_each_of_its_forms(self):
        path = self.files[2]
        raw = (self.archive / self.packed).read_bytes()
        inflated, packed = self.get(path), self.get(path, Accept_Encoding="gzip")
        self.assertEqual((inflated.body, packed.body), (gzip.decompress(raw), raw))
        self.assertNotEqual(inflated.headers["ETag"], packed.headers["ETag"])
        part = self.get(path, Accept_Encoding="gzip", Range="bytes=10-19")
        self.assertEqual((part.code, part.body), (206, raw[10:20]))
        self.assertEqual(self.get(path, Range="bytes=10-19").code, 200)  # inflated as it is sent

    # ---- pages from elsewhere ----

    def test_any_page_may_read_any_answer(self):
        for path in self.documents + self.files + ["/healthz", "/nowhere/at/all", "/lamost5/sync"]:
            answer = self.get(path, Origin="https://elsewhere.example")
            self.assertEqual(answer.headers["Access-Control-Allow-Origin"], "*", path)
            self.assertEqual(answer.headers["Access-Control-Expose-Headers"], "*", path)

    def test_a_preflight_is_answered(self):
        for path, methods in (("/lamost5/links", {"GET", "HEAD", "POST"}), (self.files[0], {"GET", "HEAD"})):
            answer = self.get(path, "OPTIONS", Origin="https://elsewhere.example",
                              Access_Control_Request_Method="GET", Access_Control_Request_Headers="range")
            self.assertEqual((answer.code, answer.body), (204, b""), path)
            for name in ("Allow", "Access-Control-Allow-Methods"):
                self.assertEqual(set(answer.headers[name].split(", ")), methods, path)
            self.assertEqual(answer.headers["Access-Control-Allow-Headers"], "*")
            self.assertGreater(int(answer.headers["Access-Control-Max-Age"]), 0)
        self.assertEqual(self.get("/nowhere/at/all", "OPTIONS").code, 404)


class Changes(unittest.TestCase):
    """The tag follows the file and the configuration."""

    def test_a_file_that_is_replaced_and_another_configuration_give_another_tag(self):
        with tempfile.TemporaryDirectory(prefix="cutoutd-manners-") as folder:
            folder = pathlib.Path(folder)
            support.make_fixtures(folder / "made", 6)
            first, second = sorted((folder / "made").rglob("spec-*.fits"))[:2]
            archive = folder / "archive"
            support.put(first, archive / "spec-1.fits")
            cutoutd = support.Cutoutd(folder, archive, collection=NO_INGEST)
            cutoutd.ingest()
            url = "/lamost5/spectra/spec-1.vot"
            with cutoutd:
                tag = cutoutd.get(url).headers["ETag"]
                support.put(second, archive / "spec-1.fits")
                cutoutd.ingest()
                changed = support.wait_until(
                    lambda: (now := cutoutd.get(url).headers["ETag"]) != tag and now, "a new tag")
            with cutoutd:
                self.assertEqual(cutoutd.get(url).headers["ETag"], changed)
            cutoutd.conf.write_text(cutoutd.conf.read_text() + "rights = proprietary\n")
            with cutoutd:
                self.assertNotEqual(cutoutd.get(url).headers["ETag"], changed)


if __name__ == "__main__":
    unittest.main(verbosity=2)
