#include "base/spool.h"

#include "base/buffer.h"
#include "base/file.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    IN_MEMORY = 2 * 1024 * 1024, /* before there is a file */
    WINDOW = 64 * 1024,          /* bytes of the file at a time, both ways */
};

struct spool {
    int fd;               /* -1: all is in `recent` */
    int64_t written;      /* bytes in the file */
    struct buffer recent; /* what comes behind them */
    int64_t window_at;    /* offset of the window, which was read last */
    size_t window_length;
    uint8_t window[WINDOW];
};

struct spool *spool_open(void)
{
    struct spool *spool = memory_new(spool);

    spool->fd = -1;
    return spool;
}

void spool_close(struct spool *spool)
{
    if (!spool)
        return;
    file_close_at(&spool->fd);
    buffer_finish(&spool->recent);
    free(spool);
}

int64_t spool_length(const struct spool *spool)
{
    return spool->written + (int64_t)spool->recent.length;
}

static enum status open_file(struct spool *spool, struct failure *failure)
{
    const char *folder = getenv("TMPDIR");

    if (!folder || !*folder)
        folder = "/tmp";
    spool->fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    return spool->fd < 0 ? failure_system(failure, "a temporary file in %s", folder)
                         : STATUS_OK;
}

static enum status write_recent(struct spool *spool, struct failure *failure)
{
    enum status status = STATUS_OK;

    if (spool->fd < 0 && (status = open_file(spool, failure)))
        return status;
    if ((status =
             file_write(spool->fd, spool->recent.bytes, spool->recent.length, failure)))
        return failure_prefix(failure, "a temporary file: ");
    spool->written += (int64_t)spool->recent.length;
    if (spool->recent.capacity > 2 * WINDOW)
        buffer_finish(&spool->recent);
    buffer_clear(&spool->recent);
    return STATUS_OK;
}

enum status spool_add(struct spool *spool, const void *bytes, size_t size,
                      struct failure *failure)
{
    size_t most = spool->fd < 0 ? IN_MEMORY : WINDOW;
    enum status status = STATUS_OK;

    if (spool->recent.length + size > most && spool->recent.length)
        status = write_recent(spool, failure);
    if (!status)
        buffer_add(&spool->recent, bytes, size);
    return status;
}

static enum status move_window(struct spool *spool, int64_t offset,
                               struct failure *failure)
{
    ssize_t length;

    do
        length = pread(spool->fd, spool->window, WINDOW, offset);
    while (length < 0 && errno == EINTR);
    if (length < 0)
        return failure_system(failure, "a temporary file");
    if (length == 0)
        return failure_set(failure, STATUS_SYSTEM, "a temporary file became shorter");
    spool->window_at = offset;
    spool->window_length = (size_t)length;
    return STATUS_OK;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* As much as the window has, once it lies there. */
static enum status read_window(struct spool *spool, int64_t offset, uint8_t *out,
                               size_t size, size_t *taken, struct failure *failure)
{
    int64_t window_end = spool->window_at + (int64_t)spool->window_length;
    size_t behind;
    enum status status;

    if ((offset < spool->window_at || offset >= window_end) &&
        (status = move_window(spool, offset, failure)))
        return status;
    behind = (size_t)(offset - spool->window_at);
    *taken = least(size, spool->window_length - behind);
    memcpy(out, spool->window + behind, *taken);
    return STATUS_OK;
}

enum status spool_read(struct spool *spool, int64_t offset, void *out, size_t size,
                       struct failure *failure)
{
    uint8_t *next = out;

    while (size && offset < spool->written) {
        size_t part = least(size, (size_t)(spool->written - offset)), taken;
        enum status status = read_window(spool, offset, next, part, &taken, failure);

        if (status)
            return status;
        next += taken;
        offset += (int64_t)taken;
        size -= taken;
    }
    if (size)
        memcpy(next, spool->recent.bytes + (offset - spool->written), size);
    return STATUS_OK;
}
