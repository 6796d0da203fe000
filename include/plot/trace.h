/*
 * trace.h - samples to paths: gaps stay gaps, wide samples are steps, and a pixel column
 * gets no more points than it can show.
 */
#pragma once

#include "plot/scale.h"
#include "plot/scene.h"
#include "spectrum/slice.h"

#include <stdbool.h>

/* How observed vacuum wavelengths are shown. */
struct trace_axis {
    double redshift; /* divided out as 1 + z; 0 in the observed frame */
    bool air;
};
double trace_wavelength(const struct trace_axis *axis, double observed);

struct trace {
    struct scene *scene;
    const struct slice *slice;
    struct trace_axis axis;
    struct scale x, y;
    bool steps; /* samples as steps, not as points joined by lines */
};

/* One path for each run of samples that have data (flux_error not NaN); `flux` replaces
   the spectrum's, if not NULL, and has slice->count values. */
void trace_flux(const struct trace *trace, enum scene_role role, const float *flux);

/* The band of flux - error to flux + error. */
void trace_error(const struct trace *trace);

/* Boxes over runs of samples without data or with a bit in the AND mask. Returns how many
 * samples. */
size_t trace_shade(const struct trace *trace);

/* Ticks along the bottom where the OR mask has a bit and the AND mask has none. Returns
 * how many samples. */
size_t trace_or_mask(const struct trace *trace);

/* Mean of `width` samples around each, weighted by the inverse variance, those without
   data left out; NaN where there is none. `out` has slice->count values. */
void trace_smooth(const struct slice *slice, int width, float *out);
