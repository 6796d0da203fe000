/*
 * votable_column.h - one column of a VOTable that somebody sent, read as it arrives.
 *
 * The first TABLE with data, as TABLEDATA, BINARY or BINARY2 (VOTable 1.4, section 5);
 * texts and integers. Entities are refused, so that a small document stays small; nothing
 * is ever fetched.
 */
#pragma once

#include "base/status.h"

#include <stddef.h>

/* Who wants the column. */
struct votable_wish {
    /* How well a field serves, 0 not at all; the first of the best is taken. Absent
     * attributes are empty. */
    int (*rank)(const char *name, const char *ucd);
    /* A cell of it; longer ones than VOTABLE_CELL bytes are cut. What BINARY2 flags as
     * null is left out. */
    enum status (*cell)(void *state, const char *text, size_t length,
                        struct failure *failure);
    void *state;
    const char *described; /* for the message when no field serves */
};
enum { VOTABLE_CELL = 4096 };

struct votable_column;

struct votable_column *votable_column_open(struct votable_wish wish);
void votable_column_close(struct votable_column *column); /* NULL is fine */

/* What is no VOTable, or one we do not read, is STATUS_BAD_PARAMETER. */
enum status votable_column_add(struct votable_column *column, const char *bytes,
                               size_t length, struct failure *failure);
/* The document is whole. */
enum status votable_column_end(struct votable_column *column, struct failure *failure);
