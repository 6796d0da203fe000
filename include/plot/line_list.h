/*
 * line_list.h - the strong lines of stars, galaxies and quasars, and of the night sky.
 *
 * Vacuum wavelengths, Angstrom, from NIST's Atomic Spectra Database; blends and band
 * heads as the field quotes them.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum line_kind {
    LINE_STELLAR = 1 << 0,
    LINE_GALAXY = 1 << 1,
    LINE_QSO = 1 << 2,
};

struct spectral_line {
    double wavelength; /* Angstrom, vacuum, at rest */
    const char *name;
    unsigned kinds;
};

extern const struct spectral_line spectral_lines[]; /* wavelengths ascend */
extern const size_t spectral_line_count;

/* Emission of the sky and absorption by the air: never redshifted. */
struct sky_band {
    double from, to; /* Angstrom, vacuum */
    const char *name;
};
extern const struct sky_band sky_bands[];
extern const size_t sky_band_count;

/* The wavelength in air of one in vacuum (Morton 1991, the IAU's formula; from 2000
 * Angstrom on). */
double wavelength_in_air(double vacuum);
