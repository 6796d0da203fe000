/* relative.h - a spectrum whose flux is scaled by that of a window of it. */
#pragma once

#include "base/arena.h"
#include "base/status.h"
#include "spectrum/slice.h"

/*
 * The slice with the largest flux in it made 1, errors scaled alike; arrays in the arena
 * take the place of *out's flux and errors. *scale: what they were multiplied by. A
 * window whose flux is nowhere positive cannot be scaled so: STATUS_BAD_PARAMETER.
 */
enum status slice_make_relative(const struct slice *slice, struct arena *arena,
                                struct spectrum *out, double *scale,
                                struct failure *failure);
