#include "plot/png_encode.h"

#include "base/memory.h"

#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>

enum { LEVEL = 4 }; /* more takes longer than it saves */

static void add_big_endian(struct buffer *out, uint32_t value)
{
    uint8_t bytes[] = {(uint8_t)(value >> 24), (uint8_t)(value >> 16),
                       (uint8_t)(value >> 8), (uint8_t)value};

    buffer_add(out, bytes, sizeof(bytes));
}

/* A chunk is length, name, data, and a checksum of name and data (PNG 1.2, section 3.2).
 */
static void add_chunk(struct buffer *out, const char *name, const void *data, size_t size)
{
    size_t begin;

    add_big_endian(out, (uint32_t)size);
    begin = out->length;
    buffer_add(out, name, 4);
    buffer_add(out, data, size);
    add_big_endian(out, libdeflate_crc32(0, out->bytes + begin, 4 + size));
}

static void add_header(struct buffer *out, uint32_t width, uint32_t height)
{
    enum { BITS = 8, INDEXED = 3 };
    const uint8_t rest[] = {BITS, INDEXED, 0, 0, 0};
    struct buffer header = {0};

    buffer_add_literal(out, "\x89PNG\r\n\x1a\n");
    add_big_endian(&header, width);
    add_big_endian(&header, height);
    buffer_add(&header, rest, sizeof(rest));
    add_chunk(out, "IHDR", header.bytes, header.length);
    buffer_finish(&header);
}

static void add_palette(struct buffer *out, const struct palette *palette)
{
    uint8_t colours[3 * PALETTE_MOST];

    for (size_t i = 0; i < palette->count; i++) {
        colours[3 * i] = (uint8_t)(palette->colours[i] >> 16);
        colours[3 * i + 1] = (uint8_t)(palette->colours[i] >> 8);
        colours[3 * i + 2] = (uint8_t)palette->colours[i];
    }
    add_chunk(out, "PLTE", colours, 3 * palette->count);
}

/* Each row behind the number of its filter: none, which suits palettes (section 9.6). */
static uint8_t *filtered(const uint8_t *indices, uint32_t width, uint32_t height)
{
    uint8_t *rows = memory_take((size_t)height * (width + 1));

    for (uint32_t row = 0; row < height; row++) {
        uint8_t *to = rows + (size_t)row * (width + 1);

        *to = 0;
        memcpy(to + 1, indices + (size_t)row * width, width);
    }
    return rows;
}

static void add_pixels(struct buffer *out, const uint8_t *indices, uint32_t width,
                       uint32_t height)
{
    struct libdeflate_compressor *compressor = libdeflate_alloc_compressor(LEVEL);
    size_t size = (size_t)height * (width + 1);
    size_t bound = libdeflate_zlib_compress_bound(compressor, size);
    uint8_t *rows = filtered(indices, width, height);
    uint8_t *packed = memory_take(bound);

    size = libdeflate_zlib_compress(compressor, rows, size, packed, bound);
    add_chunk(out, "IDAT", packed, size);
    libdeflate_free_compressor(compressor);
    free(packed);
    free(rows);
}

void png_encode(const struct palette *palette, const uint8_t *indices, uint32_t width,
                uint32_t height, struct buffer *out)
{
    add_header(out, width, height);
    add_palette(out, palette);
    add_pixels(out, indices, width, height);
    add_chunk(out, "IEND", NULL, 0);
}
