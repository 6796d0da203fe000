#include "ingest/progress.h"

#include "base/log.h"
#include "base/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const double TERMINAL_SECONDS = 0.2;
static const double PLAIN_SECONDS = 10;
static const double RATE_SECONDS = 5; /* over about how long rates are averaged */

struct progress {
    const char *what;
    const char *unit;
    bool quiet;
    bool is_terminal;
    bool line_is_shown;
    double shown_at; /* seconds of CLOCK_MONOTONIC */
    int64_t done;    /* at that time */
    int64_t bytes;
    double done_rate; /* a second; below 0: not known yet */
    double byte_rate;
};

static double now_in_seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

struct progress *progress_open(const char *what, const char *unit, bool quiet)
{
    struct progress *progress = memory_new(progress);

    progress->what = what;
    progress->unit = unit;
    progress->quiet = quiet;
    progress->is_terminal = isatty(STDERR_FILENO);
    progress->shown_at = now_in_seconds();
    progress->done_rate = -1;
    return progress;
}

void progress_pause(struct progress *progress)
{
    if (progress->line_is_shown)
        fputs("\r\033[K", stderr);
    progress->line_is_shown = false;
}

void progress_close(struct progress *progress)
{
    if (!progress)
        return;
    progress_pause(progress);
    free(progress);
}

void progress_write_duration(double seconds, char out[PROGRESS_DURATION_LENGTH])
{
    long long whole = (long long)(seconds + 0.5);

    if (seconds < 9.95)
        snprintf(out, PROGRESS_DURATION_LENGTH, "%.1f s", seconds);
    else if (whole < 60)
        snprintf(out, PROGRESS_DURATION_LENGTH, "%lld s", whole);
    else if (whole < 3600)
        snprintf(out, PROGRESS_DURATION_LENGTH, "%lld min %lld s", whole / 60,
                 whole % 60);
    else
        snprintf(out, PROGRESS_DURATION_LENGTH, "%lld h %lld min", whole / 3600,
                 whole / 60 % 60);
}

/* Recent files count more than those of an hour ago: unchanged ones go by much faster. */
static void update_rates(struct progress *progress, double now, int64_t done,
                         int64_t bytes)
{
    double passed = now - progress->shown_at;
    double weight =
        progress->done_rate < 0 || passed > RATE_SECONDS ? 1 : passed / RATE_SECONDS;
    double done_rate = (double)(done - progress->done) / passed;
    double byte_rate = (double)(bytes - progress->bytes) / passed;

    progress->done_rate += weight * (done_rate - progress->done_rate);
    progress->byte_rate += weight * (byte_rate - progress->byte_rate);
    progress->shown_at = now;
    progress->done = done;
    progress->bytes = bytes;
}

static void write_line(const struct progress *progress, int64_t total, bool at_least,
                       char *out, size_t size)
{
    int64_t left = total - progress->done;
    char of[64] = "", time_left[PROGRESS_DURATION_LENGTH + 8] = "";

    if (total >= progress->done)
        snprintf(of, sizeof(of), " of %s%lld", at_least ? "at least " : "",
                 (long long)total);
    if (total >= progress->done && !at_least && progress->done_rate > 0) {
        char duration[PROGRESS_DURATION_LENGTH];

        progress_write_duration((double)left / progress->done_rate, duration);
        snprintf(time_left, sizeof(time_left), ", %s left", duration);
    }
    snprintf(out, size, "%s: %lld%s %s, %.0f/s, %.1f MB/s%s", progress->what,
             (long long)progress->done, of, progress->unit, progress->done_rate,
             progress->byte_rate / 1e6, time_left);
}

void progress_show(struct progress *progress, int64_t done, int64_t bytes, int64_t total,
                   bool at_least)
{
    double now;
    char line[256];

    if (progress->quiet)
        return;
    now = now_in_seconds();
    if (now - progress->shown_at <
        (progress->is_terminal ? TERMINAL_SECONDS : PLAIN_SECONDS))
        return;
    update_rates(progress, now, done, bytes);
    write_line(progress, total, at_least, line, sizeof(line));
    if (progress->is_terminal)
        fprintf(stderr, "\r%s\033[K", line);
    else
        log_notice("%s", line);
    progress->line_is_shown = progress->is_terminal;
}

void progress_tell(struct progress *progress, const char *format, ...)
{
    char line[1024];
    va_list arguments;

    if (progress->quiet)
        return;
    va_start(arguments, format);
    vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    progress_pause(progress);
    log_notice("%s", line);
}
