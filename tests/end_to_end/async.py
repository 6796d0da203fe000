"""SODA in the background, {collection}/async, as UWS 1.1 has it: over HTTP, with a real server."""
import contextlib
import io
import itertools
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.parse
import warnings
import xml.etree.ElementTree as ElementTree

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import cutoutd_server as support  # noqa: E402

BAND, NOWHERE = "3.92e-7 3.98e-7", "1e-9 2e-9"
UWS = "{http://www.ivoa.net/xml/UWS/v1.0}"
HREF = "{http://www.w3.org/1999/xlink}href"
SCHEMAS = os.environ.get("CUTOUTD_SCHEMA_DIR")
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
ID = re.compile("[0-9a-f]{32}")


def validate(document):
    if not SCHEMAS:
        return
    done = subprocess.run(["xmllint", "--nonet", "--noout", "--schema", f"{SCHEMAS}/all.xsd", "-"],
                          input=document, capture_output=True,
                          env={**os.environ, "XML_CATALOG_FILES": f"{SCHEMAS}/catalog.xml"})
    assert done.returncode == 0, done.stderr.decode()


class Job:
    """One job of a server."""

    def __init__(self, cutoutd, params=(), **more):
        self.cutoutd = cutoutd
        answer = post(cutoutd, "/lamost5/async", [*params, *more.items()])
        assert answer.code == 303, (answer.code, answer.text)
        self.url = answer.headers["Location"]
        self.path = self.url.removeprefix(cutoutd.base)
        self.id = self.path.rpartition("/")[2]
        assert self.path == f"/lamost5/async/{self.id}" and ID.fullmatch(self.id), self.url

    def get(self, beneath="", **params):
        return self.cutoutd.get(self.path + beneath, **params)

    def post(self, beneath="", *params, **more):
        return post(self.cutoutd, self.path + beneath, [*params, *more.items()])

    @property
    def phase(self):
        return self.get("/phase").text

    def document(self, **params):
        answer = self.get(**params)
        assert answer.code == 200 and answer.headers["Content-Type"] == "text/xml", answer.text
        validate(answer.body)
        return ElementTree.fromstring(answer.body)

    def until(self, phase):
        """Wait for it as a client does."""
        end = time.monotonic() + support.SECONDS
        while (now := self.phase) != phase:
            assert time.monotonic() < end and now in ("PENDING", "QUEUED", "EXECUTING"), (now, self.get("/error").text)
            self.get("/phase", WAIT="10", PHASE=now)
        return self

    def results(self):
        document = self.document()
        return [(result.get("mime-type"), self.cutoutd.get(result.get(HREF).removeprefix(self.cutoutd.base)))
                for result in document.iter(UWS + "result")]


def post(cutoutd, path, params):
    return cutoutd.get(path, "POST", urllib.parse.urlencode(params), FORM)


def listed(cutoutd, **params):
    answer = cutoutd.get("/lamost5/async?" + urllib.parse.urlencode(params, doseq=True))
    assert answer.code == 200, answer.text
    validate(answer.body)
    return [job.get("id") for job in ElementTree.fromstring(answer.body).iter(UWS + "jobref")]


class WithServer(unittest.TestCase):
    server = ""

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="cutoutd-async-"))
        cls.archive = cls.folder / "archive"
        support.make_fixtures(cls.archive, 8)
        cls.cutoutd = support.Cutoutd(cls.folder, cls.archive, server=cls.server,
                                      collection="keep_in_step = no")
        cls.cutoutd.ingest(code=None)
        cls.ids = [row[0] for row in cls.cutoutd.rows("select path from spectra order by path")]
        cls.cutoutd.start()

    @classmethod
    def tearDownClass(cls):
        cls.cutoutd.stop()
        shutil.rmtree(cls.folder)

    def restart(self, number):
        process = self.cutoutd.process
        if number == signal.SIGKILL:
            process.kill()
            process.wait()
            self.cutoutd.process = None
        else:
            self.cutoutd.stop(number)
        self.cutoutd.start()

    def long_job(self, count=1000):
        """One that takes some seconds: large pictures of windows."""
        bands = [("BAND", f"{4e-7 + i * 1e-11:.6g} 8e-7") for i in range(count // 2)]
        times = [("TIME", "-Inf +Inf"), ("TIME", "-Inf Inf")]  # of which one picture cannot be
        return Job(self.cutoutd, [("ID", self.ids[0]), ("FORMAT", "png"), ("WIDTH", "2000"), *bands, *times],
                   PHASE="RUN")


class Life(WithServer):
    def test_a_job_from_pending_to_deleted(self):
        job = Job(self.cutoutd, ID=self.ids[0], BAND=BAND, RUNID="x" * 63 + "\n" + "y" * 9)
        document = job.document()
        self.assertEqual(document.get("version"), "1.1")
        self.assertEqual([element.tag.removeprefix(UWS) for element in document],
                         ["jobId", "runId", "ownerId", "phase", "quote", "creationTime", "startTime", "endTime",
                          "executionDuration", "destruction", "parameters", "results"])
        self.assertEqual(document.find(UWS + "runId").text, "x" * 63 + " ")
        self.assertRegex(document.find(UWS + "creationTime").text, r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        self.assertEqual(job.phase, "PENDING")
        self.assertEqual(job.get("/error").code, 404)
        self.assertEqual(job.post("/parameters", BAND="6e-7 6.1e-7").headers["Location"], job.url)
        self.assertEqual(job.post("/phase", PHASE="RUN").code, 303)
        job.until("COMPLETED")
        validate(job.get("/parameters").body)
        validate(job.get("/results").body)
        (kind, result), = job.results()
        sync = self.cutoutd.get("/lamost5/sync", ID=self.ids[0], BAND="6e-7 6.1e-7")
        self.assertEqual((result.code, result.body), (200, sync.body))
        self.assertEqual(kind, sync.headers["Content-Type"])
        for name in ("Content-Type", "Content-Disposition"):
            self.assertEqual(result.headers[name], sync.headers[name])
        self.assertEqual(job.post("/parameters", BAND=BAND).code, 403)
        self.assertEqual(job.post("/phase", PHASE="RUN").code, 403)
        self.assertEqual(job.post("/phase", PHASE="ABORT").code, 403)
        self.assertIn(job.id, listed(self.cutoutd))
        answer = job.cutoutd.get(job.path, "DELETE")
        self.assertEqual((answer.code, answer.headers["Location"]), (303, f"{self.cutoutd.base}/lamost5/async"))
        self.assertEqual(job.get().code, 404)
        self.assertNotIn(job.id, listed(self.cutoutd))
        self.assertFalse((self.cutoutd.cache / "jobs" / job.id).exists())

    def test_parameters_come_back_as_given(self):
        given = [("ID", "a&b <c> \"é\" +"), ("BAND", " 1  2 "), ("band", ""), ("X", "ü\t\n")]
        job = Job(self.cutoutd, given)
        found = [(param.get("id"), param.text or "") for param in job.document().iter(UWS + "parameter")]
        self.assertEqual(found, [("ID", given[0][1]), ("BAND", " 1  2 "), ("BAND", ""), ("X", given[3][1])])

    def test_a_job_is_deleted_by_post_while_it_runs(self):
        job = self.long_job().until("EXECUTING")
        self.assertEqual(job.post(ACTION="DELETE").code, 303)
        self.assertEqual(job.get().code, 404)
        support.wait_until(lambda: not (self.cutoutd.cache / "jobs" / job.id).exists(), "its folder is gone")

    def test_a_long_job_is_aborted_and_keeps_its_results_so_far(self):
        job = self.long_job().until("EXECUTING")
        support.wait_until(lambda: "result-3" in job.get("/results").text, "it has results")
        self.assertEqual(job.post("/phase", PHASE="ABORT").headers["Location"], job.url)
        self.assertEqual(job.phase, "ABORTED")
        results = job.results()
        self.assertTrue(3 <= len(results) < 1000)
        self.assertEqual({answer.code for _, answer in results}, {200})

    def test_a_job_over_its_time_is_aborted(self):
        job = self.long_job()
        self.assertEqual(job.post("/executionduration", EXECUTIONDURATION="1").code, 303)
        self.assertEqual(job.get("/executionduration").text, "1")
        support.wait_until(lambda: job.phase == "ABORTED", "it is aborted")

    def test_a_job_goes_when_its_time_has_come(self):
        job = Job(self.cutoutd, ID=self.ids[0])
        latest = job.get("/destruction").text
        self.assertEqual(job.post("/destruction", DESTRUCTION="2999-01-01T00:00:00Z").code, 303)
        self.assertEqual(job.get("/destruction").text, latest)
        soon = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 1))
        job.post("/destruction", DESTRUCTION=soon)
        self.assertEqual(job.get("/destruction").text, soon)
        support.wait_until(lambda: job.get().code == 404, "it is gone")

    def test_wait_ends_with_a_change_of_phase(self):
        job = Job(self.cutoutd, ID=self.ids[0])
        answers = []

        def wait():
            begin = time.monotonic()
            answers.append((job.get(WAIT="50").text, time.monotonic() - begin))

        thread = threading.Thread(target=wait)
        thread.start()
        time.sleep(0.5)
        self.assertEqual(answers, [])
        job.post("/phase", PHASE="RUN")
        thread.join()
        self.assertNotIn("PENDING", answers[0][0])
        self.assertTrue(0.4 < answers[0][1] < 10, answers[0][1])

    def test_wait_ends_with_its_time_or_where_nothing_is_to_wait_for(self):
        job = Job(self.cutoutd, ID=self.ids[0])
        for params, least, most in (({"WAIT": "2"}, 1, 4), ({"WAIT": "0"}, 0, 1),
                                    ({"WAIT": "9", "PHASE": "QUEUED"}, 0, 1), ({}, 0, 1)):
            begin = time.monotonic()
            self.assertEqual(job.document(**params).find(UWS + "phase").text, "PENDING")
            self.assertTrue(least <= time.monotonic() - begin <= most, params)
        job.post("/phase", PHASE="ABORT")
        begin = time.monotonic()
        job.document(WAIT="-1")
        self.assertLess(time.monotonic() - begin, 1)

    def test_the_list_is_filtered(self):
        first, second = Job(self.cutoutd, ID="a"), Job(self.cutoutd, ID="b")
        second.post("/phase", PHASE="ABORT")
        self.assertEqual(listed(self.cutoutd, LAST="1"), [second.id])
        self.assertIn(first.id, listed(self.cutoutd, PHASE=["PENDING", "ABORTED"]))
        self.assertNotIn(first.id, listed(self.cutoutd, PHASE="ABORTED"))
        self.assertIn(second.id, listed(self.cutoutd, PHASE="ABORTED", AFTER="2000-01-01T00:00:00.000Z"))
        self.assertEqual(listed(self.cutoutd, PHASE="ARCHIVED"), [])
        for wrong in ({"PHASE": "no"}, {"LAST": "-1"}, {"AFTER": "x"}):
            self.assertEqual(self.cutoutd.get("/lamost5/async", **wrong).code, 400)

    def test_hostile_identifiers_and_paths_lead_nowhere(self):
        job = Job(self.cutoutd, ID=self.ids[0], PHASE="RUN").until("COMPLETED")
        for path in ("..", "%2e%2e", "../../etc/passwd", "..%2f..%2fcutoutd.conf", job.id[:-1], job.id + "0",
                     job.id.upper() + "x", "lock", "%00", "a" * 5000, f"{job.id}/results/..%2f..%2fjob",
                     f"{job.id}/results/result-1%00", f"{job.id}/results/../job", f"{job.id}/job",
                     f"{job.id}/results/job", f"{job.id}/output", f"{job.id}/../{job.id}/job",
                     f"{job.id}/results/result-1/more"):
            for method in ("GET", "DELETE"):
                answer = self.cutoutd.get("/lamost5/async/" + path, method)
                self.assertIn(answer.code, (400, 404, 405), (method, path))
        self.assertEqual(job.phase, "COMPLETED")
        answer = post(self.cutoutd, "/lamost5/async", [("RUNID", "a\r\nSet-Cookie: b"), ("ID", "\r\nX: y")])
        self.assertNotIn("Set-Cookie", answer.headers)
        self.assertEqual(self.cutoutd.get("/other/async").code, 404)

    def test_pyvo_runs_a_job(self):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pyvo
            from pyvo.dal.tap import AsyncTAPJob
            from pyvo.io import uws
        made = Job(self.cutoutd, ID=self.ids[0], BAND=BAND)
        job = AsyncTAPJob(made.url)
        self.assertEqual(job.phase, "PENDING")
        job.execution_duration = 60
        self.assertEqual(job.execution_duration.sec, 60)
        job.run().wait()
        self.assertEqual((job.phase, len(job.result_uris)), ("COMPLETED", 1))
        self.assertEqual(len(job.fetch_result()), 66)
        self.assertEqual(job.uws_version, "1.1")
        service = pyvo.dal.TAPService(f"{self.cutoutd.base}/lamost5")
        self.assertIn(made.id, [found.jobid for found in service.get_job_list(phases=["COMPLETED"])])
        self.assertEqual(service.get_job(made.id).phase, "COMPLETED")
        job.delete()
        failed = Job(self.cutoutd, BAND=BAND, PHASE="RUN").until("ERROR")
        parsed = uws.parse_job(io.BytesIO(failed.get().body))
        self.assertEqual((parsed.phase, parsed.jobid), ("ERROR", failed.id))


class Combinations(WithServer):
    def test_each_has_the_result_that_sync_answers(self):
        ra, dec = self.cutoutd.rows(f"select raj2000, dej2000 from spectra where path = '{self.ids[0]}'")[0]
        values = {"ID": [self.ids[0], "no/such", self.ids[-1]],
                  "CIRCLE": [f"{ra} {dec} 0.01", "0 -89 0.01"],
                  "BAND": [BAND, NOWHERE, "3.98e-7 3.92e-7", "5e-7 Inf"],
                  "TIME": ["-Inf +Inf", "0 1"]}
        given = [(name, value) for name in ("TIME", "BAND", "CIRCLE", "ID") for value in values[name]]
        job = Job(self.cutoutd, given, RESPONSEFORMAT="csv", PHASE="RUN").until("COMPLETED")
        results, codes = job.results(), set()
        combinations = list(itertools.product(*values.values()))
        self.assertEqual(len(results), len(combinations))
        for combination, (kind, result) in zip(combinations, results):
            sync = self.cutoutd.get("/lamost5/sync", RESPONSEFORMAT="csv", **dict(zip(values, combination)))
            codes.add(sync.code)
            self.assertEqual(kind, result.headers["Content-Type"], combination)
            if sync.code == 204:
                self.assertTrue(result.text.startswith("Error: "), combination)
            else:
                self.assertEqual(result.body, sync.body, combination)
                self.assertEqual(kind, sync.headers["Content-Type"], combination)
        self.assertEqual(codes, {200, 204, 400, 404})

    def test_what_is_not_in_the_cache_is_read_from_its_file(self):
        with tempfile.TemporaryDirectory(prefix="cutoutd-async-") as folder, \
                support.Cutoutd(folder, self.archive, collection="keep_in_step = no") as cutoutd:
            job = Job(cutoutd, [("ID", name) for name in self.ids], BAND=BAND, PHASE="RUN").until("COMPLETED")
            for name, (_, result) in zip(self.ids, job.results()):
                sync = self.cutoutd.get("/lamost5/sync", ID=name, BAND=BAND)
                if sync.code == 200:
                    self.assertEqual(result.body.replace(cutoutd.base.encode(), b""),
                                     sync.body.replace(self.cutoutd.base.encode(), b""), name)

    def test_pyvo_sees_async_where_it_looks_for_it(self):
        capabilities = self.cutoutd.get("/lamost5/capabilities")
        if capabilities.code == 200:
            self.assertIn(b"ivo://ivoa.net/std/SODA#async-1.0", capabilities.body)
            self.assertIn(f"{self.cutoutd.base}/lamost5/async<".encode(), capabilities.body)


class Restarts(WithServer):
    def test_results_are_there_afterwards_and_what_ran_runs_again(self):
        done = Job(self.cutoutd, ID=self.ids[0], BAND=BAND, PHASE="RUN").until("COMPLETED")
        before = done.results()[0][1].body
        pending = Job(self.cutoutd, ID=self.ids[0])
        for number in (signal.SIGTERM, signal.SIGKILL):
            running = self.long_job(200).until("EXECUTING")
            support.wait_until(lambda: "result-2" in running.get("/results").text, "it has results")
            self.restart(number)
            self.assertEqual(done.results()[0][1].body, before)
            self.assertEqual(pending.phase, "PENDING")
            running.until("COMPLETED")
            self.assertEqual(len(running.results()), 200)

    def test_who_waits_does_not_hold_the_end(self):
        job = Job(self.cutoutd, ID=self.ids[0])
        answers = []
        thread = threading.Thread(target=lambda: answers.append(job.get(WAIT="-1")))
        thread.start()
        time.sleep(0.5)
        begin = time.monotonic()
        self.restart(signal.SIGTERM)
        thread.join()
        self.assertEqual(answers[0].code, 200)
        self.assertLess(time.monotonic() - begin, 5)

    def test_a_second_server_leaves_the_jobs_of_the_first_alone(self):
        job = Job(self.cutoutd, ID=self.ids[0])
        with tempfile.TemporaryDirectory(prefix="cutoutd-async-") as folder:
            second = support.Cutoutd(folder, self.archive, collection="keep_in_step = no")
            second.conf.write_text(second.conf.read_text().replace(str(second.cache), str(self.cutoutd.cache)))
            with second:
                self.assertEqual(second.get("/lamost5/async").code, 503)
                self.assertEqual(second.get("/lamost5/sync", ID=self.ids[0]).code, 200)
        self.assertEqual(job.phase, "PENDING")


class Limits(WithServer):
    server = ("[jobs]\nfolder = elsewhere\nmax_jobs = 3\nmax_results = 5\nmax_job_size = 200k\nmax_size = 250k\n"
              "run_time = 30\nkeep_time = 60\nlisted = no")

    def setUp(self):
        self.made = []

    def tearDown(self):
        for job in self.made:
            job.post(ACTION="DELETE")

    def job(self, params=(), **more):
        self.made.append(Job(self.cutoutd, params, **more))
        return self.made[-1]

    def test_jobs_are_counted(self):
        for _ in range(3):
            self.job(ID="a")
        answer = post(self.cutoutd, "/lamost5/async", [("ID", "a")])
        self.assertEqual(answer.code, 503)
        self.assertIn("3 jobs", answer.text)
        self.made.pop().post(ACTION="DELETE")
        self.job(ID="a")
        self.assertEqual(listed(self.cutoutd), [])
        self.assertTrue((self.folder / "elsewhere").is_dir())

    def test_results_are_counted(self):
        job = self.job([("ID", self.ids[0])] * 6, PHASE="RUN").until("ERROR")
        self.assertIn("5 combinations", job.get("/error").text)

    def test_bytes_are_counted(self):
        whole = len(self.cutoutd.get("/lamost5/sync", ID=self.ids[0], FORMAT="votable").body)
        self.assertTrue(102400 < whole < 128000, whole)
        job = self.job([("ID", self.ids[0])] * 2, PHASE="RUN").until("ERROR")
        self.assertIn("204800 bytes", job.get("/error").text)
        self.assertEqual(len(job.results()), 1)
        self.assertIn('type="fatal"', job.get().text)
        job = self.job(ID=self.ids[0], PHASE="RUN").until("COMPLETED")
        job = self.job(ID=self.ids[0], PHASE="RUN").until("ERROR")
        self.assertIn('type="transient"', job.get().text)
        for made in self.made:
            made.post(ACTION="DELETE")
        self.made = []
        self.job(ID=self.ids[0], PHASE="RUN").until("COMPLETED")

    def test_times_are_shortened(self):
        job = self.job(ID="a", EXECUTIONDURATION="0")
        self.assertEqual(job.get("/executionduration").text, "30")
        job.post("/executionduration", EXECUTIONDURATION="999")
        self.assertEqual(job.get("/executionduration").text, "30")

    def test_parameters_are_limited(self):
        answer = post(self.cutoutd, "/lamost5/async", [("ID", "a" * 300000)])
        self.assertEqual(answer.code, 413)
        self.assertIn("262144", answer.text)


if __name__ == "__main__":
    unittest.main(verbosity=2)
