/*
 * catalogue.h - which spectra there are and where their records lie: one SQLite file a
 * collection (WAL).
 *
 * Read by the server, one connection a thread; written by one ingest at a time (flock on
 * the cache folder). Ingest seals a shard, then commits its rows in one transaction: a
 * reader sees the old state or the new one.
 *
 * Tables: `spectra` (a column for each of entry_columns, and raj2000, dej2000 as names
 * for ra and dec by a view), `files` (what ingest has seen, refused ones with their
 * reason), `shards` (sealed ones and how much of each is alive), `facts` (format
 * version).
 */
#pragma once

#include "archive/entry.h"
#include "base/arena.h"
#include "base/status.h"

#include <stdbool.h>
#include <stdint.h>

struct catalogue;

enum catalogue_mode {
    CATALOGUE_READ,  /* must exist */
    CATALOGUE_WRITE, /* made where it is missing */
};

/* A catalogue of another format version is STATUS_DAMAGED with a message that says what
 * to do. */
enum status catalogue_open(const char *cache_folder, enum catalogue_mode mode,
                           struct catalogue **out, struct failure *failure);
void catalogue_close(
    struct catalogue *catalogue); /* rolls back what is not committed; NULL is fine */

/* A number that changes with every commit of any process; cheap. */
uint64_t catalogue_generation(struct catalogue *catalogue);

/* ---- reading; texts live in the arena ---- */

/* The spectrum with this path, deleted ones too. STATUS_NOT_FOUND without a message if
 * there is none. */
enum status catalogue_find(struct catalogue *catalogue, const char *path,
                           struct arena *arena, struct entry *out,
                           struct failure *failure);

/* How spectra can be asked for besides their path; living ones only. */
enum catalogue_key {
    CATALOGUE_BY_NAME,  /* bare file name without suffix */
    CATALOGUE_BY_OBSID, /* decimal text */
    CATALOGUE_BY_FILE,  /* path of the file without suffix: all spectra of one file */
};

/* Up to `limit` spectra in the order of their paths; *count may be 0. */
enum status catalogue_list(struct catalogue *catalogue, enum catalogue_key key,
                           const char *value, size_t limit, struct arena *arena,
                           struct entry **out, size_t *count, struct failure *failure);

/* Call `visit` for each living spectrum in the order of shard and offset, until it
   returns other than STATUS_OK, which is then the answer. The entry lives during the
   call. */
enum status catalogue_each(struct catalogue *catalogue,
                           enum status (*visit)(void *context, const struct entry *entry,
                                                struct failure *failure),
                           void *context, struct failure *failure);

struct catalogue_summary {
    int64_t spectra;       /* living */
    int64_t files;         /* with living spectra */
    int64_t refused;       /* files */
    double spectral_start; /* Angstrom; NaN when empty */
    double spectral_end;
    double time_start; /* MJD; NaN when empty */
    double time_end;
};
enum status catalogue_summarise(struct catalogue *catalogue,
                                struct catalogue_summary *out, struct failure *failure);

/* ---- writing ---- */

enum status catalogue_begin(struct catalogue *catalogue, struct failure *failure);
enum status catalogue_commit(struct catalogue *catalogue, struct failure *failure);
void catalogue_roll_back(struct catalogue *catalogue);

/* A file of the archive as ingest knows it. */
struct catalogue_file {
    int64_t number;   /* small and dense, for a bit map of those seen */
    const char *path; /* with suffix */
    int64_t size;
    int64_t mtime;     /* nanoseconds since 1970 */
    uint64_t checksum; /* of its bytes */
    bool refused;
    bool gone;
    const char *reason; /* when refused */
};

enum status catalogue_find_file(struct catalogue *catalogue, const char *path,
                                struct arena *arena, struct catalogue_file *out,
                                struct failure *failure); /* STATUS_NOT_FOUND if new */
/* Insert or replace by path; *number is the file's. */
enum status catalogue_put_file(struct catalogue *catalogue,
                               const struct catalogue_file *file, int64_t *number,
                               struct failure *failure);
int64_t catalogue_file_bound(struct catalogue *catalogue); /* all numbers are below */

/* Insert or replace by path. A replaced row makes its old record dead in the old shard.
 */
enum status catalogue_put_spectrum(struct catalogue *catalogue, const struct entry *entry,
                                   int64_t file_number, struct failure *failure);

/* Mark the spectra of a file deleted at `when` (those whose paths are not in `kept`, if
   given: a replaced file may have lost some of its spectra). *count: how many. */
enum status catalogue_delete_spectra(struct catalogue *catalogue, int64_t file_number,
                                     const char *const *kept, size_t kept_count,
                                     const char *when, int64_t *count,
                                     struct failure *failure);

/* Call `visit` for each file that is not gone, in the order of numbers. */
enum status catalogue_each_file(struct catalogue *catalogue,
                                enum status (*visit)(void *context,
                                                     const struct catalogue_file *file,
                                                     struct failure *failure),
                                void *context, struct failure *failure);

struct catalogue_shard {
    int64_t number;
    int64_t size; /* bytes of the file */
    int64_t live; /* bytes of records that a living row points to */
};
enum status catalogue_put_shard(struct catalogue *catalogue,
                                const struct catalogue_shard *shard,
                                struct failure *failure);
enum status catalogue_forget_shard(struct catalogue *catalogue, int64_t number,
                                   struct failure *failure);
enum status catalogue_list_shards(struct catalogue *catalogue, struct arena *arena,
                                  struct catalogue_shard **out, size_t *count,
                                  struct failure *failure);
int64_t
catalogue_next_shard(struct catalogue *catalogue); /* a number never used before */

/* A consistent copy into a new file, while others read and write. */
enum status catalogue_copy(struct catalogue *catalogue, const char *path,
                           struct failure *failure);
