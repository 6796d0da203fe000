#include "cutout/window.h"

#include "base/number.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const struct window windows[] = {
    {"Ca H and K", "calcium H and K", {3920, 3980}},
    {"H\xCE\xB2", "hydrogen beta", {4810, 4920}},
    {"Mg b", "the magnesium triplet", {5100, 5250}},
    {"H\xCE\xB1", "hydrogen alpha", {6500, 6630}},
    {"Ca triplet", "the calcium triplet", {8450, 8750}},
};
const size_t window_count = sizeof(windows) / sizeof(windows[0]);

/* What moves lines less than this leaves them in their windows, which then have the same
 * address for all stars. */
static const double OF_A_STAR = 0.003;

/* To a tenth of a nanometre, so that addresses stay short. */
static double rounded(double angstrom)
{
    return round(angstrom);
}

bool window_of(const struct window *window, const struct entry *entry, struct band *out)
{
    double stretch =
        fabs(entry->redshift) > OF_A_STAR ? 1 + entry->redshift : 1; /* NaN: 1 */

    *out = (struct band){rounded(window->rest.lower * stretch),
                         rounded(window->rest.upper * stretch)};
    return out->lower >= entry->spectral_start && out->upper <= entry->spectral_end;
}

struct band window_for_example(const struct entry *entry)
{
    struct band band;

    for (size_t i = 0; i < window_count; i++)
        if (window_of(&windows[i], entry, &band))
            return band;
    return (struct band){entry->spectral_start, entry->spectral_end};
}

struct band window_clamped(struct band band, const struct entry *entry)
{
    return (struct band){
        fmin(fmax(band.lower, entry->spectral_start), entry->spectral_end),
        fmax(fmin(band.upper, entry->spectral_end), entry->spectral_start)};
}

/* To seven digits, which whole Angstrom have not. */
static void write_nanometres(double angstrom, char out[NUMBER_LENGTH])
{
    if (fabs(angstrom) < 1e6 && rounded(angstrom) == angstrom)
        number_write_double(out, angstrom / 10);
    else
        snprintf(out, NUMBER_LENGTH, "%.7g", angstrom / 10);
}

const char *window_nanometres(double angstrom, struct arena *arena)
{
    char text[NUMBER_LENGTH];

    write_nanometres(angstrom, text);
    return arena_copy(arena, text, strlen(text));
}

const char *window_band(struct band band, struct arena *arena)
{
    char lower[NUMBER_LENGTH], upper[NUMBER_LENGTH];

    write_nanometres(band.lower, lower);
    write_nanometres(band.upper, upper);
    return arena_format(arena, "%se-9 %se-9", lower, upper);
}
