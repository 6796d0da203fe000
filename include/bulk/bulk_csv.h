/* bulk_csv.h - what texts of many cut-outs have in common. */
#pragma once

#include "base/buffer.h"
#include "bulk/bulk_list.h"

/* A text as a field of CSV (RFC 4180, section 2). */
void bulk_csv_text(struct buffer *out, const char *text);

/* Both ends of a band, in metres. */
void bulk_csv_band(struct buffer *out, const struct band *band);

/* The comment at the end: "# requested=4 ok=2 empty=1 unknown=1 damaged=0". */
void bulk_csv_ledger(struct buffer *out, const int64_t ledger[BULK_STATUSES]);
