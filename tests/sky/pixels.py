"""Positions in HEALPix pixels, compared with healpy or astropy_healpix.

Usage: pixels.py PIXELS
"""
import subprocess
import sys

import numpy as np

try:
    import healpy

    def expected(order, lon, lat):
        return healpy.ang2pix(1 << order, lon % 360, lat, nest=True, lonlat=True)
except ImportError:
    try:
        import astropy.units as u
        import astropy_healpix
    except ImportError:
        print("skipped: neither healpy nor astropy_healpix")
        sys.exit(77)

    def expected(order, lon, lat):
        return astropy_healpix.lonlat_to_healpix(lon * u.deg, lat * u.deg, 1 << order, order="nested")

random = np.random.default_rng(20261122)
wrong = 0
for order in range(30):
    lon = random.uniform(-360, 720, 4000)
    lat = np.degrees(np.arcsin(random.uniform(-1, 1, 4000)))
    lat[:300] = 90 - 10 ** random.uniform(-9, 1, 300)
    lat[300:600] = -90 + 10 ** random.uniform(-9, 1, 300)
    lat[600:700] = np.degrees(np.arcsin(2 / 3)) + random.uniform(-1e-6, 1e-6, 100)
    rows = "".join(f"{order} {a!r} {b!r}\n" for a, b in zip(lon.tolist(), lat.tolist()))
    done = subprocess.run([sys.argv[1]], input=rows, text=True, capture_output=True, check=True)
    differ = np.array(done.stdout.split(), dtype=int) != expected(order, lon, lat)
    wrong += differ.sum()
    for i in np.flatnonzero(differ)[:3]:
        print(f"order {order}: {lon[i]!r} {lat[i]!r}")
print(f"{wrong} of {30 * 4000} differ")
sys.exit(1 if wrong else 0)
