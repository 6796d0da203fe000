/* votable_binary.h - rows of BINARY and BINARY2 taken apart as their base64 arrives
 * (VOTable 1.4, sections 5.3 and 5.4). */
#pragma once

#include "format/votable_column.h"

#include <stdbool.h>

struct votable_binary;

/* What a FIELD takes in a row. */
struct votable_extent {
    enum { EXTENT_BYTES, EXTENT_INTEGER, EXTENT_WIDE } kind; /* WIDE: unicodeChar */
    size_t unit_bits; /* of one value, or of the fixed dimensions of a variable array */
    bool is_variable; /* a count of units comes before them */
};

/* False if there is no such type or size. A NULL arraysize is one value. */
bool votable_extent_read(const char *datatype, const char *arraysize,
                         struct votable_extent *out);

/* Rows of these fields, copied, of which one is wanted; has_flags: null flags come before
 * each (BINARY2). A row that takes no bytes is STATUS_BAD_PARAMETER. */
enum status votable_binary_open(const struct votable_extent *fields, size_t count,
                                size_t wanted, bool has_flags, struct votable_wish wish,
                                struct votable_binary **out, struct failure *failure);
void votable_binary_close(struct votable_binary *binary); /* NULL is fine */

/* More of the base64; blanks in it do not matter. */
enum status votable_binary_add(struct votable_binary *binary, const char *text,
                               size_t length, struct failure *failure);
/* The stream has ended; a row begun is STATUS_BAD_PARAMETER. */
enum status votable_binary_end(const struct votable_binary *binary,
                               struct failure *failure);
