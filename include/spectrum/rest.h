/* rest.h - wavelengths in the rest frame of an object: those observed, divided by 1 + its
 * redshift. */
#pragma once

#include "base/arena.h"
#include "spectrum/slice.h"

#include <stdbool.h>

/* Whether the redshift is one: known, and above -1. */
static inline bool rest_is_known(double redshift)
{
    return 1 + redshift > 0;
}

/* Where a band at rest is observed. */
struct band rest_band_observed(struct band band, double redshift);

/* Give *out, a copy of the slice's spectrum, wavelengths at rest; they live in the arena.
 */
void rest_move(const struct slice *slice, double redshift, struct arena *arena,
               struct spectrum *out);
