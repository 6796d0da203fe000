"""What ingest makes of an archive that changes, and of those who disturb it."""
import fcntl
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import cutoutd_server as support  # noqa: E402
from ingest_case import IngestCase, numbers, touch  # noqa: E402


class Changes(IngestCase):
    def setUp(self):
        super().setUp()
        support.make_fixtures(self.archive, 30)
        self.files = sorted(self.archive.rglob("*.fits*"))
        self.low = [path for path in self.files if path.name.startswith("spec")]
        self.medium = [path for path in self.files if path.name.startswith("med")]

    def deleted(self, path):
        """When the spectra of a file were withdrawn; None for those that live."""
        stem = str(path.relative_to(self.archive)).split(".fits")[0]
        return {when for when, in self.cutoutd.rows(
            f"SELECT ssa_deleted FROM spectra WHERE path = '{stem}' OR path LIKE '{stem}/%'")}

    def test_new_files_are_read_and_known_ones_are_not(self):
        self.assertEqual(self.ingest()["new"], 30)
        counts = self.ingest()
        self.assertEqual((counts["read"], counts["new"], counts["unchanged"]), (0, 0, 30))
        support.put(self.low[0], self.archive / "new/one.fits")
        counts = self.ingest()
        self.assertEqual((counts["read"], counts["new"], counts["unchanged"]), (1, 1, 30))
        self.assert_verified()

    def test_a_changed_file_is_read_a_touched_one_only_looked_at(self):
        self.ingest()
        support.put(self.low[1], self.low[0])
        touch(self.low[2], 1500000000)
        counts = self.ingest()
        self.assertEqual((counts["read"], counts["changed"], counts["unchanged"]), (2, 1, 29))
        self.assertEqual(self.ingest()["read"], 0)
        self.assert_verified()

    def test_a_file_that_went_is_withdrawn_and_may_come_back(self):
        self.ingest()
        away = self.folder / "away.fits"
        self.medium[0].rename(away)
        self.assertEqual(self.ingest()["gone"], 1)
        self.assertNotIn(None, self.deleted(self.medium[0]))
        away.rename(self.medium[0])
        self.assertEqual(self.ingest()["new"], 1)
        self.assertEqual(self.deleted(self.medium[0]), {None})
        self.assert_verified()

    def test_a_file_that_was_replaced_by_a_damaged_one_is_withdrawn(self):
        self.ingest()
        good = self.medium[0].read_bytes()
        self.medium[0].write_bytes(good[:len(good) // 2])
        out = self.summary(code=1)
        self.assertEqual(numbers(out)["refused"], 1)
        self.assertIn(f"refused {self.medium[0].relative_to(self.archive)}: ", out)
        self.assertNotIn(None, self.deleted(self.medium[0]))
        again = numbers(self.summary(code=1))
        self.assertEqual((again["read"], again["refused"]), (0, 1))
        self.assert_verified()
        self.medium[0].write_bytes(good)
        self.ingest()
        self.assertEqual(self.deleted(self.medium[0]), {None})
        self.assert_verified()

    def test_of_two_forms_the_newer_is_served(self):
        plain = next(path for path in self.low if path.suffix == ".fits")
        zipped = plain.with_name(plain.name + ".gz")
        self.ingest()
        subprocess.run(["gzip", "-k", str(plain)], check=True)
        touch(plain, 1500000000)
        touch(zipped, 1600000000)
        counts = self.ingest()
        self.assertEqual((counts["shadowed"], counts["changed"], counts["gone"]), (1, 1, 0))
        self.assertEqual(self.cutoutd.rows(
            f"SELECT file_is_gzip FROM spectra WHERE file = '{zipped.relative_to(self.archive)}'"),
            [(1,)])
        self.assert_verified()
        zipped.unlink()
        self.ingest()
        self.assertEqual(self.deleted(plain), {None})
        self.assert_verified()

    def as_no_superuser(self, command):
        """Permissions hold for root too once the program may not override them."""
        plain = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if os.geteuid() == 0 else []
        return subprocess.run(plain + command, capture_output=True, text=True)

    def test_the_older_form_is_served_while_the_newer_cannot_be_read(self):
        plain = next(path for path in self.low if path.suffix == ".fits")
        self.ingest()
        zipped = plain.with_name(plain.name + ".gz")
        zipped.write_bytes(b"not for everybody")
        zipped.chmod(0)
        done = self.as_no_superuser(self.command("ingest"))
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertEqual((numbers(done.stdout)["failed"], numbers(done.stdout)["gone"]), (1, 0))
        self.assertEqual(self.deleted(plain), {None})

    def test_a_folder_that_cannot_be_read_loses_nothing(self):
        self.ingest()
        closed = self.low[0].parent
        closed.chmod(0)
        self.addCleanup(closed.chmod, 0o755)
        done = self.as_no_superuser(self.command("ingest"))
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn(f"failed {closed.relative_to(self.archive)}: Permission denied", done.stdout)
        self.assertEqual(numbers(done.stdout)["gone"], 0)
        self.assertEqual(self.deleted(self.low[0]), {None})

    def test_only_the_paths_that_are_given_are_looked_at(self):
        one, other = self.low[0], self.low[-1]
        counts = self.ingest(one)
        self.assertEqual((counts["new"], counts["unchanged"]), (1, 0))
        counts = self.ingest(other.parent.relative_to(self.archive), one.relative_to(self.archive))
        self.assertEqual(counts["unchanged"], 1)
        done = subprocess.run(self.command("ingest", "../elsewhere"), capture_output=True, text=True)
        self.assertEqual(done.returncode, 2)
        self.assertIn("../elsewhere", done.stderr)

    def test_a_path_that_is_nowhere_is_told_and_the_others_are_read(self):
        out = self.summary("nosuch.fits", self.low[0], code=2)
        self.assertIn("failed nosuch.fits: not in the archive", out)
        self.assertEqual(numbers(out)["new"], 1)
        path = self.low[0].relative_to(self.archive)
        self.low[0].unlink()
        self.assertEqual(self.ingest(path)["gone"], 1)
        self.assertEqual(self.ingest(path)["gone"], 0)

    def test_a_second_ingest_at_once_is_refused(self):
        self.cutoutd.cache.mkdir()
        held = os.open(self.cutoutd.cache, os.O_RDONLY)
        self.addCleanup(os.close, held)
        fcntl.flock(held, fcntl.LOCK_EX)
        done = subprocess.run(self.command("ingest"), capture_output=True, text=True)
        self.assertEqual(done.returncode, 2)
        self.assertIn(str(self.cutoutd.cache), done.stderr)
        fcntl.flock(held, fcntl.LOCK_UN)
        self.ingest()

    def test_a_signal_ends_it_with_a_clear_line_and_keeps_what_was_read(self):
        for i in range(100):
            folder = self.archive / f"links-{i}"
            folder.mkdir()
            for path in self.low:
                os.link(path, folder / path.name)
        for number in (signal.SIGTERM, signal.SIGINT):
            before = set(self.cutoutd.cache.glob("*.shard"))
            process = self.begin_ingest()
            support.wait_until(lambda: set(self.cutoutd.cache.glob("*.shard")) - before, "a shard is sealed")
            process.send_signal(number)
            _, err = process.communicate(timeout=support.SECONDS)
            self.assertEqual(process.returncode, 2)
            self.assertIn("finished in part", err)
            self.assertEqual(self.leftovers(), set())
            self.assert_verified()
            kept = self.cutoutd.rows("SELECT count(*) FROM files")[0][0]
            self.assertGreater(kept, 0)
        self.assertGreaterEqual(self.ingest()["unchanged"], kept)
        self.assert_verified()

    def test_compaction_makes_a_cache_of_the_living(self):
        self.ingest()
        for path in self.files[::2]:
            path.unlink()
        self.ingest()
        before = sum(path.stat().st_size for path in self.cutoutd.cache.glob("*.shard"))
        self.ingest("--compact")
        after = sum(path.stat().st_size for path in self.cutoutd.cache.glob("*.shard"))
        self.assertLess(after, before)
        self.assertEqual(self.leftovers(), set())
        self.assert_verified()

    def test_one_identifier_is_of_one_file(self):
        medium = self.medium[0].with_name("m.fits")
        low = self.medium[0].with_name("m") / "B.fits"
        self.medium[0].rename(medium)
        self.ingest()
        support.put(self.low[0], low)
        names = [path.relative_to(self.archive) for path in (low, medium)]
        for _ in range(2):
            out = self.summary(code=1)
            self.assertIn(f"refused {names[0]}: {names[0].with_suffix('')} is the identifier "
                          f"of a spectrum of {names[1]}", out)
            self.assertEqual(self.deleted(medium), {None})
        self.assert_verified(skipped=True)
        medium.unlink()
        self.summary(code=1)
        self.ingest()
        self.assertIn(None, self.deleted(low))
        self.assert_verified()

    def test_damaged_files_are_each_told_once(self):
        shutil.rmtree(self.archive)
        support.make_fixtures(self.archive, 3, "--damaged")
        damaged = sorted((self.archive / "damaged").iterdir())
        done = subprocess.run(self.command("ingest"), capture_output=True, text=True)
        self.assertEqual(done.returncode, 1)
        for path in damaged:
            line = f"refused damaged/{path.name}: "
            self.assertEqual(done.stdout.count(line), 1, path)
            self.assertEqual(done.stderr.count(line), 1, path)
        self.assertEqual(numbers(done.stdout)["refused"], len(damaged))
        self.assert_verified()


if __name__ == "__main__":
    unittest.main(verbosity=2)
