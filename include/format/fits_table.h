/*
 * fits_table.h - a FITS file with one binary table, written piece by piece into a buffer
 * (FITS 4.0).
 *
 * The caller writes fits_primary(), opens the table, adds cards of its own, closes the
 * header, appends the rows as big-endian bytes (section 5.3) and closes the data. Texts
 * may hold anything: what FITS cannot carry becomes a question mark.
 */
#pragma once

#include "base/buffer.h"

#include <stddef.h>
#include <stdint.h>

enum { FITS_BLOCK = 2880 }; /* headers and data are multiples of it (section 3.1) */

/* The primary HDU, without data. */
void fits_primary(struct buffer *out);

struct fits_column {
    const char *name; /* TTYPEn */
    const char *form; /* TFORMn: a count and one of D, E, K, J, I, B, A, or
                         1Q and what it points to */
    const char *unit, *ucd, *utype, *note; /* NULL: none */
};

/* Start a table's header; its length so far is what fits_header_close() needs. */
void fits_table_open(struct buffer *out, const char *name,
                     const struct fits_column *columns, size_t count, size_t rows);

/* The same for a table whose variable-length arrays, so many bytes in all, come behind
 * its rows (section 7.3.5). */
void fits_heap_table_open(struct buffer *out, const char *name,
                          const struct fits_column *columns, size_t count, size_t rows,
                          int64_t heap);

/* Bytes of one value of a type (section 7.3.1, table 18); of an array in the heap, of its
 * descriptor. */
size_t fits_value_size(char type);

/* Bytes of a row. */
size_t fits_row_size(const struct fits_column *columns, size_t count);

/*
 * Cards. A keyword has at most eight of A-Z, 0-9, - and _; a text that does not fit one
 * card goes on in CONTINUE cards (section 4.2.1.2). A comment may be NULL, and is cut.
 */
void fits_write_text(struct buffer *out, const char *keyword, const char *value,
                     const char *comment);
void fits_write_integer(struct buffer *out, const char *keyword, int64_t value,
                        const char *comment);
/* A number as number.h spells it; one that is not finite writes no card. */
void fits_write_real(struct buffer *out, const char *keyword, const char *number,
                     const char *comment);

/* END, and blanks up to the block's end. Headers and data begin where their block does:
 * `begin` is the length of *out before the file. */
void fits_header_close(struct buffer *out, size_t begin);

/* Zeros up to the block's end. */
void fits_data_close(struct buffer *out, size_t begin);

/* What `size` bytes take as whole blocks. */
static inline size_t fits_blocks(size_t size)
{
    return (size + FITS_BLOCK - 1) / FITS_BLOCK * FITS_BLOCK;
}
