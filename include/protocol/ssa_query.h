/*
 * ssa_query.h - the parameters of an SSA query (SSA 1.1, sections 4.1 and 8.7).
 *
 * Each may be given once; names of others are ignored, and so are those that the standard
 * has for services of another kind (APERTURE extracts nothing here). A value that cannot
 * be read is STATUS_BAD_PARAMETER.
 */
#pragma once

#include "archive/catalogue_search.h"
#include "base/arena.h"
#include "base/buffer.h"
#include "dali/params.h"
#include "service/service.h"

#include <stdbool.h>
#include <stdint.h>

/* Rows of an answer: unless MAXREC says otherwise, and whatever it says. */
enum { SSA_ROWS_DEFAULT = 10000, SSA_ROWS_MOST = 1000000 };

/* Of SIZE, where it is left out. */
#define SSA_SIZE_DEFAULT 0.2 /* degrees */

struct ssa_query {
    bool is_metadata; /* FORMAT=METADATA: nothing else matters */
    bool matches_nothing;
    bool with_votable; /* a row of this form */
    bool with_fits;
    int64_t maxrec;    /* rows */
    int64_t top;       /* rows, the best first; below 0: in any order */
    int64_t row_limit; /* the lesser of the two */
    bool may_overflow; /* MAXREC is what limits */
    struct cone cone;
    struct catalogue_query catalogue; /* of the cone above, and texts in the arena */
};

/* Into *out, which must stay where it is. */
enum status ssa_query_read(const struct params *params,
                           const struct service_settings *settings,
                           const struct collection_settings *collection,
                           struct arena *arena, struct ssa_query *out,
                           struct failure *failure);

/* The parameters as PARAMs named INPUT:... (section 6). */
void ssa_query_inputs(struct buffer *out);
