#include "plot/scale.h"

#include <math.h>
#include <stdio.h>

static const double FARTHEST = 1e6; /* scene coordinates: far outside any picture */

int32_t scale_place(const struct scale *scale, double value)
{
    double share = (value - scale->low) / (scale->high - scale->low);
    double place = scale->from + share * (scale->to - scale->from);

    return (int32_t)lround(fmin(fmax(place, -FARTHEST), FARTHEST));
}

/* The smallest step of 1, 2 or 5 times a power of ten that is not below `least`. */
static double round_step(double least)
{
    double power = pow(10, floor(log10(least)));
    double digit = least / power;

    return power * (digit <= 1 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10);
}

struct ticks ticks_between(double low, double high, int most)
{
    struct ticks ticks = {0};

    if (!(high > low) || !isfinite(high - low) || most < 1)
        return ticks;
    ticks.step = round_step((high - low) / most);
    ticks.first = ceil(low / ticks.step - 1e-9) * ticks.step;
    ticks.count = (int)floor((high - ticks.first) / ticks.step + 1e-9) + 1;
    ticks.decimals = (int)fmax(0, -floor(log10(ticks.step) + 1e-9));
    return ticks;
}

void tick_text(const struct ticks *ticks, int i, char out[TICK_LENGTH])
{
    double value = ticks->first + i * ticks->step;
    double largest =
        fmax(fabs(ticks->first), fabs(ticks->first + (ticks->count - 1) * ticks->step));

    if (fabs(value) < ticks->step / 2)
        value = 0; /* never "-0" */
    if (largest >= 1e6 || ticks->decimals > 5)
        snprintf(out, TICK_LENGTH, "%.4g", value);
    else
        snprintf(out, TICK_LENGTH, "%.*f", ticks->decimals, value);
}
