/* slice.h - the run of a spectrum's samples that lie inside a band. */
#pragma once

#include "spectrum/band.h"
#include "spectrum/spectrum.h"

/* Samples first ... first + count - 1. It borrows the spectrum. */
struct slice {
    const struct spectrum *spectrum;
    size_t first;
    size_t count;
};

/*
 * The samples inside the band, both ends included, with a relative tolerance of 1e-12 so
 * that the noise of a unit conversion does not lose one (pyVO
 * sends 3.9800000000000004e-07). A band of one wavelength gives the nearest sample if it
 * lies within the spectrum's range, the lower of two equally near.
 */
struct slice slice_by_band(const struct spectrum *spectrum, struct band band);
