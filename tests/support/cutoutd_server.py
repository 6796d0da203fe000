"""cutoutd as tests run it: a configuration, the commands, a server on a free port, a way to ask it."""
import contextlib
import http.client
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.parse

PROGRAM = os.environ.get("CUTOUTD_PROGRAM", "cutoutd")
MAKE_FIXTURES = os.environ.get("CUTOUTD_MAKE_FIXTURES", "make_fixtures")
LAMOST = os.environ.get("CUTOUTD_LAMOST_DIR")
SECONDS = float(os.environ.get("CUTOUTD_TEST_SECONDS", 60))  # patience with any one thing


def skip(reason):
    """End the test as meson counts it: skipped."""
    print(f"skipped: {reason}")
    sys.exit(77)


def make_fixtures(folder, count, *arguments):
    subprocess.run([MAKE_FIXTURES, "--count", str(count), *arguments, str(folder)], check=True,
                   stdout=subprocess.DEVNULL)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Answer:
    """Status, headers and whole body; `short` where the body ended before its promised length."""

    def __init__(self, response):
        self.code = response.status
        self.headers = response.headers
        self.short = False
        try:
            self.body = response.read()
        except http.client.IncompleteRead as error:
            self.body, self.short = error.partial, True

    @property
    def text(self):
        return self.body.decode()


class Cutoutd:
    """A configured collection `lamost5` in a folder of its own, and the program's commands on it."""

    def __init__(self, folder, archive, server="", collection=""):
        self.folder = pathlib.Path(folder)
        self.archive = pathlib.Path(archive)
        self.cache = self.folder / "cache"
        self.port = free_port()
        self.conf = self.folder / "cutoutd.conf"
        self.conf.write_text(
            f"[server]\nlisten = 127.0.0.1:{self.port}\nthreads = 2\n{server}\n"
            f"[publisher]\nauthority = test.example\n"
            f"[collection lamost5]\narchive = {self.archive}\ncache = {self.cache}\n{collection}\n")
        self.base = f"http://127.0.0.1:{self.port}"
        self.process = None
        self.log = self.folder / "serve.log"

    def run(self, command, *arguments, code=0):
        """Run a command and return what it wrote to standard output, as bytes."""
        done = subprocess.run([PROGRAM, command, "-c", str(self.conf), *map(str, arguments)],
                              capture_output=True, timeout=SECONDS * 5)
        if code is not None:
            assert done.returncode == code, (
                f"{command} {arguments}: exit {done.returncode}, not {code}\n{done.stderr.decode()}")
        return done.stdout

    def ingest(self, *arguments, code=0):
        return self.run("ingest", "--quiet", "lamost5", *arguments, code=code).decode()

    def rows(self, query):
        """Rows of the catalogue, from a copy of it."""
        import sqlite3
        copy = self.folder / f"copy-{time.monotonic_ns()}.sqlite"
        self.run("copy", "lamost5", copy)
        with contextlib.closing(sqlite3.connect(copy)) as connection:
            found = connection.execute(query).fetchall()
        copy.unlink()
        return found

    def start(self):
        with self.log.open("ab") as log:
            self.process = subprocess.Popen([PROGRAM, "serve", "-c", str(self.conf)],
                                            stderr=log, stdin=subprocess.DEVNULL)
        wait_until(lambda: self.process.poll() is not None or self.is_up(), "the server is up")
        assert self.process.poll() is None, self.log.read_text()
        return self

    def is_up(self):
        try:
            return self.get("/healthz").code == 200
        except OSError:
            return False

    def stop(self, number=signal.SIGTERM):
        """End the server, or with None see it end; it must end well, sanitizers included."""
        if self.process is None:
            return
        process, self.process = self.process, None
        if number:
            process.send_signal(number)
        try:
            code = process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise AssertionError("the server did not end: " + self.log.read_text())
        log = self.log.read_text()
        assert code == 0, f"the server ended with {code}: {log}"
        assert "Sanitizer" not in log and "runtime error" not in log, log

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def connection(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)

    def get(self, path, method="GET", body=None, headers=None, **params):
        """One request on a connection of its own. The body as it came: nothing is inflated."""
        if params:
            path += "?" + urllib.parse.urlencode(params)
        with contextlib.closing(self.connection()) as connection:
            connection.request(method, path, body, headers or {})
            return Answer(connection.getresponse())


def wait_until(condition, what, seconds=None):
    """Returns what the condition gave."""
    end = time.monotonic() + (seconds or SECONDS)
    while not (result := condition()):
        assert time.monotonic() < end, f"not within {seconds or SECONDS} s: {what}"
        time.sleep(0.05)
    return result


def put(source, target):
    """A file appears whole, as a careful mirror does it, and with a time of its own."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    shutil.copyfile(source, part)
    part.replace(target)
