"""What becomes of damage to the cache: verify tells it, ingest mends it, and meanwhile files are read instead."""
import contextlib
import pathlib
import sqlite3
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import cutoutd_server as support  # noqa: E402
from ingest_case import IngestCase, numbers  # noqa: E402


class Damage(IngestCase):
    def setUp(self):
        super().setUp()
        support.make_fixtures(self.archive, 12)
        self.ingest()

    def change(self, *statements):
        """What somebody with the sqlite3 program might do to the catalogue."""
        with contextlib.closing(sqlite3.connect(self.cutoutd.cache / "catalogue.sqlite")) as connection:
            for statement in statements:
                connection.execute(statement)
            connection.commit()

    def differences(self):
        out = self.cutoutd.run("verify", "--quiet", "lamost5", code=None).decode()
        return [line for line in out.splitlines() if line.startswith("wrong ")]


class Catalogue(Damage):
    def one(self, query):
        return self.cutoutd.rows(query)[0]

    def test_cells_and_pixels_follow_from_positions(self):
        path, cell, pixel = self.one("SELECT path, cell, pixel FROM spectra WHERE number = 1")
        self.change("UPDATE spectra SET cell = cell + 1 WHERE number = 1")
        self.assertEqual(self.differences(), [f"wrong {path}: cell: is {cell + 1}, should be {cell}"])
        self.change(f"UPDATE spectra SET cell = {cell}, pixel = NULL WHERE number = 1")
        self.assertIn(f"wrong {path}: pixel: is nothing, should be {pixel}", self.differences())
        self.change(f"UPDATE spectra SET pixel = {pixel} WHERE number = 1")
        self.assertEqual(self.differences(), [])

    def test_counts_follow_from_the_rows(self):
        pixel, count = self.one("SELECT pixel, spectra FROM pixels WHERE spectra > 0")
        shard, spectra, live = self.one("SELECT number, spectra, live FROM shards")
        for damage, mending, line in (
                (f"UPDATE pixels SET spectra = spectra + 1 WHERE pixel = {pixel}",
                 f"UPDATE pixels SET spectra = {count} WHERE pixel = {pixel}",
                 f"pixel {pixel}: spectra: is {count + 1}, should be {count}"),
                (f"DELETE FROM pixels WHERE pixel = {pixel}",
                 f"INSERT INTO pixels VALUES ({pixel}, {count})",
                 f"pixel {pixel}: spectra: is 0, should be {count}"),
                ("INSERT INTO pixels VALUES (12582911, 3)",
                 "DELETE FROM pixels WHERE pixel = 12582911",
                 "pixel 12582911: spectra: is 3, should be 0"),
                (f"UPDATE shards SET live = live - 8 WHERE number = {shard}",
                 f"UPDATE shards SET live = {live} WHERE number = {shard}",
                 f"shard {shard}: spectra and their bytes: is {spectra}, {live - 8}, "
                 f"should be {spectra}, {live}")):
            with self.subTest(damage):
                self.change(damage)
                self.assertEqual(self.differences(), ["wrong " + line])
                self.change(mending)
                self.assertEqual(self.differences(), [])

    def test_indexes_agree_with_the_table(self):
        self.change("PRAGMA writable_schema = ON",
                    "UPDATE sqlite_schema SET sql = replace(sql, 'IS NULL', 'IS NOT NULL') "
                    "WHERE name = 'spectra_name'")
        self.assertIn("wrong number of entries in index spectra_name",
                      "\n".join(self.differences()).replace("wrong #", "wrong number"))


class Shards(Damage):
    def setUp(self):
        super().setUp()
        self.shard = self.cutoutd.cache / "000001.shard"
        self.files = self.cutoutd.rows("SELECT count(DISTINCT file) FROM spectra WHERE shard = 1")[0][0]

    def cut(self):
        with self.shard.open("r+b") as file:
            file.truncate(self.shard.stat().st_size // 2)

    def change_a_sample(self):
        """Of the first record in the shard. Returns its path."""
        path, offset = self.cutoutd.rows("SELECT path, record_offset FROM spectra WHERE shard = 1 "
                                         "ORDER BY record_offset")[0]
        with self.shard.open("r+b") as file:
            file.seek(offset + 1000)
            byte = file.read(1)[0]
            file.seek(offset + 1000)
            file.write(bytes([byte ^ 4]))
        return path

    def assert_mended(self, out):
        self.assertEqual(numbers(out)["repaired"], self.files)
        self.assertIn("damaged 000001.shard: ", out)
        self.assertFalse(self.shard.exists())
        self.assertEqual(self.leftovers(), set())
        self.assertEqual(self.ingest()["read"], 0)
        self.assert_verified()

    def test_what_a_missing_shard_held_is_read_anew(self):
        self.shard.unlink()
        self.assertTrue(self.differences())
        self.assert_mended(self.summary())

    def test_what_a_shard_that_was_cut_held_is_read_anew(self):
        self.cut()
        self.assertTrue(self.differences())
        self.assert_mended(self.summary())

    def test_a_byte_that_changed_is_told_by_verify_and_mended_by_compaction(self):
        path = self.change_a_sample()
        done = subprocess.run(self.command("verify", "--quiet"), capture_output=True, text=True)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn(f"wrong {path}: record: ", done.stdout)
        self.assertIn("cutoutd ingest --compact", done.stdout)
        self.assertEqual(self.ingest()["read"], 0)
        self.assert_mended(self.summary("--compact"))

    def serve(self, collection=""):
        """A server that does not mend the cache by itself."""
        cutoutd = support.Cutoutd(self.folder, self.archive,
                                  collection="shard_size = 1M\nkeep_in_step = no\n" + collection)
        self.addCleanup(cutoutd.stop)
        return cutoutd.start()

    def answer(self, cutoutd, path):
        return cutoutd.get("/lamost5/sync", ID=path)

    def test_meanwhile_the_file_is_read(self):
        paths = [path for path, in self.cutoutd.rows("SELECT path FROM spectra WHERE shard = 1")]
        cutoutd = self.serve()
        before = {path: self.answer(cutoutd, path).body for path in paths}
        cutoutd.stop()
        for damage in (self.cut, self.shard.unlink):
            damage()
            cutoutd = self.serve()
            for path in paths:
                answer = self.answer(cutoutd, path)
                self.assertEqual((answer.code, answer.body), (200, before[path]), path)
            cutoutd.stop()
        cutoutd = self.serve("read_through_workers = 0")
        self.assertEqual(self.answer(cutoutd, paths[0]).code, 500)
        self.ingest()
        self.assertEqual(self.answer(cutoutd, paths[0]).body, before[paths[0]])


if __name__ == "__main__":
    unittest.main(verbosity=2)
