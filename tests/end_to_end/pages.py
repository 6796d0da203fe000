"""Pages for people: links that lead somewhere and stay here, lines that run, headers, HTML that parses."""
import gzip
import html.parser
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import cutoutd_server as support  # noqa: E402

# Elements that HTML has and xmllint, which knows HTML 4, does not.
NEW = {"header", "nav", "main", "footer", "section", "figure", "figcaption", "picture", "source"}


class Page(html.parser.HTMLParser):
    """Addresses that a page refers to, and the text of its <pre>s by class."""

    def __init__(self, text):
        super().__init__()
        self.links, self.loads, self.snippets, self.inside = set(), set(), {}, None
        self.images_without_alt = 0
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        for name in ("href", "src", "srcset", "action"):
            if name in attributes:
                (self.links if tag in ("a", "form") else self.loads).add(attributes[name])
        self.images_without_alt += tag == "img" and not attributes.get("alt")
        assert tag != "script" and "style" not in attributes, (tag, attributes)
        if tag == "pre":
            self.inside = attributes["class"]
            self.snippets[self.inside] = ""

    def handle_endtag(self, tag):
        if tag == "pre":
            self.inside = None

    def handle_data(self, text):
        if self.inside:
            self.snippets[self.inside] += text


class Pages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="cutoutd-pages-"))
        support.make_fixtures(cls.folder / "spectra", 24, "--gzip")
        cls.cutoutd = support.Cutoutd(cls.folder, cls.folder / "spectra",
                                      collection="keep_in_step = no")
        cls.cutoutd.ingest(code=None)
        cls.cutoutd.start()
        cls.paths = [row[0] for row in cls.cutoutd.rows("select path from spectra order by path")]
        quoted = [f"/lamost5/spectra/{urllib.parse.quote(path)}" for path in cls.paths]
        cls.pages = ["/", "/lamost5", *quoted[::7], quoted[0] + "?BAND=510e-9%20520e-9"]

    @classmethod
    def tearDownClass(cls):
        cls.cutoutd.stop()
        shutil.rmtree(cls.folder)

    def page(self, path):
        answer = self.cutoutd.get(path)
        self.assertEqual(answer.code, 200, path)
        self.assertEqual(answer.headers["Content-Type"], "text/html; charset=utf-8")
        return answer

    def test_every_address_on_a_page_answers_from_this_host(self):
        seen = set()
        for path in self.pages:
            page = Page(self.page(path).text)
            self.assertEqual(page.images_without_alt, 0)
            for url in page.links | page.loads:
                self.assertTrue(url.startswith("/") and not url.startswith("//"), (path, url))
            seen |= page.links | page.loads
        self.assertGreater(len(seen), 30)
        for url in sorted(seen):
            self.assertIn(self.cutoutd.get(url).code, (200, 204), url)

    def test_the_headers_let_nothing_in(self):
        for path in self.pages:
            headers = self.page(path).headers
            policy = headers["Content-Security-Policy"]
            for rule in ("default-src 'none'", "style-src 'self'", "img-src 'self'",
                         "form-action 'self'", "base-uri 'none'", "frame-ancestors 'self'"):
                self.assertIn(rule, policy)
            self.assertNotIn("unsafe", policy)
            self.assertEqual(headers["X-Content-Type-Options"], "nosniff")
            self.assertEqual(headers["Referrer-Policy"], "no-referrer")

    def test_a_page_that_has_not_changed_is_not_sent_again(self):
        for path in self.pages:
            first = self.page(path)
            again = self.cutoutd.get(path, headers={"If-None-Match": first.headers["ETag"]})
            self.assertEqual((again.code, again.body), (304, b""))
            packed = self.cutoutd.get(path, headers={"Accept-Encoding": "gzip"})
            self.assertEqual(packed.headers["Content-Encoding"], "gzip")
            self.assertEqual(gzip.decompress(packed.body), first.body)
            self.assertLess(len(packed.body), 20000, path)

    def test_the_style_is_kept_for_ever_and_packed(self):
        url = next(iter(load for load in Page(self.page("/").text).loads if "/assets/" in load))
        plain, packed = self.cutoutd.get(url), self.cutoutd.get(url, headers={"Accept-Encoding": "gzip"})
        self.assertEqual(gzip.decompress(packed.body), plain.body)
        self.assertIn("immutable", plain.headers["Cache-Control"])
        self.assertLess(len(packed.body), 3000)
        self.assertEqual(self.cutoutd.get("/assets/page.css").code, 404)

    @unittest.skipUnless(shutil.which("xmllint"), "no xmllint")
    def test_xmllint_finds_no_fault(self):
        for path in self.pages:
            done = subprocess.run(["xmllint", "--html", "--noout", "--nonet", "-"],
                                  input=self.page(path).body, capture_output=True)
            faults = [line for line in done.stderr.decode().splitlines() if " error " in line
                      and not any(f"Tag {name} invalid" in line for name in NEW)]
            self.assertEqual(faults, [], path)

    def cut(self, snippets):
        """The document that curl's lines fetch."""
        subprocess.run(["sh", "-ec", snippets["curl"]], cwd=self.folder, check=True, capture_output=True)
        return (self.folder / "cutout.vot").read_bytes()

    @unittest.skipUnless(shutil.which("curl"), "no curl")
    def test_the_lines_for_curl_fetch_a_cut_out(self):
        for path in self.pages:
            snippets = Page(self.page(path).text).snippets
            by_location = urllib.parse.urlsplit(snippets["location"])
            answer = self.cutoutd.get(f"{by_location.path}?{by_location.query}")
            self.assertEqual(self.cut(snippets), answer.body)
            self.assertIn(b"<VOTABLE", answer.body)

    def test_the_lines_for_pyvo_print_the_same_cut_out(self):
        for path in (self.pages[0], self.pages[1], self.pages[-1]):
            lines = Page(self.page(path).text).snippets["pyvo"]
            done = subprocess.run([sys.executable, "-W", "ignore", "-c", lines],
                                  capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertRegex(done.stdout, r"Length = \d+ rows")

    def test_the_lines_for_a_search_print_what_is_there(self):
        lines = Page(self.page(self.pages[1]).text).snippets["search"]
        done = subprocess.run([sys.executable, "-W", "ignore", "-c", lines],
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"(?s)spectral.*flux")

    @unittest.skipUnless(shutil.which("stilts"), "no stilts")
    def test_the_lines_for_stilts_draw_a_plot(self):
        lines = Page(self.page(self.pages[-1]).text).snippets["stilts"]
        subprocess.run(["sh", "-ec", lines], cwd=self.folder, check=True, capture_output=True)
        self.assertEqual((self.folder / "cutout.png").read_bytes()[:4], b"\x89PNG")

    def test_a_search_leads_to_the_spectrum(self):
        path = self.paths[0]
        answer = self.cutoutd.get("/lamost5", ID=path.split("/")[-1])
        if answer.code == 303:  # a bare name of several spectra leads nowhere
            self.assertIn(path.split("/")[-1], answer.headers["Location"])
        self.assertEqual(self.cutoutd.get("/lamost5", ID=path).headers["Location"],
                         f"/lamost5/spectra/{urllib.parse.quote(path)}")
        self.assertEqual(self.cutoutd.get("/lamost5", ID="nothing/of/that/name").code, 404)

    def test_windows_lead_to_pictures_of_them(self):
        text = self.page(self.pages[-1]).text
        picture = re.search(r'<img src="([^"]*)"', text)[1].replace("&amp;", "&")
        self.assertIn("BAND=510e-9%20520e-9", picture)
        self.assertEqual(self.cutoutd.get(picture).headers["Content-Type"], "image/svg+xml")


if __name__ == "__main__":
    unittest.main()
