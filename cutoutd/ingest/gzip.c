#include "ingest/gzip.h"

#include "base/cleanup.h"

#include <libdeflate.h>
#include <stdint.h>

enum { TRAILER = 8, LEAST_ROOM = 4096 };

DEFINE_AUTO(struct libdeflate_decompressor, libdeflate_free_decompressor)

bool gzip_is(const void *bytes, size_t size)
{
    const uint8_t *start = bytes;

    return size >= 2 && start[0] == 0x1f && start[1] == 0x8b;
}

static size_t between(size_t least, size_t value, size_t most)
{
    return value > most ? most : value < least ? least : value;
}

/* The length that the last member says it has: right for a sound file of one member, a
 * guess for others. */
static size_t length_told(const uint8_t *bytes, size_t size)
{
    const uint8_t *told = bytes + size - 4;

    if (size < TRAILER)
        return 0;
    return (size_t)told[0] | (size_t)told[1] << 8 | (size_t)told[2] << 16 |
           (size_t)told[3] << 24;
}

/* Inflate the member that the bytes begin with; *taken is the size that it has there. */
static enum status inflate_member(struct libdeflate_decompressor *decompressor,
                                  const uint8_t *bytes, size_t size, size_t limit,
                                  struct buffer *out, size_t *taken,
                                  struct failure *failure)
{
    size_t room = between(LEAST_ROOM, length_told(bytes, size), limit);
    enum libdeflate_result result;
    size_t length;

    for (;;) {
        result = libdeflate_gzip_decompress_ex(
            decompressor, bytes, size, buffer_room(out, room), room, taken, &length);
        if (result != LIBDEFLATE_INSUFFICIENT_SPACE || room >= limit)
            break;
        room = between(LEAST_ROOM, 2 * room, limit);
    }
    if (result == LIBDEFLATE_INSUFFICIENT_SPACE)
        return failure_set(failure, STATUS_REFUSED, "gzip: too large when inflated");
    if (result != LIBDEFLATE_SUCCESS)
        return failure_set(failure, STATUS_REFUSED, "gzip: damaged or cut short");
    buffer_added(out, length);
    return STATUS_OK;
}

static enum status inflate_members(struct libdeflate_decompressor *decompressor,
                                   const uint8_t *bytes, size_t size, size_t limit,
                                   struct buffer *out, struct failure *failure)
{
    size_t end = out->length + limit;
    size_t done = 0;

    do {
        size_t taken = 0;
        enum status status = inflate_member(decompressor, bytes + done, size - done,
                                            end - out->length, out, &taken, failure);

        if (status)
            return status;
        done += taken;
        if (done < size && !gzip_is(bytes + done, size - done))
            return failure_set(failure, STATUS_REFUSED,
                               "gzip: followed by %zu bytes that are no gzip",
                               size - done);
    } while (done < size);
    return STATUS_OK;
}

enum status gzip_inflate(const void *bytes, size_t size, size_t limit, struct buffer *out,
                         struct failure *failure)
{
    AUTO(libdeflate_free_decompressor)
    struct libdeflate_decompressor *decompressor = libdeflate_alloc_decompressor();
    size_t before = out->length;
    enum status status;

    if (!decompressor)
        return failure_set(failure, STATUS_SYSTEM, "gzip: no memory");
    status = inflate_members(decompressor, bytes, size, limit, out, failure);
    if (status)
        out->length = before;
    return status;
}
