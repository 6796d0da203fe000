/*
 * lamost_image.h - LRS spectra as the rows of a primary image, layouts A, B and C:
 * flux, inverse variance, wavelength (A: the flux over its continuum), and-mask, or-mask.
 */
#pragma once

#include "base/status.h"
#include "ingest/fits_file.h"
#include "ingest/samples.h"

#include <stdbool.h>

/* Are these the five rows? */
bool lamost_image_is(const struct fits_hdu *primary);

/* Read the rows of the primary HDU into arrays in `arena`. */
enum status lamost_image_read(struct fits_file *file, struct arena *arena,
                              struct samples *out, struct failure *failure);
