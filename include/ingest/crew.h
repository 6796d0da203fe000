/* crew.h - several worker processes, each with a file to read. Used by one thread. */
#pragma once

#include "archive/reading.h"
#include "archive/worker.h"
#include "base/status.h"

#include <stdbool.h>
#include <stdint.h>

struct crew;

/* A file to be read, as it was seen when that was decided. */
struct errand {
    const char *path; /* in the archive, with suffix */
    int64_t size;
    int64_t mtime; /* nanoseconds since 1970 */
    bool has_expected;
    uint64_t
        expected; /* checksum; with has_expected the answer may be READING_UNCHANGED */
};

/* Processes are started as they are needed; workers 0: as many as processors. */
enum status crew_open(const struct worker_settings *settings, int workers,
                      struct crew **out, struct failure *failure);
void crew_close(struct crew *crew); /* ends what is being read; NULL is fine */

int crew_size(const struct crew *crew);
int crew_busy(const struct crew *crew); /* that are reading */

/* Send one that is free. The errand is copied. */
enum status crew_ask(struct crew *crew, const struct errand *errand,
                     struct failure *failure);

/*
 * Wait for an answer, but no longer than `milliseconds` (below 0: as long as it takes)
 * nor than until `alarm`, a descriptor or -1, is readable; then STATUS_PENDING. *out must
 * be initialised; the errand lives in its arena.
 */
enum status crew_take(struct crew *crew, int milliseconds, int alarm,
                      struct errand *errand, struct reading *out,
                      struct failure *failure);
