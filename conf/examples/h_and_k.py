#!/usr/bin/python3
"""Calcium H and K in all stars of a class, by three requests: SSA finds them, SODA cuts them, SODA draws them.

Prints where a fit of two Gaussians on a straight continuum has the lines, how deep they are (negative: emission), and
how fast the star moves; saves the stack of all windows as a picture, one line of pixels for each star.

    apt install python3-pyvo python3-scipy
    ./h_and_k.py --service http://127.0.0.1:8080/lamost5 --subclass G8
"""
import argparse
import io
import pathlib
import sys
import warnings

import numpy
import pyvo
import requests
from astropy import units as u
from astropy.constants import c
from astropy.table import Table
from scipy.optimize import curve_fit

WINDOW = (392 * u.nm, 398 * u.nm)
K, H = 3934.78, 3969.59  # Angstrom, vacuum
MIDDLE = (K + H) / 2


def find_stars(service, subclass):
    """Publisher DIDs of the stars whose subclass begins so and that have the window."""
    stars = pyvo.dal.SSAService(service + "/ssa").search(
        band=WINDOW, format="application/x-votable+xml", TARGETCLASS="star", MAXREC=1000000).to_table()
    return [row["ssa_pubDID"] for row in stars if str(row["ssa_targsubclass"]).startswith(subclass)]


def cut(service, dids, **parameters):
    """The windows of all of them, one request: what RESPONSEFORMAT says, as bytes."""
    band = " ".join(str(end.to_value(u.m)) for end in WINDOW)
    answer = requests.post(service + "/sync", files={"IDS": "\n".join(dids)}, data={"BAND": band, **parameters})
    if not answer.ok:
        sys.exit(answer.text)
    return answer.content


def two_lines(wavelength, level, slope, k_depth, k_centre, k_width, h_depth, h_centre, h_width):
    """Two Gaussians on a straight continuum."""
    return (level + slope * (wavelength - MIDDLE)
            - k_depth * numpy.exp(-((wavelength - k_centre) / k_width) ** 2 / 2)
            - h_depth * numpy.exp(-((wavelength - h_centre) / h_width) ** 2 / 2))


def fit(spectrum):
    """The best parameters of two_lines(), fluxes relative to their median; None where the fit finds no such lines."""
    good = numpy.isfinite(spectrum["flux_error"])
    scale = numpy.median(spectrum["flux"][good]) if good.sum() > 20 else 0
    if not scale > 0:
        return None
    wavelength, flux, error = (spectrum[name][good].astype(float) for name in ("spectral", "flux", "flux_error"))
    lower = numpy.array([-numpy.inf, -numpy.inf, -10, K - 10, 1, -10, H - 10, 1])
    upper = numpy.array([numpy.inf, numpy.inf, 10, K + 10, 15, 10, H + 10, 15])
    try:
        best, _ = curve_fit(two_lines, wavelength, flux / scale, [1, 0, 0.5, K, 5, 0.5, H, 5], error / scale,
                            bounds=(lower, upper))
    except RuntimeError:
        return None
    return best if (best > lower + 0.01).all() and (best < upper - 0.01).all() else None


def line_of(spectrum):
    """Of the table that is printed."""
    name = f"{spectrum['ssa_targsubclass']:6} {spectrum['ssa_pubDID']}"
    best = fit(spectrum)
    if best is None:
        return f"{'no fit':>41}  {name}"
    _, _, k_depth, k_centre, _, h_depth, h_centre, _ = best
    speed = ((k_centre / K + h_centre / H) / 2 - 1) * c.to_value(u.km / u.s)
    return f"{k_centre:9.2f} {k_depth:6.2f} {h_centre:9.2f} {h_depth:6.2f} {speed:7.0f}  {name}"


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--service", default="http://127.0.0.1:8080/lamost5", help="a collection of cutoutd")
    options.add_argument("--subclass", default="G8", help="beginning of the subclass, such as G or G8")
    options.add_argument("--picture", type=pathlib.Path, default="h_and_k.png", help="file for the stack")
    chosen = options.parse_args()
    warnings.filterwarnings("ignore", module="astropy.io.votable")  # it stumbles over values that are empty

    dids = find_stars(chosen.service, chosen.subclass)
    if not dids:
        sys.exit(f"no star of {chosen.subclass} here")
    spectra = Table.read(io.BytesIO(cut(chosen.service, dids, RESPONSEFORMAT="fits")), hdu="CUTOUTS")
    spectra.sort("ssa_redshift")  # as in the picture
    print(f"{'K':>9} {'depth':>6} {'H':>9} {'depth':>6} {'km/s':>7}  class  spectrum")
    for spectrum in spectra:
        print(line_of(spectrum))
    chosen.picture.write_bytes(cut(chosen.service, dids, RESPONSEFORMAT="image/png", SORT="ssa_redshift"))


main()
