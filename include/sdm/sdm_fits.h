/* sdm_fits.h - a document of the Spectral Data Model as FITS: a binary table with a row
 * for each sample, and the model's fields as keywords of its header (SpectrumDM 1.2, FITS
 * serialisation). */
#pragma once

#include "sdm/sdm.h"

void sdm_fits_write(const struct sdm_document *document, struct buffer *out);

/* Its length, worked out without its samples. */
int64_t sdm_fits_length(const struct sdm_document *document);
