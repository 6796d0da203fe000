#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "plot/trace.h"

#include <math.h>
#include <stdlib.h>

enum { SAMPLES = 2000, WIDTH = 200 /* pixels */ };

static double wavelengths[SAMPLES];
static float flux[SAMPLES], flux_error[SAMPLES];
static uint8_t mask[SAMPLES];
static const struct spectrum spectrum = {
    .axis = {.values = wavelengths, .samples = SAMPLES, .type = AXIS_FLOAT64},
    .flux = flux,
    .flux_error = flux_error,
    .and_mask = mask,
    .or_mask = mask,
    .mask_width = MASK_BYTE,
};

static int make(void **state)
{
    (void)state;
    srand(7);
    for (int i = 0; i < SAMPLES; i++) {
        wavelengths[i] = 4000 + i;
        flux[i] = (float)(rand() % 1000);
        flux_error[i] = i >= 700 && i < 900 ? NAN : 5;
        mask[i] = 0;
    }
    return 0;
}

static struct trace trace_of(struct scene *scene, const struct slice *slice, bool steps)
{
    scene->frame = (struct scene_box){0, 0, WIDTH * SCENE_UNIT, 1000};
    return (struct trace){
        .scene = scene,
        .slice = slice,
        .x = {wavelengths[slice->first], wavelengths[slice->first + slice->count - 1], 0,
              WIDTH * SCENE_UNIT},
        .y = {0, 1000, 1000, 0},
        .steps = steps,
    };
}

static void a_gap_parts_the_path(void **state)
{
    struct slice slice = {.spectrum = &spectrum, .count = SAMPLES};
    struct arena arena;
    struct scene scene;
    struct trace trace;

    (void)state;
    arena_init(&arena);
    scene_init(&scene, &arena, WIDTH, 100);
    trace = trace_of(&scene, &slice, false);
    trace_flux(&trace, ROLE_FLUX, NULL);
    assert_non_null(scene.first);
    assert_non_null(scene.first->next);
    assert_ptr_equal(scene.first->next, scene.last); /* two paths */
    for (const struct scene_item *item = scene.first; item; item = item->next)
        for (size_t i = 0; i < item->count; i++)
            assert_true(item->points[i].x <= 700 || item->points[i].x >= 899);
    arena_finish(&arena);
}

/* Each pixel column of the path spans what a loop over the samples of that column finds.
 */
static void thinning_keeps_the_extremes_of_each_pixel(void **state)
{
    struct slice slice = {.spectrum = &spectrum, .count = 700};
    int32_t low[WIDTH + 1], high[WIDTH + 1];
    const struct scene_item *item;
    struct arena arena;
    struct scene scene;
    struct trace trace;

    (void)state;
    arena_init(&arena);
    scene_init(&scene, &arena, WIDTH, 100);
    trace = trace_of(&scene, &slice, false);
    trace_flux(&trace, ROLE_FLUX, NULL);
    item = scene.first;
    assert_true(item->count <= 4 * (WIDTH + 1));
    for (int p = 0; p <= WIDTH; p++) {
        low[p] = INT32_MAX;
        high[p] = INT32_MIN;
    }
    for (size_t i = 0; i < item->count; i++) {
        int p = item->points[i].x / SCENE_UNIT;

        low[p] = item->points[i].y < low[p] ? item->points[i].y : low[p];
        high[p] = item->points[i].y > high[p] ? item->points[i].y : high[p];
    }
    for (int p = 0; p <= WIDTH; p++) {
        int32_t brute_low = INT32_MAX, brute_high = INT32_MIN;

        for (int i = 0; i < 700; i++) {
            int32_t x = (int32_t)lround(i / 699.0 * WIDTH * SCENE_UNIT);
            int32_t y = 1000 - (int32_t)flux[i];

            if (x / SCENE_UNIT != p)
                continue;
            brute_low = y < brute_low ? y : brute_low;
            brute_high = y > brute_high ? y : brute_high;
        }
        assert_int_equal(low[p], brute_low);
        assert_int_equal(high[p], brute_high);
    }
    arena_finish(&arena);
}

static void steps_are_flat_from_edge_to_edge(void **state)
{
    struct slice slice = {.spectrum = &spectrum, .first = 100, .count = 11};
    const struct scene_item *item;
    struct arena arena;
    struct scene scene;
    struct trace trace;

    (void)state;
    arena_init(&arena);
    scene_init(&scene, &arena, WIDTH, 100);
    trace = trace_of(&scene, &slice, true);
    trace_flux(&trace, ROLE_FLUX, NULL);
    item = scene.first;
    for (size_t i = 0; i + 1 < item->count; i++) {
        bool flat = item->points[i].y == item->points[i + 1].y;
        bool upright = item->points[i].x == item->points[i + 1].x;

        assert_true(flat || upright);
    }
    assert_int_equal(item->points[0].x, -100); /* half a sample before the first */
    assert_int_equal(item->points[item->count - 1].x, WIDTH * SCENE_UNIT + 100);
    arena_finish(&arena);
}

static void a_lone_sample_among_gaps_is_drawn(void **state)
{
    struct slice slice = {.spectrum = &spectrum, .first = 700, .count = 200};
    struct arena arena;
    struct scene scene;
    struct trace trace;

    (void)state;
    flux_error[800] = 5;
    arena_init(&arena);
    scene_init(&scene, &arena, WIDTH, 100);
    trace = trace_of(&scene, &slice, false);
    trace_flux(&trace, ROLE_FLUX, NULL);
    assert_non_null(scene.first);
    assert_int_equal(scene.first->count, 2);
    assert_true(scene.first->points[0].x < scene.first->points[1].x);
    assert_int_equal(trace_shade(&trace), 199);
    flux_error[800] = NAN;
    arena_finish(&arena);
}

static void smoothing_weights_by_the_inverse_variance(void **state)
{
    static const float values[] = {1, 2, 4}, errors[] = {1, 0.5f, NAN};
    static const double places[] = {1, 2, 3};
    struct spectrum three = {
        .axis = {.values = places, .samples = 3, .type = AXIS_FLOAT64},
        .flux = values,
        .flux_error = errors,
        .and_mask = mask,
        .or_mask = mask,
        .mask_width = MASK_BYTE,
    };
    struct slice slice = {.spectrum = &three, .count = 3};
    float out[3];

    (void)state;
    trace_smooth(&slice, 3, out);
    assert_true(fabsf(out[0] - 9.0f / 5) < 1e-6f); /* (1*1 + 4*2) / (1 + 4) */
    assert_true(fabsf(out[1] - 9.0f / 5) < 1e-6f);
    assert_true(fabsf(out[2] - 2) < 1e-6f);
    trace_smooth(&slice, 1, out);
    assert_true(isnan(out[2]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_gap_parts_the_path),
        cmocka_unit_test(thinning_keeps_the_extremes_of_each_pixel),
        cmocka_unit_test(steps_are_flat_from_edge_to_edge),
        cmocka_unit_test(a_lone_sample_among_gaps_is_drawn),
        cmocka_unit_test(smoothing_weights_by_the_inverse_variance),
    };

    return cmocka_run_group_tests(tests, make, NULL);
}
