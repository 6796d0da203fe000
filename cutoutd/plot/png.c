#include "plot/png.h"

#include "format/xml.h"
#include "plot/palette.h"
#include "plot/png_encode.h"
#include "plot/style.h"

#include <cairo.h>
#include <stdlib.h>
#include <string.h>

static void set_colour(cairo_t *cairo, const struct style *style)
{
    unsigned long colour = strtoul(style->light + 1, NULL, 16);

    cairo_set_source_rgba(cairo, (double)(colour >> 16 & 255) / 255,
                          (double)(colour >> 8 & 255) / 255, (double)(colour & 255) / 255,
                          style->opacity);
}

static void draw_path(cairo_t *cairo, const struct scene_item *item)
{
    static const double DASHES[] = {3 * SCENE_UNIT, 3 * SCENE_UNIT};

    cairo_new_path(cairo);
    for (size_t i = 0; i < item->count; i++)
        cairo_line_to(cairo, item->points[i].x, item->points[i].y);
    if (item->shape == SHAPE_AREA) {
        cairo_close_path(cairo);
        cairo_fill(cairo);
        return;
    }
    cairo_set_dash(cairo, DASHES, item->role == ROLE_MARK ? 2 : 0, 0);
    cairo_set_line_width(cairo, styles[item->role].line_width);
    cairo_stroke(cairo);
}

/* cairo fails for good on text that is no UTF-8. */
static const char *readable(const struct scene *scene, const char *text)
{
    char *copy = arena_take(scene->arena, strlen(text) + 1), *next = copy;

    while (*text) {
        size_t length = xml_character_length(text);

        if (length)
            memcpy(next, text, length);
        else
            *next = '?';
        next += length ? length : 1;
        text += length ? length : 1;
    }
    *next = '\0';
    return copy;
}

static double before_anchor(cairo_t *cairo, const struct scene_item *item,
                            const char *text)
{
    cairo_text_extents_t extents;

    cairo_text_extents(cairo, text, &extents);
    return item->anchor == ANCHOR_START    ? 0
           : item->anchor == ANCHOR_MIDDLE ? extents.x_advance / 2
                                           : extents.x_advance;
}

static void draw_text(cairo_t *cairo, const struct scene *scene,
                      const struct scene_item *item)
{
    static const double QUARTER_TURN = 1.5707963267948966;
    const struct style *style = &styles[item->role];
    const char *text = readable(scene, item->text);

    cairo_save(cairo);
    cairo_select_font_face(cairo, "sans-serif", CAIRO_FONT_SLANT_NORMAL,
                           style->bold ? CAIRO_FONT_WEIGHT_BOLD
                                       : CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(cairo, scene->font_size * style->font_scale);
    cairo_translate(cairo, item->points[0].x, item->points[0].y);
    if (item->upright)
        cairo_rotate(cairo, -QUARTER_TURN);
    cairo_move_to(cairo, -before_anchor(cairo, item, text), 0);
    cairo_show_text(cairo, text);
    cairo_restore(cairo);
}

static void draw_item(cairo_t *cairo, const struct scene *scene,
                      const struct scene_item *item)
{
    const struct scene_box *frame = &scene->frame;

    cairo_save(cairo);
    if (item->inside) {
        cairo_rectangle(cairo, frame->left, frame->top, frame->right - frame->left,
                        frame->bottom - frame->top);
        cairo_clip(cairo);
    }
    set_colour(cairo, &styles[item->role]);
    if (item->shape == SHAPE_TEXT)
        draw_text(cairo, scene, item);
    else
        draw_path(cairo, item);
    cairo_restore(cairo);
}

static enum status draw(const struct scene *scene, cairo_surface_t *surface,
                        struct failure *failure)
{
    cairo_t *cairo = cairo_create(surface);
    cairo_status_t status;

    cairo_scale(cairo, 1.0 / SCENE_UNIT, 1.0 / SCENE_UNIT);
    cairo_set_line_join(cairo, CAIRO_LINE_JOIN_BEVEL);
    cairo_set_antialias(cairo, CAIRO_ANTIALIAS_FAST);
    for (const struct scene_item *item = scene->first; item; item = item->next)
        draw_item(cairo, scene, item);
    status = cairo_status(cairo);
    cairo_destroy(cairo);
    return status ? failure_set(failure, STATUS_SYSTEM, "drawing the plot: %s",
                                cairo_status_to_string(status))
                  : STATUS_OK;
}

/* Rows of four bytes a pixel leave no gaps between them. */
static const uint32_t *pixels_of(cairo_surface_t *surface)
{
    cairo_surface_flush(surface);
    return (const uint32_t *)(const void *)cairo_image_surface_get_data(surface);
}

static void paint(const struct raster *raster, cairo_surface_t *surface, uint32_t width)
{
    uint32_t *pixels = (void *)cairo_image_surface_get_data(surface);

    cairo_surface_flush(surface);
    for (int y = 0; y < raster->height; y++) {
        uint32_t *to = pixels + (size_t)(raster->top + y) * width + (size_t)raster->left;
        size_t line = (size_t)y * (size_t)raster->lines / (size_t)raster->height;
        const uint8_t *levels = raster->levels + line * (size_t)raster->stride;

        for (int x = 0; x < raster->width; x++)
            to[x] = raster->colours[levels[x]];
    }
    cairo_surface_mark_dirty(surface);
}

enum status png_write_rasters(const struct scene *scene, const struct raster *rasters,
                              size_t count, struct buffer *out, struct failure *failure)
{
    uint32_t width = (uint32_t)scene->width / SCENE_UNIT;
    uint32_t height = (uint32_t)scene->height / SCENE_UNIT;
    cairo_surface_t *surface =
        cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)width, (int)height);
    enum status status = draw(scene, surface, failure);

    if (!status) {
        size_t size = (size_t)width * height;
        uint8_t *indices = arena_take(scene->arena, size);
        struct palette palette;

        for (size_t i = 0; i < count; i++)
            paint(&rasters[i], surface, width);
        palette_make(&palette, pixels_of(surface), size, indices);
        png_encode(&palette, indices, width, height, out);
    }
    cairo_surface_destroy(surface);
    return status;
}

enum status png_write(const struct scene *scene, struct buffer *out,
                      struct failure *failure)
{
    return png_write_rasters(scene, NULL, 0, out, failure);
}
