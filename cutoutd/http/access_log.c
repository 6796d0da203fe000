#include "http/access_log.h"

#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/number.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    FULL = 64 * 1024
}; /* bytes of lines that are written without waiting for the second to end */

struct access_log {
    char *path; /* NULL: stdout */
    int fd;
};

static int open_for_append(const char *path)
{
    return open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0640);
}

enum status access_log_open(const char *path, struct access_log **out,
                            struct failure *failure)
{
    struct access_log *log;
    bool is_stdout = path && strcmp(path, "-") == 0;
    int fd;

    if (!path || !*path) {
        *out = NULL;
        return STATUS_OK;
    }
    fd = is_stdout ? fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0) : open_for_append(path);
    if (fd < 0)
        return failure_system(failure, "access log %s", path);
    memory_new(log);
    log->path = is_stdout ? NULL : memory_copy_string(path);
    log->fd = fd;
    *out = log;
    return STATUS_OK;
}

void access_log_close(struct access_log *log)
{
    if (!log)
        return;
    close(log->fd);
    free(log->path);
    free(log);
}

enum status access_log_reopen(struct access_log *log, struct failure *failure)
{
    AUTO_FD fd = -1;

    if (!log || !log->path)
        return STATUS_OK;
    fd = open_for_append(log->path);
    if (fd < 0 || dup3(fd, log->fd, O_CLOEXEC) < 0)
        return failure_system(failure, "access log %s", log->path);
    return STATUS_OK;
}

void access_lines_init(struct access_lines *lines, struct access_log *log)
{
    *lines = (struct access_lines){.log = log};
}

void access_lines_finish(struct access_lines *lines)
{
    access_lines_flush(lines);
    buffer_finish(&lines->lines);
}

static void add_escaped(struct buffer *out, const char *text)
{
    for (; *text; text++) {
        unsigned char byte = (unsigned char)*text;

        if (byte < ' ' || byte >= 127 || byte == '"' || byte == '\\')
            buffer_format(out, "\\x%02X", byte);
        else
            buffer_add_char(out, *text);
    }
}

static void add_quoted(struct buffer *out, const char *text)
{
    buffer_add_literal(out, " \"");
    add_escaped(out, text ? text : "-");
    buffer_add_char(out, '"');
}

static const char *stamp(struct access_lines *lines, time_t now)
{
    struct tm broken_down;

    if (now != lines->second) {
        lines->second = now;
        gmtime_r(&now, &broken_down);
        strftime(lines->stamp, sizeof(lines->stamp), "%d/%b/%Y:%H:%M:%S +0000",
                 &broken_down);
    }
    return lines->stamp;
}

void access_lines_add(struct access_lines *lines, const struct access *access, time_t now)
{
    struct buffer *out = &lines->lines;
    char peer[ADDRESS_LENGTH];

    if (!lines->log)
        return;
    address_write(access->peer, peer);
    buffer_add_string(out, peer);
    buffer_add_literal(out, " - - [");
    buffer_add_string(out, stamp(lines, now));
    buffer_add_char(out, ']');
    add_quoted(out, access->line);
    buffer_format(out, " %d %lld", access->code, (long long)access->bytes);
    add_quoted(out, access->referer);
    add_quoted(out, access->agent);
    buffer_format(out, " %lld.%06lld\n", (long long)(access->nanoseconds / 1000000000),
                  (long long)(access->nanoseconds / 1000 % 1000000));
    if (out->length >= FULL)
        access_lines_flush(lines);
}

/* A log that cannot be written (a full disk) costs its lines, not the service. */
void access_lines_flush(struct access_lines *lines)
{
    struct failure failure;

    if (lines->lines.length &&
        file_write(lines->log->fd, lines->lines.bytes, lines->lines.length, &failure))
        log_error("access log: %s", failure.message);
    buffer_clear(&lines->lines);
}
