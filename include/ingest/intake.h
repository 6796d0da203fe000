/*
 * intake.h - what one file means for the cache: whether it must be read, and what its
 * reading changes.
 *
 * A file that was good and is refused now (replaced by a damaged one) has its spectra
 * withdrawn: what the archive holds is what is served, and a cache that kept the old
 * content could not be proved equal to anything.
 */
#pragma once

#include "archive/reading.h"
#include "base/arena.h"
#include "base/status.h"
#include "ingest/crew.h"
#include "ingest/report.h"
#include "ingest/seen.h"
#include "ingest/store.h"
#include "ingest/walk.h"

#include <stdbool.h>

struct intake {
    struct store *store;
    struct seen *seen;
    struct report *report;
    struct arena arena; /* of one file */
};

void intake_init(struct intake *intake, struct store *store, struct seen *seen,
                 struct report *report);
void intake_finish(struct intake *intake);

/* Counts a file that is as the catalogue has it. *must_read: it is not, and *out asks a
 * worker (borrows the item). */
enum status intake_look(struct intake *intake, const struct walk_item *item,
                        bool *must_read, struct errand *out, struct failure *failure);

/* Put what a worker answered into shards and catalogue, and count it. */
enum status intake_take(struct intake *intake, const struct errand *errand,
                        const struct reading *reading, struct failure *failure);

/* Now, as the catalogue writes it: YYYY-MM-DDThh:mm:ss UTC, in the arena. */
const char *intake_now(struct arena *arena);
