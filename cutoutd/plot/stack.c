#include "plot/stack.h"

#include "base/memory.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct stack {
    struct stack_panel *panels;
    int width, lines;
    int64_t count, begun; /* spectra */
    uint8_t *levels;
    int line;     /* where spectra are added now; below 0: none yet */
    float *sums;  /* of that line */
    int *counts;  /* of spectra in each of its pixels */
    float *means; /* of one spectrum in one panel; NaN: nothing there */
    int *samples; /* in each of them */
};

struct stack *stack_open(const struct stack_panel *panels, size_t panel_count, int width,
                         int lines, int64_t count)
{
    struct stack *stack = memory_new(stack);

    stack->panels = memory_take(panel_count * sizeof(*panels));
    memcpy(stack->panels, panels, panel_count * sizeof(*panels));
    stack->width = width;
    stack->lines = lines;
    stack->count = count;
    stack->line = -1;
    stack->levels = memory_take_zeroed((size_t)width, (size_t)lines);
    stack->sums = memory_take_zeroed((size_t)width, sizeof(*stack->sums));
    stack->counts = memory_take_zeroed((size_t)width, sizeof(*stack->counts));
    stack->means = memory_take_zeroed((size_t)width, sizeof(*stack->means));
    stack->samples = memory_take_zeroed((size_t)width, sizeof(*stack->samples));
    return stack;
}

void stack_close(struct stack *stack)
{
    if (!stack)
        return;
    free(stack->panels);
    free(stack->levels);
    free(stack->sums);
    free(stack->counts);
    free(stack->means);
    free(stack->samples);
    free(stack);
}

/* ---- lines ---- */

static void finish_line(struct stack *stack)
{
    if (stack->line < 0)
        return;
    for (int x = 0; x < stack->width; x++)
        if (stack->counts[x])
            stack->levels[(size_t)stack->line * (size_t)stack->width + (size_t)x] =
                (uint8_t)(1 + lroundf(stack->sums[x] / (float)stack->counts[x] *
                                      (STACK_LEVELS - 2)));
    memset(stack->sums, 0, (size_t)stack->width * sizeof(*stack->sums));
    memset(stack->counts, 0, (size_t)stack->width * sizeof(*stack->counts));
}

int stack_next(struct stack *stack)
{
    int line = (int)(stack->begun * stack->lines / stack->count);

    if (stack->begun < stack->count - 1)
        stack->begun++;
    if (line != stack->line)
        finish_line(stack);
    return stack->line = line;
}

const uint8_t *stack_levels(struct stack *stack)
{
    finish_line(stack);
    return stack->levels;
}

/* ---- one spectrum ---- */

/* A spectrum in the pixels of a panel: a sample lies at wavelength * factor - offset from
 * its left edge. */
struct view {
    const struct slice *slice;
    int width;
    double factor, offset;
};

static struct view view_of(const struct stack_panel *panel, const struct slice *slice,
                           double stretch)
{
    double pixels = panel->width / (panel->band.upper - panel->band.lower);

    return (struct view){slice, panel->width, pixels / stretch,
                         panel->band.lower * pixels};
}

static bool has_data(const struct view *view, size_t i)
{
    const struct spectrum *spectrum = view->slice->spectrum;

    return isfinite(spectrum->flux[i]) && !isnan(spectrum->flux_error[i]);
}

static double place_of(const struct view *view, size_t i)
{
    return axis_at(&view->slice->spectrum->axis, i) * view->factor - view->offset;
}

static int pixel_of(const struct view *view, double place)
{
    return place < 0 ? 0 : place < view->width ? (int)place : view->width - 1;
}

/* The mean of what lies in each pixel, NaN where that is nothing; returns the largest
 * flux. */
static float gather(struct stack *stack, const struct view *view)
{
    const struct slice *slice = view->slice;
    float largest = 0;

    memset(stack->means, 0, (size_t)view->width * sizeof(*stack->means));
    memset(stack->samples, 0, (size_t)view->width * sizeof(*stack->samples));
    for (size_t i = slice->first; i < slice->first + slice->count; i++) {
        float flux = slice->spectrum->flux[i];
        int x = pixel_of(view, place_of(view, i));

        if (!has_data(view, i))
            continue;
        stack->means[x] += flux;
        stack->samples[x]++;
        largest = flux > largest ? flux : largest;
    }
    for (int x = 0; x < view->width; x++)
        stack->means[x] =
            stack->samples[x] ? stack->means[x] / (float)stack->samples[x] : NAN;
    return largest;
}

/* A sample is as wide as the way to its nearer neighbour, and a little more, so that
 * rounding leaves no seam. */
static double half_width(const struct view *view, size_t i)
{
    const struct slice *slice = view->slice;
    double here = place_of(view, i), nearest = (double)INFINITY;

    if (i > slice->first)
        nearest = here - place_of(view, i - 1);
    if (i + 1 < slice->first + slice->count)
        nearest = fmin(nearest, place_of(view, i + 1) - here);
    return isfinite(nearest) ? 0.55 * nearest : 1;
}

/* Give pixels without a sample in them the one that they lie in. */
static void widen(struct stack *stack, const struct view *view)
{
    const struct slice *slice = view->slice;

    for (size_t i = slice->first; i < slice->first + slice->count; i++) {
        double here = place_of(view, i), half = half_width(view, i);
        int last = pixel_of(view, here + half - 0.5);

        if (!has_data(view, i))
            continue;
        for (int x = pixel_of(view, here - half + 0.5); x <= last; x++)
            if (isnan(stack->means[x]))
                stack->means[x] = slice->spectrum->flux[i];
    }
}

void stack_add(struct stack *stack, size_t panel, const struct slice *slice,
               double stretch)
{
    struct view view = view_of(&stack->panels[panel], slice, stretch);
    float largest = gather(stack, &view);

    if (!(largest > 0))
        return;
    if (slice->count < 2 * (size_t)view.width) /* else none is as wide as a pixel */
        widen(stack, &view);
    for (int x = 0; x < view.width; x++) {
        int at = stack->panels[panel].left + x;

        if (isnan(stack->means[x]))
            continue;
        stack->sums[at] += fminf(fmaxf(stack->means[x] / largest, 0), 1);
        stack->counts[at]++;
    }
}
