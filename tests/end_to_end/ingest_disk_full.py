"""Ingest into a cache on a file system that fills up: a clear end, a sound cache, and on it goes once there is room."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import cutoutd_server as support  # noqa: E402
from ingest_case import IngestCase  # noqa: E402

MEGABYTES = 20
FILES = 5000


def mount(folder):
    """A small file system there; False where we may not."""
    return subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "tmpfs", str(folder)],
                          capture_output=True).returncode == 0


def unmount(folder):
    subprocess.run(["umount", str(folder)], check=True)


class DiskFull(IngestCase):
    def setUp(self):
        super().setUp()
        self.cutoutd.cache.mkdir()
        self.assertTrue(mount(self.cutoutd.cache))
        self.addCleanup(unmount, self.cutoutd.cache)
        support.make_fixtures(self.archive, 100, "--layouts", "ABCD")
        self.made = sorted(self.archive.rglob("*.fits"))
        for i in range(FILES // len(self.made) - 1):
            folder = self.archive / f"links-{i:03}"
            folder.mkdir()
            for path in self.made:
                os.link(path, folder / path.name)

    def fill(self):
        done = subprocess.run(self.command("ingest"), capture_output=True, text=True)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn("No space left on device", done.stderr)
        self.assertIn(str(self.cutoutd.cache), done.stderr)
        self.assertEqual(list(self.cutoutd.cache.glob("*.growing")), [])

    def test_each_attempt_ends_clearly_and_leaves_the_cache_sound(self):
        for _ in range(3):
            self.fill()
            spectra, files = self.assert_verified()
            self.assertGreater(spectra, 50)
        for folder in self.archive.glob("links-*"):
            shutil.rmtree(folder)
        subprocess.run(["mount", "-o", f"remount,size={2 * MEGABYTES}m", str(self.cutoutd.cache)],
                       check=True)
        self.ingest("--compact")
        self.assertEqual(self.leftovers(), set())
        self.assertEqual(self.assert_verified()[1], len(self.made))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as probe:
        if not mount(probe):
            support.skip("only root may mount a small file system")
        unmount(probe)
    unittest.main(verbosity=2)
