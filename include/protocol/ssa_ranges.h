/*
 * ssa_ranges.h - the range-lists of SSA (SSA 1.1, section 8.7.2): items between commas, a
 * qualifier behind a semicolon; an item is a value, or two of them around a slash, of
 * which either may be missing; a step behind another slash is allowed and not needed
 * here.
 */
#pragma once

#include "archive/catalogue_search.h"
#include "base/arena.h"
#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

struct ssa_item {
    const char *first; /* NULL: open */
    const char *last;
    bool is_range; /* false: both are the same value */
};

struct ssa_list {
    struct ssa_item *items;
    size_t count;
    const char *qualifier; /* NULL: none */
};
enum { SSA_LIST_LENGTH = 100 }; /* more items are refused */

/* Take a list apart; texts live in the arena. `parameter` is named by messages, which are
 * STATUS_BAD_PARAMETER. */
enum status ssa_list_read(const char *parameter, const char *text, struct arena *arena,
                          struct ssa_list *out, struct failure *failure);

/* An item of numbers; its ends in either order. */
enum status ssa_range_of_numbers(const char *parameter, const struct ssa_item *item,
                                 struct catalogue_range *out, struct failure *failure);

/* An item of dates, yyyy[-mm[-dd[Thh:mm[:ss]]]] UTC, as MJD: a short form is the whole
 * year, month, day or minute. */
enum status ssa_range_of_dates(const char *parameter, const struct ssa_item *item,
                               struct catalogue_range *out, struct failure *failure);
