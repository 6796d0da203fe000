/*
 * scene.h - a picture as a list of things to draw: what the layout makes and the two back
 * ends (SVG, PNG) read.
 *
 * Coordinates are tenths of a pixel, y downwards. A role says what a thing means; how it
 * looks is decided by the back ends from one table (plot/style.h).
 */
#pragma once

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SCENE_UNIT = 10 }; /* coordinates in one pixel */

enum scene_role {
    ROLE_BACKGROUND,
    ROLE_SHADE, /* samples without data */
    ROLE_SKY,   /* night sky and tellurics */
    ROLE_GRID,
    ROLE_ERROR, /* band of one sigma */
    ROLE_RAW,   /* the unsmoothed flux behind the smoothed one */
    ROLE_FLUX,
    ROLE_OR_MASK, /* ticks at samples masked in some exposure */
    ROLE_MARK,    /* where a spectral line lies */
    ROLE_MARK_LABEL,
    ROLE_FRAME,
    ROLE_TICK,
    ROLE_TICK_LABEL,
    ROLE_AXIS_TITLE,
    ROLE_TITLE,
    ROLE_NOTE,
    ROLE_COUNT
};

enum scene_shape { SHAPE_LINES, SHAPE_AREA, SHAPE_TEXT };
enum scene_anchor { ANCHOR_START, ANCHOR_MIDDLE, ANCHOR_END };

struct scene_point {
    int32_t x, y;
};

struct scene_item {
    enum scene_role role;
    enum scene_shape shape;
    bool inside;                      /* cut at the frame */
    const struct scene_point *points; /* lines: joined in order; area: closed */
    size_t count;
    const char *text; /* SHAPE_TEXT, at points[0], on the base line */
    enum scene_anchor anchor;
    bool upright; /* text that reads from bottom to top */
    struct scene_item *next;
};

struct scene_box {
    int32_t left, top, right, bottom;
};

struct scene {
    struct arena *arena; /* owns everything */
    int32_t width, height;
    struct scene_box frame;
    int32_t font_size;       /* of labels */
    const char *description; /* for those who do not see it */
    struct scene_item *first, *last;
};

void scene_init(struct scene *scene, struct arena *arena, int width, int height);

/* The points are borrowed, and must live in the arena. Fewer than two points draw
 * nothing. */
void scene_lines(struct scene *scene, enum scene_role role, bool inside,
                 const struct scene_point *points, size_t count);
void scene_area(struct scene *scene, enum scene_role role, bool inside,
                const struct scene_point *points, size_t count);

/* Copies. */
void scene_line(struct scene *scene, enum scene_role role, struct scene_point from,
                struct scene_point to);
void scene_box(struct scene *scene, enum scene_role role, bool inside,
               struct scene_box box);
void scene_text(struct scene *scene, enum scene_role role, struct scene_point at,
                enum scene_anchor anchor, const char *text);
void scene_text_upright(struct scene *scene, enum scene_role role, struct scene_point at,
                        enum scene_anchor anchor, const char *text);
