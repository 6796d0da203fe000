/*
 * catalogue.h - which spectra there are and where their records lie: one SQLite file a
 * collection (WAL).
 *
 * Read by the server, one connection a thread; written by one ingest at a time (flock on
 * the cache folder). Ingest seals a shard, then commits its rows in one transaction: a
 * reader sees the old state or the new one.
 *
 * Tables: `spectra` (a column for each of entry_columns), `files` (what ingest has seen,
 * refused ones with their reason), `shards` (how much of each is alive). The format's
 * number stands in the head of the SQLite file and follows from the text of the schema.
 */
#pragma once

#include "archive/entry.h"
#include "archive/outline.h"
#include "base/arena.h"
#include "base/status.h"

#include <stdbool.h>
#include <stdint.h>

struct catalogue;

enum catalogue_mode {
    CATALOGUE_READ,  /* must exist */
    CATALOGUE_WRITE, /* made where it is missing */
};

/*
 * For reading it must exist, else it is STATUS_NOT_FOUND, and nothing is made. SQLite
 * needs to write in the folder nevertheless: readers lock by a file beside the catalogue.
 * A catalogue of another format is STATUS_DAMAGED with a message that says what to do.
 * Here as below a full disk is STATUS_NO_SPACE.
 */
enum status catalogue_open(const char *cache_folder, enum catalogue_mode mode,
                           struct catalogue **out, struct failure *failure);
/* Rolls back what is not committed; NULL is fine. */
void catalogue_close(struct catalogue *catalogue);

/* Whether it is still the folder's: not when somebody made the cache anew meanwhile. */
bool catalogue_is_current(const struct catalogue *catalogue);

/* A number that changes with every commit of any process: one load from mapped memory,
   except while a commit runs. Ask for it before reading what is to be remembered under
   it. */
uint64_t catalogue_generation(struct catalogue *catalogue);

/* ---- reading; texts live in the arena ---- */

/* The spectrum with this path, deleted ones too. STATUS_NOT_FOUND without a message if
 * there is none. */
enum status catalogue_find(struct catalogue *catalogue, const char *path,
                           struct arena *arena, struct entry *out,
                           struct failure *failure);

/* The living spectrum that lies first in the cache: one for examples. STATUS_NOT_FOUND
 * without a message if there is none. */
enum status catalogue_first(struct catalogue *catalogue, struct arena *arena,
                            struct entry *out, struct failure *failure);

/* How spectra can be asked for besides their path; living ones only. */
enum catalogue_key {
    CATALOGUE_BY_NAME,  /* bare file name without suffix */
    CATALOGUE_BY_OBSID, /* decimal text */
    CATALOGUE_BY_FILE,  /* path of the file without suffix: all spectra of one file */
    CATALOGUE_BY_SHARD, /* decimal text: those whose records lie in it, as they lie */
};

/* Up to `limit` spectra, in the order of their paths where none is told; *count may be 0.
 */
enum status catalogue_list(struct catalogue *catalogue, enum catalogue_key key,
                           const char *value, size_t limit, struct arena *arena,
                           struct entry **out, size_t *count, struct failure *failure);

/* Call `visit` with the outline of each living spectrum, in any order, until it returns
   other than STATUS_OK, which is then the answer. The outline's texts live during the
   call. */
enum status catalogue_each_outline(struct catalogue *catalogue,
                                   enum status (*visit)(void *context,
                                                        const struct outline *outline,
                                                        struct failure *failure),
                                   void *context, struct failure *failure);

/* HEALPix order of the pixels (sky/healpix.h): 3.4 arcmin. */
enum { CATALOGUE_PIXEL_ORDER = 10 };

/* Call `visit` for each pixel of the sky that has living spectra, in ascending order. */
enum status catalogue_each_pixel(struct catalogue *catalogue,
                                 void (*visit)(void *context, int64_t pixel,
                                               int64_t spectra),
                                 void *context, struct failure *failure);

struct catalogue_summary {
    int64_t spectra;       /* living */
    int64_t files;         /* neither refused nor gone */
    int64_t refused;       /* files */
    double spectral_start; /* Angstrom; NaN when empty */
    double spectral_end;
    double time_start; /* MJD; NaN when empty */
    double time_end;
};
/* Quick: it reads a row for each shard, and counts the files that are refused or gone.
   What spectra reach to counts the dead ones of shards that are still there. */
enum status catalogue_summarise(struct catalogue *catalogue,
                                struct catalogue_summary *out, struct failure *failure);

/* Called for each thing that is not as it should be: its place, its name, both values. */
struct catalogue_faults {
    void (*tell)(void *context, const char *where, const char *what, const char *is,
                 const char *should_be);
    void *context;
};
/* Whether what follows from the rows follows from them: cells, pixels, the counts of
   pixels and shards, SQLite's indexes. Reads all of it. */
enum status catalogue_check(struct catalogue *catalogue, struct catalogue_faults faults,
                            struct failure *failure);

/* ---- writing: between begin and commit ---- */

enum status catalogue_begin(struct catalogue *catalogue, struct failure *failure);
/* After a failure, here or in a change, roll back. */
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
    int reader;         /* which of the programs' ways of reading: ingest's own number */
};

enum status catalogue_find_file(struct catalogue *catalogue, const char *path,
                                struct arena *arena, struct catalogue_file *out,
                                struct failure *failure); /* STATUS_NOT_FOUND if new */
/* *knows: it has a file of this path, or files in a folder of this path; gone ones too.
 */
enum status catalogue_knows_path(struct catalogue *catalogue, const char *path,
                                 bool *knows, struct failure *failure);
/* Insert or replace by path; *number is the file's. A new mtime is noted with its spectra
 * too. */
enum status catalogue_put_file(struct catalogue *catalogue,
                               const struct catalogue_file *file, int64_t *number,
                               struct failure *failure);
/* Insert or replace by path. A replaced row makes its old record dead in the old shard.
   The entry must say where its record lies. */
enum status catalogue_put_spectrum(struct catalogue *catalogue, const struct entry *entry,
                                   int64_t file_number, struct failure *failure);

/* Mark the spectra of a file deleted at `when` (those whose paths are not in `kept`, if
   given: a replaced file may have lost some of its spectra). *count: how many. */
enum status catalogue_delete_spectra(struct catalogue *catalogue, int64_t file_number,
                                     const char *const *kept, size_t kept_count,
                                     const char *when, int64_t *count,
                                     struct failure *failure);

/* Call `visit` for each file that is not gone, in the order of numbers. The visitor may
   put that very file, and delete its spectra. */
enum status catalogue_each_file(struct catalogue *catalogue,
                                enum status (*visit)(void *context,
                                                     const struct catalogue_file *file,
                                                     struct failure *failure),
                                void *context, struct failure *failure);

struct catalogue_shard {
    int64_t number;
    int64_t size; /* bytes of the file */
    int64_t live; /* bytes of records that a living row points to, their axes apart; kept
                     by the catalogue itself: a value that is put is not looked at */
};
enum status catalogue_put_shard(struct catalogue *catalogue,
                                const struct catalogue_shard *shard,
                                struct failure *failure);
/* It must hold no living spectra. */
enum status catalogue_forget_shard(struct catalogue *catalogue, int64_t number,
                                   struct failure *failure);
enum status catalogue_list_shards(struct catalogue *catalogue, struct arena *arena,
                                  struct catalogue_shard **out, size_t *count,
                                  struct failure *failure);
/* A number that no row ever had; -1 if SQLite fails. */
int64_t catalogue_next_shard(struct catalogue *catalogue);

/* A consistent, compact copy into a new file, while others read and write. An existing
 * file is refused. */
enum status catalogue_copy(struct catalogue *catalogue, const char *path,
                           struct failure *failure);
