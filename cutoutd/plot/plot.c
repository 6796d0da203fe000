#include "plot/plot.h"

#include "base/buffer.h"
#include "plot/labels.h"
#include "plot/line_list.h"
#include "plot/range.h"
#include "plot/trace.h"
#include "spectrum/slice.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    STEP_PIXELS = 3,    /* samples this wide are steps */
    SMALL_WIDTH = 420,  /* below, only the essentials are written */
    SMALL_HEIGHT = 200, /* below, no axis on top and no notes */
    BIG_FONT = 12,      /* pixels */
    SMALL_FONT = 10,
};

void plot_settings_init(struct plot_settings *settings)
{
    *settings = (struct plot_settings){
        .band = BAND_ALL,
        .width = PLOT_WIDTH_DEFAULT,
        .height = PLOT_HEIGHT_DEFAULT,
        .error = true,
        .mask = true,
    };
}

/* Everything that the steps of the layout share. */
struct layout {
    const struct plot_subject *subject;
    const struct plot_settings *settings;
    struct scene *scene;
    struct slice slice;
    struct trace trace;
    bool small; /* a thumbnail: no titles */
    bool has_z;
    bool top_axis;  /* the other frame's wavelengths above the frame */
    size_t no_data; /* samples shaded */
    size_t or_masked;
};

static bool is_rest(const struct layout *layout)
{
    return layout->settings->frame == PLOT_FRAME_REST && layout->has_z;
}

static int32_t line_height(const struct layout *layout)
{
    return layout->scene->font_size * 13 / 10;
}

/* From the outside in: title, names of lines, upper axis; notes, axis title, numbers. */
static void place_frame(struct layout *layout)
{
    struct scene *scene = layout->scene;
    int32_t line = line_height(layout);
    struct scene_box *frame = &scene->frame;

    scene->font_size = (layout->small ? SMALL_FONT : BIG_FONT) * SCENE_UNIT;
    line = line_height(layout);
    frame->left = layout->small ? line * 7 / 2 : line * 9 / 2;
    frame->right = scene->width - line * 3 / 2; /* half of a number at the very end */
    frame->top = line / 2;
    frame->bottom = scene->height - line * 3 / 2;
    if (layout->small)
        return;
    frame->top += line * 5 / 4 + LABEL_ROWS * scene->font_size * 11 / 10 + line / 2;
    frame->bottom -= line * 5 / 4;
    if (layout->top_axis)
        frame->top += line * 3 / 2;
    if (scene->height >= SMALL_HEIGHT * SCENE_UNIT)
        frame->bottom -= line;
}

static double shown(const struct layout *layout, size_t i)
{
    return trace_wavelength(&layout->trace.axis,
                            axis_at(&layout->subject->spectrum->axis, i));
}

/* The window as asked for, where it is finite and overlaps the data; else what the
 * samples span. */
static void place_scales(struct layout *layout)
{
    const struct axis *axis = &layout->subject->spectrum->axis;
    const struct scene_box *frame = &layout->scene->frame;
    const struct slice *slice = &layout->slice;
    const struct band *band = &layout->settings->band;
    double first = axis_at(axis, 0), last = axis_at(axis, axis->samples - 1);
    double low = fmax(first, band->lower), high = fmin(last, band->upper);
    struct range range = range_of_flux(slice);

    if (slice->count == 0) {
        low = isfinite(band->lower) ? band->lower : first;
        high = isfinite(band->upper) ? band->upper : last;
    }
    if (!(high > low)) { /* one sample, or one wavelength */
        low -= 1;
        high = low + 2;
    }
    layout->trace.x = (struct scale){trace_wavelength(&layout->trace.axis, low),
                                     trace_wavelength(&layout->trace.axis, high),
                                     frame->left, frame->right};
    layout->trace.y = (struct scale){range.low, range.high, frame->bottom, frame->top};
}

static void choose_style(struct layout *layout)
{
    const struct scene_box *frame = &layout->scene->frame;
    size_t count = layout->slice.count ? layout->slice.count : 1;

    layout->trace.steps =
        layout->settings->style == PLOT_STYLE_STEP ||
        (layout->settings->style == PLOT_STYLE_AUTO &&
         (size_t)(frame->right - frame->left) / count >= STEP_PIXELS * SCENE_UNIT);
}

static void draw_x_axis(const struct layout *layout)
{
    struct scene *scene = layout->scene;
    const struct scale *x = &layout->trace.x;
    int32_t room = scene->font_size * 9 / 2;
    struct ticks ticks =
        ticks_between(x->low, x->high, (scene->frame.right - scene->frame.left) / room);
    char text[TICK_LENGTH];

    for (int i = 0; i < ticks.count; i++) {
        int32_t at = scale_place(x, ticks.first + i * ticks.step);

        scene_line(scene, ROLE_TICK, (struct scene_point){at, scene->frame.bottom},
                   (struct scene_point){at, scene->frame.bottom + 5 * SCENE_UNIT});
        tick_text(&ticks, i, text);
        scene_text(scene, ROLE_TICK_LABEL,
                   (struct scene_point){at, scene->frame.bottom + line_height(layout) +
                                                SCENE_UNIT * 3},
                   ANCHOR_MIDDLE, text);
    }
}

static void draw_y_axis(const struct layout *layout)
{
    struct scene *scene = layout->scene;
    const struct scale *y = &layout->trace.y;
    int32_t room = scene->font_size * 3;
    struct ticks ticks =
        ticks_between(y->low, y->high, (scene->frame.bottom - scene->frame.top) / room);
    char text[TICK_LENGTH];

    if (layout->slice.count == 0)
        return; /* its range means nothing */
    for (int i = 0; i < ticks.count; i++) {
        int32_t at = scale_place(y, ticks.first + i * ticks.step);

        scene_line(scene, ROLE_GRID, (struct scene_point){scene->frame.left, at},
                   (struct scene_point){scene->frame.right, at});
        scene_line(scene, ROLE_TICK,
                   (struct scene_point){scene->frame.left - 5 * SCENE_UNIT, at},
                   (struct scene_point){scene->frame.left, at});
        tick_text(&ticks, i, text);
        scene_text(scene, ROLE_TICK_LABEL,
                   (struct scene_point){scene->frame.left - 7 * SCENE_UNIT,
                                        at + scene->font_size * 35 / 100},
                   ANCHOR_END, text);
    }
}

/* The other frame: rest wavelengths above an observed axis, observed ones above a rest
 * axis. */
static void draw_top_axis(const struct layout *layout)
{
    struct scene *scene = layout->scene;
    const struct scale *x = &layout->trace.x;
    double stretch = 1 + layout->subject->redshift;
    double factor = is_rest(layout) ? stretch : 1 / stretch;
    struct scale other = {x->low * factor, x->high * factor, x->from, x->to};
    struct ticks ticks = ticks_between(
        other.low, other.high, (other.to - other.from) / (scene->font_size * 9 / 2));
    int32_t top = scene->frame.top;
    char text[TICK_LENGTH];

    for (int i = 0; i < ticks.count; i++) {
        int32_t at = scale_place(&other, ticks.first + i * ticks.step);

        scene_line(scene, ROLE_TICK, (struct scene_point){at, top},
                   (struct scene_point){at, top - 5 * SCENE_UNIT});
        tick_text(&ticks, i, text);
        scene_text(scene, ROLE_TICK_LABEL, (struct scene_point){at, top - 8 * SCENE_UNIT},
                   ANCHOR_MIDDLE, text);
    }
    scene_text(scene, ROLE_NOTE, /* left of half a number at the very beginning */
               (struct scene_point){scene->frame.left - 2 * scene->font_size,
                                    top - 8 * SCENE_UNIT},
               ANCHOR_END, is_rest(layout) ? "obs." : "rest");
}

static unsigned kinds_of_lines(const struct layout *layout)
{
    const char *class = layout->subject->class ? layout->subject->class : "";

    switch (layout->settings->lines) {
    case PLOT_LINES_STELLAR:
        return LINE_STELLAR;
    case PLOT_LINES_GALAXY:
        return LINE_GALAXY;
    case PLOT_LINES_QSO:
        return LINE_QSO;
    case PLOT_LINES_NONE:
        return 0;
    case PLOT_LINES_AUTO:
        break;
    }
    if (strcmp(class, "unknown") == 0)
        return 0; /* without a redshift any name would be a guess */
    return strcmp(class, "galaxy") == 0 ? LINE_GALAXY
           : strcmp(class, "qso") == 0  ? LINE_QSO
                                        : LINE_STELLAR;
}

static void draw_lines(const struct layout *layout)
{
    int32_t base = layout->scene->frame.top - 6 * SCENE_UNIT;

    if (layout->small)
        return;
    if (layout->top_axis)
        base -= line_height(layout) * 3 / 2;
    labels_place(layout->scene, &layout->trace.x, &layout->trace.axis,
                 layout->subject->redshift, kinds_of_lines(layout), base);
}

static void draw_sky(const struct layout *layout)
{
    struct scene *scene = layout->scene;
    const struct scale *x = &layout->trace.x;

    for (size_t i = 0; i < sky_band_count; i++) {
        double from = trace_wavelength(&layout->trace.axis, sky_bands[i].from);
        double to = trace_wavelength(&layout->trace.axis, sky_bands[i].to);
        struct scene_box box = {scale_place(x, from), scene->frame.top,
                                scale_place(x, to), scene->frame.bottom};

        if (to < x->low || from > x->high)
            continue;
        scene_box(scene, ROLE_SKY, true, box);
        if (!layout->small && box.left >= scene->frame.left)
            scene_text(scene, ROLE_NOTE,
                       (struct scene_point){box.left + 2 * SCENE_UNIT,
                                            scene->frame.bottom - 8 * SCENE_UNIT},
                       ANCHOR_START, sky_bands[i].name);
    }
}

static void draw_flux(const struct layout *layout)
{
    const struct plot_settings *settings = layout->settings;
    float *smooth;

    if (settings->error)
        trace_error(&layout->trace);
    if (settings->smooth < 2) {
        trace_flux(&layout->trace, ROLE_FLUX, NULL);
        return;
    }
    smooth = arena_take(layout->scene->arena, layout->slice.count * sizeof(*smooth));
    trace_smooth(&layout->slice, settings->smooth, smooth);
    trace_flux(&layout->trace, ROLE_RAW, NULL);
    trace_flux(&layout->trace, ROLE_FLUX, smooth);
}

/* The first `most` of: class, redshift, signal to noise; those that are known. */
static const char *facts_of(const struct layout *layout, int most)
{
    const struct plot_subject *subject = layout->subject;
    struct arena *arena = layout->scene->arena;
    char *facts = arena_copy_string(arena, "");

    if (subject->class && most > 0)
        facts =
            arena_format(arena, "%s%s%s", subject->class, subject->subclass ? " " : "",
                         subject->subclass ? subject->subclass : "");
    if (layout->has_z && most > 1)
        facts = arena_format(arena, "%s%sz %.5f", facts, *facts ? " · " : "",
                             subject->redshift);
    if (isfinite(subject->snr) && most > 2)
        facts = arena_format(arena, "%s%sS/N %.*f", facts, *facts ? " · " : "",
                             subject->snr < 10 ? 1 : 0, subject->snr);
    return facts;
}

/* Of the bold font of titles, on the safe side; bytes are no fewer than characters. */
static int32_t title_width(const struct scene *scene, const char *text)
{
    return (int32_t)strlen(text) * scene->font_size * 3 / 4;
}

/* The name to the left, and to the right as many facts as there is room for. */
static void write_title(const struct layout *layout)
{
    const struct plot_subject *subject = layout->subject;
    struct scene *scene = layout->scene;
    int32_t line = line_height(layout) * 11 / 10;
    const char *name =
        arena_format(scene->arena, "%s%s%s", subject->name ? subject->name : "spectrum",
                     subject->label ? " · " : "", subject->label ? subject->label : "");
    int32_t room = scene->frame.right - scene->frame.left - title_width(scene, name);
    int most = 3;

    while (most > 0 && title_width(scene, facts_of(layout, most)) > room)
        most--;
    scene_text(scene, ROLE_TITLE, (struct scene_point){scene->frame.left, line},
               ANCHOR_START, name);
    scene_text(scene, ROLE_TITLE, (struct scene_point){scene->frame.right, line},
               ANCHOR_END, facts_of(layout, most));
}

static void write_axis_titles(const struct layout *layout)
{
    struct scene *scene = layout->scene;
    const struct scene_box *frame = &scene->frame;
    const char *medium = layout->settings->medium == PLOT_MEDIUM_AIR
                             ? "air wavelength"
                             : "vacuum wavelength";

    scene_text(scene, ROLE_AXIS_TITLE,
               (struct scene_point){(frame->left + frame->right) / 2,
                                    frame->bottom + line_height(layout) * 5 / 2},
               ANCHOR_MIDDLE,
               arena_format(scene->arena, "%s%s / Å",
                            is_rest(layout) ? "rest-frame " : "", medium));
    scene_text_upright(
        scene, ROLE_AXIS_TITLE,
        (struct scene_point){line_height(layout), (frame->top + frame->bottom) / 2},
        ANCHOR_MIDDLE, "relative flux");
}

static void write_notes(const struct layout *layout)
{
    const struct plot_settings *settings = layout->settings;
    struct scene *scene = layout->scene;
    struct arena *arena = scene->arena;
    const char *note = "";

    if (layout->no_data && settings->mask)
        note =
            arena_format(arena, "%zu of %zu samples have no data or are masked (grey).  ",
                         layout->no_data, layout->slice.count);
    if (layout->or_masked && settings->mask)
        note = arena_format(arena, "%s%zu masked in some exposure (ticks).  ", note,
                            layout->or_masked);
    if (settings->smooth > 1)
        note = arena_format(arena, "%sMean of %d samples; as measured in grey.  ", note,
                            settings->smooth);
    if (settings->frame == PLOT_FRAME_REST && !layout->has_z)
        note = arena_format(arena, "%sNo redshift: observed frame.  ", note);
    if (*note && scene->height >= SMALL_HEIGHT * SCENE_UNIT)
        scene_text(
            scene, ROLE_NOTE,
            (struct scene_point){scene->frame.left, scene->height - 5 * SCENE_UNIT},
            ANCHOR_START, note);
}

/* Words for a window that shows nothing: an empty frame alone would look broken. */
static void say_if_empty(const struct layout *layout)
{
    const struct scene_box *frame = &layout->scene->frame;
    struct scene_point middle = {(frame->left + frame->right) / 2,
                                 (frame->top + frame->bottom) / 2};
    const char *words = layout->slice.count == 0 ? "no samples in this window"
                        : layout->no_data == layout->slice.count
                            ? "no valid samples in this window"
                            : NULL;

    if (words)
        scene_text(layout->scene, ROLE_NOTE, middle, ANCHOR_MIDDLE, words);
}

static void draw_frame(const struct layout *layout)
{
    const struct scene_box *box = &layout->scene->frame;
    struct scene_point corners[] = {{box->left, box->top},
                                    {box->right, box->top},
                                    {box->right, box->bottom},
                                    {box->left, box->bottom},
                                    {box->left, box->top}};

    for (int i = 0; i < 4; i++)
        scene_line(layout->scene, ROLE_FRAME, corners[i], corners[i + 1]);
}

static const char *describe(const struct layout *layout)
{
    const struct plot_subject *subject = layout->subject;
    struct arena *arena = layout->scene->arena;

    if (layout->slice.count == 0)
        return "Spectrum: no samples in this window";
    return arena_format(arena, "Spectrum of %s%s%s, %.1f to %.1f Angstrom, %zu samples",
                        subject->name ? subject->name : "an object",
                        subject->class ? ", " : "", subject->class ? subject->class : "",
                        shown(layout, layout->slice.first),
                        shown(layout, layout->slice.first + layout->slice.count - 1),
                        layout->slice.count);
}

static void layout_init(struct layout *layout, const struct plot_subject *subject,
                        const struct plot_settings *settings, struct scene *scene)
{
    *layout = (struct layout){.subject = subject, .settings = settings, .scene = scene};
    layout->slice = slice_by_band(subject->spectrum, settings->band);
    layout->has_z = isfinite(subject->redshift) && subject->redshift > -0.9;
    layout->small = settings->width < SMALL_WIDTH || settings->height < SMALL_HEIGHT;
    layout->top_axis = layout->has_z && !layout->small;
    layout->trace.scene = scene;
    layout->trace.slice = &layout->slice;
    layout->trace.axis = (struct trace_axis){
        .redshift = is_rest(layout) ? subject->redshift : 0,
        .air = settings->medium == PLOT_MEDIUM_AIR,
    };
}

void plot_layout(const struct plot_subject *subject, const struct plot_settings *settings,
                 struct arena *arena, struct scene *out)
{
    struct layout layout;

    scene_init(out, arena, settings->width, settings->height);
    layout_init(&layout, subject, settings, out);
    place_frame(&layout);
    place_scales(&layout);
    choose_style(&layout);

    scene_box(out, ROLE_BACKGROUND, false,
              (struct scene_box){0, 0, out->width, out->height});
    if (settings->mask)
        layout.no_data = trace_shade(&layout.trace);
    if (settings->sky)
        draw_sky(&layout);
    draw_y_axis(&layout);
    draw_lines(&layout);
    if (layout.slice.count)
        draw_flux(&layout);
    if (settings->mask && !layout.small)
        layout.or_masked = trace_or_mask(&layout.trace);
    draw_frame(&layout);
    draw_x_axis(&layout);
    if (layout.top_axis)
        draw_top_axis(&layout);
    say_if_empty(&layout);
    if (!layout.small) {
        write_title(&layout);
        write_axis_titles(&layout);
        write_notes(&layout);
    }
    out->description = describe(&layout);
}
