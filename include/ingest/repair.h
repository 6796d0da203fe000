/*
 * repair.h - shards of the catalogue that are missing, cut short or not what was written.
 *
 * What they held is in the archive: before the walk, their files are marked as lost, so
 * that the walk has them read anew; after it, a shard that nothing lies in any more is
 * forgotten and removed.
 */
#pragma once

#include "base/buffer.h"
#include "base/status.h"
#include "ingest/interruption.h"
#include "ingest/report.h"
#include "ingest/store.h"

#include <stdbool.h>

struct repair {
    const char *folder; /* the cache's */
    struct store *store;
    struct report *report;
    const struct interruption *interruption; /* between two shards */
    bool thorough;        /* read each shard whole and compare it with its seal */
    struct buffer broken; /* int64_t: numbers of shards, told by repair_begin() */
};

/* The members but `broken` are the caller's to set. */
enum status repair_begin(struct repair *repair, struct failure *failure);

/* After a walk that came to its end and was committed; between two commits. */
enum status repair_end(const struct repair *repair, struct failure *failure);
void repair_finish(struct repair *repair);
