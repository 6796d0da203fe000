/* report.h - what an ingest tells: a line for each file that was refused, failed or
 * damaged, and a summary at the end. */
#pragma once

#include "base/buffer.h"
#include "ingest/ingest.h"
#include "ingest/progress.h"

#include <stdbool.h>
#include <stdint.h>

enum { REPORT_LINES = 100 }; /* of refused and failed files that the summary repeats */

struct report {
    struct ingest_summary summary;
    int64_t read;       /* files that were opened and read */
    int64_t bytes_read; /* of them, as they lie */
    int64_t damaged;    /* shards */
    int64_t compacted;  /* shards that were written anew and removed */
    struct progress *progress;
    struct buffer lines;
    int64_t line_count; /* of all, those beyond REPORT_LINES too */
};

void report_init(struct report *report, struct progress *progress);
void report_finish(struct report *report);

/* Count a file, and say why: on stderr now, and in the summary. */
void report_refused(struct report *report, const char *path, const char *reason);
void report_failed(struct report *report, const char *path, const char *reason);

/* Of a shard, which is then read anew: no failure. */
void report_damaged(struct report *report, const char *shard, const char *reason);

/* Write the summary to stdout; if `brief`, one line where nothing changed. */
void report_print(const struct report *report, bool brief);
