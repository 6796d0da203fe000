#include "plot/trace.h"

#include "plot/line_list.h"

#include <math.h>

double trace_wavelength(const struct trace_axis *axis, double observed)
{
    double rest = observed / (1 + axis->redshift);

    return axis->air ? wavelength_in_air(rest) : rest;
}

static double shown(const struct trace *trace, size_t i)
{
    return trace_wavelength(&trace->axis, axis_at(&trace->slice->spectrum->axis, i));
}

static int32_t place(const struct trace *trace, size_t i)
{
    return scale_place(&trace->x, shown(trace, i));
}

/* Where sample i begins: half-way to its neighbour; the ends of the axis mirror the half
 * that there is. */
static int32_t left_edge(const struct trace *trace, size_t i)
{
    size_t samples = trace->slice->spectrum->axis.samples;

    if (samples == 1)
        return place(trace, i) - SCENE_UNIT;
    if (i == 0)
        return scale_place(&trace->x, 1.5 * shown(trace, 0) - 0.5 * shown(trace, 1));
    if (i == samples)
        return scale_place(&trace->x,
                           1.5 * shown(trace, i - 1) - 0.5 * shown(trace, i - 2));
    return scale_place(&trace->x, 0.5 * (shown(trace, i - 1) + shown(trace, i)));
}

static int32_t right_edge(const struct trace *trace, size_t i)
{
    return trace->slice->spectrum->axis.samples == 1 ? place(trace, i) + SCENE_UNIT
                                                     : left_edge(trace, i + 1);
}

struct path {
    struct scene_point *points;
    size_t count;
};

static void add_point(struct path *path, int32_t x, int32_t y)
{
    struct scene_point *last = path->count ? &path->points[path->count - 1] : NULL;

    if (last && last->x == x && last->y == y)
        return;
    path->points[path->count++] = (struct scene_point){x, y};
}

/* One pixel column of a line: where it enters, how low and high it goes, where it leaves.
 */
struct column {
    int32_t pixel;
    int32_t x;
    int32_t first, lowest, highest, last;
};

static void flush_column(struct path *path, const struct column *column)
{
    add_point(path, column->x, column->first);
    add_point(path, column->x, column->lowest);
    add_point(path, column->x, column->highest);
    add_point(path, column->x, column->last);
}

static void add_to_column(struct path *path, struct column *column, int32_t x, int32_t y)
{
    if (column->pixel == x / SCENE_UNIT) {
        column->lowest = y < column->lowest ? y : column->lowest;
        column->highest = y > column->highest ? y : column->highest;
        column->last = y;
        return;
    }
    if (column->pixel != INT32_MIN)
        flush_column(path, column);
    *column = (struct column){x / SCENE_UNIT, x, y, y, y, y};
}

/* Samples from ... to - 1 as one path. */
static void trace_run(const struct trace *trace, enum scene_role role, const float *flux,
                      size_t from, size_t to)
{
    size_t base = trace->slice->first;
    struct path path = {0};
    struct column column = {.pixel = INT32_MIN};

    path.points = arena_take(trace->scene->arena, (to - from) * 4 * sizeof(*path.points));
    for (size_t i = from; i < to; i++) {
        int32_t y = scale_place(&trace->y, (double)flux[i - base]);

        if (trace->steps) {
            add_point(&path, left_edge(trace, i), y);
            add_point(&path, right_edge(trace, i), y);
        } else {
            add_to_column(&path, &column, place(trace, i), y);
        }
    }
    if (column.pixel != INT32_MIN)
        flush_column(&path, &column);
    if (path.count == 1) { /* a lone sample among gaps is a dash as wide as it is */
        path.count = 0;
        add_point(&path, left_edge(trace, from), path.points[0].y);
        add_point(&path, right_edge(trace, from), path.points[0].y);
    }
    scene_lines(trace->scene, role, true, path.points, path.count);
}

static bool has_data(const struct slice *slice, size_t i)
{
    return isfinite(slice->spectrum->flux_error[i]) && isfinite(slice->spectrum->flux[i]);
}

/* The end of the run of samples alike, as `test` sees them, that begins at `from`. */
static size_t run_end(const struct slice *slice, size_t from,
                      bool (*test)(const struct slice *slice, size_t i))
{
    size_t end = slice->first + slice->count;
    bool is = test(slice, from);

    while (from < end && test(slice, from) == is)
        from++;
    return from;
}

void trace_flux(const struct trace *trace, enum scene_role role, const float *flux)
{
    const struct slice *slice = trace->slice;
    size_t end = slice->first + slice->count;

    if (!flux)
        flux = slice->spectrum->flux + slice->first;
    for (size_t from = slice->first, to; from < end; from = to) {
        to = run_end(slice, from, has_data);
        if (has_data(slice, from))
            trace_run(trace, role, flux, from, to);
    }
}

/* Along the top from left to right, back along the bottom: a pixel column keeps its
 * extremes. */
static void error_run(const struct trace *trace, size_t from, size_t to)
{
    const struct spectrum *spectrum = trace->slice->spectrum;
    size_t most = 2 * (to - from), columns = 0;
    struct scene_point *top = arena_take(trace->scene->arena, 2 * most * sizeof(*top));
    struct scene_point *bottom = arena_take(trace->scene->arena, most * sizeof(*bottom));

    for (size_t i = from; i < to; i++) {
        int32_t high = scale_place(&trace->y, (double)spectrum->flux[i] +
                                                  (double)spectrum->flux_error[i]);
        int32_t low = scale_place(&trace->y, (double)spectrum->flux[i] -
                                                 (double)spectrum->flux_error[i]);
        int32_t x = place(trace, i);

        if (trace->steps) {
            top[columns] = (struct scene_point){left_edge(trace, i), high};
            bottom[columns++] = (struct scene_point){left_edge(trace, i), low};
            top[columns] = (struct scene_point){right_edge(trace, i), high};
            bottom[columns++] = (struct scene_point){right_edge(trace, i), low};
        } else if (columns && top[columns - 1].x / SCENE_UNIT == x / SCENE_UNIT) {
            struct scene_point *above = &top[columns - 1], *below = &bottom[columns - 1];

            above->y = high < above->y ? high : above->y;
            below->y = low > below->y ? low : below->y;
        } else {
            top[columns] = (struct scene_point){x, high};
            bottom[columns++] = (struct scene_point){x, low};
        }
    }
    for (size_t i = 0; i < columns; i++)
        top[columns + i] = bottom[columns - 1 - i];
    scene_area(trace->scene, ROLE_ERROR, true, top, 2 * columns);
}

void trace_error(const struct trace *trace)
{
    const struct slice *slice = trace->slice;
    size_t end = slice->first + slice->count;

    for (size_t from = slice->first, to; from < end; from = to) {
        to = run_end(slice, from, has_data);
        if (has_data(slice, from))
            error_run(trace, from, to);
    }
}

static bool is_bad(const struct slice *slice, size_t i)
{
    return !has_data(slice, i) ||
           mask_at(slice->spectrum->and_mask, slice->spectrum->mask_width, i) != 0;
}

size_t trace_shade(const struct trace *trace)
{
    const struct slice *slice = trace->slice;
    const struct scene_box *frame = &trace->scene->frame;
    size_t end = slice->first + slice->count, count = 0;
    struct scene_box box = {0};
    bool open = false;

    for (size_t from = slice->first, to; from < end; from = to) {
        int32_t left;

        to = run_end(slice, from, is_bad);
        if (!is_bad(slice, from))
            continue;
        count += to - from;
        left = left_edge(trace, from);
        if (!open ||
            left > box.right + SCENE_UNIT) { /* closer ones look like one anyhow */
            if (open)
                scene_box(trace->scene, ROLE_SHADE, true, box);
            box = (struct scene_box){left, frame->top, left, frame->bottom};
            open = true;
        }
        box.right = right_edge(trace, to - 1);
        if (box.right < box.left + SCENE_UNIT)
            box.right = box.left + SCENE_UNIT;
    }
    if (open)
        scene_box(trace->scene, ROLE_SHADE, true, box);
    return count;
}

size_t trace_or_mask(const struct trace *trace)
{
    enum { TALL = 5 * SCENE_UNIT };
    const struct slice *slice = trace->slice;
    const struct spectrum *spectrum = slice->spectrum;
    int32_t bottom = trace->scene->frame.bottom, last = INT32_MIN;
    size_t count = 0;

    for (size_t i = slice->first; i < slice->first + slice->count; i++) {
        int32_t x = place(trace, i);

        if (is_bad(slice, i) || mask_at(spectrum->or_mask, spectrum->mask_width, i) == 0)
            continue;
        count++;
        if (last != INT32_MIN && x < last + SCENE_UNIT)
            continue;
        scene_line(trace->scene, ROLE_OR_MASK, (struct scene_point){x, bottom},
                   (struct scene_point){x, bottom - TALL});
        last = x;
    }
    return count;
}

void trace_smooth(const struct slice *slice, int width, float *out)
{
    const struct spectrum *spectrum = slice->spectrum;
    size_t half = (size_t)width / 2;

    for (size_t k = 0; k < slice->count; k++) {
        size_t i = slice->first + k;
        size_t from = i < half ? 0 : i - half;
        size_t to =
            i + half < spectrum->axis.samples ? i + half : spectrum->axis.samples - 1;
        double sum = 0, weights = 0;

        for (size_t j = from; j <= to; j++) {
            double error = (double)spectrum->flux_error[j];
            double weight = isfinite(error) && error > 0 ? 1 / (error * error) : 0;

            if (weight > 0 && isfinite(spectrum->flux[j])) {
                sum += weight * (double)spectrum->flux[j];
                weights += weight;
            }
        }
        out[k] = weights > 0 ? (float)(sum / weights) : NAN;
    }
}
