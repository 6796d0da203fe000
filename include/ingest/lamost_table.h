/*
 * lamost_table.h - spectra as binary tables, layouts D, E and F: the samples are the
 * elements of one row's vectors, or the rows. Wavelengths are in WAVELENGTH, or as log10
 * in LOGLAM; masks in ANDMASK and ORMASK, or one in PIXMASK.
 */
#pragma once

#include "base/status.h"
#include "ingest/fits_file.h"
#include "ingest/samples.h"

/* Read the table that is this HDU into arrays in `arena`. */
enum status lamost_table_read(struct fits_file *file, int hdu, struct arena *arena,
                              struct samples *out, struct failure *failure);
