/* sdm_text.h - the samples of a document as plain text: CSV, TSV and ECSV. */
#pragma once

#include "sdm/sdm.h"

/* The columns' names, then a line for each sample (RFC 4180, but with LF). */
void sdm_csv_write(const struct sdm_document *document, struct buffer *out);
void sdm_tsv_write(const struct sdm_document *document, struct buffer *out);

/* CSV behind a header in YAML that has datatypes, units, descriptions, and the fields of
 * the model (Enhanced CSV 1.0, astropy's APE 6). */
void sdm_ecsv_write(const struct sdm_document *document, struct buffer *out);
