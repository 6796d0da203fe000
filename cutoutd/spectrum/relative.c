#include "spectrum/relative.h"

#include <math.h>

static double largest_flux(const struct slice *slice)
{
    double largest = 0;

    for (size_t i = slice->first; i < slice->first + slice->count; i++)
        if (isfinite(slice->spectrum->flux[i]))
            largest = fmax(largest, (double)slice->spectrum->flux[i]);
    return largest;
}

static const float *divided(const float *values, size_t count, double by,
                            struct arena *arena)
{
    float *out = arena_take(arena, count * sizeof(*out));

    for (size_t i = 0; i < count; i++)
        out[i] = (float)((double)values[i] / by);
    return out;
}

enum status slice_make_relative(const struct slice *slice, struct arena *arena,
                                struct spectrum *out, double *scale,
                                struct failure *failure)
{
    const struct spectrum *spectrum = slice->spectrum;
    double largest = largest_flux(slice);

    if (largest <= 0)
        return failure_set(
            failure, STATUS_BAD_PARAMETER,
            "FLUXCALIB=RELATIVE: no flux in this window is above 0, so none "
            "can be made 1");
    *out = *spectrum;
    out->flux = divided(spectrum->flux, spectrum->axis.samples, largest, arena);
    out->flux_error =
        divided(spectrum->flux_error, spectrum->axis.samples, largest, arena);
    *scale = 1 / largest;
    return STATUS_OK;
}
