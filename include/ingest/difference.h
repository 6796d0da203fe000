/* difference.h - one spectrum as the cache has it against the same as its file has it
 * now. */
#pragma once

#include "archive/entry.h"
#include "archive/reading.h"
#include "base/buffer.h"

#include <stdbool.h>
#include <stddef.h>

/* As the cache has it; a block that is NULL is not where the row says. */
struct cached_spectrum {
    const struct entry *entry;
    const void *axis;
    size_t axis_size;
    const void *record;
    size_t record_size;
};

/*
 * Every byte of axis and record, and every column that the worker fills. Appends the
 * first difference as "what: cache VALUE, file VALUE" and returns true if there is one.
 */
bool difference_find(const struct cached_spectrum *cached,
                     const struct reading_spectrum *fresh, struct buffer *out);
