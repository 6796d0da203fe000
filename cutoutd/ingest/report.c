#include "ingest/report.h"

#include <stdio.h>
#include <string.h>

void report_init(struct report *report, struct progress *progress)
{
    *report = (struct report){.progress = progress};
    buffer_init(&report->lines);
}

void report_finish(struct report *report)
{
    buffer_finish(&report->lines);
}

/* Control characters from a file's name must not forge a line. */
static void make_printable(uint8_t *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (text[i] < ' ' || text[i] == 127)
            text[i] = '?';
}

static void tell(struct report *report, const char *what, const char *path,
                 const char *reason)
{
    struct buffer *lines = &report->lines;
    size_t start = lines->length;

    progress_tell(report->progress, "%s %s: %s", what, path, reason);
    if (report->line_count++ >= REPORT_LINES)
        return;
    buffer_format(lines, "%s %s: %s", what, path, reason);
    make_printable(lines->bytes + start, lines->length - start);
    buffer_add_char(lines, '\n');
}

void report_refused(struct report *report, const char *path, const char *reason)
{
    report->summary.refused++;
    tell(report, "refused", path, reason ? reason : "no reason given");
}

void report_failed(struct report *report, const char *path, const char *reason)
{
    report->summary.failed++;
    tell(report, "failed", path, reason ? reason : "no reason given");
}

void report_damaged(struct report *report, const char *shard, const char *reason)
{
    report->damaged++;
    tell(report, "damaged", shard, reason);
}

static void print_speed(const struct report *report)
{
    double seconds = report->summary.seconds > 1e-6 ? report->summary.seconds : 1e-6;
    char duration[PROGRESS_DURATION_LENGTH];

    progress_write_duration(seconds, duration);
    printf("read       %lld files in %s (%.0f files/s, %.1f MB/s)\n",
           (long long)report->read, duration, (double)report->read / seconds,
           (double)report->bytes_read / seconds / 1e6);
}

static bool has_changed(const struct report *report)
{
    return report->read || report->summary.gone || report->summary.failed ||
           report->compacted || report->damaged;
}

void report_print(const struct report *report, bool brief)
{
    const struct ingest_summary *summary = &report->summary;
    const struct {
        const char *name;
        int64_t count;
    } rows[] = {
        {"new", summary->fresh},           {"changed", summary->changed},
        {"unchanged", summary->unchanged}, {"gone", summary->gone},
        {"refused", summary->refused},     {"shadowed", summary->shadowed},
        {"failed", summary->failed},
    };

    if (brief && !has_changed(report)) {
        printf("unchanged  %lld files, and %lld refused\n", (long long)summary->unchanged,
               (long long)summary->refused);
        fflush(stdout);
        return;
    }
    print_speed(report);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        printf("%-10s %lld\n", rows[i].name, (long long)rows[i].count);
    printf("stored     %lld spectra, %.1f MB\n", (long long)summary->spectra,
           (double)summary->bytes / 1e6);
    if (summary->repaired > 0 || report->damaged > 0)
        printf("repaired   %lld files\n", (long long)summary->repaired);
    if (report->compacted > 0)
        printf("compacted  %lld shards\n", (long long)report->compacted);
    if (report->lines.length > 0)
        fwrite(report->lines.bytes, 1, report->lines.length, stdout);
    if (report->line_count > REPORT_LINES)
        printf("... and %lld more, each told on stderr\n",
               (long long)(report->line_count - REPORT_LINES));
    fflush(stdout);
}
