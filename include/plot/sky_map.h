/*
 * sky_map.h - how many spectra there are where on the sky: a picture of all of it in
 * equatorial coordinates, Mollweide's projection, right ascension 12 h in the middle and
 * increasing to the left.
 */
#pragma once

#include "base/buffer.h"
#include "base/status.h"

#include <stdint.h>

enum {
    SKY_MAP_WIDTH = 900, /* pixels */
    SKY_MAP_HEIGHT = 500,
    SKY_MAP_ORDER = 5, /* HEALPix order of the counts: 1.8 degrees */
    SKY_MAP_PIXELS = 12 << 2 * SKY_MAP_ORDER,
};

/* A PNG of the counts, one for each HEALPix pixel in the NESTED scheme. */
enum status sky_map_write(const int64_t counts[SKY_MAP_PIXELS], struct buffer *out,
                          struct failure *failure);
