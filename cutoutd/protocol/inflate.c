#include "protocol/inflate.h"

#include "base/memory.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

enum {
    PIECE = 64 * 1024,
    GZIP_WINDOW = 15 + 16, /* the largest window; 16: gzip, not zlib */
};

struct inflate {
    int fd;
    struct pager *pager;
    struct waker waker;
    bool asked;   /* of the pager */
    off_t offset; /* of what is to be read next */
    bool has_ended;
    z_stream stream;
    uint8_t input[PIECE];
};

struct inflate *inflate_open(int fd, struct pager *pager, struct waker waker)
{
    struct inflate *file = memory_new(file);

    file->fd = fd;
    file->pager = pager;
    file->waker = waker;
    if (inflateInit2(&file->stream, GZIP_WINDOW) != Z_OK) /* asks for memory only */
        abort();
    return file;
}

void inflate_close(struct inflate *file)
{
    if (!file)
        return;
    inflateEnd(&file->stream);
    close(file->fd);
    free(file);
}

/* Have input, unless the file has no more. */
static enum status fill(struct inflate *file, struct failure *failure)
{
    struct file_part part = {.fd = file->fd, .offset = file->offset, .size = PIECE};
    ssize_t count;

    if (file->stream.avail_in)
        return STATUS_OK;
    if (!pager_has(file->pager, &part, file->waker, &file->asked))
        return STATUS_PENDING;
    do
        count = pread(file->fd, file->input, PIECE, file->offset);
    while (count < 0 && errno == EINTR);
    if (count < 0)
        return failure_system(failure, "reading an archived file");
    file->offset += count;
    file->stream.next_in = file->input;
    file->stream.avail_in = (uInt)count;
    return STATUS_OK;
}

/* Behind a member the file ends, or the next one begins. */
static enum status end_member(struct inflate *file, struct failure *failure)
{
    enum status status = fill(file, failure);

    if (status)
        return status;
    file->has_ended = file->stream.avail_in == 0;
    inflateReset(&file->stream);
    return STATUS_OK;
}

static enum status step(struct inflate *file, struct failure *failure)
{
    enum status status = fill(file, failure);
    bool is_file_read = file->stream.avail_in == 0;
    int result;

    if (status)
        return status;
    result = inflate(&file->stream, Z_NO_FLUSH);
    if (result == Z_STREAM_END)
        return end_member(file, failure);
    if (result == Z_OK && !is_file_read)
        return STATUS_OK;
    return failure_set(failure, STATUS_DAMAGED,
                       "an archived file is no gzip or is cut short");
}

enum status inflate_next(struct inflate *file, struct buffer *out,
                         struct failure *failure)
{
    z_stream *stream = &file->stream;
    enum status status = STATUS_OK;

    stream->next_out = buffer_room(out, PIECE);
    stream->avail_out = PIECE;
    while (!status && !file->has_ended && stream->avail_out)
        status = step(file, failure);
    if (!status || status == STATUS_PENDING)
        buffer_added(out, PIECE - stream->avail_out);
    return status;
}
