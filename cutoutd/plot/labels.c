#include "plot/labels.h"

#include "plot/line_list.h"

#include <math.h>
#include <string.h>

/* Characters, not bytes: Greek letters take two in UTF-8. */
static size_t character_count(const char *text)
{
    size_t count = 0;

    for (; *text; text++)
        count += ((unsigned char)*text & 0xC0) != 0x80;
    return count;
}

/* Of a proportional font, on the safe side. */
static int32_t text_width(const struct scene *scene, const char *text)
{
    return (int32_t)(character_count(text) * (size_t)scene->font_size * 6 / 10);
}

struct rows {
    int32_t ends[LABEL_ROWS]; /* where the last label of each row ends */
};

/* Write the name in the lowest row with room for it; a name without room is left out. */
static void place_name(struct scene *scene, struct rows *rows, int32_t base, int32_t x,
                       const char *name)
{
    int32_t half = text_width(scene, name) / 2;
    int32_t gap = scene->font_size / 3;

    if (x - half < scene->frame.left - 2 * scene->font_size ||
        x + half > scene->frame.right + 2 * scene->font_size)
        return;
    for (int row = 0; row < LABEL_ROWS; row++) {
        if (rows->ends[row] + gap > x - half)
            continue;
        scene_text(scene, ROLE_MARK_LABEL,
                   (struct scene_point){x, base - row * scene->font_size * 11 / 10},
                   ANCHOR_MIDDLE, name);
        rows->ends[row] = x + half;
        return;
    }
}

void labels_place(struct scene *scene, const struct scale *x,
                  const struct trace_axis *axis, double redshift, unsigned kinds,
                  int32_t base)
{
    double stretch = 1 + (isfinite(redshift) ? redshift : 0);
    const struct scene_box *frame = &scene->frame;
    struct rows rows;
    const char *named = "";
    int32_t named_at = 0;

    for (int row = 0; row < LABEL_ROWS; row++)
        rows.ends[row] = INT32_MIN / 2;
    for (size_t i = 0; i < spectral_line_count; i++) {
        const struct spectral_line *line = &spectral_lines[i];
        double wavelength = trace_wavelength(axis, line->wavelength * stretch);
        int32_t at = scale_place(x, wavelength);

        if (!(line->kinds & kinds) || wavelength < x->low || wavelength > x->high)
            continue;
        scene_line(scene, ROLE_MARK, (struct scene_point){at, frame->top},
                   (struct scene_point){at, frame->bottom});
        if (strcmp(line->name, named) == 0 && at - named_at < 6 * scene->font_size)
            continue;
        place_name(scene, &rows, base, at, line->name);
        named = line->name;
        named_at = at;
    }
}
