"""STILTS and xmllint look at what the server says: links of every kind, spectra, capabilities.

Debian's datalinklint knows the vocabulary of DataLink 1.0 only; terms that came later are excepted by name.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import urllib.parse
import xml.etree.ElementTree as tree

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import cutoutd_server as support  # noqa: E402

# Terms of https://www.ivoa.net/rdf/datalink/core that are newer than STILTS 3.4.7.
NEWER_TERMS = ["coderived", "documentation"]
SCHEMAS = os.environ.get("CUTOUTD_SCHEMA_DIR")
COLUMNS = ["ID", "access_url", "service_def", "error_message", "description", "semantics", "content_type",
           "content_length", "content_qualifier", "local_semantics", "link_auth", "link_authorized"]
XHTML = "{http://www.w3.org/1999/xhtml}"


def run(*command, **more):
    return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, timeout=support.SECONDS * 3, **more)


def complaints(output):
    """What datalinklint found, without notes and without what it cannot know."""
    newer = re.compile(r"-SMCO-?\d*:? .*(" + "|".join(NEWER_TERMS) + ")")
    return [line for line in output.splitlines()
            if re.match(r"\s*(E|W|F)-", line) and not newer.search(line)]


class Lint(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="cutoutd-lint-"))
        cls.archive = cls.folder / "spectra"
        support.make_fixtures(cls.archive, 24)
        cls.cutoutd = support.Cutoutd(
            cls.folder, cls.archive, server="max_ids = 5",
            collection="keep_in_step = no\ndocumentation_url = https://www.lamost.org/dr5/doc\ntitle = A & <B>")
        cls.cutoutd.ingest(code=None)
        rows = cls.cutoutd.rows("select path, spectrum from spectra order by path")
        cls.low = [path for path, spectrum in rows if not spectrum]
        cls.medium = [path for path, spectrum in rows if spectrum]
        cls.cutoutd.start()

    @classmethod
    def tearDownClass(cls):
        cls.cutoutd.stop()
        shutil.rmtree(cls.folder)

    def url(self, path, ids=(), **params):
        pairs = [("ID", id_) for id_ in ids] + list(params.items())
        return f"{self.cutoutd.base}/lamost5/{path}" + ("?" + urllib.parse.urlencode(pairs) if pairs else "")

    def kinds_of_links(self):
        did = f"ivo://test.example/~?lamost5/{self.low[0]}"
        return {
            "none": self.url("links"),
            "one": self.url("links", self.low[:1]),
            "by DID": self.url("links", [did]),
            "medium resolution": self.url("links", self.medium[:1]),
            "unknown": self.url("links", ["nowhere/spec-1", "a & <b> \"c\""]),
            "mixed": self.url("links", [self.low[0], "nowhere", self.medium[0], did]),
            "too many": self.url("links", self.low[:8]),
        }

    # ---- links ----

    def test_datalinklint_finds_nothing_in_links(self):
        for kind, url in self.kinds_of_links().items():
            result = run("stilts", "-batch", "datalinklint", "maxrepeat=1000", f"votable={url}")
            self.assertIn("Total", result.stdout, (kind, result.stdout))
            self.assertEqual(complaints(result.stdout), [], kind)

    def test_datalinklint_is_able_to_find_something(self):
        """The same filter sees a document that is wrong."""
        document = self.cutoutd.get("/lamost5/links", ID=self.low[0]).text
        wrong = self.folder / "wrong.vot"
        for old, new in (("<TD>soda</TD>", "<TD>none</TD>"), ("#progenitor", "#progenitors"),
                         ('name="access_url"', 'name="url"')):
            self.assertIn(old, document)
            wrong.write_text(document.replace(old, new))
            result = run("stilts", "-batch", "datalinklint", "maxrepeat=1000", f"votable={wrong}")
            self.assertNotEqual(complaints(result.stdout), [], old)

    def test_votlint_finds_nothing_in_documents(self):
        urls = self.kinds_of_links()
        urls["error"] = self.url("links", RESPONSEFORMAT="csv")
        for form in ("votable", "tabledata"):
            for path in self.low[0], self.medium[0]:
                urls[form, path] = self.url("sync", [path], RESPONSEFORMAT=form)
        for kind, url in urls.items():
            target = self.folder / "document.vot"
            target.write_bytes(self.cutoutd.get(url.removeprefix(self.cutoutd.base)).body)
            result = run("stilts", "-batch", "votlint", f"votable={target}")
            self.assertEqual((result.returncode, result.stdout.strip()), (0, ""), kind)

    def test_every_link_leads_to_what_it_says(self):
        ids = [self.low[0], self.medium[0]]
        for row in self.rows(self.url("links", ids)):
            url = row["access_url"]
            if not url or not url.startswith(self.cutoutd.base):
                continue
            answer = self.cutoutd.get(url.removeprefix(self.cutoutd.base))
            self.assertEqual(answer.code, 200, url)
            self.assertEqual(answer.headers["Content-Type"].split(";")[0], row["content_type"], url)
            if row["content_length"]:
                self.assertEqual(int(row["content_length"]), len(answer.body), url)

    def rows(self, url):
        document = tree.fromstring(self.cutoutd.get(url.removeprefix(self.cutoutd.base)).body)
        space = "{http://www.ivoa.net/xml/VOTable/v1.3}"
        names = [field.get("name") for field in document.iter(space + "FIELD")]
        self.assertEqual(names, COLUMNS)
        return [dict(zip(names, [cell.text for cell in row])) for row in document.iter(space + "TR")]

    def test_each_id_has_what_belongs_to_it(self):
        ids = [self.low[0], "nowhere", self.medium[0]]
        found = {}
        for row in self.rows(self.url("links", ids)):
            found.setdefault(row["ID"], []).append(row["semantics"])
            filled = [name for name in ("access_url", "service_def", "error_message") if row[name]]
            self.assertEqual(len(filled), 1, row)
        usual = ["#this", "#progenitor", "#preview", "#preview-plot", "#documentation", "#cutout"]
        siblings = [path for path in self.medium
                    if path.rpartition("/")[0] == self.medium[0].rpartition("/")[0]]
        self.assertEqual(list(found), ids)
        self.assertEqual(found[ids[0]], usual)
        self.assertEqual(found[ids[1]], ["#this"])
        self.assertEqual(found[ids[2]], usual[:4] + ["#coderived"] * (len(siblings) - 1) + usual[4:])

    def test_megabytes_of_ids_are_answered_as_far_as_the_limit_goes(self):
        body = "&".join(urllib.parse.urlencode({"ID": f"nowhere/{number:060d}"}) for number in range(40000))
        self.assertGreater(len(body), 2 << 20)
        answer = self.cutoutd.get("/lamost5/links", "POST", "ID=" + self.low[0] + "&" + body,
                                  {"Content-Type": "application/x-www-form-urlencoded"})
        self.assertEqual(answer.code, 200)
        self.assertEqual(answer.text.count("NotFoundFault"), 4)
        self.assertIn('value="OVERFLOW"', answer.text)

    # ---- VOSI and examples ----

    def validate(self, name):
        if not SCHEMAS:
            self.skipTest("CUTOUTD_SCHEMA_DIR is not set")
        target = self.folder / f"{name}.xml"
        target.write_bytes(self.cutoutd.get(f"/lamost5/{name}").body)
        return target, run("xmllint", "--nonet", "--noout", "--schema", f"{SCHEMAS}/all.xsd", str(target),
                           env={**os.environ, "XML_CATALOG_FILES": f"{SCHEMAS}/catalog.xml"})

    def test_capabilities_and_availability_validate(self):
        for name in ("capabilities", "availability"):
            _, result = self.validate(name)
            self.assertEqual(result.returncode, 0, result.stdout)

    def test_links_and_errors_validate(self):
        for query in ("links", "links?ID=nowhere", "links?RESPONSEFORMAT=csv",
                      "links?" + urllib.parse.urlencode({"ID": self.medium[0]})):
            _, result = self.validate(query)
            self.assertEqual(result.returncode, 0, result.stdout)

    def test_capabilities_name_what_there_is(self):
        document = tree.fromstring(self.cutoutd.get("/lamost5/capabilities").body)
        found = {row.get("standardID"): row.find("interface/accessURL").text for row in document}
        base = f"{self.cutoutd.base}/lamost5/"
        for standard, name in (("ivo://ivoa.net/std/VOSI#capabilities", "capabilities"),
                               ("ivo://ivoa.net/std/VOSI#availability", "availability"),
                               ("ivo://ivoa.net/std/DALI#examples", "examples"),
                               ("ivo://ivoa.net/std/DataLink#links-1.1", "links"),
                               ("ivo://ivoa.net/std/SODA#sync-1.0", "sync")):
            self.assertEqual(found[standard], base + name)
        for standard, url in found.items():
            path = url.removeprefix(self.cutoutd.base).rstrip("?")
            self.assertNotEqual(self.cutoutd.get(path).code, 404, standard)

    def test_availability_says_since_when(self):
        text = self.cutoutd.get("/lamost5/availability").text
        self.assertIn("<vosi:available>true</vosi:available>", text)
        self.assertRegex(text, r"<vosi:upSince>20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ</vosi:upSince>")

    def test_examples_work_here(self):
        answer = self.cutoutd.get("/lamost5/examples")
        self.assertEqual(answer.code, 200)
        document = tree.fromstring(answer.body)
        vocabularies = [element for element in document.iter() if element.get("vocab")]
        self.assertEqual([element.get("vocab") for element in vocabularies],
                         ["http://www.ivoa.net/rdf/examples#"])
        examples = [element for element in vocabularies[0].iter() if element.get("typeof") == "example"]
        self.assertGreaterEqual(len(examples), 2)
        for example in examples:
            self.assertEqual(example.get("resource"), "#" + example.get("id"))
            self.assertEqual(len([e for e in example.iter() if e.get("property") == "name"]), 1)
            pairs = {}
            for pair in example.iter():
                if pair.get("typeof") == "keyval":
                    self.assertEqual(pair.get("property"), "generic-parameter")
                    key, value = (next(e.text for e in pair.iter() if e.get("property") == name)
                                  for name in ("key", "value"))
                    pairs[key] = value
            url = next(example.iter(XHTML + "a")).get("href")
            asked = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query))
            self.assertEqual(asked, pairs)
            self.assertEqual(self.cutoutd.get(url.removeprefix(self.cutoutd.base)).code, 200, url)

    def test_another_collection_has_none_of_it(self):
        for name in ("capabilities", "availability", "examples", "links"):
            self.assertEqual(self.cutoutd.get(f"/nowhere/{name}").code, 404, name)


if __name__ == "__main__":
    if not shutil.which("stilts"):
        support.skip("there is no stilts")
    unittest.main(verbosity=2)
