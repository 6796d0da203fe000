#include "plot/range.h"

#include "base/memory.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const double NOISY = 4;     /* times the median error */
static const double MARGIN = 0.06; /* of the range, above and below */
static const double NEAR = 0.6;    /* of the range: extremes within it are shown */
static const double NEAR_ZERO =
    0.3; /* a lowest value below this share of the highest: show zero */

static int compare(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;

    return (x > y) - (x < y);
}

static float median_of(float *values, size_t count)
{
    qsort(values, count, sizeof(*values), compare);
    return values[count / 2];
}

static bool is_good(const struct spectrum *spectrum, size_t i)
{
    return isfinite(spectrum->flux_error[i]) && isfinite(spectrum->flux[i]) &&
           mask_at(spectrum->and_mask, spectrum->mask_width, i) == 0 &&
           spectrum->flux[i] != 0; /* dead ends are exactly 0 */
}

static double usual_error(const struct slice *slice, float *room)
{
    size_t count = 0;

    for (size_t i = slice->first; i < slice->first + slice->count; i++)
        if (is_good(slice->spectrum, i))
            room[count++] = slice->spectrum->flux_error[i];
    return count ? (double)median_of(room, count) : 0;
}

/* Collect the flux of the samples that count; returns how many. */
static size_t collect(const struct slice *slice, double largest_error, float *out)
{
    const struct spectrum *spectrum = slice->spectrum;
    size_t count = 0;

    for (size_t i = slice->first; i < slice->first + slice->count; i++)
        if (is_good(spectrum, i) && (double)spectrum->flux_error[i] <= largest_error)
            out[count++] = spectrum->flux[i];
    return count;
}

static size_t collect_finite(const struct slice *slice, float *out)
{
    size_t count = 0;

    for (size_t i = slice->first; i < slice->first + slice->count; i++)
        if (isfinite(slice->spectrum->flux[i]))
            out[count++] = slice->spectrum->flux[i];
    return count;
}

static struct range range_of_medians(const float *values, size_t count)
{
    enum { WIDTH = 5 };
    struct range range = {(double)INFINITY, -(double)INFINITY};

    for (size_t i = 0; i < count; i++) {
        float window[WIDTH];
        size_t from = i < WIDTH / 2 ? 0 : i - WIDTH / 2;
        size_t wide = count - from < WIDTH ? count - from : WIDTH;
        double middle;

        memcpy(window, values + from, wide * sizeof(*window));
        middle = (double)median_of(window, wide);
        range.low = fmin(range.low, middle);
        range.high = fmax(range.high, middle);
    }
    return range;
}

/* The core of a narrow line is no outlier: an extreme that is near the range belongs to
 * it. */
static struct range widen_to_near(struct range range, const float *values, size_t count)
{
    double near = NEAR * (range.high - range.low);
    struct range limit = {range.low - near, range.high + near};

    for (size_t i = 0; i < count; i++) {
        double value = (double)values[i];

        if (value >= limit.low && value < range.low)
            range.low = value;
        if (value <= limit.high && value > range.high)
            range.high = value;
    }
    return range;
}

static struct range with_margin(struct range range)
{
    double margin;

    if (range.low > 0 && range.low < NEAR_ZERO * range.high)
        range.low = 0;
    if (range.high <= range.low) /* one value: give it room */
        range = (struct range){range.low - fmax(fabs(range.low) / 2, 0.5),
                               range.low + fmax(fabs(range.low) / 2, 0.5)};
    margin = MARGIN * (range.high - range.low);
    return (struct range){range.low - margin, range.high + margin};
}

struct range range_of_flux(const struct slice *slice)
{
    float *values = memory_take(slice->count * sizeof(*values));
    struct range range = {0, 1};
    size_t count = collect(slice, NOISY * usual_error(slice, values), values);

    if (count == 0)
        count = collect_finite(slice, values);
    if (count)
        range =
            with_margin(widen_to_near(range_of_medians(values, count), values, count));
    free(values);
    return range;
}
