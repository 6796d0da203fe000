"""What becomes of damage to the cache: verify tells it."""
import contextlib
import pathlib
import sqlite3
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import cutoutd_server as support  # noqa: E402
from ingest_case import IngestCase  # noqa: E402


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


if __name__ == "__main__":
    unittest.main(verbosity=2)
