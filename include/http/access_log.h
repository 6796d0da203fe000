/*
 * access_log.h - one line for each request, in the combined format with the seconds taken
 * behind it:
 *
 *   192.0.2.7 - - [22/Nov/2026:17:35:43 +0000] "GET /x HTTP/1.1" 200 5120 "referer"
 * "agent" 0.000123
 *
 * Bytes are those of the body. Each thread gathers its lines and writes them at once;
 * quotes, backslashes and control characters from the request are escaped (\x22), so that
 * a line is always one request.
 */
#pragma once

#include "base/buffer.h"
#include "base/status.h"
#include "http/address.h"

#include <stdint.h>
#include <time.h>

/* The file, shared by the threads. */
struct access_log;

/* "-" is stdout; NULL and "" give *out NULL, which all functions take for no log. */
enum status access_log_open(const char *path, struct access_log **out,
                            struct failure *failure);
void access_log_close(struct access_log *log);

/* Open the path anew under the same descriptor: writers go on without noticing. */
enum status access_log_reopen(struct access_log *log, struct failure *failure);

struct access {
    const struct address *peer;
    const char *line; /* the request's first; NULL: it was none */
    int code;
    int64_t bytes;
    const char *referer; /* or NULL */
    const char *agent;   /* or NULL */
    int64_t nanoseconds; /* taken */
};

/* One thread's lines. */
struct access_lines {
    struct access_log *log;
    struct buffer lines;
    time_t second; /* that `stamp` spells */
    char stamp[32];
};

void access_lines_init(struct access_lines *lines, struct access_log *log);
void access_lines_finish(struct access_lines *lines); /* flushes */
void access_lines_add(struct access_lines *lines, const struct access *access,
                      time_t now);
void access_lines_flush(struct access_lines *lines);
