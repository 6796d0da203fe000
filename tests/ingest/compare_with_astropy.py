"""Every real file: samples and columns are those that astropy reads, mapped here a second time.

Usage: compare_with_astropy.py DUMP_READING, with the folder of LAMOST files in CUTOUTD_LAMOST_DIR. Its MANIFEST.tsv says
which kind each file is, so this side does not depend on how the reader tells layouts apart.
"""
import csv
import math
import os
import pathlib
import subprocess
import sys
import warnings

SKIPPED = 77
FOREIGN = {  # file in other/ -> what the refusal must say
    "corrupt-utf8-med-59151-TD054232S000057S01_sp09-008.fits": "HDU 2: damaged",
    "spec-3128-54776-0008.fits": "HDU 0: not of LAMOST: TELESCOP is SDSS",
    "spec-6064-56097-0980.fits": "HDU 0: not of LAMOST: TELESCOP is SDSS",
    "spectra-5-169-thru20210419.fits": "HDU 0: not of LAMOST: no TELESCOP",
}
DAY = 86400
UTC_PLUS_8 = 8 / 24
# |ours - expected|: MJDs are sums of fractions of a day; a median may be taken in single precision
TOLERANCES = {"ssa_dateObs": 1e-10, "ssa_timestart": 1e-10, "ssa_timestop": 1e-10,
              "ssa_timeExt": 2e-3}

if "CUTOUTD_LAMOST_DIR" not in os.environ:
    print("skipped: CUTOUTD_LAMOST_DIR names no folder of LAMOST files")
    sys.exit(SKIPPED)

import numpy as np
from astropy.io import fits
from astropy.time import Time

folder = pathlib.Path(os.environ["CUTOUTD_LAMOST_DIR"])
wrong = []


def dump(paths):
    """Path -> reason of refusal, or the spectra as (columns, arrays)."""
    answer = {}
    run = subprocess.run([sys.argv[1], folder, *paths], stdout=subprocess.PIPE, text=True, check=True)
    for line in run.stdout.splitlines():
        kind, _, rest = line.partition(" ")
        if kind == "file":
            path, spectra = rest, []
            answer[path] = spectra
        elif kind == "refused":
            answer[path] = rest
        elif kind == "spectrum":
            columns, arrays = {}, {}
            spectra.append((columns, arrays))
        elif kind == "column":
            name, _, columns[name] = rest.partition(" ")
            columns[name] = rest.partition(" ")[2]
        else:
            width, _, digits = rest.partition(" ")
            types = {"axis": {"4": "<f4", "8": "<f8"}, "flux": {"4": "<f4"},
                     "flux_error": {"4": "<f4"}, "and_mask": {"1": "u1", "2": "<i2"},
                     "or_mask": {"1": "u1", "2": "<i2"}}
            arrays[kind] = np.frombuffer(bytes.fromhex(digits), types[kind][width])
    return answer


# ---- what astropy says ----

def samples_of_image(hdu):
    data = hdu.data
    names = hdu.header["EXTEN0"].replace(",", " ").split()
    if names[2] == "Wavelength":
        wavelength = data[2]
    else:
        wavelength = 10.0 ** (hdu.header["COEFF0"] + hdu.header["COEFF1"] * np.arange(data.shape[1]))
    return wavelength, data[0], data[1], data[3], data[4]


def samples_of_table(hdu):
    names = hdu.columns.names
    table = {name: np.ravel(hdu.data[name]) for name in names}
    wavelength = (10.0 ** table["LOGLAM"].astype("f8") if "LOGLAM" in names
                  else table["WAVELENGTH"])
    masks = [table["PIXMASK"]] * 2 if "PIXMASK" in names else [table["ANDMASK"], table["ORMASK"]]
    samples = (wavelength, table["FLUX"], table["IVAR"], *masks)
    if wavelength[0] > wavelength[-1]:
        samples = tuple(array[::-1] for array in samples)
    return samples


def mjd(text):
    return Time(text.replace(" ", "T"), format="isot", scale="utc").mjd


def card(headers, *keywords):
    """The first that is there and means something."""
    for keyword in keywords:
        for header in headers:
            value = header.get(keyword)
            if isinstance(value, str):
                value = value.rstrip()
            if value not in (None, "", -9999, -999):
                return value
    return None


def times(own, primary, spectrum, exposure):
    exposure_of_mrs = spectrum and "-" in spectrum
    headers = [own] if exposure_of_mrs else [own, primary]
    begin, middle, end = (card(headers, key) for key in ("DATE-BEG", "DATE-OBS", "DATE-END"))
    if begin is None and exposure_of_mrs:
        start = int(own["LMJM"]) / 1440 - UTC_PLUS_8
        return start, start, start + exposure / DAY, exposure
    start, stop = mjd(begin) - UTC_PLUS_8, mjd(end) - UTC_PLUS_8
    return mjd(middle), start, stop, (stop - start) * DAY


def exposure_of(hdus, own, primary, spectrum):
    if spectrum in ("B", "R"):
        return sum(hdu.header["EXPTIME"] for hdu in hdus[1:] if hdu.name.startswith(spectrum + "-"))
    return card([own, primary], "EXPTIME")


def columns_of(hdus, number, spectrum, path):
    primary, own = hdus[0].header, hdus[number].header
    headers = [own, primary]
    stem = path.removesuffix(".gz").removesuffix(".fits")
    survey = "MRS" if spectrum else "LRS"
    obsid, release, filename = (card(headers, key) for key in ("OBSID", "DATA_V", "FILENAME"))
    kind = card(headers, "CLASS")
    subclass = card(headers, "SUBCLASS") if kind == "STAR" else None
    exposure = exposure_of(hdus, own, primary, spectrum)
    middle, start, stop, extent = times(own, primary, spectrum, exposure)
    target = card(headers, "DESIG")
    title = [release or os.path.basename(stem), obsid,
             target.removeprefix("LAMOST ") if release else target, kind, subclass, spectrum]
    catalogue = card(headers, "TSOURCE", "OBJSOURC")
    fiber = card(headers, "FIBERID")
    identity = obsid if obsid is not None else filename
    columns = {
        "path": f"{stem}/{spectrum}" if spectrum else stem,
        "name": os.path.basename(stem), "spectrum": spectrum, "filename": filename,
        "obsid": obsid, "ssa_collection": release, "survey": survey,
        "ssa_dstitle": " ".join(str(word) for word in title if word is not None),
        "ssa_creator": "LAMOST Pipeline",
        "ssa_creatorDID": f"ivo://org.lamost/spectra?{identity}" + (f"/{spectrum}" if spectrum else ""),
        "ssa_cdate": primary["DATE"].replace(" ", "T")[:19],
        "ssa_cversion": card(headers, "VERSPIPE", "DATA_V"),
        "ssa_instrument": f"LAMOST {survey} spectrograph {primary['SPID']}",
        "ssa_bandpass": spectrum[0] if spectrum else "Optical",
        "ssa_targname": target,
        "ssa_targdesc": f"{card(headers, 'OBJTYPE')} from input catalogue {catalogue}",
        "ssa_targclass": kind and kind.lower(), "ssa_targsubclass": subclass,
        "ssa_redshift": card(headers, "Z"), "ssa_derredshifterr": card(headers, "Z_ERR"),
        "ssa_snr": own["SNR"] if spectrum else card(headers, "SNRG", "SN_G"),
        "raj2000": primary["RA"], "dej2000": primary["DEC"],
        "ra_obs": card(headers, "RA_OBS", "OBS_RA", "RA"),
        "dec_obs": card(headers, "DEC_OBS", "OBS_DEC", "DEC"),
        "ssa_dateObs": middle, "ssa_timestart": start, "ssa_timestop": stop,
        "ssa_timeExt": extent, "ssa_exptime": exposure,
        "ssa_resppower": 7500 if spectrum else 1800,
        "helio": int(primary["HELIO"]), "helio_rv": primary["HELIO_RV"],
        "lmjd": primary["LMJD"], "spid": primary["SPID"], "fiberid": int(fiber),
        "planid": primary["PLANID"], "seeing": primary["SEEING"],
        "ssa_csysequinox": primary["EQUINOX"],
    }
    for band in "URIZ":
        columns[f"snr{band.lower()}"] = card(headers, f"SNR{band}", f"SN_{band}")
    return columns


def columns_of_samples(wavelength, error):
    middle = len(wavelength) // 2
    wavelength = wavelength.astype("f8")
    known = error[~np.isnan(error)].astype("f8")
    return {
        "ssa_length": len(wavelength), "samples_masked": int(np.isnan(error).sum()),
        "spectral_start": wavelength[0], "spectral_end": wavelength[-1],
        "bin_size": wavelength[middle] - wavelength[middle - 1],
        "ssa_fluxStatError": np.median(known) if len(known) else None,
    }


# ---- comparing ----

def same(name, ours, expected):
    if expected is None or ours is None:
        return ours is None and expected is None
    if isinstance(expected, str):
        return ours == expected
    value = float.fromhex(ours) if "0x" in ours else float(ours)
    if name in ("spectral_start", "spectral_end", "bin_size"):  # of formulas: the axis is compared by ulps
        return math.isclose(value, expected, rel_tol=1e-9)
    return abs(value - expected) <= TOLERANCES.get(name, 0)


def compare_columns(where, ours, expected):
    for name in expected:
        if not same(name, ours.get(name), expected[name]):
            wrong.append(f"{where}: {name} is {ours.get(name)}, expected {expected[name]}")
    for name in set(ours) - set(expected):
        wrong.append(f"{where}: {name} is {ours[name]}, expected nothing of this name")


def compare_bits(where, name, ours, expected):
    if ours.dtype != expected.dtype or ours.tobytes() != expected.tobytes():
        wrong.append(f"{where}: {name} differs")


def compare_samples(where, arrays, samples, formula):
    wavelength, flux, ivar, and_mask, or_mask = samples
    with np.errstate(divide="ignore"):
        error = (1 / np.sqrt(ivar.astype("f8"))).astype("<f4")
    error[ivar == 0] = np.nan
    native = wavelength.astype("<f4" if wavelength.dtype.itemsize == 4 else "<f8")
    if formula:
        off = np.abs(arrays["axis"] - native) > np.spacing(native)
        if arrays["axis"].dtype != native.dtype or off.any():
            wrong.append(f"{where}: wavelengths off by more than 1 ulp")
    else:
        compare_bits(where, "axis", arrays["axis"], native)
    compare_bits(where, "flux", arrays["flux"], flux.astype("<f4"))
    known = ivar != 0
    compare_bits(where, "flux_error", arrays["flux_error"][known], error[known])
    if not np.isnan(arrays["flux_error"][~known]).all():
        wrong.append(f"{where}: an error where ivar is 0")
    compare_bits(where, "and_mask", arrays["and_mask"].astype("<i2"), and_mask.astype("<i2"))
    compare_bits(where, "or_mask", arrays["or_mask"].astype("<i2"), or_mask.astype("<i2"))
    return columns_of_samples(native, error)


def spectrum_of(hdu):
    return None if hdu.name in ("FLUX", "PRIMARY", "COADD", "") else hdu.name.removeprefix("COADD_")


def compare_file(row, ours):
    path, image = row["path"], row["path"].startswith("lrs-image/")
    if isinstance(ours, str):
        wrong.append(f"{path}: refused: {ours}")
        return 0
    with fits.open(folder / path) as hdus:
        numbers = [0] if image else range(1, len(hdus))
        if len(ours) != len(numbers):
            wrong.append(f"{path}: {len(ours)} spectra, expected {len(numbers)}")
            return 0
        for number, (columns, arrays) in zip(numbers, ours):
            hdu = hdus[number]
            where = f"{path} HDU {number}"
            formula = ("Subcontinuum" in hdu.header["EXTEN0"] if image
                       else "LOGLAM" in hdu.columns.names)
            samples = samples_of_image(hdu) if image else samples_of_table(hdu)
            expected = compare_samples(where, arrays, samples, formula)
            expected |= columns_of(hdus, number, spectrum_of(hdu) if not image else None, path)
            expected |= {"file": path, "file_size": int(row["bytes"]), "file_raw_size": int(row["raw_bytes"]),
                         "file_is_gzip": int(row["gzip"] == "yes")}
            compare_columns(where, columns, expected)
    return len(numbers)


warnings.simplefilter("ignore")
with open(folder / "MANIFEST.tsv", newline="") as manifest:
    rows = list(csv.DictReader(manifest, delimiter="\t"))
answer = dump([row["path"] for row in rows])
lamost = [row for row in rows if not row["path"].startswith("other/")]
spectra = sum(compare_file(row, answer[row["path"]]) for row in lamost)
for name, reason in FOREIGN.items():
    ours = answer[f"other/{name}"]
    if not isinstance(ours, str) or not ours.startswith(reason):
        wrong.append(f"other/{name}: expected '{reason}', got {ours if isinstance(ours, str) else 'spectra'}")
print("\n".join(wrong[:50]))
print(f"{len(lamost)} files, {spectra} spectra, {len(FOREIGN)} refused, {len(wrong)} differences")
sys.exit(1 if wrong or spectra == 0 else 0)
