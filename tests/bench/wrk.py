"""wrk, and what it prints."""
import dataclasses
import pathlib
import re
import subprocess

from figures import Paired

UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0}
IN_TURN = pathlib.Path(__file__).with_name("in_turn.lua")


@dataclasses.dataclass
class Load:
    rate: float  # requests a second
    requests: int
    p50: float   # seconds
    p99: float


def seconds(text):
    match = re.fullmatch(r"([\d.]+)(us|ms|s|m)", text)
    return float(match.group(1)) * UNITS[match.group(2)] if match else float("nan")  # too few answers


def measure(url, connections=32, duration=3, threads=2, keep_alive=True, headers=(), paths=None):
    """`paths`: a file of paths that are asked for in turn, instead of the one in the URL."""
    command = ["wrk", "-t", str(min(threads, connections)), "-c", str(connections), "-d", f"{duration}s", "--latency",
               "--timeout", "20s"]
    for header in (*headers, *([] if keep_alive else ["Connection: close"])):
        command += ["-H", header]
    command += ["-s", str(IN_TURN), url, "--", str(paths)] if paths else [url]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    wrong = re.search(r"Non-2xx.*|Socket errors: (?!connect 0, ).*", printed)
    if wrong:
        raise RuntimeError(f"{url}: {wrong.group()}")
    return Load(rate=float(re.search(r"Requests/sec:\s+([\d.]+)", printed).group(1)),
                requests=int(re.search(r"(\d+) requests in", printed).group(1)),
                p50=seconds(re.search(r"^ +50% +(\S+)", printed, re.M).group(1)),
                p99=seconds(re.search(r"^ +99% +(\S+)", printed, re.M).group(1)))


def measure_with_cpu(server, url, **options):
    """Rate, latencies, and the processor time of a request in the server's processes."""
    before = server.cpu_seconds()
    load = measure(url, **options)
    return {"rate": load.rate, "p50": load.p50, "p99": load.p99,
            "cpu": (server.cpu_seconds() - before) / load.requests}


def side_by_side(ours, beside, rounds, **options):
    """`ours` and `beside` are (server, URL, file of paths or None); rounds in turn."""
    loads = [[measure_with_cpu(server, url, paths=paths, **options) for server, url, paths in (ours, beside)]
             for _ in range(rounds)]
    return {quantity: Paired((a[quantity], b[quantity]) for a, b in loads) for quantity in loads[0][0]}
