/*
 * fits_file.h - the one door to CFITSIO: a FITS file in memory, its HDUs, cards and
 * arrays.
 *
 * Works on bytes that were read (and inflated) by us, never on names, so none of
 * CFITSIO's extended file name syntax is in reach. HDUs are counted from 0 (the primary).
 * One file at a time, in worker processes only.
 */
#pragma once

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fits_file;

/*
 * The bytes must outlive the file. They must be HDUs from the first byte to the last: no
 * FITS at all, a header that does not parse, data or padding that are cut short, and
 * bytes after the last HDU are STATUS_REFUSED, with the number of the HDU in the message.
 */
enum status fits_file_open(const void *bytes, size_t size, struct fits_file **out,
                           struct failure *failure);
void fits_file_close(struct fits_file *file); /* NULL is fine */
DEFINE_AUTO(struct fits_file, fits_file_close)

int fits_file_hdu_count(const struct fits_file *file);

enum fits_hdu_kind { FITS_IMAGE, FITS_TABLE, FITS_OTHER };

struct fits_hdu {
    enum fits_hdu_kind
        kind;        /* other: ASCII tables, compressed images, unknown extensions */
    int bitpix;      /* image */
    int axes;        /* image: NAXIS; an invalid NAXISn beyond it does not count */
    int64_t axis[2]; /* image: NAXIS1, NAXIS2; 0 where there is none */
    int64_t rows;    /* table */
};
enum status fits_file_hdu(struct fits_file *file, int hdu, struct fits_hdu *out,
                          struct failure *failure);

/* EXTNAME, "" without one; lives as long as the file. */
const char *fits_file_extname(const struct fits_file *file, int hdu);

/* Put "HDU 2 (COADD_B): " before a message; returns the failure's status. */
enum status fits_file_blame(const struct fits_file *file, int hdu,
                            struct failure *failure);

/* A card's value, see card.h; false too if the HDU has no such card. */
bool fits_file_text(const struct fits_file *file, int hdu, const char *keyword,
                    struct arena *arena, const char **out);
bool fits_file_integer(const struct fits_file *file, int hdu, const char *keyword,
                       int64_t *out);
bool fits_file_real(const struct fits_file *file, int hdu, const char *keyword,
                    double *out);
bool fits_file_logical(const struct fits_file *file, int hdu, const char *keyword,
                       bool *out);

/* A table's column by its name without case. False if there is none, or more than one. */
struct fits_column {
    int number;     /* from 1, as in TTYPEn */
    char type;      /* E, D, I, J, K or B; 0 for any other */
    int64_t repeat; /* elements in one row */
};
bool fits_file_column(struct fits_file *file, int hdu, const char *name,
                      struct fits_column *out);

/*
 * `count` values of a row of an image (counted from 0, NAXIS1 values long), or of a
 * column from its first row on. The numbers are those of the file: NaN stays, no value is
 * a null, and an array that its header scales is refused.
 */
enum status fits_file_image_row(struct fits_file *file, int hdu, int64_t row,
                                int64_t count, double *out, struct failure *failure);
enum status fits_file_column_values(struct fits_file *file, int hdu,
                                    const struct fits_column *column, int64_t count,
                                    double *out, struct failure *failure);
