/* sdm_rows.h - the samples of a slice as rows of a VOTable or a FITS table. */
#pragma once

#include "base/buffer.h"
#include "spectrum/slice.h"

enum {
    SDM_ROW_BYTES = 8 + 4 + 4 + 2 + 2,        /* the columns, big-endian */
    SDM_BINARY2_ROW_BYTES = 1 + SDM_ROW_BYTES /* behind null flags */
};

/* Append the base64 of the rows; no column is ever null (VOTable 1.4, sections 5.3 and
 * 5.4). */
void sdm_rows_binary2(const struct slice *slice, struct buffer *out);
void sdm_rows_binary(const struct slice *slice, struct buffer *out);

/* Append the bytes of the rows: what a binary table of FITS holds. */
void sdm_rows_bytes(const struct slice *slice, struct buffer *out);

/* Append them as TR elements. */
void sdm_rows_tabledata(const struct slice *slice, struct buffer *out);

/* Append them as lines of numbers between separators. */
void sdm_rows_text(const struct slice *slice, char separator, struct buffer *out);
