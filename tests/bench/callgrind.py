"""A server in callgrind: what a request executes, to the instruction, whatever else the machine does.

Each request to /healthz makes callgrind write what it counted since the last one, so a batch of requests between two
of them is known exactly; what a clock adds now and then is not in the cheapest of some batches.
"""
import collections
import contextlib
import functools
import http.client
import os
import pathlib
import re
import socket
import subprocess
import time
import urllib.parse

from servers import ended

PATIENCE = 300  # seconds for any one answer
BATCHES = 7


def get(path):
    return f"GET {path} HTTP/1.1\r\nHost: bench.example\r\n\r\n".encode()


def post(path, *query):
    body = urllib.parse.urlencode(query)
    return (f"POST {path} HTTP/1.1\r\nHost: bench.example\r\nContent-Length: {len(body)}\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\n\r\n{body}").encode()


class Connection:
    """One that is kept; a request leaves in one piece."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE)

    def ask(self, request):
        self.socket.sendall(request)
        answer = http.client.HTTPResponse(self.socket)
        answer.begin()
        body = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{request[:100]}: {answer.status} {body[:200]}")


class Callgrind:
    """`server` is configured and not running; requests go to its connections in turn."""

    def __init__(self, server, folder, connections=1, options=()):
        self.server, self.connections, self.options = server, connections, options
        self.profile = pathlib.Path(folder) / "profile"
        self.written = 0

    @contextlib.contextmanager
    def running(self):
        command = ["valgrind", "--tool=callgrind", "--vgdb=no", f"--callgrind-out-file={self.profile}",
                   "--dump-before=healthz_serve", *self.options, *self.server.command("serve")]
        bare = {"PATH": os.environ["PATH"]}  # meson has malloc fill what it gives, and a locale counts, too
        log = self.profile.with_name("valgrind.log")
        with log.open("w") as errors, ended(subprocess.Popen(command, stderr=errors, env=bare)) as process:
            self.marker = self.connected(process, log)
            self.open = [self.marker, *(Connection(self.server.port) for _ in range(self.connections - 1))]
            self.mark()
            self.nothing = min(instructions(self.mark()) for _ in range(5))
            yield self

    def connected(self, process, log):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and process.poll() is None:
            with contextlib.suppress(OSError):
                return Connection(self.server.port)
            time.sleep(0.1)
        raise RuntimeError("the server does not listen: " + log.read_text())

    def mark(self):
        """The profile since the last mark."""
        self.marker.ask(get(self.server.PROBE))
        self.written += 1
        return self.profile.with_name(f"{self.profile.name}.{self.written}")

    def batch(self, request, times):
        """The profile of so many requests."""
        for number in range(times):
            self.open[number % len(self.open)].ask(request)
        return self.mark()

    def count(self, request, times):
        """Instructions of one request: the cheapest of some batches of so many."""
        self.batch(request, times)  # to warm up
        return min(instructions(self.batch(request, times)) - self.nothing for _ in range(BATCHES)) / times


def instructions(profile):
    return int(re.search(r"^summary: (\d+)", profile.read_text(), re.M).group(1))


class Profile:
    """What a file of callgrind with --dump-instr=yes tells: `executed` by (object, address), `calls` by function."""

    def __init__(self, path):
        self.executed, self.calls = collections.Counter(), collections.Counter()
        self.function = {}  # of an (object, address)
        self.names = collections.defaultdict(dict)
        self.read(path.read_text().splitlines())

    def name(self, kind, text):
        """Names are given once, with a number: `(12) malloc`, then `(12)`."""
        number, _, name = text.partition(" ")
        return self.names[kind].setdefault(number, name) if name else self.names[kind][number]

    def read(self, lines):
        address, owner, function, called, is_of_callee = 0, "", "", "", False
        for line in lines:
            kind, equals, text = line.partition("=")
            if equals and kind == "calls":
                self.calls[called] += int(text.split()[0])
                is_of_callee = True  # the next line's cost is the callee's
            elif equals and kind in ("ob", "cob"):
                owner = (self.name("ob", text), owner)[kind == "cob"]
                self.name("ob", text)
            elif equals and kind == "fn":
                function = bare(self.name("fn", text))
            elif equals and kind == "cfn":
                called = bare(self.name("fn", text))
            elif re.match(r"(0x|\+|-|\*)[0-9a-f]* ", line):
                position, _, cost = line.split()
                address = moved(address, position)
                if not is_of_callee:
                    self.executed[owner, address] += int(cost)
                    self.function[owner, address] = function
                is_of_callee = False


    def atomic(self):
        """Instructions that lock the bus, by the function they stand in."""
        found = collections.Counter()
        for (owner, address), count in self.executed.items():
            if address in atomic_addresses(owner):
                found[self.function[owner, address]] += count
        return found


def bare(function):
    """Without the version of its symbol and the depth of its recursion."""
    return re.split(r"@@|'", function)[0]


def moved(address, position):
    if position == "*":
        return address
    return address + int(position) if position[0] in "+-" else int(position, 16)


@functools.cache
def atomic_addresses(path):
    """Where a program or library locks the bus: with the prefix, or by xchg with memory."""
    printed = subprocess.run(["objdump", "-d", "--no-show-raw-insn", path], capture_output=True, text=True).stdout
    found = re.findall(r"^ +([0-9a-f]+):\t(?:lock |xchg .*\()", printed, re.M)
    return {int(address, 16) for address in found}
