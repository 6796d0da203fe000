/* sample_entry.h - an entry with a value in every column that says which column and which
 * entry it is of. */
#pragma once

#include "archive/entry.h"
#include "base/arena.h"

static inline void sample_entry(struct arena *arena, int which, struct entry *out)
{
    for (size_t i = 0; i < entry_column_count; i++) {
        const struct entry_column *column = &entry_columns[i];

        switch (column->type) {
        case ENTRY_TEXT:
            entry_set_text(out, column,
                           arena_format(arena, "%s of %d", column->name, which));
            break;
        case ENTRY_INTEGER:
            entry_set_integer(out, column, 1000 * (int64_t)i + which);
            break;
        case ENTRY_REAL:
            entry_set_real(out, column, (double)i + which / 1024.0);
            break;
        }
    }
    out->deleted = NULL;
}
