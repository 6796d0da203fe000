/*
 * axes.h - the axes of a growing shard that were used lately, so that spectra share them.
 *
 * The low resolution survey has a dozen axes, used over and over; nearly each medium
 * resolution spectrum brings one of its own. A shelf of the last used is enough for both
 * and bounded; an axis that fell off it is stored once more, which costs room only.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { AXES_KEPT = 128 };

struct axes_kept;

struct axes {
    struct axes_kept *kept[AXES_KEPT]; /* the last used first */
    size_t count;
};

void axes_init(struct axes *axes);
void axes_finish(struct axes *axes);
void axes_clear(struct axes *axes); /* for the next shard */

/* Where a block with these very bytes lies in the shard, or -1. */
int64_t axes_find(struct axes *axes, const void *block, size_t size);

/* It was stored at this offset. */
void axes_remember(struct axes *axes, const void *block, size_t size, int64_t offset);
