"""Cones against brute force: exactly the rows that Vincenty's formula gives, wherever on the sky.

Rows crowd at the poles and along right ascension 0; thousands of cones have a row within an arcsecond of their
edge. What lies within a micro-arcsecond of an edge is left free. Some cones go through SSA, the rest through the
search behind it.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import cutoutd_server as support

MAKE = os.environ["CUTOUTD_MAKE_CATALOGUE"]
SEARCH = os.environ["CUTOUTD_SEARCH_CATALOGUE"]
ROWS, CONES, ASKED = 20000, 10000, 100
ARCSECOND = 1 / 3600
TIE = 1e-6 * ARCSECOND


def separation(ra, dec, ra2, dec2):
    """Vincenty's formula, degrees: accurate at all angles."""
    ra, dec, ra2, dec2 = map(np.radians, (ra, dec, ra2, dec2))
    d = ra2 - ra
    across = np.hypot(np.cos(dec2) * np.sin(d),
                      np.cos(dec) * np.sin(dec2) - np.sin(dec) * np.cos(dec2) * np.cos(d))
    along = np.sin(dec) * np.sin(dec2) + np.cos(dec) * np.cos(dec2) * np.cos(d)
    return np.degrees(np.arctan2(across, along))


def anywhere(random, count):
    return random.uniform(0, 360, count), np.degrees(np.arcsin(random.uniform(-1, 1, count)))


def make_rows(random):
    """Half all over the sky, the rest in crowds: both poles, right ascension 0, one field."""
    ra, dec = anywhere(random, ROWS)
    part = ROWS // 8
    near = 10 ** random.uniform(-6, 0.5, part)
    dec[:part] = 90 - near
    dec[part:2 * part] = near - 90
    ra[2 * part:3 * part] = np.mod(random.choice([-1, 1], part) * near, 360)
    ra[3 * part:4 * part] = 10.7 + random.normal(0, 0.1, part)
    dec[3 * part:4 * part] = 41.3 + random.normal(0, 0.1, part)
    dec[:2], ra[2:4] = (90, -90), 0
    return ra, dec


def make_cones(random, ra, dec):
    """Centres on rows, near them and anywhere; radii of all sizes, half of them ending at some row's place."""
    centre_ra, centre_dec = anywhere(random, CONES)
    near = random.permutation(CONES)[:CONES // 2]
    row = random.integers(0, ROWS, CONES)
    centre_ra[near], centre_dec[near] = ra[row[near]], dec[row[near]]
    centre_dec[:100], centre_dec[100:200] = 90, -90
    centre_ra[200:400] = 0
    radius = 10 ** random.uniform(-7, 1.3, CONES)
    radius[:300] = random.uniform(0, 180, 300)
    radius[1000:1100], radius[1100:1110] = 0, 180
    edge = np.arange(2000, 8000)
    to = random.integers(0, ROWS, len(edge))
    close = edge[300:]  # mostly to rows in the neighbourhood: large cones take long
    away, angle = 10 ** random.uniform(-5, 1, len(close)), random.uniform(0, 2 * np.pi, len(close))
    centre_dec[close] = np.clip(dec[to[300:]] + away * np.cos(angle), -90, 90)
    centre_ra[close] = ra[to[300:]] + away * np.sin(angle) / np.maximum(np.cos(np.radians(centre_dec[close])), 1e-3)
    offset = random.uniform(-1, 1, len(edge)) * ARCSECOND * 10 ** random.uniform(-6, 0, len(edge))
    radius[edge] = np.clip(separation(centre_ra[edge], centre_dec[edge], ra[to], dec[to]) + offset, 0, 180)
    return centre_ra, centre_dec, radius


class Cones(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        random = np.random.default_rng(4)
        folder = tempfile.TemporaryDirectory(prefix="cutoutd-cones-")
        cls.addClassCleanup(folder.cleanup)
        archive = pathlib.Path(folder.name, "archive")
        archive.mkdir()
        cls.cutoutd = support.Cutoutd(folder.name, archive, collection="keep_in_step = no")
        cls.cutoutd.cache.mkdir()
        cls.ra, cls.dec = make_rows(random)
        cls.cones = list(zip(*(values.tolist() for values in make_cones(random, cls.ra, cls.dec))))
        rows = "".join(f"{ra!r} {dec!r}\n" for ra, dec in zip(cls.ra.tolist(), cls.dec.tolist()))
        subprocess.run([MAKE, cls.cutoutd.cache, "-"], input=rows, text=True, check=True)

    def check(self, cone, found):
        distance = separation(*cone[:2], self.ra, self.dec)
        inside = np.zeros(ROWS, bool)
        inside[found] = True
        self.assertEqual(len(set(found)), len(found), f"{cone}: a row twice")
        wrong = (inside != (distance <= cone[2])) & (np.abs(distance - cone[2]) > TIE)
        self.assertFalse(wrong.any(), f"{cone}: rows {np.flatnonzero(wrong)}, {distance[wrong] - cone[2]}")
        return (np.abs(distance - cone[2]) < ARCSECOND).any()

    def test_search(self):
        lines = "".join(f"{ra!r} {dec!r} {radius!r}\n" for ra, dec, radius in self.cones)
        done = subprocess.run([SEARCH, self.cutoutd.cache], input=lines.encode(), capture_output=True, check=True)
        answers = np.frombuffer(done.stdout, np.int32)
        at = edges = 0
        for cone in self.cones:
            count = answers[at]
            edges += self.check(cone, answers[at + 1:at + 1 + count] - 1)
            at += 1 + count
        self.assertEqual(at, len(answers))
        self.assertGreater(edges, 3000)
        print(f"{len(self.cones)} cones, {edges} with a row within an arcsecond of the edge", file=sys.stderr)

    def test_ssa(self):
        """POS and SIZE, a diameter, mean that cone."""
        small = [cone for cone in self.cones if cone[2] < 20][::70][:ASKED]
        with self.cutoutd:
            for ra, dec, radius in small:
                answer = self.cutoutd.get("/lamost5/ssa", POS=f"{ra!r},{dec!r}", SIZE=repr(2 * radius),
                                          FORMAT="votable", MAXREC="100000")
                self.assertEqual(answer.code, 200, answer.text[:500])
                found = re.findall(r"spectra/p(\d+)\.vot", answer.text)
                self.check((ra, dec, radius), np.array(found, int))


if __name__ == "__main__":
    unittest.main()
