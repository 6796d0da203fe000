/*
 * ingest.h - bring the cache in step with the archive.
 *
 * Walks the archive's folder (never holding the list), asks worker processes to read what
 * is new or changed (size, mtime, then content) or was in a shard that is damaged, writes
 * shards, seals them, commits their rows. May be killed at any point: the next run
 * completes it.
 */
#pragma once

#include "base/status.h"

#include <stdbool.h>
#include <stdint.h>

struct ingest_settings {
    const char *archive_folder;
    const char *cache_folder;
    const char *worker_program; /* NULL: this program */
    int workers;                /* 0: as many as processors */
    int64_t shard_bytes;        /* seal a shard when it is this large; 0: 256 MiB */
    int shard_seconds;          /* ... or this old; 0: 60 */
    bool compact; /* read all shards for damage, rewrite those that are mostly dead, merge
                     small ones */
    bool allow_network_folder; /* a cache on NFS and the like is refused otherwise */
    bool quiet;                /* no progress; the summary only */
    const char *const *paths;  /* files or folders in the archive to look at; none: all */
    int path_count;
};

struct ingest_summary {
    int64_t files;     /* candidates seen */
    int64_t fresh;     /* files read and stored that were new */
    int64_t changed;   /* ... that replaced an older content */
    int64_t repaired;  /* ... whose spectra the cache had lost */
    int64_t unchanged; /* not read, or read and found the same */
    int64_t gone;      /* files no longer in the archive */
    int64_t refused;   /* no LAMOST spectrum or damaged; known ones too */
    int64_t shadowed;  /* both x.fits and x.fits.gz: the older one */
    int64_t failed;    /* could not be read this time (disk, permission), or asked for and
                          nowhere */
    int64_t spectra;   /* stored in this run */
    int64_t bytes;     /* written to shards */
    double seconds;
};

/*
 * Run. Progress goes to stderr (a line rewritten on a terminal, plain lines elsewhere),
 * refusals as lines "refused PATH: REASON", the summary to stdout. STATUS_OK also when
 * files were refused: see *summary. A second ingest of the same cache at the same time is
 * STATUS_UNAVAILABLE, and so is one that SIGINT or SIGTERM ended: what was read is kept.
 * A full disk is STATUS_NO_SPACE. After any failure the cache is as of the last commit.
 */
enum status ingest_run(const struct ingest_settings *settings,
                       struct ingest_summary *summary, struct failure *failure);
