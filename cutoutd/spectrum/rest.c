#include "spectrum/rest.h"

struct band rest_band_observed(struct band band, double redshift)
{
    double stretch = 1 + redshift;

    return (struct band){band.lower * stretch, band.upper * stretch};
}

void rest_move(const struct slice *slice, double redshift, struct arena *arena,
               struct spectrum *out)
{
    const struct axis *axis = &slice->spectrum->axis;
    double stretch = 1 + redshift;
    double *values = arena_take(arena, axis->samples * sizeof(*values));

    for (size_t i = 0; i < axis->samples; i++)
        values[i] = axis_at(axis, i) / stretch;
    out->axis = (struct axis){values, axis->samples, AXIS_FLOAT64};
}
