/*
 * archive_reader.h - what the parts of the archive share: a collection and its readers.
 *
 * Nobody but the archive's own sources includes it.
 */
#pragma once

#include "archive/archive.h"
#include "archive/outlines.h"
#include "archive/read_through.h"
#include "archive/shard_set.h"
#include "archive/source.h"
#include "archive/source_cache.h"
#include "base/arena.h"

#include <stdint.h>

struct archive {
    struct archive_settings settings; /* texts are its own */
    struct shard_set *shards;
    struct read_through *read_through; /* NULL: there is none */
};

enum { ARCHIVE_ASKED_FILES = 64 };

struct archive_reader {
    struct archive *archive;
    struct catalogue *catalogue; /* NULL: there is none yet */
    int64_t now;                 /* milliseconds, when it last kept up */
    int64_t looked;              /* at the cache folder, milliseconds */
    uint64_t
        asked_files[ARCHIVE_ASKED_FILES]; /* for whom, of the pager, by their number */
    long disk_waits;                      /* of the thread, when it last looked */
    int64_t careful_until;                /* milliseconds; archive_reader_is_careful() */
    uint64_t generation;                  /* of the catalogue, that `found` is of */
    struct outlines *outlines;            /* of the generation; NULL: there are none */
    struct shard_holder *shards;
    struct source_cache *found;
    struct arena arena; /* of one question to the catalogue */
};

/* ---- archive.c ---- */

/* Take up a catalogue that was not there, and drop what a newer state makes wrong. */
void archive_reader_keep_up(struct archive_reader *reader);

/*
 * To ask of each of many records whether it is in memory takes as long as cutting it. So
 * those that were read before are taken to be there, unless the thread had to wait for a
 * disk lately: then memory is too small for the cache, and all are asked about.
 */
bool archive_reader_is_careful(struct archive_reader *reader);

/* ---- lookup.c ---- */

/* What an ID means, as archive_find() has it, for a reader that has kept up; the source
 * comes with a hold. */
enum status archive_look_up(struct archive_reader *reader, const char *id,
                            struct waker waker, struct holding_source **out,
                            struct failure *failure);

/* The same for what is in the cache; nothing is read through. */
enum status archive_look_up_row(struct archive_reader *reader, const char *id,
                                struct waker waker, struct holding_source **out,
                                struct failure *failure);

/* The same, if quickly: STATUS_UNAVAILABLE means to look it up otherwise. Texts live
 * until the reader keeps up. */
enum status archive_look_up_outline(struct archive_reader *reader, const char *id,
                                    struct outline *out, struct failure *failure);

/* The same for the path of a file, as archive_find_file() has it. */
enum status archive_look_up_file(struct archive_reader *reader, const char *path,
                                 struct waker waker, struct holding_source **out,
                                 struct failure *failure);
