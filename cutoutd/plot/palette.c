#include "plot/palette.h"

#include <string.h>

/* Bits kept of red, green and blue; the last makes 256 bins at the most. */
static const struct depth {
    unsigned red, green, blue;
} depths[] = {{5, 5, 5}, {4, 4, 4}, {3, 3, 2}};

enum { MOST_BINS = 1 << 15, NO_COLOUR = -1 };

static unsigned bin_of(uint32_t colour, struct depth depth)
{
    unsigned red = (colour >> 16 & 255) >> (8 - depth.red);
    unsigned green = (colour >> 8 & 255) >> (8 - depth.green);
    unsigned blue = (colour & 255) >> (8 - depth.blue);

    return (red << depth.green | green) << depth.blue | blue;
}

/* The first colour of a bin stands for all of it: paper and ink, which come before their
 * mixtures, stay what they are. */
static bool fill(struct palette *palette, const uint32_t *pixels, size_t count,
                 struct depth depth, uint8_t *out)
{
    int16_t bins[MOST_BINS];

    memset(bins, 0xFF, sizeof(bins));
    palette->count = 0;
    for (size_t i = 0; i < count; i++) {
        int16_t *bin = &bins[bin_of(pixels[i], depth)];

        if (*bin == NO_COLOUR) {
            if (palette->count == PALETTE_MOST)
                return false;
            *bin = (int16_t)palette->count;
            palette->colours[palette->count++] = pixels[i] & 0xFFFFFF;
        }
        out[i] = (uint8_t)*bin;
    }
    return true;
}

void palette_make(struct palette *palette, const uint32_t *pixels, size_t count,
                  uint8_t *out)
{
    size_t depth = 0;

    while (!fill(palette, pixels, count, depths[depth], out))
        depth++;
}
