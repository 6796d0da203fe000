"""The servers that are measured: cutoutd on a cache of its own, nginx on files of its own.

Both listen on a free port of 127.0.0.1 and end with the block that started them.
"""
import contextlib
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
ALONE = "keep_in_step = no\nread_through_workers = 0"  # a collection whose server does nothing but answer


def make_archive(fixtures, folder, count):
    """Files of the survey's most frequent layout."""
    subprocess.run([fixtures, "--seed", "1", "--count", str(count), "--layouts", "C", "--gzip", folder], check=True,
                   stdout=subprocess.DEVNULL)
    return folder


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_until_open(port, process, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args[0]} ended with status {process.returncode}")
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        time.sleep(0.002)
    raise RuntimeError(f"{process.args[0]} does not listen")


@contextlib.contextmanager
def ended(process):
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class Processes:
    """A server as the kernel sees it: the process that was started, and its children."""

    PROBE = "/healthz"  # is answered once the server is ready
    pid = None

    def get(self, path, headers=None):
        """The body as it goes over the wire."""
        with urllib.request.urlopen(urllib.request.Request(self.url + path, headers=headers or {})) as answer:
            return answer.read()

    def pids(self):
        children = pathlib.Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text()
        return [self.pid, *map(int, children.split())]

    def cpu_seconds(self):
        """User and system."""
        ticks = 0
        for pid in self.pids():
            fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def own_memory(self):
        """Bytes besides what is mapped of files, which is the kernel's cache."""
        found = [re.search(r"^RssAnon:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text(), re.M)
                 for pid in self.pids()]
        return sum(int(match.group(1)) * 1024 for match in found if match)


class Nginx(Processes):
    """nginx with as many workers as there are processors, serving folder/files."""

    def __init__(self, folder, workers):
        self.folder = pathlib.Path(folder)
        self.files = self.folder / "files"
        self.files.mkdir(parents=True)
        (self.files / self.PROBE[1:]).write_text("ok\n")
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        text = (HERE / "nginx.conf.in").read_text()
        user = "user root;\n" if os.geteuid() == 0 else ""  # the folder is private
        values = {"folder": self.folder, "port": self.port, "workers": workers, "user": user}
        for name, value in values.items():
            text = text.replace(f"@{name}@", str(value))
        self.configuration = self.folder / "nginx.conf"
        self.configuration.write_text(text)

    @contextlib.contextmanager
    def running(self):
        program = shutil.which("nginx") or "/usr/sbin/nginx"
        process = subprocess.Popen([program, "-p", self.folder, "-c", self.configuration],
                                   stderr=subprocess.DEVNULL)
        with ended(process):
            wait_until_open(self.port, process)
            self.pid = process.pid
            yield self


class Cutoutd(Processes):
    """cutoutd with its default number of threads, on an archive that it ingested before."""

    def __init__(self, program, folder, archive, settings="", collection="", base_url=None):
        self.program = program
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.cache = pathlib.Path(folder) / "cache"
        self.configuration = pathlib.Path(folder) / "cutoutd.conf"
        self.configuration.write_text(f"""[server]
listen = 127.0.0.1:{self.port}
base_url = {base_url or self.url}
{settings}
[publisher]
authority = bench.example

[collection lamost5]
archive = {archive}
cache = {self.cache}
{collection}
""")

    def command(self, *words):
        return [self.program, words[0], "-c", self.configuration, *words[1:]]

    def ingest(self):
        subprocess.run(self.command("ingest", "lamost5", "--quiet"), check=True,
                       stdout=subprocess.DEVNULL)

    @contextlib.contextmanager
    def running(self):
        process = subprocess.Popen(self.command("serve"), stderr=subprocess.DEVNULL)
        with ended(process):
            wait_until_open(self.port, process)
            self.pid = process.pid
            yield self
