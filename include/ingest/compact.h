/*
 * compact.h - give back the room of records that no row points to any more, while others
 * read.
 *
 * Shards of which less than half is alive, and small ones where there are several, are
 * written anew: their living records are copied into new shards, the rows moved in the
 * transaction that the new shard is committed with, and the old shard is removed
 * afterwards. A reader that has it mapped keeps it.
 */
#pragma once

#include "base/status.h"
#include "ingest/interruption.h"
#include "ingest/report.h"
#include "ingest/store.h"

#include <stdint.h>

struct compact_settings {
    const char *folder;  /* the cache's */
    int64_t shard_bytes; /* how large shards are made; 0: 256 MiB */
    const struct interruption
        *interruption; /* between two shards: the rest is left for the next time */
};

/*
 * Between two commits of the store. A record that is not what was written is reported as
 * failed and left where it is, with its shard; its file is read anew by the next ingest.
 */
enum status compact_run(const struct compact_settings *settings, struct store *store,
                        struct report *report, struct failure *failure);
