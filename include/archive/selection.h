/*
 * selection.h - many spectra found for one request, each kept as a few numbers.
 *
 * Where a spectrum lies is a plain value that may be stored anywhere; the selection holds
 * the shards, once each, so that nothing goes away while the request lasts. Only what is
 * in the cache is found: nobody waits for a file here.
 */
#pragma once

#include "archive/archive.h"
#include "archive/outline.h"

#include <stdbool.h>
#include <stdint.h>

struct selection;

/* Of one thread's reader, which must outlive it. */
struct selection *selection_open(struct archive_reader *reader);
void selection_close(struct selection *selection); /* NULL is fine */

/* Who is woken when it is worth asking again for what was STATUS_PENDING: it is being
 * read from the disk. Without one, whoever asks waits for the disk. */
void selection_set_waker(struct selection *selection, struct waker waker);

/* Around some that are found in one go, with nothing else of the thread between: it costs
 * less than finding them singly. */
void selection_begin(struct selection *selection);
void selection_end(struct selection *selection);

/* Where a spectrum lies. */
struct selected {
    int64_t record_offset, record_size;
    int64_t axis_offset, axis_size;
    uint64_t record_checksum;
    uint32_t shard; /* of the selection's */
};

/*
 * Find what an ID means, as archive_find() does. *visit gets the row, which lives until
 * it returns, and the checksum of row and samples. A row whose record is nowhere is
 * STATUS_DAMAGED.
 */
struct selection_visitor {
    enum status (*visit)(void *context, const struct entry *entry, uint64_t checksum,
                         const struct selected *where, struct failure *failure);
    void *context;
};
enum status selection_find(struct selection *selection, const char *id,
                           struct selection_visitor visitor, struct failure *failure);

/* The same for what a table needs of it, and quicker. The outline's texts live until
 * *visit returns. */
struct outline_visitor {
    enum status (*visit)(void *context, const struct outline *outline,
                         const struct selected *where, struct failure *failure);
    void *context;
};
enum status selection_find_outline(struct selection *selection, const char *id,
                                   struct outline_visitor visitor,
                                   struct failure *failure);

/* The wavelengths alone, without touching the record. */
enum status selection_axis(struct selection *selection, const struct selected *where,
                           struct axis *out, struct failure *failure);

/* Whether a record is taken to be in memory; if not, say that it will be wanted soon. */
bool selection_is_warm(struct selection *selection, const struct selected *where);
void selection_expect(struct selection *selection, const struct selected *where);

/* Have the processor fetch these samples of a record, or its head where count is 0: a few
 * hundred nanoseconds before they are used. */
void selection_prefetch(const struct selection *selection, const struct selected *where,
                        size_t first, size_t count);

/* The samples, borrowed from the selection; checked as archive_spectrum() does. */
enum status selection_view(struct selection *selection, const struct selected *where,
                           struct spectrum *out, struct failure *failure);

/* The same as archive_check(), of what was viewed last. */
enum status selection_check(const struct selection *selection,
                            const struct selected *where, struct failure *failure);
