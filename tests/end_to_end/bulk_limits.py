"""Many cut-outs by one request, where something is too much, too slow, broken off or changed meanwhile."""
import contextlib
import csv
import hashlib
import http.client
import io
import itertools
import os
import pathlib
import shutil
import socket
import sys
import tempfile
import threading
import time
import unittest
import urllib.parse

import numpy
from astropy.io.votable import parse

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import cutoutd_server as support  # noqa: E402
from bulk_request import BOUNDARY, MULTIPART, counted, fits_columns, multipart, upload  # noqa: E402

BAND = "3.92e-7 3.98e-7"
PATH = "/lamost5/sync"
MB = 1 << 20

# A sanitizer keeps what was freed, and is slow.
IS_SANITIZED = any(word in pathlib.Path(support.PROGRAM).read_bytes() for word in (b"__asan_init", b"__tsan_init"))
MANY_IDS = 5000 if IS_SANITIZED else 1000000


class Watch:
    """The server's own memory: what it maps is the kernel's cache."""

    def __init__(self, pid):
        self.pid = pid

    def memory(self):
        for line in pathlib.Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("RssAnon"):
                return int(line.split()[1]) * 1024

    def files(self):
        """Connections and files without a name; those of the cache are opened when a thread first wants them."""
        count = 0
        for file in pathlib.Path(f"/proc/{self.pid}/fd").iterdir():
            with contextlib.suppress(FileNotFoundError):
                link = os.readlink(file)
                count += link.startswith("socket:") or link.endswith("(deleted)")
        return count

    def most_during(self, work):
        """What work() returns, and the most memory seen meanwhile."""
        seen, is_over = [self.memory()], threading.Event()

        def look():
            while not is_over.wait(0.02):
                seen.append(self.memory())
        watcher = threading.Thread(target=look)
        watcher.start()
        try:
            return work(), max(seen)
        finally:
            is_over.set()
            watcher.join()


def did_of(path):
    return "ivo://test.example/~?lamost5/" + urllib.parse.quote(path, safe="-._~/+")


def head_of(length):
    return (f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Type: {MULTIPART['Content-Type']}\r\n"
            f"Content-Length: {length}\r\n\r\n").encode()


class BulkLimits(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pristine = pathlib.Path(tempfile.mkdtemp(prefix="cutoutd-bulk-"))
        cls.addClassCleanup(shutil.rmtree, cls.pristine)
        support.make_fixtures(cls.pristine / "archive", 24, "--layouts", "C")
        cls.serving(cls.pristine).ingest()
        with (cls.pristine / "archive/manifest.tsv").open() as manifest:  # those of one length: arrays lie in the rows
            cls.dids = [did_of(row["path"].removesuffix(".fits")) for row in csv.DictReader(manifest, delimiter="\t")
                        if row["n"] == "3909"]
        assert len(cls.dids) > 8
        # Whole spectra of these do not fit into the buffers of sockets: 78 kB each.
        cls.long_list = list(itertools.islice(itertools.cycle(cls.dids[:-1]), 300))

    @staticmethod
    def serving(folder):
        return support.Cutoutd(folder, folder / "archive", "max_upload = 64M\nmax_body = 1M\n",
                               "keep_in_step = no\nshard_size = 1M\n")

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="cutoutd-bulk-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.archive = self.folder / "archive"
        shutil.copytree(self.pristine / "archive", self.archive)
        shutil.copytree(self.pristine / "cache", self.folder / "cache")
        self.server = self.serving(self.folder)
        self.start()

    def start(self):
        self.server.start()
        self.addCleanup(self.server.stop)
        self.watch = Watch(self.server.process.pid)

    def restart(self):
        self.server.stop()
        self.start()

    def ask(self, ids, fields=(("BAND", BAND), ("RESPONSEFORMAT", "fits"))):
        return upload(self.server, fields, {"IDS": "\n".join(ids).encode()})

    def open_answer(self, ids, fields):
        """A socket that takes little at a time, and its answer, of which only the head was read."""
        body = multipart(fields, {"IDS": "\n".join(ids).encode()})
        slow = socket.socket()
        self.addCleanup(slow.close)
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 * 1024)
        slow.settimeout(support.SECONDS)
        slow.connect(("127.0.0.1", self.server.port))
        slow.sendall(head_of(len(body)) + body)
        answer = http.client.HTTPResponse(slow)
        self.addCleanup(answer.close)
        answer.begin()
        self.assertEqual(answer.status, 200)
        return slow, answer

    # ---- many ----

    def ask_half_unknown(self, count):
        names = itertools.cycle(did.split("/", 4)[4] for did in self.dids)
        lines = "".join(f"{next(names)}\nnothing-{i}\n" for i in range(count // 2))
        answer = upload(self.server, [("COLUMNS", "status n"), ("BAND", BAND), ("RESPONSEFORMAT", "fits")],
                        {"IDS": lines.encode()})
        self.assertEqual(answer.code, 200, answer.body[:200])
        self.assertEqual(int(answer.headers["Content-Length"]), len(answer.body))
        columns, ledger = fits_columns(answer.body)
        status = columns["status"]
        self.assertTrue((status[::2] == "ok").all() and (status[1::2] == "unknown").all())
        self.assertTrue((columns["n"][::2] == 66).all() and (columns["n"][1::2] == 0).all())
        self.assertEqual(ledger, {"requested": count, "ok": count // 2, "empty": 0, "unknown": count // 2,
                                  "damaged": 0})

    def test_a_million_ids_of_which_half_are_unknown(self):
        _, few = self.watch.most_during(lambda: self.ask_half_unknown(1000))
        _, many = self.watch.most_during(lambda: self.ask_half_unknown(MANY_IDS))
        if not IS_SANITIZED:
            self.assertLess(many - few, 32 * MB)

    def test_whatever_is_asked_gives_a_row(self):
        """Duplicates, names that nothing has, and what can be no name at all, in the order given."""
        known, path = self.dids[0], self.dids[0].split("/", 4)[4]
        asked = [  # and its DID
            (known, known), (known, known), (path, known), (path.rsplit("/", 1)[1], known),
            ("nothing", None), ("ivo://test.example/~?lamost6/" + path, None), ("ivo://x.example/~?lamost5/" + path, None),
            ("../../etc/passwd", None), ("/etc/passwd", None), (path + ".fits", None), ("ivo://", None), ("~?", None), ("%", None),
            ("%zz%00", None), ("-1", None), ("99999999999999999999999", None), ("x" * 10000, None),
            ("<ID>&amp;</ID>", None), ('","', None), ("# requested=0", None), ("a\tb\x01c", None), ("a\rb", None),
            ("\N{GREEK SMALL LETTER ALPHA}", None), (known, known)]
        ids = [name for name, _ in asked]
        for form in ["fits", "votable", "tabledata", "csv"]:
            answer = self.ask(ids, [("BAND", BAND), ("RESPONSEFORMAT", form), ("COLUMNS", "ssa_pubDID status n")])
            self.assertEqual(answer.code, 200, answer.body[:200])
            names, status, n, ledger = self.taken_apart(form, answer.body)
            self.assertEqual(ledger, counted(status))
            self.assertEqual(len(status), len(asked))
            for row, (name, did) in enumerate(asked):
                self.assertEqual(status[row], "ok" if did else "unknown", name)
                self.assertEqual(n[row], 66 if did else 0)
                plain = "".join(c if " " <= c <= "~" else "?" * len(c.encode()) for c in name)
                self.assertEqual(names[row], did or plain[:len(names[row])])

    def taken_apart(self, form, body):
        """Names, statuses, counts and ledger of a table of these three columns."""
        if form == "fits":
            columns, ledger = fits_columns(body)
            return columns["ssa_pubDID"], columns["status"], columns["n"], ledger
        if form == "csv":
            *lines, last = body.decode().splitlines()
            rows = list(csv.DictReader(lines))
            ledger = {name: int(value) for name, value in (pair.split("=") for pair in last[2:].split())}
            return ([row["ssa_pubDID"] for row in rows], [row["status"] for row in rows],
                    [int(row["n"]) for row in rows], ledger)
        document = parse(io.BytesIO(body))
        table = document.get_first_table().array
        infos = {info.name: info.value for info in document.resources[0].infos}
        ledger = {name: int(infos[name]) for name in ["requested", "ok", "empty", "unknown", "damaged"]}
        return list(table["ssa_pubDID"]), list(table["status"]), list(table["n"]), ledger

    # ---- too much ----

    def test_a_body_that_is_too_long_is_refused_before_it_is_sent(self):
        rows = [(MULTIPART["Content-Type"], 64 * MB + 1), ("application/x-www-form-urlencoded", MB + 1)]
        for content_type, length in rows:
            with contextlib.closing(self.server.connection()) as connection:
                connection.putrequest("POST", PATH)
                connection.putheader("Content-Type", content_type)
                connection.putheader("Content-Length", str(length))
                connection.endheaders()
                answer = support.Answer(connection.getresponse())
            self.assertEqual(answer.code, 413)
            self.assertIn("longer than this service takes", answer.text)

    def test_one_id_too_many_is_refused_while_others_would_follow(self):
        self.server.conf.write_text(self.server.conf.read_text().replace(
            "[server]\n", "[server]\nmax_bulk_ids = 1000\n"))
        self.restart()
        begun = multipart([], {"IDS": b"x\n" * 5000})
        with contextlib.closing(self.server.connection()) as connection:
            connection.putrequest("POST", PATH)
            for name, value in MULTIPART.items():
                connection.putheader(name, value)
            connection.putheader("Content-Length", str(60 * MB))
            connection.endheaders()
            connection.send(begun[:8000])
            answer = support.Answer(connection.getresponse())
        self.assertEqual(answer.code, 413)
        self.assertIn("one request takes 1000 IDs", answer.text)
        self.assertEqual(self.ask(["x"] * 1000).code, 200)
        self.assertEqual(self.ask(["x"] * 1001).code, 413)

    def test_entities_are_refused_before_they_are_many(self):
        """A billion laughs, a file of the machine, one of elsewhere."""
        laughs = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))
        declared = ['<!ENTITY l0 "lol">' + laughs, '<!ENTITY l9 SYSTEM "file:///etc/passwd">',
                    '<!ENTITY % l9 SYSTEM "http://127.0.0.1:9/"> %l9;']
        before = self.watch.memory()
        for entities in declared:
            table = (f'<?xml version="1.0"?><!DOCTYPE VOTABLE [{entities}]><VOTABLE><RESOURCE><TABLE><FIELD name="ID" '
                     'datatype="char" arraysize="*"/><DATA><TABLEDATA><TR><TD>&l9;</TD></TR></TABLEDATA></DATA>'
                     '</TABLE></RESOURCE></VOTABLE>')
            answer, most = self.watch.most_during(lambda: upload(
                self.server, [("UPLOAD", "t,param:t")], {"t": table.encode()}))
            self.assertEqual(answer.code, 400)
            self.assertIn("entities are not taken", answer.text)
            if not IS_SANITIZED:
                self.assertLess(most - before, 8 * MB)

    # ---- clients that go, or wait ----

    @contextlib.contextmanager
    def nothing_is_left(self):
        """Files of the server are as before whenever asked, and its memory is in the end."""
        files, memory = self.watch.files(), self.watch.memory()
        yield lambda: support.wait_until(lambda: self.watch.files() <= files, "connection and files are closed")
        if not IS_SANITIZED:
            self.assertLess(self.watch.memory() - memory, 8 * MB)

    def test_an_upload_that_is_cut_off_leaves_nothing(self):
        body = multipart([], {"IDS": b"some-name-that-nothing-has\n" * 200000})
        self.ask(self.dids)
        with self.nothing_is_left() as is_over:
            for cut in [0, 10, 200, MB, 3 * MB, len(body) - 10] * 3:
                with contextlib.closing(socket.create_connection(("127.0.0.1", self.server.port))) as client:
                    client.sendall(head_of(len(body)) + body[:cut])
                is_over()
        self.assertEqual(self.ask(self.dids).code, 200)

    def test_a_client_that_hangs_up_in_the_middle_leaves_nothing(self):
        self.ask(self.dids)
        with self.nothing_is_left() as is_over:
            for form, read in itertools.product(["fits", "votable", "tabledata", "csv"], [1, 100000]):
                client, answer = self.open_answer(self.long_list, [("RESPONSEFORMAT", form)])
                answer.read(read)
                answer.close()
                client.close()
                is_over()

    def test_a_reader_who_waits_gets_all_and_costs_one_buffer(self):
        for form in ["fits", "votable", "csv"]:
            fields = [("RESPONSEFORMAT", form)]
            whole = self.ask(self.long_list, fields).body
            memory = self.watch.memory()
            _, answer = self.open_answer(self.long_list, fields)
            parts = [answer.read(10000)]
            _, most = self.watch.most_during(lambda: time.sleep(0.5))
            if not IS_SANITIZED:
                self.assertLess(most - memory, 4 * MB)
            parts.append(answer.read())
            self.assertEqual(hashlib.sha256(b"".join(parts)).digest(), hashlib.sha256(whole).digest(), form)

    # ---- what changes while an answer streams ----

    def test_what_ingest_replaces_stays_as_it_was_found(self):
        ids, fields = self.long_list, [("RESPONSEFORMAT", "fits")]
        whole = self.ask(ids, fields).body
        _, answer = self.open_answer(ids, fields)
        begun = answer.read(10000)
        files = sorted(self.archive.rglob("*.fits"))
        for gone in files[::2]:
            gone.unlink()
        for changed, other in zip(files[1::4], files[3::4]):
            support.put(other, changed)
        self.server.ingest()
        self.server.ingest("--compact")
        self.assertEqual(hashlib.sha256(begun + answer.read()).digest(), hashlib.sha256(whole).digest())
        _, ledger = fits_columns(whole)
        _, after = fits_columns(self.ask(ids, fields).body)
        self.assertGreater(ledger["ok"], after["ok"])
        self.assertEqual(sum(after.values()), 2 * len(ids))

    def spoil(self, did, how):
        """Do something to the shard of a spectrum, beneath the server."""
        path = urllib.parse.unquote(did.split("/", 4)[4])
        (shard, offset), = self.server.rows(f"select shard, record_offset from spectra where path = '{path}'")
        with (self.server.cache / f"{shard:06}.shard").open("r+b") as file:
            how(file, offset)

    def test_what_is_damaged_while_it_streams_keeps_its_place(self):
        def overwrite(file, offset):
            file.seek(offset + 200)
            file.write(b"\xff" * 8)
        victim = self.dids[-1]
        for form in ["fits", "votable"]:
            self.server.stop()  # so that nothing has been looked at yet
            shutil.rmtree(self.server.cache)
            shutil.copytree(self.pristine / "cache", self.server.cache)
            self.start()
            ids = self.long_list + [victim] * 2 + self.dids[:1]
            _, answer = self.open_answer(ids, [("RESPONSEFORMAT", form)])
            begun = answer.read(10000)
            self.spoil(victim, overwrite)
            body = begun + answer.read()
            self.assertEqual(len(body), int(answer.headers["Content-Length"]))
            columns, ledger = self.columns_of(form, body)
            self.assertEqual(ledger, {"requested": len(ids), "ok": len(ids) - 2, "empty": 0, "unknown": 0, "damaged": 2})
            self.assertEqual(counted(columns["status"]), ledger)
            for row in [-3, -2]:
                self.assertEqual((columns["status"][row], columns["n"][row]), ("damaged", 0))
                for name in ["spectral", "flux", "flux_error"]:
                    self.assertEqual(len(columns[name][row]), 3909)
                    self.assertTrue(numpy.isnan(columns[name][row]).all())
            self.assertEqual(columns["n"][-1], 3909)
            self.assertFalse(numpy.isnan(columns["flux"][-1]).any())

    def columns_of(self, form, body):
        if form == "fits":
            return fits_columns(body)
        document = parse(io.BytesIO(body))
        table = document.get_first_table().array
        infos = {info.name: info.value for info in document.resources[0].infos}
        return ({name: table[name].data for name in table.dtype.names},
                {name: int(infos[name]) for name in ["requested", "ok", "empty", "unknown", "damaged"]})

    def test_a_shard_that_is_cut_short_while_it_streams_ends_no_server(self):
        victim = self.dids[-1]
        self.restart()
        ids = self.long_list + [victim] * 2
        _, answer = self.open_answer(ids, [("RESPONSEFORMAT", "fits")])
        begun = answer.read(10000)
        self.spoil(victim, lambda file, offset: file.truncate(offset))
        with contextlib.suppress(http.client.IncompleteRead):
            body = begun + answer.read()
            _, ledger = fits_columns(body)
            self.assertGreaterEqual(ledger["damaged"], 2)
        self.assertTrue(self.server.is_up())


unittest.main()
