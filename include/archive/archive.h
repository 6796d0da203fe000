/*
 * archive.h - the one door to the spectra of a collection: ID in, spectrum out.
 *
 * A collection (struct archive) is one for the process: settings, mapped shards, the
 * read-through. Each thread has its own reader: a connection to the catalogue, and holds
 * on shards that it counts alone, so that finding a spectrum takes no lock and writes
 * nothing that another thread reads.
 *
 * What is found is lent as a struct holding until it is released; a shard that compaction
 * removes stays mapped until the last holding of it is given back.
 */
#pragma once

#include "archive/catalogue.h"
#include "archive/entry.h"
#include "base/pager.h"
#include "base/status.h"
#include "base/waker.h"
#include "spectrum/spectrum.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct archive;
struct archive_reader;

struct archive_settings {
    const char *collection;     /* "lamost5" */
    const char *authority;      /* of the publisher DIDs */
    const char *archive_folder; /* the FITS files */
    const char *cache_folder;   /* shards and catalogue; made where missing */
    int read_through_workers;   /* processes that read files not in the cache; 0: no
                                   read-through */
    const char *worker_program; /* NULL: this program; tests name the built cutoutd */
    int unknown_seconds;        /* how long an unknown ID is remembered; 0: 30 */
    struct pager *pager; /* borrowed; NULL: who asks for samples waits for the disk */
};

/* An empty cache folder is a collection without spectra (yet): readers take up a cache
 * that appears, or is made anew, within a quarter of a second; what ingest commits to it
 * at once. Starts the read-through's threads. */
enum status archive_open(const struct archive_settings *settings, struct archive **out,
                         struct failure *failure);
void archive_close(
    struct archive *archive); /* all readers must be closed; NULL is fine */

enum status archive_reader_open(struct archive *archive, struct archive_reader **out,
                                struct failure *failure);
void archive_reader_close(struct archive_reader *reader); /* NULL is fine */

/* One spectrum on loan. */
struct holding {
    const struct entry *entry; /* lives as long as the holding */
    bool from_cache;           /* false: read through from the file just now */
    uint64_t checksum; /* of the row and the samples: equal as long as nothing that
                          can be answered of it changes */
    struct archive_reader *reader;
    struct waker waker;            /* of who found it */
    struct holding_source *source; /* see source.h, which is the archive's own */
};

/*
 * Find the spectrum that an ID means: the publisher DID, the path alone, the bare file
 * name where unique, or the OBSID where unique.
 *
 * STATUS_PENDING: the file, or a page of the cache, is being read; `waker` is called when
 * it is worth asking again. STATUS_NOT_FOUND: unknown, or withdrawn (the message begins
 * with "withdrawn"). STATUS_BAD_PARAMETER: several spectra; the message lists their IDs.
 * STATUS_REFUSED: there is a file, but it is no good; the message says why.
 */
enum status archive_find(struct archive_reader *reader, const char *id,
                         struct waker waker, struct holding *out,
                         struct failure *failure);

/*
 * The file whose path without suffix this is, by one of its spectra (the first in the
 * order of their paths). Reads through as archive_find does; the path only, no other
 * name, and never STATUS_BAD_PARAMETER.
 */
enum status archive_find_file(struct archive_reader *reader, const char *path,
                              struct waker waker, struct holding *out,
                              struct failure *failure);

/* The other spectra of the same file (MRS), in the order of their paths; rows only, in
 * the arena. */
enum status archive_siblings(const struct holding *holding, struct arena *arena,
                             struct entry **out, size_t *count, struct failure *failure);

/* The samples, borrowed from the holding. STATUS_PENDING: they are being read from the
 * disk; the waker that it was found with is called when it is worth finding it again. One
 * that wakes nobody waits here. Checks the record's checksum the first time; damaged:
 * STATUS_DAMAGED. */
enum status archive_spectrum(const struct holding *holding, struct spectrum *out,
                             struct failure *failure);

/* Asked when all that is needed of them has been read: were they there all the time? A
 * disk may fail under a map; STATUS_DAMAGED, and what was made of them is void. */
enum status archive_check(const struct holding *holding, struct failure *failure);

void archive_release(struct holding *holding); /* zeroes it; a zero holding is fine */
#define AUTO_HOLDING __attribute__((cleanup(archive_release))) struct holding

/* Open the file that a spectrum came from, as it lies. The caller closes *fd; *size as it
 * is now. STATUS_PENDING as archive_spectrum() has it: its beginning is not in memory. */
enum status archive_open_file(const struct holding *holding, int *fd, int64_t *size,
                              struct failure *failure);

/* Of the rest of such a file; NULL: there is none. */
struct pager *archive_pager(const struct archive_reader *reader);

/* A living spectrum, for examples; only its row, in the arena. STATUS_NOT_FOUND if the
 * cache has none yet. */
enum status archive_first(struct archive_reader *reader, struct arena *arena,
                          struct entry *out, struct failure *failure);

/* As catalogue_each_pixel() has it. */
enum status archive_each_pixel(struct archive_reader *reader,
                               void (*visit)(void *context, int64_t pixel,
                                             int64_t spectra),
                               void *context, struct failure *failure);

/* A number that changes whenever ingest commits. Ask for it before what is to be
 * remembered under it. */
uint64_t archive_generation(struct archive_reader *reader);

/* For pages and metrics. */
struct archive_counts {
    uint64_t read_through_files;   /* read by a worker since the start */
    uint64_t read_through_waiting; /* files asked for and not read yet */
    uint64_t unknown_remembered;
    uint64_t shards_mapped;
};
struct archive_counts archive_count(struct archive *archive);
enum status archive_summarise(struct archive_reader *reader,
                              struct catalogue_summary *out, struct failure *failure);
