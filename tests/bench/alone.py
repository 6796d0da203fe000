"""Figures that are no requests: ingest beside gunzip, the time until a server answers, its memory."""
import concurrent.futures
import os
import pathlib
import resource
import shutil
import subprocess
import time

from figures import Paired
from servers import wait_until_open
from wrk import measure


def timed(work):
    """Seconds on the clock, and of processors in processes that ended meanwhile."""
    def children():
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime
    clock, cpu = time.perf_counter(), children()
    work()
    return {"seconds": time.perf_counter() - clock, "cpu": children() - cpu}


def gunzip(files):
    """All of them to nowhere, by as many processes as there are processors."""
    def some(first):
        subprocess.run(["xargs", "-0", "gzip", "-dc"], input=b"\0".join(map(os.fsencode, files[first::processors])),
                       stdout=subprocess.DEVNULL, check=True)
    processors = os.cpu_count()
    with concurrent.futures.ThreadPoolExecutor(processors) as pool:
        list(pool.map(some, range(processors)))


def ingest(server, archive, rounds):
    """A new cache each time; the files are in memory."""
    files = sorted(archive.rglob("*.fits.gz"))

    def anew():
        shutil.rmtree(server.cache, ignore_errors=True)
        server.ingest()
    gunzip(files)
    turns = [(timed(anew), timed(lambda: gunzip(files))) for _ in range(rounds)]
    result = {quantity: Paired((a[quantity], b[quantity]) for a, b in turns) for quantity in turns[0][0]}
    result["files"] = len(files)
    return result


def until_ready(server):
    """Seconds from its start to the first answer."""
    start = time.perf_counter()
    with server.running():
        server.get(server.PROBE)
        return time.perf_counter() - start


def start(ours, nginx, rounds):
    return {"seconds": Paired((until_ready(ours), until_ready(nginx)) for _ in range(rounds))}


def memory(ours, nginx, path):
    """Of the processes' own, after 256 connections asked for a cut-out."""
    own = []
    for server in ours, nginx:
        with server.running():
            measure(server.url + path[server], connections=256, duration=2)
            own.append(server.own_memory() / 1e6)
    return {"megabytes": Paired([own])}
