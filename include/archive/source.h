/*
 * source.h - where a found spectrum comes from: a record in a mapped shard, or a file
 * that was read through.
 *
 * Counted without a lock: a source belongs to one thread.
 */
#pragma once

#include "archive/entry.h"
#include "archive/read_through.h"
#include "archive/residence.h"
#include "archive/shard_set.h"
#include "base/status.h"
#include "spectrum/spectrum.h"

#include <stdbool.h>

struct holding_source {
    const struct entry *entry;
    uint64_t checksum;        /* of the row and the samples */
    struct held_shard *shard; /* lent; NULL: not in the cache, or it cannot be mapped */
    struct read_through_file *file;      /* lent; NULL: in the cache */
    const struct reading_spectrum *read; /* of the file */
    bool is_viewed;
    struct spectrum spectrum; /* once it is viewed */
    unsigned losses;          /* of the shard's map when it was viewed */
    struct residence residence;
    int64_t warm_until; /* till then nobody asks whether it is in memory, milliseconds */
    unsigned holds;
};

/* Both take over the loan, copy the entry or borrow the file's, and begin with one hold.
 */
struct holding_source *source_of_row(const struct entry *entry, struct held_shard *shard);
struct holding_source *source_of_reading(const struct reading_spectrum *read,
                                         struct read_through_file *file);

void source_hold(struct holding_source *source);
void source_release(struct holding_source *source); /* NULL is fine */

/* Whether source_view() need not wait for a disk; if not, the waker is called when it is
 * so (residence_has()). */
bool source_is_in_memory(struct holding_source *source, struct pager *pager,
                         struct waker waker);

/* The samples; against their checksum the first time in the process, and again when a
 * page of the shard was lost. A source without a shard or file has none: STATUS_DAMAGED.
 */
enum status source_view(struct holding_source *source, struct spectrum *out,
                        struct failure *failure);

/* Whether what was read of the samples since is what was written: STATUS_DAMAGED if a
 * page of the shard was lost meanwhile. */
enum status source_check(const struct holding_source *source, struct failure *failure);
