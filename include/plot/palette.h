/* palette.h - the few colours of a drawing: a byte for each pixel instead of four. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PALETTE_MOST = 256 };

struct palette {
    uint32_t colours[PALETTE_MOST]; /* 0xRRGGBB */
    size_t count;
};

/*
 * Find at most 256 colours that stand for those of the pixels (0x..RRGGBB), and write the
 * number of its colour for each. Colours that differ little are taken as one; the fewer
 * there are, the finer they are told apart.
 */
void palette_make(struct palette *palette, const uint32_t *pixels, size_t count,
                  uint8_t *out);
