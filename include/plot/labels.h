/* labels.h - names of spectral lines above a plot, in two rows, none over another. */
#pragma once

#include "plot/scale.h"
#include "plot/scene.h"
#include "plot/trace.h"

enum { LABEL_ROWS = 2 };

/*
 * Mark the lines of `kinds` at the redshift (NaN counts as 0) that lie inside the x
 * scale, and name as many as fit: the first row lies at `base` (scene y), the next above
 * it. Neighbours of one name are named once.
 */
void labels_place(struct scene *scene, const struct scale *x,
                  const struct trace_axis *axis, double redshift, unsigned kinds,
                  int32_t base);
