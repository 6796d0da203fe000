/* bulk_column.h - the columns of a table of cut-outs: names, types, and what they say of
 * themselves. */
#pragma once

#include "bulk/bulk_query.h"

enum bulk_kind { BULK_TEXT, BULK_PAIR, BULK_SCALAR, BULK_ARRAY };

struct bulk_column_facts {
    const char *name;
    enum bulk_kind kind;
    char fits_type;                               /* of one value: A, D, E, J, I */
    const char *datatype;                         /* the same in VOTables */
    const char *unit, *ucd, *utype, *description; /* NULL: none */
};

/* By enum bulk_column. */
extern const struct bulk_column_facts bulk_columns[BULK_COLUMNS];

/* Bytes of one value. */
size_t bulk_value_size(enum bulk_column column);
