#include "plot/scene.h"

#include <string.h>

void scene_init(struct scene *scene, struct arena *arena, int width, int height)
{
    *scene = (struct scene){
        .arena = arena, .width = width * SCENE_UNIT, .height = height * SCENE_UNIT};
}

static struct scene_item *add(struct scene *scene, enum scene_role role,
                              enum scene_shape shape)
{
    struct scene_item *item = arena_take(scene->arena, sizeof(*item));

    *item = (struct scene_item){.role = role, .shape = shape};
    if (scene->last)
        scene->last->next = item;
    else
        scene->first = item;
    scene->last = item;
    return item;
}

static struct scene_item *add_points(struct scene *scene, enum scene_role role,
                                     enum scene_shape shape,
                                     const struct scene_point *points, size_t count)
{
    struct scene_item *item = add(scene, role, shape);

    item->points = points;
    item->count = count;
    return item;
}

void scene_lines(struct scene *scene, enum scene_role role, bool inside,
                 const struct scene_point *points, size_t count)
{
    if (count >= 2)
        add_points(scene, role, SHAPE_LINES, points, count)->inside = inside;
}

void scene_area(struct scene *scene, enum scene_role role, bool inside,
                const struct scene_point *points, size_t count)
{
    if (count >= 3)
        add_points(scene, role, SHAPE_AREA, points, count)->inside = inside;
}

static const struct scene_point *
copy_points(struct scene *scene, const struct scene_point *points, size_t count)
{
    struct scene_point *copy = arena_take(scene->arena, count * sizeof(*copy));

    memcpy(copy, points, count * sizeof(*copy));
    return copy;
}

void scene_line(struct scene *scene, enum scene_role role, struct scene_point from,
                struct scene_point to)
{
    struct scene_point points[] = {from, to};

    add_points(scene, role, SHAPE_LINES, copy_points(scene, points, 2), 2);
}

void scene_box(struct scene *scene, enum scene_role role, bool inside,
               struct scene_box box)
{
    struct scene_point corners[] = {{box.left, box.top},
                                    {box.right, box.top},
                                    {box.right, box.bottom},
                                    {box.left, box.bottom}};

    add_points(scene, role, SHAPE_AREA, copy_points(scene, corners, 4), 4)->inside =
        inside;
}

static struct scene_item *add_text(struct scene *scene, enum scene_role role,
                                   struct scene_point at, enum scene_anchor anchor,
                                   const char *text)
{
    struct scene_item *item =
        add_points(scene, role, SHAPE_TEXT, copy_points(scene, &at, 1), 1);

    item->anchor = anchor;
    item->text = arena_copy_string(scene->arena, text);
    return item;
}

void scene_text(struct scene *scene, enum scene_role role, struct scene_point at,
                enum scene_anchor anchor, const char *text)
{
    add_text(scene, role, at, anchor, text);
}

void scene_text_upright(struct scene *scene, enum scene_role role, struct scene_point at,
                        enum scene_anchor anchor, const char *text)
{
    add_text(scene, role, at, anchor, text)->upright = true;
}
