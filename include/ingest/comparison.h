/*
 * comparison.h - what the cache has against what the files give now: shards by their
 * seals, files by a fresh reading.
 *
 * Each difference is a line on stdout: "wrong PATH: what: cache VALUE, file VALUE".
 */
#pragma once

#include "archive/catalogue.h"
#include "archive/reading.h"
#include "archive/shard.h"
#include "base/arena.h"
#include "base/buffer.h"
#include "base/status.h"
#include "ingest/progress.h"
#include "ingest/verify.h"

#include <stddef.h>
#include <stdint.h>

struct comparison {
    const char *cache_folder;
    struct catalogue *catalogue;
    struct progress *progress; /* to be paused for a line; may change between two calls */
    struct verify_summary summary;
    int64_t bytes;   /* of shards and files, read so far */
    int64_t spectra; /* that the catalogue has of the files looked at, compared or not */
    struct shard *shards;
    size_t shard_count;
    struct buffer text;
    struct arena arena; /* of one file */
};

void comparison_init(struct comparison *comparison, const char *cache_folder,
                     struct catalogue *catalogue);
void comparison_finish(struct comparison *comparison);

/* Map a shard and compare all of it with its seal. */
void comparison_check_shard(struct comparison *comparison, int64_t number);

/* Compare the reading of a file with its row, its spectra and their records. */
enum status comparison_check_file(struct comparison *comparison, const char *path,
                                  const struct reading *reading, struct failure *failure);

void comparison_tell(struct comparison *comparison, const char *path, const char *format,
                     ...) __attribute__((format(printf, 3, 4)));
