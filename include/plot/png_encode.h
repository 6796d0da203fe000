/*
 * png_encode.h - pixels of a palette as a PNG file (PNG 1.2): one byte a pixel, no
 * filter, one compression.
 *
 * Of our own, over libdeflate, because a drawing needs nothing else of PNG, and libpng
 * with zlib takes several times as long for as many bytes.
 */
#pragma once

#include "base/buffer.h"
#include "plot/palette.h"

#include <stdint.h>

void png_encode(const struct palette *palette, const uint8_t *indices, uint32_t width,
                uint32_t height, struct buffer *out);
