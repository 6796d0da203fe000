"""wrk, and what it prints."""
import dataclasses
import re
import statistics
import subprocess

UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0}


@dataclasses.dataclass
class Load:
    rate: float  # requests a second
    p99: float   # seconds


def seconds(text):
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s|m)", text).groups()
    return float(number) * UNITS[unit]


def measure(url, connections=32, duration=3, threads=2, keep_alive=True):
    command = ["wrk", "-t", str(threads), "-c", str(connections), "-d", f"{duration}s",
               "--latency", url]
    if not keep_alive:
        command[1:1] = ["-H", "Connection: close"]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    wrong = re.search(r"(Non-2xx.*|Socket errors: connect.*)", printed)
    if wrong and "Non-2xx" in wrong.group(1):
        raise RuntimeError(f"{url}: {wrong.group(1)}")
    return Load(rate=float(re.search(r"Requests/sec:\s+([\d.]+)", printed).group(1)),
                p99=seconds(re.search(r"99%\s+(\S+)", printed).group(1)))


def side_by_side(ours, theirs, rounds, **options):
    """Rounds in turn, so that a machine that drifts drifts for both. Ratios round by round."""
    pairs = [(measure(ours, **options), measure(theirs, **options)) for _ in range(rounds)]
    rates = [a.rate / b.rate for a, b in pairs]
    tails = [a.p99 / b.p99 for a, b in pairs]
    return {
        "rate": statistics.median(a.rate for a, _ in pairs),
        "reference_rate": statistics.median(b.rate for _, b in pairs),
        "ratio": statistics.median(rates), "ratio_low": min(rates), "ratio_high": max(rates),
        "p99_ratio": statistics.median(tails), "p99_low": min(tails), "p99_high": max(tails),
    }
