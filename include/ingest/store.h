/*
 * store.h - where an ingest puts what it read: a growing shard, and the rows that go with
 * it.
 *
 * Rows are written into one open transaction as they come. When the shard is full or old
 * it is sealed and synced, then the transaction is committed: a reader never sees a row
 * without its sealed shard, and whatever ends the process in between leaves the state of
 * the last commit and files that the next store_open() removes.
 */
#pragma once

#include "archive/catalogue.h"
#include "archive/reading.h"
#include "base/status.h"

#include <stdbool.h>
#include <stdint.h>

struct store;

struct store_settings {
    const char *folder;  /* the cache's, claimed by us */
    int64_t shard_bytes; /* seal a shard when it is this large; 0: 256 MiB */
    int shard_seconds;   /* ... or this old; 0: 60 */
};

/* Removes what an interrupted ingest left: growing shards, and sealed ones that no row
 * was committed for. */
enum status store_open(const struct store_settings *settings, struct store **out,
                       struct failure *failure);
/* What was not committed is undone. NULL is fine. */
void store_close(struct store *store);

/* For reading, and within store_change() for writing files' rows. */
struct catalogue *store_catalogue(struct store *store);

/* Begin the transaction if it is not open yet: before each write to the catalogue. */
enum status store_change(struct store *store, struct failure *failure);

/* Append the axis, unless the shard has it already, and the record; put the row, with
 * their places filled in. */
enum status store_put_spectrum(struct store *store,
                               const struct reading_spectrum *spectrum,
                               int64_t file_number, struct failure *failure);

/* What is kept of a file is lost: the next walk has it read, whatever its size and time.
 * Texts go to the arena. */
enum status store_lose_file(struct store *store, const char *path, struct arena *arena,
                            struct failure *failure);
bool store_has_lost(const struct catalogue_file *file);

/* Whether the shard is so large or the transaction so old that it is time to commit. */
bool store_is_due(const struct store *store);

/* Seal the shard, commit the transaction; nothing to do is fine. */
enum status store_commit(struct store *store, struct failure *failure);

/* When all is committed: what servers find spectra by quickly (outlines.h). */
enum status store_write_outlines(struct store *store, struct failure *failure);

int64_t store_bytes(const struct store *store); /* of the shards that were sealed */
