/*
 * lamost.h - LAMOST's six layouts of FITS files, told apart by their structure.
 *
 *   A  LRS image without a wavelength row (DR1)
 *   B  LRS image, float64 (DR2)
 *   C  LRS image, float32 (DR3 to DR8)
 *   D  LRS table COADD of one row (DR9 on)
 *   E  MRS tables, one row a sample, LOGLAM (DR7)
 *   F  MRS tables of one row of vectors, WAVELENGTH (DR9 on)
 */
#pragma once

#include "archive/reading.h"
#include "base/status.h"

#include <stddef.h>

/* Bytes of the largest file that is read, and to which one is inflated: some hundred
 * times a real one. */
enum { LAMOST_LARGEST = 256 << 20 };

/* Goes up by one with each change after which files are read that were refused before:
 * ingest then tries these again. */
enum { LAMOST_READER = 1 };

/*
 * Take a file (as it lies: plain or gzip, told by its first bytes) apart. `path` is its
 * path in the archive with suffix. Fills outcome, reason, spectra of *out; the rest is
 * the caller's. Never fails otherwise: what is wrong with the file is READING_REFUSED and
 * one line (HDU, what).
 */
void lamost_read(const char *path, const void *bytes, size_t size, struct reading *out);
