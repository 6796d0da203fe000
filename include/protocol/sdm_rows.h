/* sdm_rows.h - the samples of a slice as rows of a VOTable. */
#pragma once

#include "base/buffer.h"
#include "spectrum/slice.h"

enum {
    SDM_ROW_BYTES = 1 + 8 + 4 + 4 + 2 + 2
}; /* of BINARY2: null flags, then the columns */

/* Append the base64 of the rows; no column is ever null (VOTable 1.4, section 5.4). */
void sdm_rows_binary2(const struct slice *slice, struct buffer *out);

/* Append them as TR elements. */
void sdm_rows_tabledata(const struct slice *slice, struct buffer *out);
