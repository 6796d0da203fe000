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
#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fits_file;

/* The bytes must outlive the file. Not FITS at all, or an HDU list that does not parse to
 * the end: STATUS_REFUSED. */
enum status fits_file_open(const void *bytes, size_t size, struct fits_file **out,
                           struct failure *failure);
void fits_file_close(struct fits_file *file); /* NULL is fine */
int fits_file_hdu_count(const struct fits_file *file);

enum fits_hdu_kind { FITS_IMAGE, FITS_TABLE, FITS_OTHER };

struct fits_hdu {
    enum fits_hdu_kind kind;
    const char *name; /* EXTNAME, "" without one; lives as long as the file */
    int bitpix;       /* image */
    int axes;         /* image: NAXIS; an invalid NAXISn beyond it does not count */
    int64_t axis[2];  /* image: NAXIS1, NAXIS2 */
    int64_t rows;     /* table */
    int columns;      /* table */
};
enum status fits_file_hdu(struct fits_file *file, int hdu, struct fits_hdu *out,
                          struct failure *failure);

/* A card's value, by type; a card of another type, empty, or absent gives false. Text
 * without trailing blanks. */
bool fits_file_text(struct fits_file *file, int hdu, const char *keyword,
                    struct arena *arena, const char **out);
bool fits_file_integer(struct fits_file *file, int hdu, const char *keyword,
                       int64_t *out);
bool fits_file_real(struct fits_file *file, int hdu, const char *keyword,
                    double *out); /* integers too, and numbers in quotes */
bool fits_file_logical(struct fits_file *file, int hdu, const char *keyword, bool *out);

/* A table's column by its name without case: elements in one row, and the letter of its
 * TFORM. False if there is none. */
struct fits_column {
    int number;
    char type; /* E, D, I, J, K, B, L, A ... */
    int64_t repeat;
};
bool fits_file_column(struct fits_file *file, int hdu, const char *name,
                      struct fits_column *out);

/* `count` values of a row of an image (0-based row of NAXIS1 values), or of a column from
   its first row on, as doubles or as floats. The file has them as stored: no value is
   scaled, none is turned into a null. */
enum status fits_file_image_row(struct fits_file *file, int hdu, int64_t row,
                                int64_t count, double *out, struct failure *failure);
enum status fits_file_column_values(struct fits_file *file, int hdu,
                                    const struct fits_column *column, int64_t count,
                                    double *out, struct failure *failure);
