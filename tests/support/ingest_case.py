"""What tests of ingest share: an archive and a cache of their own, the summary as numbers, verify's verdict."""
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import cutoutd_server as support


def numbers(summary):
    """{"new": 3, "refused": 1, ...} of what ingest printed."""
    return {word: int(count) for word, count in re.findall(r"^(\w+) +(\d+)(?: |$)", summary, re.MULTILINE)}


class IngestCase(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="cutoutd-ingest-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.archive = self.folder / "archive"
        self.archive.mkdir()
        self.cutoutd = support.Cutoutd(self.folder, self.archive, collection="shard_size = 1M")

    def command(self, command, *arguments):
        return [support.PROGRAM, command, "-c", str(self.cutoutd.conf), "lamost5",
                *map(str, arguments)]

    def summary(self, *arguments, code=0):
        """What ingest prints in the end; not --quiet, which is short where nothing changed."""
        return self.cutoutd.run("ingest", "lamost5", *arguments, code=code).decode()

    def ingest(self, *arguments, code=0):
        return numbers(self.summary(*arguments, code=code))

    def begin_ingest(self):
        """An ingest in the background, for a test that does something to it."""
        process = subprocess.Popen(self.command("ingest"), stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def assert_verified(self, skipped=False):
        """The cache is equal to the archive. Returns how many spectra and files were compared."""
        text = self.cutoutd.run("verify", "--quiet", "lamost5", code=None).decode()
        found = re.search(r"verified (\d+) spectra of (\d+) files in \d+ shards: 0 differences", text)
        self.assertTrue(found, text)
        if not skipped:
            self.assertNotIn("skipped", text)
        return int(found[1]), int(found[2])

    def leftovers(self):
        """Files of the cache that no catalogue row accounts for."""
        shards = {f"{number:06d}.shard" for number, in
                  self.cutoutd.rows("SELECT number FROM shards WHERE size IS NOT NULL")}
        there = {path.name for path in self.cutoutd.cache.iterdir() if ".shard" in path.name}
        return there - shards

    def readers(self):
        """Reader processes that have this test's archive open."""
        found = []
        for process in pathlib.Path("/proc").iterdir():
            try:
                if process.name.isdigit() and os.readlink(process / "fd/3") == str(self.archive):
                    found.append(process.name)
            except OSError:
                continue
        return found


def touch(path, seconds):
    os.utime(path, (seconds, seconds))
