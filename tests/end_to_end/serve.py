"""cutoutd serve as its clients and its operator meet it."""
import concurrent.futures
import gzip
import io
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import warnings

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import cutoutd_server as support  # noqa: E402

BAND = "3.92e-7 3.98e-7"
NOT_IN_STEP = "keep_in_step = no"
NO_READ_THROUGH = NOT_IN_STEP + "\nread_through_workers = 0"


def table(document):
    """The samples of a document, as astropy reads them."""
    from astropy.table import Table
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return Table.read(io.BytesIO(document), format="votable")


class WithSpectra(unittest.TestCase):
    """A folder of spectra of all layouts, made once; each test has a folder and a cache of its own."""

    @classmethod
    def setUpClass(cls):
        cls.kept = tempfile.TemporaryDirectory(prefix="cutoutd-spectra-")
        cls.spectra = pathlib.Path(cls.kept.name)
        support.make_fixtures(cls.spectra, 18)
        support.make_fixtures(cls.spectra, 12, "--first", "18", "--gzip")
        cls.low = sorted(path.relative_to(cls.spectra) for path in cls.spectra.rglob("spec-*.fits*"))

    @classmethod
    def tearDownClass(cls):
        cls.kept.cleanup()

    def setUp(self):
        begin = time.monotonic()
        self.addCleanup(lambda: print(f"{time.monotonic() - begin:.1f} s", end=" ", file=sys.stderr))
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="cutoutd-serve-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def service(self, archive=None, **settings):
        cutoutd = support.Cutoutd(self.folder, archive or self.spectra, **settings)
        self.addCleanup(cutoutd.stop)
        return cutoutd

    def own_archive(self, *names):
        """A folder with some of the spectra, for a test that changes it."""
        archive = self.folder / "archive"
        archive.mkdir()
        for name in names:
            support.put(self.spectra / name, archive / name)
        return archive


def stem(path):
    return str(path).removesuffix(".gz").removesuffix(".fits")


class Answers(WithSpectra):
    """With all spectra in the cache."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.own = pathlib.Path(tempfile.mkdtemp(prefix="cutoutd-serve-"))
        cls.cutoutd = support.Cutoutd(cls.own, cls.spectra, collection=NO_READ_THROUGH)
        cls.cutoutd.ingest(code=None)
        cls.cutoutd.start()

    @classmethod
    def tearDownClass(cls):
        cls.cutoutd.stop()
        shutil.rmtree(cls.own)
        super().tearDownClass()

    def test_it_says_that_it_is_well(self):
        self.assertEqual(self.cutoutd.get("/healthz").code, 200)

    def test_a_cut_out_is_the_samples_of_the_whole_within_the_band(self):
        path = stem(self.low[0])
        whole = self.cutoutd.get(f"/lamost5/spectra/{path}.vot")
        cut = self.cutoutd.get("/lamost5/sync", ID=path, BAND=BAND)
        self.assertEqual((whole.code, cut.code), (200, 200))
        whole, cut = table(whole.body), table(cut.body)
        inside = whole[(whole["spectral"] >= 3920) & (whole["spectral"] <= 3980)]
        self.assertEqual(len(cut), 66)
        self.assertEqual(cut.colnames, ["spectral", "flux", "flux_error", "and_mask", "or_mask"])
        for name in cut.colnames:
            self.assertEqual(cut[name].data.tobytes(), inside[name].data.tobytes(), name)

    def test_cut_writes_what_sync_answers(self):
        paths = [row for row in self.cutoutd.rows("select path, spectrum, file from spectra")]
        self.assertGreater(len(paths), 25)
        for number, (path, spectrum, file) in enumerate(paths):
            forms = [((), {}), (("--band", BAND), {"BAND": BAND}),
                     (("--band", "6.5e-7 6.6e-7", "--format", "tabledata"),
                      {"BAND": "6.5e-7 6.6e-7", "RESPONSEFORMAT": "tabledata"}),
                     (("--frame", "rest", "--band", "5e-7 5.1e-7", "--format", "fits"),
                      {"FRAME": "rest", "BAND": "5e-7 5.1e-7", "RESPONSEFORMAT": "fits"}),
                     (("--format", "png"), {"RESPONSEFORMAT": "png"})]
            for extra, params in forms if number % 8 == 0 else forms[:3]:
                answer = self.cutoutd.get("/lamost5/sync", ID=path, **params)
                chosen = ("--spectrum", spectrum) if spectrum else ()
                written = self.cutoutd.run("cut", self.spectra / file, *chosen, *extra,
                                           code=1 if answer.code == 204 else 0)
                self.assertEqual(written, answer.body, (path, extra))

    def test_the_file_is_given_as_it_lies_and_inflated(self):
        packed = next(path for path in self.low if path.suffix == ".gz")
        bytes_ = (self.spectra / packed).read_bytes()
        answer = self.cutoutd.get(f"/lamost5/spectra/{packed}")
        self.assertEqual((answer.code, answer.body), (200, bytes_))
        answer = self.cutoutd.get(f"/lamost5/spectra/{stem(packed)}.fits")
        self.assertEqual((answer.code, answer.body), (200, gzip.decompress(bytes_)))
        answer = self.cutoutd.get(f"/lamost5/spectra/{stem(packed)}.fits",
                                  headers={"Accept-Encoding": "gzip"})
        self.assertEqual((answer.headers["Content-Encoding"], answer.body), ("gzip", bytes_))

    def test_links_lead_to_what_there_is(self):
        answer = self.cutoutd.get("/lamost5/links", ID=stem(self.low[0]))
        self.assertEqual(answer.code, 200)
        for row in table(answer.body):
            url = str(row["access_url"])
            if url.startswith(self.cutoutd.base):
                found = self.cutoutd.get(url.removeprefix(self.cutoutd.base))
                self.assertEqual(found.code, 200, url)

    def test_what_is_wrong_with_a_request_is_said(self):
        path = stem(self.low[0])
        for code, word, method, url, params in (
                (404, "nowhere", "GET", "/lamost5/sync", {"ID": "nowhere/spec-1"}),
                (404, "", "GET", "/lamost5/nowhere", {}),
                (404, "nowhere", "GET", "/nowhere/sync", {"ID": path}),
                (405, "", "PUT", "/lamost5/sync", {"ID": path}),
                (400, "ID", "GET", "/lamost5/sync", {"BAND": BAND}),
                (400, "BAND", "GET", "/lamost5/sync", {"ID": path, "BAND": "3.9e-7"}),
                (400, "BAND", "GET", "/lamost5/sync", {"ID": path, "BAND": "3.98e-7 3.92e-7"}),
                (400, "metres", "GET", "/lamost5/sync", {"ID": path, "BAND": "392 398"})):
            answer = self.cutoutd.get(url, method, **params)
            self.assertEqual(answer.code, code, (url, params))
            if word:
                self.assertTrue(answer.headers["Content-Type"].startswith("text/plain"))
                self.assertIn(word, answer.text)

    def test_no_sample_is_no_content(self):
        answer = self.cutoutd.get("/lamost5/sync", ID=stem(self.low[0]), BAND="1e-7 2e-7")
        self.assertEqual((answer.code, answer.body), (204, b""))

    def test_head_tells_the_length_of_what_get_gives(self):
        for url in (f"/lamost5/spectra/{stem(self.low[0])}.vot", f"/lamost5/spectra/{self.low[0]}"):
            head, get = self.cutoutd.get(url, "HEAD"), self.cutoutd.get(url)
            self.assertEqual(head.body, b"")
            self.assertEqual(int(head.headers["Content-Length"]), len(get.body))


class ReadsThrough(WithSpectra):
    def test_a_file_that_many_ask_for_is_the_same_to_all(self):
        with self.service(collection=NOT_IN_STEP) as cutoutd, \
                concurrent.futures.ThreadPoolExecutor(50) as pool:
            path = stem(self.low[0])
            answers = list(pool.map(lambda _: cutoutd.get("/lamost5/sync", ID=path, BAND=BAND),
                                    range(100)))
            self.assertEqual({answer.code for answer in answers}, {200})
            self.assertEqual(len({answer.body for answer in answers}), 1)
            expected = cutoutd.run("cut", self.spectra / self.low[0], "--band", BAND)
            self.assertEqual(answers[0].body, expected)

    def test_what_is_no_spectrum_is_refused_by_its_reason(self):
        archive = self.own_archive()
        (archive / "noise.fits").write_bytes(b"no FITS at all" * 500)
        with self.service(archive, collection=NOT_IN_STEP) as cutoutd:
            answer = cutoutd.get("/lamost5/sync", ID="noise")
            self.assertTrue(400 <= answer.code < 500, answer.code)
            self.assertIn("noise.fits", answer.text)

    def test_links_and_files_are_there_before_ingest(self):
        with self.service(collection=NOT_IN_STEP) as cutoutd:
            path = stem(self.low[1])
            self.assertEqual(cutoutd.get("/lamost5/links", ID=path).code, 200)
            self.assertEqual(cutoutd.get(f"/lamost5/spectra/{path}.vot").code, 200)
            self.assertEqual(cutoutd.get(f"/lamost5/spectra/{path}.fits").code, 200)

    def test_nothing_outside_of_the_archive_is_read(self):
        archive = self.own_archive(self.low[0])
        shutil.copy(self.spectra / self.low[1], self.folder / "outside.fits")
        (archive / "link.fits").symlink_to(self.folder / "outside.fits")
        with self.service(archive, collection=NOT_IN_STEP) as cutoutd:
            for name in ("../outside", "/etc/passwd", str(self.folder / "outside"), "link", "./../outside"):
                self.assertEqual(cutoutd.get("/lamost5/sync", ID=name).code, 404, name)


class KeepsInStep(WithSpectra):
    def test_serve_alone_fills_its_cache(self):
        with self.service() as cutoutd:
            wanted = len(list(self.spectra.rglob("spec-*.fits*")))
            support.wait_until(lambda: (cutoutd.cache.is_dir() and any(cutoutd.cache.glob("*.shard"))),
                               "a shard is sealed")
            count = "select count(distinct file) from spectra where survey = 'LRS'"
            support.wait_until(lambda: cutoutd.rows(count) == [(wanted,)], "all files are in the catalogue")

    def test_a_hangup_brings_what_is_new(self):
        archive = self.own_archive(self.low[0])
        with self.service(archive, collection="check_interval = 0") as cutoutd:
            support.wait_until(lambda: any(cutoutd.cache.glob("*.shard")), "the first ingest has ended")
            support.put(self.spectra / self.low[1], archive / self.low[1])
            cutoutd.process.send_signal(signal.SIGHUP)
            support.wait_until(lambda: len(cutoutd.rows("select * from spectra")) == 2, "the second is there")

    def test_links_that_are_asked_for_often_are_of_the_file_that_is_there(self):
        name, other = [path for path in self.low if path.suffix == ".fits"][:2]
        archive = self.own_archive(name)
        with self.service(archive, collection=NO_READ_THROUGH) as cutoutd:
            seen = {}
            for source in (name, other):
                support.put(self.spectra / source, archive / name)
                cutoutd.ingest()
                support.wait_until(lambda: cutoutd.get("/lamost5/sync", ID=stem(name)).code == 200,
                                   "the new cache is found")
                for id_ in (stem(name), name.stem) * 4:
                    answer = cutoutd.get("/lamost5/links", ID=id_)
                    self.assertEqual({str(row) for row in table(answer.body)["ID"]}, {id_})
                    seen.setdefault((source, id_), set()).add(answer.body)
        self.assertEqual([len(bodies) for bodies in seen.values()], [1] * 4)
        self.assertEqual(len(set.union(*seen.values())), 4)

    def test_every_answer_is_of_the_old_state_or_the_new(self):
        """Files are added, replaced and removed while clients ask without a pause."""
        kept, changing, coming = self.low[0], self.low[1], self.low[2]
        first, second = self.spectra / self.low[1], self.spectra / self.low[3]
        if changing.suffix == ".gz":
            second = self.folder / "second.fits.gz"
            bytes_ = (self.spectra / self.low[3]).read_bytes()
            second.write_bytes(bytes_ if bytes_[:2] == b"\x1f\x8b" else gzip.compress(bytes_))
        archive = self.own_archive(kept, changing)
        cutoutd = self.service(archive, collection="check_interval = 1\nread_through_workers = 1")

        def document(source, name):
            support.put(source, archive / name)
            return cutoutd.run("cut", archive / name, "--band", BAND)

        of_second, of_first = document(second, changing), document(first, changing)
        of_coming = document(self.spectra / coming, coming)
        allowed = {kept: {document(self.spectra / kept, kept)}, changing: {of_first, of_second}, coming: {of_coming}}
        (archive / coming).unlink()
        stopped = []
        seen = {name: set() for name in allowed}

        def ask(name):
            asked = 0
            while not stopped:
                answer = cutoutd.get("/lamost5/sync", ID=stem(name), BAND=BAND)
                asked += 1
                assert not answer.short, name
                if answer.code == 200:
                    assert answer.body in allowed[name], f"{name}: a document of neither state"
                    seen[name].add(answer.body)
                else:
                    assert name == coming and answer.code == 404, (name, answer.code, answer.body)
                    seen[name].add(404)
            return asked

        with cutoutd, concurrent.futures.ThreadPoolExecutor(6) as pool:
            asking = [pool.submit(ask, name) for name in list(allowed) * 2]
            try:
                for _ in range(3):
                    support.put(second, archive / changing)
                    support.put(self.spectra / coming, archive / coming)
                    time.sleep(2.5)
                    support.wait_until(lambda: of_second in seen[changing] and of_coming in seen[coming],
                                       "the new state is seen")
                    support.put(first, archive / changing)
                    (archive / coming).unlink()
                    time.sleep(2.5)
                    support.wait_until(lambda: of_first in seen[changing] and 404 in seen[coming],
                                       "the old state is seen")
            finally:
                stopped.append(True)
            for future in asking:
                self.assertGreater(future.result(), 10)
        self.assertEqual(cutoutd.run("verify", "--quiet", "lamost5", code=None).count(b"differs"), 0)


class Ends(WithSpectra):
    def test_an_answer_under_way_is_finished(self):
        cutoutd = self.service(collection=NO_READ_THROUGH)
        cutoutd.ingest(code=None)
        cutoutd.start()
        url = f"/lamost5/spectra/{stem(self.low[0])}.vot"
        whole = cutoutd.get(url).body
        with socket.create_connection(("127.0.0.1", cutoutd.port), support.SECONDS) as slow:
            # More than all socket buffers hold, so that an answer is half sent when the end is near.
            slow.sendall(f"GET {url} HTTP/1.1\r\nHost: x\r\n\r\n".encode() * 300)
            received = slow.recv(1024)
            cutoutd.process.send_signal(signal.SIGTERM)
            time.sleep(0.5)
            while piece := slow.recv(1 << 20):
                received += piece
        cutoutd.stop(None)
        answers = received.split(b"HTTP/1.1 200 OK\r\n")[1:]
        self.assertLess(len(answers), 300, "the test did not fill the buffers")
        self.assertGreater(len(answers), 0)
        for answer in answers:
            self.assertEqual(answer.partition(b"\r\n\r\n")[2], whole)

    def test_it_ends_at_once_when_nobody_waits(self):
        cutoutd = self.service(collection=NO_READ_THROUGH).start()
        cutoutd.get("/healthz")
        before = time.monotonic()
        cutoutd.stop()
        self.assertLess(time.monotonic() - before, 3)
        with self.assertRaises(OSError):
            cutoutd.get("/healthz")

    def test_an_open_connection_that_asks_nothing_does_not_hold_it(self):
        cutoutd = self.service(collection=NO_READ_THROUGH).start()
        with socket.create_connection(("127.0.0.1", cutoutd.port)):
            time.sleep(0.2)
            before = time.monotonic()
            cutoutd.stop()
            self.assertLess(time.monotonic() - before, 3)

    def test_nothing_that_it_started_is_left(self):
        cutoutd = self.service().start()
        cutoutd.get("/lamost5/sync", ID=stem(self.low[0]), BAND=BAND)
        cutoutd.stop()

        def left():
            found = []
            for process in pathlib.Path("/proc").glob("[0-9]*"):
                try:
                    words = (process / "cmdline").read_bytes().split(b"\0")
                    folder = os.readlink(process / "fd/3") if b"worker" in words else ""
                except OSError:
                    continue
                if str(cutoutd.conf).encode() in words or folder == str(self.spectra):
                    found.append(words)
            return found

        support.wait_until(lambda: not left(), "its processes have ended", 10)


class Commands(WithSpectra):
    def call(self, *arguments):
        done = subprocess.run([support.PROGRAM, *map(str, arguments)], capture_output=True, text=True)
        return done.returncode, done.stdout, done.stderr

    def test_a_configuration_is_checked(self):
        cutoutd = self.service()
        code, out, _ = self.call("check-config", "-c", cutoutd.conf)
        self.assertEqual(code, 0)
        self.assertIn(str(self.spectra), out)
        for line, wrong in (("colour = blue", "unknown setting colour"),
                            ("check_interval = often", "often is not a number of seconds")):
            bad = self.folder / "bad.conf"
            bad.write_text(f"[collection lamost5]\narchive = {self.spectra}\n{line}\n")
            for command in ("check-config", "serve"):
                code, _, err = self.call(command, "-c", bad)
                self.assertEqual(code, 2, err)
                self.assertIn(f"{bad}:3: ", err)
                self.assertIn(wrong, err)
        bad.write_text("[collection lamost5]\narchive = /no/such/folder\n")
        self.assertEqual(self.call("check-config", "-c", bad)[0], 1)

    def test_help_and_version_are_there(self):
        self.assertEqual(self.call("--version")[0], 0)
        for command in ("serve", "ingest", "verify", "cut", "copy", "check-config"):
            code, out, _ = self.call(command, "--help")
            self.assertEqual(code, 0)
            self.assertIn(f"cutoutd {command}", out)
        self.assertEqual(self.call("dance")[0], 64)

    def test_the_exit_status_of_ingest_tells_how_it_went(self):
        archive = self.own_archive(self.low[0])
        cutoutd = self.service(archive)
        cutoutd.ingest(code=0)
        (archive / "noise.fits").write_bytes(b"no FITS at all" * 500)
        self.assertIn("refused noise.fits: ", cutoutd.ingest(code=1))
        archive.rename(self.folder / "away")
        cutoutd.ingest(code=2)

    def test_cut_lists_the_spectra_of_a_file_with_several(self):
        several = next(self.spectra.rglob("med-*.fits*"))
        code, out, err = self.call("cut", several, "--band", "6.5e-7 6.6e-7")
        self.assertEqual((code, out), (2, ""))
        self.assertIn(" B ", err)
        code, out, err = self.call("cut", several, "--spectrum", "C")
        self.assertEqual(code, 2)
        self.assertIn("C", err)

    def test_cut_says_what_is_wrong(self):
        for arguments, word in ((("/no/such.fits",), "/no/such.fits"),
                                ((__file__,), "serve.py"),
                                ((self.spectra / self.low[0], "--band", "1"), "BAND"),
                                ((self.spectra / self.low[0], "--format", "gif"), "gif"),
                                ((self.spectra / self.low[0], "--frame", "moon"), "moon")):
            code, out, err = self.call("cut", *arguments)
            self.assertEqual((code, out), (2, ""), arguments)
            self.assertIn(word, err)

    def test_two_servers_do_not_share_a_port(self):
        with self.service(collection=NO_READ_THROUGH) as cutoutd:
            code, _, err = self.call("serve", "-c", cutoutd.conf)
            self.assertEqual(code, 2)
            self.assertIn(str(cutoutd.port), err)


if __name__ == "__main__":
    unittest.main(verbosity=2)
