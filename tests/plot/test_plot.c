#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "drawing.h"

static void each_run_without_a_gap_is_one_path(void **state)
{
    static const struct {
        int from, to; /* samples without data */
        size_t paths;
    } rows[] = {{0, 0, 1},    {0, 10, 1},    {50, 51, 2},
                {50, 150, 2}, {190, 200, 1}, {0, 200, 0}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct drawing *drawing = drawing_open();

        print_message("%d to %d\n", rows[i].from, rows[i].to);
        for (int k = rows[i].from; k < rows[i].to; k++)
            drawing->error[k] = NAN;
        drawing_layout(drawing);
        assert_int_equal(drawing_count(drawing, ROLE_FLUX), rows[i].paths);
        assert_int_equal(drawing_count(drawing, ROLE_ERROR), rows[i].paths);
        assert_int_equal(drawing_count(drawing, ROLE_SHADE), rows[i].to > rows[i].from);
        drawing_close(drawing);
    }
}

static void a_window_without_anything_to_draw_says_so(void **state)
{
    static const struct {
        struct band band;
        bool all_masked;
        const char *words;
    } rows[] = {
        {{-HUGE_VAL, HUGE_VAL}, true, "no valid samples in this window"},
        {{6000, 7000}, false, "no samples in this window"},
        {{5000.2, 5000.4}, false, "no samples in this window"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct drawing *drawing = drawing_open();

        print_message("%s\n", rows[i].words);
        for (int k = 0; rows[i].all_masked && k < DRAWING_SAMPLES; k++)
            drawing->error[k] = NAN;
        drawing->settings.band = rows[i].band;
        drawing_layout(drawing);
        assert_true(drawing_says(drawing, rows[i].words));
        assert_int_equal(drawing_count(drawing, ROLE_FLUX), 0);
        drawing_close(drawing);
    }
}

/* Every size, window and setting gives a picture whose texts lie in it. */
static void pictures_of_all_sizes_hold_their_texts(void **state)
{
    static const struct {
        int width, height;
    } sizes[] = {{PLOT_WIDTH_MIN, PLOT_HEIGHT_MIN},
                 {240, 120},
                 {420, 200},
                 {419, 400},
                 {1200, 199},
                 {1200, 420},
                 {PLOT_WIDTH_MAX, PLOT_HEIGHT_MAX},
                 {PLOT_WIDTH_MIN, PLOT_HEIGHT_MAX},
                 {PLOT_WIDTH_MAX, PLOT_HEIGHT_MIN}};
    static const struct band bands[] = {
        {-HUGE_VAL, HUGE_VAL}, {5010, 5020}, {5010, 5010}, {5000, 5000}, {6000, 6100}};

    (void)state;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
        for (size_t k = 0; k < sizeof(bands) / sizeof(bands[0]); k++) {
            struct drawing *drawing = drawing_open();

            print_message("%d x %d, %g to %g\n", sizes[i].width, sizes[i].height,
                          bands[k].lower, bands[k].upper);
            drawing->settings.width = sizes[i].width;
            drawing->settings.height = sizes[i].height;
            drawing->settings.band = bands[k];
            drawing->settings.sky = true;
            drawing->settings.smooth = 5;
            drawing_layout(drawing);
            for (struct scene_item *item = drawing->scene.first; item;
                 item = item->next) {
                if (item->shape != SHAPE_TEXT)
                    continue;
                assert_in_range(item->points[0].x, 0, drawing->scene.width);
                assert_in_range(item->points[0].y, 0, drawing->scene.height);
            }
            drawing_close(drawing);
        }
}

static void one_sample_is_drawn(void **state)
{
    struct drawing *drawing = drawing_open();

    (void)state;
    drawing->spectrum.axis.samples = 1;
    drawing_layout(drawing);
    assert_int_equal(drawing_count(drawing, ROLE_FLUX), 1);
    drawing_close(drawing);
}

static void the_axis_says_frame_and_medium(void **state)
{
    static const struct {
        enum plot_frame frame;
        enum plot_medium medium;
        double redshift;
        const char *title, *note;
    } rows[] = {
        {PLOT_FRAME_OBSERVED, PLOT_MEDIUM_VACUUM, 0.1, "vacuum wavelength / Å", "rest"},
        {PLOT_FRAME_OBSERVED, PLOT_MEDIUM_AIR, 0.1, "air wavelength / Å", "rest"},
        {PLOT_FRAME_REST, PLOT_MEDIUM_VACUUM, 0.1, "rest-frame vacuum", "obs."},
        {PLOT_FRAME_REST, PLOT_MEDIUM_VACUUM, (double)NAN, "vacuum wavelength",
         "No redshift"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct drawing *drawing = drawing_open();

        print_message("%s\n", rows[i].title);
        drawing->settings.frame = rows[i].frame;
        drawing->settings.medium = rows[i].medium;
        drawing->subject.redshift = rows[i].redshift;
        drawing_layout(drawing);
        assert_true(drawing_says(drawing, rows[i].title));
        assert_true(drawing_says(drawing, rows[i].note));
        drawing_close(drawing);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_run_without_a_gap_is_one_path),
        cmocka_unit_test(a_window_without_anything_to_draw_says_so),
        cmocka_unit_test(pictures_of_all_sizes_hold_their_texts),
        cmocka_unit_test(one_sample_is_drawn),
        cmocka_unit_test(the_axis_says_frame_and_medium),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
