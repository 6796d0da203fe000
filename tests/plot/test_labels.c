#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "drawing.h"

#include "plot/labels.h"
#include "plot/line_list.h"

/* Lay names over a frame of so many pixels from 3700 to 9100 Angstrom. */
static void place(struct drawing *drawing, int width, double redshift, unsigned kinds)
{
    struct trace_axis axis = {0};
    struct scale x;

    scene_init(&drawing->scene, &drawing->arena, width, 100);
    drawing->scene.font_size = 120;
    drawing->scene.frame = (struct scene_box){0, 300, width * SCENE_UNIT, 900};
    x = (struct scale){3700, 9100, 0, width * SCENE_UNIT};
    labels_place(&drawing->scene, &x, &axis, redshift, kinds, 280);
}

static bool overlap(const struct scene_item *a, const struct scene_item *b)
{
    size_t letters =
        strlen(a->text) + strlen(b->text); /* at least as many as there are */
    int apart = abs(a->points[0].x - b->points[0].x);

    return a->points[0].y == b->points[0].y && apart * 2 < (int)letters * 40;
}

static void no_name_lies_over_another(void **state)
{
    static const int widths[] = {100, 300, 900, 4000};
    static const unsigned kinds[] = {LINE_STELLAR, LINE_GALAXY, LINE_QSO};

    (void)state;
    for (size_t i = 0; i < 4; i++)
        for (size_t k = 0; k < 3; k++) {
            struct drawing *drawing = drawing_open();

            print_message("%d pixels, kind %u\n", widths[i], kinds[k]);
            place(drawing, widths[i], 0, kinds[k]);
            for (struct scene_item *a = drawing->scene.first; a; a = a->next)
                for (struct scene_item *b = a->next; b; b = b->next)
                    if (a->text && b->text)
                        assert_false(overlap(a, b));
            drawing_close(drawing);
        }
}

static void lines_move_with_the_redshift(void **state)
{
    static const struct {
        double redshift;
        bool has_halpha;
    } rows[] = {{0, true}, {0.2, true}, {0.38, true}, {0.5, false}, {(double)NAN, true}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct drawing *drawing = drawing_open();

        place(drawing, 2000, rows[i].redshift, LINE_STELLAR);
        assert_int_equal(drawing_says(drawing, "Hα"), rows[i].has_halpha);
        drawing_close(drawing);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_name_lies_over_another),
        cmocka_unit_test(lines_move_with_the_redshift),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
