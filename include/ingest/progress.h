/*
 * progress.h - how far a long work is, on stderr: one rewritten line on a terminal, a
 * plain line now and then elsewhere.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct progress;

/* `what` begins each line, e.g. "ingest"; `unit` is what is counted, "files". Quiet:
 * nothing is ever shown. */
struct progress *progress_open(const char *what, const char *unit, bool quiet);
void progress_close(struct progress *progress); /* takes the line away; NULL is fine */

/*
 * So much is done; call it as often as you like. total < 0: unknown; with `at_least` it
 * is still growing, and no time left can be told.
 */
void progress_show(struct progress *progress, int64_t done, int64_t bytes, int64_t total,
                   bool at_least);

/* A line that stays, above the rewritten one. */
void progress_tell(struct progress *progress, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Take the rewritten line away, before something else is printed. */
void progress_pause(struct progress *progress);

/* "1.2 s", "12 s", "3 min 5 s", "2 h 40 min". */
enum { PROGRESS_DURATION_LENGTH = 40 };
void progress_write_duration(double seconds, char out[PROGRESS_DURATION_LENGTH]);
