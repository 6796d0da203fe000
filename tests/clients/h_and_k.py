"""The example of calcium H and K finds the stars of a class, and their lines where a fit of the files has them."""
import csv
import pathlib
import re
import subprocess
import sys
import tempfile
import warnings

import numpy
from astropy.io import fits
from astropy.modeling import fitting, models

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import cutoutd_server as support  # noqa: E402

EXAMPLE = pathlib.Path(__file__).parents[2] / "conf/examples/h_and_k.py"
K, H = 3934.78, 3969.59  # Angstrom, vacuum


def printed(base, subclass, picture):
    """Path -> centres and depths of K and H, None without a fit; in the order printed."""
    done = subprocess.run([sys.executable, EXAMPLE, "--service", base + "/lamost5", "--subclass", subclass,
                           "--picture", picture], capture_output=True, text=True, timeout=support.SECONDS * 2)
    assert done.returncode == 0 and not done.stderr, done.stderr
    found = {}
    for line in done.stdout.splitlines()[1:]:
        fit, kind, path = re.fullmatch(r"(.*\S)  (\S+) +ivo://test.example/~\?lamost5/(\S+)", line).groups()
        assert kind.startswith(subclass), line
        found[path] = None if "no fit" in fit else [float(number) for number in fit.split()[:4]]
    return found


def fit_of_file(path):
    """Centres of K and H, from the file itself and by another fit of the same model."""
    flux, ivar, wavelength = fits.getdata(path)[:3].astype(float)
    good = (wavelength >= 3920) & (wavelength <= 3980) & (ivar > 0)
    flux, ivar, wavelength = flux[good], ivar[good], wavelength[good]
    flux, ivar = flux / numpy.median(flux), ivar * numpy.median(flux) ** 2
    model = (models.Linear1D(0, 1) + models.Gaussian1D(-0.5, K - 3952, 5) + models.Gaussian1D(-0.5, H - 3952, 5))
    best = fitting.LevMarLSQFitter()(model, wavelength - 3952, flux, weights=ivar ** 0.5, maxiter=2000)
    return best.mean_1.value + 3952, best.mean_2.value + 3952


def main():
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory(prefix="cutoutd-h-and-k-") as name:
        folder = pathlib.Path(name)
        support.make_fixtures(folder / "spectra", 120, "--layouts", "C")
        with (folder / "spectra/manifest.tsv").open() as manifest:
            stars = {row["path"].removesuffix(".fits"): float(row["z"])
                     for row in csv.DictReader(manifest, delimiter="\t") if row["subclass"].startswith("G")}
        cutoutd = support.Cutoutd(folder, folder / "spectra")
        cutoutd.ingest()
        with cutoutd:
            found = printed(cutoutd.base, "G", folder / "stack.png")
        assert set(found) == set(stars) and list(found) == sorted(found, key=stars.get), (found, stars)
        deep = {path: fit for path, fit in found.items() if fit and 0.5 < fit[1] < 2 and 0.5 < fit[3] < 2}
        assert len(deep) > len(stars) / 2, found
        for path, (k, _, h, _) in deep.items():
            expected = fit_of_file(folder / "spectra" / (path + ".fits"))
            assert numpy.allclose((k, h), expected, atol=0.05), (path, k, h, expected)
        for line, number in [(K, 0), (H, 2)]:
            shifts = [fit[number] - line * (1 + stars[path]) for path, fit in deep.items()]
            assert abs(numpy.median(shifts)) < 1, shifts
        picture = (folder / "stack.png").read_bytes()
        assert picture.startswith(b"\x89PNG\r\n")
        print(f"{len(stars)} stars, {len(deep)} compared")


main()
