#include "plot/svg.h"

#include "base/number.h"
#include "format/xml.h"
#include "plot/style.h"

#include <stdlib.h>

static void add_integer(struct buffer *out, int64_t value)
{
    uint8_t *room = buffer_room(out, NUMBER_LENGTH);

    buffer_added(out, number_write_integer((char *)room, value));
}

/* A minus sign separates by itself. */
static void add_relative(struct buffer *out, int64_t value, bool first)
{
    if (!first && value >= 0)
        buffer_add_char(out, ' ');
    add_integer(out, value);
}

static void write_path(const struct scene_item *item, struct buffer *out)
{
    const struct scene_point *points = item->points;

    buffer_format(out, "<path class=\"%s\" d=\"M%d %dl", styles[item->role].name,
                  points[0].x, points[0].y);
    for (size_t i = 1; i < item->count; i++) {
        add_relative(out, (int64_t)points[i].x - points[i - 1].x, i == 1);
        add_relative(out, (int64_t)points[i].y - points[i - 1].y, false);
    }
    buffer_add_string(out, item->shape == SHAPE_AREA ? "z\"/>\n" : "\"/>\n");
}

static void write_text(const struct scene_item *item, struct buffer *out)
{
    static const char *const anchors[] = {
        [ANCHOR_START] = "start", [ANCHOR_MIDDLE] = "middle", [ANCHOR_END] = "end"};
    struct scene_point at = item->points[0];

    buffer_format(out, "<text class=\"%s\" text-anchor=\"%s\" ", styles[item->role].name,
                  anchors[item->anchor]);
    if (item->upright)
        buffer_format(out, "transform=\"translate(%d %d)rotate(-90)\">", at.x, at.y);
    else
        buffer_format(out, "x=\"%d\" y=\"%d\">", at.x, at.y);
    xml_add(out, item->text);
    buffer_add_literal(out, "</text>\n");
}

static void open_frame(const struct scene_box *frame, struct buffer *out)
{
    int wide = frame->right - frame->left, high = frame->bottom - frame->top;

    buffer_format(
        out,
        "<svg x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" viewBox=\"%d %d %d %d\">\n",
        frame->left, frame->top, wide, high, frame->left, frame->top, wide, high);
}

/* A nested svg cuts what is inside the frame; it needs no id, so many pictures can share
 * a page. */
static void write_items(const struct scene *scene, struct buffer *out)
{
    bool inside = false;

    for (const struct scene_item *item = scene->first; item; item = item->next) {
        if (item->inside != inside && item->inside)
            open_frame(&scene->frame, out);
        else if (item->inside != inside)
            buffer_add_literal(out, "</svg>\n");
        inside = item->inside;
        if (item->shape == SHAPE_TEXT)
            write_text(item, out);
        else
            write_path(item, out);
    }
    if (inside)
        buffer_add_literal(out, "</svg>\n");
}

static bool is_text(enum scene_role role)
{
    return role == ROLE_MARK_LABEL || role == ROLE_TICK_LABEL ||
           role == ROLE_AXIS_TITLE || role == ROLE_TITLE || role == ROLE_NOTE;
}

static bool is_area(enum scene_role role)
{
    return role == ROLE_BACKGROUND || role == ROLE_SHADE || role == ROLE_SKY ||
           role == ROLE_ERROR;
}

static void write_colours(struct buffer *out, bool dark)
{
    for (int role = 0; role < ROLE_COUNT; role++) {
        const struct style *style = &styles[role];

        buffer_format(out, ".spectrum .%s{%s:%s}", style->name,
                      is_text(role) || is_area(role) ? "fill" : "stroke",
                      dark ? style->dark : style->light);
    }
}

void svg_style(struct buffer *out)
{
    buffer_add_literal(
        out, ".spectrum path{fill:none;stroke-linejoin:round}"
             ".spectrum text{font-family:system-ui,\"DejaVu Sans\",sans-serif}");
    for (int role = 0; role < ROLE_COUNT; role++) {
        const struct style *style = &styles[role];

        if (is_text(role))
            buffer_format(out, ".spectrum .%s{font-size:%.2fem;font-weight:%s}",
                          style->name, style->font_scale, style->bold ? "600" : "400");
        else if (is_area(role))
            buffer_format(out, ".spectrum .%s{stroke:none;opacity:%.2f}", style->name,
                          style->opacity);
        else
            buffer_format(out, ".spectrum .%s{stroke-width:%d;opacity:%.2f}", style->name,
                          style->line_width, style->opacity);
    }
    buffer_add_literal(out, ".spectrum .mark{stroke-dasharray:30 30}");
    write_colours(out, false);
    buffer_add_literal(out, "@media(prefers-color-scheme:dark){");
    write_colours(out, true);
    buffer_add_literal(out, "}");
}

static void write_style(struct buffer *out)
{
    buffer_add_literal(out, "<style>");
    svg_style(out);
    buffer_add_literal(out, "</style>\n");
}

void svg_write(const struct scene *scene, enum svg_kind kind, struct buffer *out)
{
    if (kind == SVG_FILE)
        buffer_add_literal(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    buffer_format(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"spectrum\" role=\"img\" "
        "width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" font-size=\"%d\" "
        "aria-label=\"",
        scene->width / SCENE_UNIT, scene->height / SCENE_UNIT, scene->width,
        scene->height, scene->font_size);
    xml_add(out, scene->description);
    buffer_add_literal(out, "\">\n");
    if (kind == SVG_FILE)
        write_style(out);
    write_items(scene, out);
    buffer_add_literal(out, "</svg>\n");
}
