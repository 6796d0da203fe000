/*
 * spectrum.h - one spectrum in memory: an axis of wavelengths and what was measured at
 * each.
 *
 * A view: it owns nothing and does not know whether the arrays lie in a mapped shard, a
 * buffer from a worker or a test. Missing data are as the cache has them: flux_error NaN.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum axis_type {
    AXIS_FLOAT32 = 4, /* bytes of one value */
    AXIS_FLOAT64 = 8,
};

/* Wavelengths, Angstrom, vacuum, strictly increasing. */
struct axis {
    const void *values;
    uint32_t samples;
    enum axis_type type;
};

enum mask_width {
    MASK_BYTE = 1,  /* uint8_t */
    MASK_SHORT = 2, /* int16_t: for values that do not fit a byte */
};

struct spectrum {
    struct axis axis;
    const float *flux;       /* relative units */
    const float *flux_error; /* 1 sigma, the unit of flux; NaN where there is none */
    const void *and_mask;    /* bits set in all exposures */
    const void *or_mask;     /* bits set in any exposure */
    enum mask_width mask_width;
};

static inline double axis_at(const struct axis *axis, size_t i)
{
    return axis->type == AXIS_FLOAT32 ? (double)((const float *)axis->values)[i]
                                      : ((const double *)axis->values)[i];
}

static inline int16_t mask_at(const void *mask, enum mask_width width, size_t i)
{
    return width == MASK_BYTE ? ((const uint8_t *)mask)[i] : ((const int16_t *)mask)[i];
}
