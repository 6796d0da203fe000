"""Ingest killed at random moments: the cache is sound at once, and the next run completes it."""
import pathlib
import random
import shutil
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import cutoutd_server as support  # noqa: E402
from ingest_case import IngestCase, touch  # noqa: E402

KILLS = 20


class Kill(IngestCase):
    def kill_at(self, seconds):
        """Begin an ingest and end it so long after, as kill -9 does."""
        process = self.begin_ingest()
        time.sleep(seconds)
        process.kill()
        process.wait()

    def change(self, chance):
        """Some files of the archive are new, others, or gone."""
        files = sorted(self.archive.rglob("*.fits"))
        for path in chance.sample(files, 10):
            what = chance.randrange(4)
            if what == 0:
                path.unlink()
            elif what == 1:
                support.put(path, path.with_name(f"copy-{chance.randrange(10**9)}.fits"))
            elif what == 2:
                touch(path, chance.randrange(10**9))
            else:
                path.write_bytes(path.read_bytes()[:5000])

    def test_at_any_moment_while_an_archive_changes(self):
        chance = random.Random(20)
        support.make_fixtures(self.archive, 120)
        begin = time.monotonic()
        self.ingest()
        whole = time.monotonic() - begin
        shutil.rmtree(self.cutoutd.cache)
        for _ in range(KILLS):
            self.kill_at(chance.uniform(0, 1.1 * whole))
            if (self.cutoutd.cache / "catalogue.sqlite").exists():
                self.assert_verified(skipped=True)
            support.wait_until(lambda: not self.readers(), "the reader processes have ended", 10)
            self.change(chance)
        self.ingest(code=1)
        self.assertEqual(self.leftovers(), set())
        _, files = self.assert_verified()
        self.assertEqual(files, len(list(self.archive.rglob("*.fits"))))

    @unittest.skipUnless(support.LAMOST, "needs real spectra")
    def test_at_any_moment_over_real_files(self):
        chance = random.Random(21)
        self.archive.rmdir()
        self.archive.symlink_to(support.LAMOST)
        begin = time.monotonic()
        self.ingest(code=1)
        whole = time.monotonic() - begin
        for _ in range(KILLS):
            shutil.rmtree(self.cutoutd.cache)
            self.kill_at(chance.uniform(0, 1.1 * whole))
            counts = self.ingest(code=1)
            self.assertEqual(counts["new"] + counts["unchanged"], 117)
            self.assertEqual(counts["refused"], 4)
            self.assertEqual(self.leftovers(), set())
            self.assertEqual(self.assert_verified(), (213, 121))


if __name__ == "__main__":
    unittest.main(verbosity=2)
