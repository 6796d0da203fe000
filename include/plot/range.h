/* range.h - the range of flux that a reader wants to see. */
#pragma once

#include "spectrum/slice.h"

struct range {
    double low, high; /* low < high, finite */
};

/*
 * From the samples that have an error and no bit in the AND mask, after a running median
 * of five (a spike of one or two samples is no line), leaving out those whose error is
 * far above the usual and runs of flux exactly 0: neither outliers, nor noisy ends, nor
 * dead ends pull it. Without any such sample, of what is finite; else 0 to 1.
 */
struct range range_of_flux(const struct slice *slice);
