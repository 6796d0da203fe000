#include "plot/stack_picture.h"

#include "base/memory.h"
#include "plot/png.h"
#include "plot/scale.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Pixels. */
enum {
    LEFT = 96,
    RIGHT = 20,
    TOP = 50,
    BOTTOM = 44,
    GAP = 38, /* between panels: half a label of each */
    FONT = 12,
    LEGEND_WIDTH = 96,
    LEGEND_HEIGHT = 9,
    TICK = 4,
    LABEL_WIDTH = 80, /* that a wavelength's takes */
};

/* Lines. */
enum { MOST_LINES = 1000, FEW_LINES = 400, THICKEST = 16 };

enum { LABEL = 16 };

struct stack_picture {
    struct stack_settings settings;
    struct stack_panel panels[STACK_PANELS];
    struct stack *stack;
    int width, height; /* of the stack, pixels */
    int lines;
    char (*labels)[LABEL]; /* of the first spectrum of each line */
    int last;              /* line that has a label; -1: none */
};

int stack_width_min(size_t band_count)
{
    enum { LEAST_PANEL = 24 };

    return LEFT + RIGHT + (int)band_count * (LEAST_PANEL + GAP) - GAP;
}

static int least(int64_t a, int64_t b)
{
    return (int)(a < b ? a : b);
}

/* ---- the lines ---- */

/* As many lines as there are spectra, and thick enough to be seen; or what fits. */
static void choose_size(struct stack_picture *picture)
{
    const struct stack_settings *settings = &picture->settings;
    int64_t count = settings->count;
    int thickness = count < FEW_LINES ? least(FEW_LINES / count, THICKEST) : 1;

    picture->width = settings->width - LEFT - RIGHT;
    picture->height = settings->height ? settings->height - TOP - BOTTOM
                                       : least(count, MOST_LINES) * thickness;
    picture->lines = least(count, settings->height ? picture->height : MOST_LINES);
}

static void place_panels(struct stack_picture *picture)
{
    int count = (int)picture->settings.band_count;
    int room = picture->width - (count - 1) * GAP;

    for (int i = 0; i < count; i++) {
        int left = i * room / count, right = (i + 1) * room / count;

        picture->panels[i] = (struct stack_panel){picture->settings.bands[i],
                                                  left + i * GAP, right - left};
    }
}

struct stack_picture *stack_picture_open(const struct stack_settings *settings)
{
    struct stack_picture *picture = memory_new(picture);

    picture->settings = *settings;
    choose_size(picture);
    place_panels(picture);
    picture->stack = stack_open(picture->panels, settings->band_count, picture->width,
                                picture->lines, settings->count);
    picture->labels = memory_take_zeroed((size_t)picture->lines, LABEL);
    picture->last = -1;
    return picture;
}

void stack_picture_close(struct stack_picture *picture)
{
    if (!picture)
        return;
    stack_close(picture->stack);
    free(picture->labels);
    free(picture);
}

void stack_picture_next(struct stack_picture *picture, const char *label)
{
    int line = stack_next(picture->stack);

    if (line > picture->last)
        snprintf(picture->labels[line], LABEL, "%s", label);
    picture->last = line;
}

void stack_picture_add(struct stack_picture *picture, size_t band,
                       const struct slice *slice, double stretch)
{
    stack_add(picture->stack, band, slice, stretch);
}

double stack_picture_crowd(const struct stack_picture *picture)
{
    return (double)picture->settings.count / picture->lines;
}

/* ---- axes and words ---- */

static struct scene_point at(int x, int y)
{
    return (struct scene_point){x * SCENE_UNIT, y * SCENE_UNIT};
}

/* Around pixels, not over them. */
static void add_frame(struct scene *scene, int left, int top, int width, int height)
{
    enum { HALF = SCENE_UNIT / 2 };
    struct scene_box box = {left * SCENE_UNIT - HALF, top * SCENE_UNIT - HALF,
                            (left + width) * SCENE_UNIT + HALF,
                            (top + height) * SCENE_UNIT + HALF};
    struct scene_point corners[] = {{box.left, box.top},
                                    {box.right, box.top},
                                    {box.right, box.bottom},
                                    {box.left, box.bottom},
                                    {box.left, box.top}};

    for (int i = 0; i < 4; i++)
        scene_line(scene, ROLE_FRAME, corners[i], corners[i + 1]);
}

static void add_panel(const struct stack_picture *picture,
                      const struct stack_panel *panel, struct scene *scene)
{
    int left = LEFT + panel->left, bottom = TOP + picture->height;
    struct scale scale = {panel->band.lower, panel->band.upper, left * SCENE_UNIT,
                          (left + panel->width) * SCENE_UNIT};
    struct ticks ticks =
        ticks_between(scale.low, scale.high, 1 + panel->width / LABEL_WIDTH);

    add_frame(scene, left, TOP, panel->width, picture->height);
    for (int i = 0; i < ticks.count; i++) {
        int32_t x = scale_place(&scale, ticks.first + i * ticks.step);
        char text[TICK_LENGTH];

        tick_text(&ticks, i, text);
        scene_line(scene, ROLE_TICK, (struct scene_point){x, bottom * SCENE_UNIT},
                   (struct scene_point){x, (bottom + TICK) * SCENE_UNIT});
        scene_text(scene, ROLE_TICK_LABEL,
                   (struct scene_point){x, (bottom + TICK + FONT) * SCENE_UNIT},
                   ANCHOR_MIDDLE, text);
    }
}

/* The middle of a line. */
static int middle_of(const struct stack_picture *picture, int line)
{
    return TOP + (2 * line + 1) * picture->height / (2 * picture->lines);
}

/* Names stand where they begin, numbers at even steps. */
static void add_labels(const struct stack_picture *picture, struct scene *scene)
{
    int apart = picture->settings.labels_are_names ? FONT + 2 : 3 * FONT;
    const char *before = "";
    int below = TOP - apart;

    for (int line = 0; line <= picture->last; line++) {
        const char *label = picture->labels[line];
        int y = middle_of(picture, line);
        bool is_new = !picture->settings.labels_are_names || strcmp(label, before) != 0;

        if (!*label || !is_new || y < below + apart)
            continue;
        scene_line(scene, ROLE_TICK, at(LEFT - TICK, y), at(LEFT, y));
        scene_text(scene, ROLE_TICK_LABEL, at(LEFT - TICK - 3, y + FONT / 3), ANCHOR_END,
                   label);
        before = label;
        below = y;
    }
}

static void add_words(const struct stack_picture *picture, const char *title,
                      const char *note, struct scene *scene)
{
    const struct stack_settings *settings = &picture->settings;
    int right = LEFT + picture->width, bottom = TOP + picture->height;

    scene_text(scene, ROLE_TITLE, at(LEFT, 19), ANCHOR_START, title);
    scene_text(scene, ROLE_NOTE, at(LEFT, TOP - 13), ANCHOR_START, note);
    scene_text(scene, ROLE_NOTE, at(right - LEGEND_WIDTH - 6, TOP - 13), ANCHOR_END,
               "flux: 0");
    scene_text(scene, ROLE_NOTE, at(right, TOP - 28), ANCHOR_END, "maximum of each");
    scene_text(
        scene, ROLE_AXIS_TITLE, at(LEFT + picture->width / 2, bottom + 37), ANCHOR_MIDDLE,
        settings->at_rest ? "rest-frame vacuum wavelength / Å" : "vacuum wavelength / Å");
    scene_text_upright(scene, ROLE_AXIS_TITLE, at(16, TOP + picture->height / 2),
                       ANCHOR_MIDDLE, settings->y_title);
}

/* ---- colours ---- */

/* Viridis, which rises evenly in lightness, for the colour-blind, too (van der Walt and
 * Smith 2015). */
static const uint32_t viridis[] = {
    0x440154, 0x481A6C, 0x472F7D, 0x414487, 0x39568C, 0x31688E, 0x2A788E, 0x23888E,
    0x1F988B, 0x22A884, 0x35B779, 0x54C568, 0x7AD151, 0xA5DB36, 0xD2E21B, 0xFDE725};
enum { ANCHORS = sizeof(viridis) / sizeof(viridis[0]) };

static uint32_t mixed(uint32_t a, uint32_t b, double part, int shift)
{
    double from = a >> shift & 255, to = b >> shift & 255;

    return (uint32_t)(from + (to - from) * part + 0.5) << shift;
}

static void make_colours(uint32_t colours[STACK_LEVELS])
{
    colours[0] = 0xFFFFFF;
    for (int level = 1; level < STACK_LEVELS; level++) {
        double place = (double)(level - 1) / (STACK_LEVELS - 2) * (ANCHORS - 1);
        int anchor = place < ANCHORS - 1 ? (int)place : ANCHORS - 2;
        uint32_t a = viridis[anchor], b = viridis[anchor + 1];
        double part = place - anchor;

        colours[level] =
            mixed(a, b, part, 16) | mixed(a, b, part, 8) | mixed(a, b, part, 0);
    }
}

static void make_legend(uint8_t legend[LEGEND_WIDTH])
{
    for (int x = 0; x < LEGEND_WIDTH; x++)
        legend[x] = (uint8_t)(1 + x * (STACK_LEVELS - 2) / (LEGEND_WIDTH - 1));
}

/* ---- the picture ---- */

/* A panel each, and the legend behind them. */
static void place_rasters(const struct stack_picture *picture, const uint8_t *legend,
                          const uint32_t *colours, struct raster *out)
{
    const uint8_t *levels = stack_levels(picture->stack);

    for (size_t i = 0; i < picture->settings.band_count; i++, out++)
        *out = (struct raster){
            .left = LEFT + picture->panels[i].left,
            .top = TOP,
            .width = picture->panels[i].width,
            .height = picture->height,
            .lines = picture->lines,
            .levels = levels + picture->panels[i].left,
            .stride = picture->width,
            .colours = colours,
        };
    *out = (struct raster){
        .left = LEFT + picture->width - LEGEND_WIDTH,
        .top = TOP - 13 - LEGEND_HEIGHT,
        .width = LEGEND_WIDTH,
        .height = LEGEND_HEIGHT,
        .lines = 1,
        .levels = legend,
        .stride = LEGEND_WIDTH,
        .colours = colours,
    };
}

static void draw(const struct stack_picture *picture, const char *title, const char *note,
                 struct scene *scene)
{
    scene->font_size = FONT * SCENE_UNIT;
    scene_box(scene, ROLE_BACKGROUND, false,
              (struct scene_box){0, 0, scene->width, scene->height});
    for (size_t i = 0; i < picture->settings.band_count; i++)
        add_panel(picture, &picture->panels[i], scene);
    add_labels(picture, scene);
    add_words(picture, title, note, scene);
}

enum status stack_picture_write(struct stack_picture *picture, const char *title,
                                const char *note, struct buffer *out,
                                struct failure *failure)
{
    uint32_t colours[STACK_LEVELS];
    uint8_t legend[LEGEND_WIDTH];
    struct raster rasters[STACK_PANELS + 1];
    struct scene scene;
    struct arena arena;
    enum status status;

    make_colours(colours);
    make_legend(legend);
    arena_init(&arena);
    scene_init(&scene, &arena, picture->settings.width, TOP + picture->height + BOTTOM);
    draw(picture, title, note, &scene);
    place_rasters(picture, legend, colours, rasters);
    status = png_write_rasters(&scene, rasters, picture->settings.band_count + 1, out,
                               failure);
    arena_finish(&arena);
    return status;
}
