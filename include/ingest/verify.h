/* verify.h - prove that the cache is equal to the FITS files: every value, every
 * catalogue field. */
#pragma once

#include "ingest/ingest.h"

struct verify_summary {
    int64_t shards;
    int64_t spectra;
    int64_t files;
    int64_t wrong;   /* differences, each printed as a line with path, what, the value and
                        what it should be */
    int64_t skipped; /* files that went or changed since they were ingested */
};

/* Check that the catalogue agrees with itself, and each shard's checksum; read each file
   again with a worker, compare each record byte for byte and each column of
   ENTRY_FROM_FITS and ENTRY_FROM_FILE. Uses archive_folder, cache_folder, workers, quiet,
   paths of the settings. */
enum status verify_run(const struct ingest_settings *settings,
                       struct verify_summary *summary, struct failure *failure);
