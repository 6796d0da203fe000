#include "spectrum/slice.h"

#include <stdbool.h>

static const double TOLERANCE = 1e-12; /* relative */

/* Index of the first wavelength that is not below the limit; the number of samples if all
 * are. */
static size_t first_not_below(const struct axis *axis, double limit)
{
    size_t low = 0, high = axis->samples;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (axis_at(axis, middle) < limit)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static size_t nearest(const struct axis *axis, double wavelength)
{
    size_t after = first_not_below(axis, wavelength);

    if (after == 0)
        return 0;
    if (after == axis->samples)
        return after - 1;
    return wavelength - axis_at(axis, after - 1) <= axis_at(axis, after) - wavelength
               ? after - 1
               : after;
}

/*
 * Wavelengths rise along the axis (ingest sees to it), so the samples inside a band are
 * one run: two bisections find it, nothing is copied.
 */
struct slice slice_by_band(const struct spectrum *spectrum, struct band band)
{
    const struct axis *axis = &spectrum->axis;
    bool is_scalar = band.lower == band.upper;
    double lower = band.lower * (1 - TOLERANCE);
    double upper = band.upper * (1 + TOLERANCE);
    struct slice slice = {.spectrum = spectrum};
    size_t end;

    slice.first = first_not_below(axis, lower);
    /* The next double above `upper` is the first limit that excludes it. */
    end = first_not_below(axis, __builtin_nextafter(upper, __builtin_inf()));
    slice.count = end > slice.first ? end - slice.first : 0;
    if (is_scalar && slice.first < axis->samples && end > 0) {
        slice.first = nearest(axis, band.lower);
        slice.count = 1;
    }
    return slice;
}
