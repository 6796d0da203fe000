/*
 * read_through.h - files that the cache does not hold yet, read when somebody asks.
 *
 * A few threads, each with a worker process of its own. A file is read once however many
 * ask; what was read is kept in a small bounded set (until ingest has stored it, or
 * others push it out), unknown names are remembered for a while in a table of fixed size.
 */
#pragma once

#include "archive/reading.h"
#include "archive/worker.h"
#include "base/status.h"
#include "base/waker.h"

#include <stdint.h>

struct read_through;

/* A reading that is shared: counted, freed when the last one lets go. */
struct read_through_file;

enum status read_through_open(const struct worker_settings *settings, int workers,
                              int unknown_seconds, struct read_through **out,
                              struct failure *failure);
void read_through_close(struct read_through *read_through); /* NULL is fine */

/*
 * Ask for the file whose path without suffix this is. STATUS_OK: *out is a loan;
 * STATUS_PENDING: being read, the waker will be called; STATUS_NOT_FOUND: no such file,
 * now or a short while ago; STATUS_REFUSED: no good; STATUS_UNAVAILABLE: too much to do.
 * Thread-safe.
 */
enum status read_through_ask(struct read_through *read_through, const char *path,
                             struct waker waker, struct read_through_file **out,
                             struct failure *failure);
const struct reading *read_through_reading(const struct read_through_file *file);
void read_through_release(struct read_through_file *file); /* NULL is fine */

/* Ingest has changed the catalogue: forget what was refused or unknown, and drop what
 * nobody holds. */
void read_through_forget(struct read_through *read_through);

struct read_through_counts {
    uint64_t files;   /* read since the start */
    uint64_t waiting; /* asked for and not read yet */
    uint64_t unknown; /* names remembered */
};
struct read_through_counts read_through_count(struct read_through *read_through);
