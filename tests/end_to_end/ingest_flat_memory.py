"""Ingest of many files takes no more memory than of few. CUTOUTD_TEST_FILES says how many; 300,000 need 12 GB."""
import os
import pathlib
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import cutoutd_server as support  # noqa: E402
from ingest_case import IngestCase  # noqa: E402

FILES = int(os.environ.get("CUTOUTD_TEST_FILES", 12000))
FOLDER = 1000  # files in each
PAGE_CACHE = 64  # MB: SQLite's, which fills as the catalogue grows and then stays
SLACK = 6  # MB


class FlatMemory(IngestCase):
    def setUp(self):
        super().setUp()
        self.cutoutd = support.Cutoutd(self.folder, self.archive)
        support.make_fixtures(self.folder / "made", 24, "--layouts", "ACD", "--gzip")
        self.made = sorted((self.folder / "made").rglob("*.fits.gz"))
        self.count = 0

    def link_up_to(self, count):
        """A file system allows some 65,000 names for one file."""
        for self.count in range(self.count, count):
            folder = self.archive / f"{self.count // FOLDER:04}"
            folder.mkdir(exist_ok=True)
            os.link(self.made[self.count % len(self.made)], folder / f"{self.count:07}.fits.gz")
        self.count = count

    def peak(self):
        """The most memory that ingest had at once, MB; its readers do not count."""
        # A sanitizer keeps what was freed for a while.
        process = subprocess.Popen(self.command("ingest"), stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL,
                                   env={**os.environ, "ASAN_OPTIONS": "quarantine_size_mb=1"})
        peak = 0
        while process.poll() is None:
            status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
            line = next((line for line in status.splitlines() if line.startswith("VmHWM:")), "x 0")
            peak = max(peak, int(line.split()[1]) / 1024)
            time.sleep(0.02)
        self.assertEqual(process.returncode, 0)
        return peak

    def page_cache(self):
        return min(PAGE_CACHE, (self.cutoutd.cache / "catalogue.sqlite").stat().st_size / 2**20)

    def test_memory_does_not_grow_with_the_number_of_files(self):
        peaks = []
        for count in (FILES // 3, FILES):
            self.link_up_to(count)
            for what in ("read", "look at"):
                peaks.append(self.peak() - self.page_cache())
                print(f"{what} {count} files: {peaks[-1]:.1f} MB and SQLite's pages")
        self.assertLess(max(peaks) - peaks[0], SLACK)


if __name__ == "__main__":
    unittest.main(verbosity=2)
