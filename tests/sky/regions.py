"""Points in regions, compared with astropy's separations, with plain bounds, and with polygons in a
projection where great circles are straight.

Usage: regions.py CONTAINS
"""
import subprocess
import sys

import astropy.units as u
import numpy as np
from astropy.coordinates import SkyCoord

random = np.random.default_rng(20261122)


def ask(rows):
    text = "".join(f"{lon!r} {lat!r} {pos}\n" for lon, lat, pos in rows)
    done = subprocess.run([sys.argv[1]], input=text, capture_output=True, text=True, check=True)
    return np.array(done.stdout.split(), dtype=int).astype(bool)


def near(lon, lat, reach, count):
    """Points at any distance up to `reach` degrees from one."""
    centre = SkyCoord(lon * u.deg, lat * u.deg)
    found = centre.directional_offset_by(random.uniform(0, 360, count) * u.deg,
                                         random.uniform(0, reach, count) * u.deg)
    return found.ra.deg.tolist(), found.dec.deg.tolist()


def circles():
    rows, expected = [], []
    for lon, lat in [(0, 90), (0, -90), (0, 0), (359.99, 1), (180, 89.9), *zip(
            random.uniform(0, 360, 40), random.uniform(-90, 90, 40))]:
        for radius in (1e-3, 1.0, 30.0, 100.0, 179.0):
            lons, lats = near(lon, lat, min(2 * radius, 180), 40)
            apart = SkyCoord(lon * u.deg, lat * u.deg).separation(SkyCoord(lons * u.deg, lats * u.deg)).deg
            clear = abs(apart - radius) > 1e-8
            rows += [(a, b, f"CIRCLE {float(lon)!r} {float(lat)!r} {radius!r}")
                     for a, b, ok in zip(lons, lats, clear) if ok]
            expected += (apart <= radius)[clear].tolist()
    return rows, expected


def ranges():
    rows, expected = [], []
    for west, east in random.uniform(-360, 720, (100, 2)):
        south, north = sorted(random.uniform(-90, 90, 2))
        for lon, lat in zip(random.uniform(0, 360, 30).tolist(), random.uniform(-90, 90, 30).tolist()):
            turns = range(-3, 4)
            if east >= west:
                inside = any(west <= lon + 360 * turn <= east for turn in turns)
            else:  # through 0: as if the east end were on the next turn
                inside = (lon - west) % 360 <= (east - west) % 360
            rows.append((lon, lat, f"RANGE {west!r} {east!r} {south!r} {north!r}"))
            expected.append(inside and south <= lat <= north)
    return rows, expected


def tangent(lon, lat, lon0, lat0):
    """Gnomonic projection; NaN beyond the horizon."""
    lon, lat, lon0, lat0 = map(np.radians, (lon, lat, lon0, lat0))
    cos_c = np.sin(lat0) * np.sin(lat) + np.cos(lat0) * np.cos(lat) * np.cos(lon - lon0)
    x = np.cos(lat) * np.sin(lon - lon0) / cos_c
    y = (np.cos(lat0) * np.sin(lat) - np.sin(lat0) * np.cos(lat) * np.cos(lon - lon0)) / cos_c
    return np.where(cos_c > 1e-9, x, np.nan), np.where(cos_c > 1e-9, y, np.nan)


def crossings(x, y, px, py):
    """Even-odd rule: how often a ray to the right leaves the polygon."""
    inside = np.zeros(len(x), dtype=bool)
    for (ax, ay), (bx, by) in zip(zip(px, py), zip(np.roll(px, -1), np.roll(py, -1))):
        with np.errstate(invalid="ignore", divide="ignore"):
            inside ^= ((ay > y) != (by > y)) & (x < (bx - ax) * (y - ay) / (by - ay) + ax)
    return inside


def polygons():
    """Stars around a centre, so never crossing themselves, mostly not convex."""
    rows, expected = [], []
    for lon0, lat0 in [(0, 90), (10, -90), (0, 0), (359.9, 0.5), (180, 89), *zip(
            random.uniform(0, 360, 60), random.uniform(-90, 90, 60))]:
        reach = random.choice([0.01, 1, 20, 60])
        count = random.integers(3, 12)
        directions = np.sort(random.uniform(0, 360, count))
        if np.max(np.diff(np.append(directions, directions[0] + 360))) > 170:
            continue
        centre = SkyCoord(lon0 * u.deg, lat0 * u.deg)
        vertices = centre.directional_offset_by(directions * u.deg,
                                                random.uniform(reach / 3, reach, count) * u.deg)
        px, py = tangent(vertices.ra.deg, vertices.dec.deg, lon0, lat0)
        pos = "POLYGON " + " ".join(f"{a!r} {b!r}" for a, b in zip(
            vertices.ra.deg.tolist(), vertices.dec.deg.tolist()))
        lons, lats = near(lon0, lat0, min(1.5 * reach, 180), 60)
        far = near(lon0, lat0, 180, 20)
        lons, lats = np.array(lons + far[0]), np.array(lats + far[1])
        x, y = tangent(lons, lats, lon0, lat0)
        inside = crossings(x, y, px, py) & np.isfinite(x)
        rows += [(a, b, pos) for a, b in zip(lons.tolist(), lats.tolist())]
        expected += inside.tolist()
    return rows, expected


failed = 0
for kind in (circles, ranges, polygons):
    rows, expected = kind()
    found = ask(rows)
    wrong = np.flatnonzero(found != np.array(expected))
    print(f"{kind.__name__}: {len(rows)} points, {sum(expected)} inside, {len(wrong)} wrong")
    for i in wrong[:5]:
        print("  ", rows[i], "expected", expected[i])
    failed += len(wrong)
sys.exit(failed > 0)
