/* bulk_bytes.h - values of a row as the big-endian bytes that FITS (4.0, section 5) and
 * VOTable (1.4, section 2.1) share. */
#pragma once

#include "base/buffer.h"
#include "bulk/bulk_column.h"
#include "bulk/bulk_list.h"

void bulk_add_integer(struct buffer *out, int32_t value);
void bulk_add_long(struct buffer *out, int64_t value);
void bulk_add_double(struct buffer *out, double value);

/* The value of a column that is a number or a pair of them. */
void bulk_add_numbers(struct buffer *out, const struct bulk_row *row,
                      enum bulk_column column);
double bulk_real(const struct bulk_row *row, enum bulk_column column);

/* The text of a column, not NULL; the same filled up with NUL. */
const char *bulk_text(const struct bulk_row *row, enum bulk_column column);
void bulk_add_padded(struct buffer *out, const char *text, size_t width);

/* All values that are reserved for an array, NaN or 0 where the record is damaged. */
void bulk_add_array(struct buffer *out, const struct bulk_row *row,
                    enum bulk_column column);

/* One of them. */
double bulk_wavelength(const struct bulk_row *row, size_t i);
