#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sky/region.h"

#include <math.h>
#include <string.h>

static void a_region_contains_its_boundary_at_poles_and_across_0(void **state)
{
    static const struct {
        const char *pos;
        double longitude, latitude;
        bool is_inside;
    } rows[] = {
        {"CIRCLE 10 20 1", 10, 21, true},
        {"CIRCLE 10 20 1", 10, 21.0000001, false},
        {"CIRCLE 10 20 0", 10, 20, true},
        {"CIRCLE 10 20 0", 370, 20, true},
        {"circle 359.9 0 0.2", 0.1, 0, true},
        {"Circle -0.1 0 0.2", 0.1, 0, true},
        {"CIRCLE 0 90 1", 123, 89.5, true},
        {"CIRCLE 0 89.5 1", 180, 89.6, true},
        {"CIRCLE 0 89.5 1", 180, 89.4, false},
        {"CIRCLE 0 0 180", 180, 0, true},
        {"CIRCLE 0 0 179", 180, 0, false},
        {"RANGE 10 20 -5 5", 10, -5, true},
        {"RANGE 10 20 -5 5", 20, 5, true},
        {"RANGE 10 20 -5 5", 21, 0, false},
        {"RANGE 10 20 -5 5", 15, 6, false},
        {"RANGE 350 10 -5 5", 0, 0, true},
        {"RANGE 350 10 -5 5", 180, 0, false},
        {"RANGE -10 10 -5 5", 355, 0, true},
        {"RANGE 0 360 -90 90", 222, -90, true},
        {"RANGE 10 20 80 90", 200, 90, true},
        {"RANGE -Inf +Inf 10 +Inf", 222, 89, true},
        {"RANGE -Inf Inf 10 Inf", 222, 9, false},
        {"RANGE 180 +Inf -Inf +Inf", 190, 0, true},
        {"RANGE 180 +Inf -Inf +Inf", 170, 0, false},
        {"RANGE -Inf 180 -Inf +Inf", 170, 0, true},
        {"RANGE 30 30 40 40", 30, 40, true},
        {"POLYGON 10 10 20 10 15 20", 15, 12, true},
        {"POLYGON 15 20 20 10 10 10", 15, 12, true},
        {"POLYGON 10 10 20 10 15 20", 195, -12, false}, /* the antipode */
        {"POLYGON 10 10 20 10 15 20", 15, 9.9, false},
        {"POLYGON 10 10 20 10 15 20", 10, 10, true},
        {"POLYGON 0 0 10 0 10 10 0 10", 5, 0, true},
        {"POLYGON 0 0 10 0 10 10 0 10 0 0", 5, 5, true}, /* closed, though not asked to */
        {"POLYGON 0 80 90 80 180 80 270 80", 45, 90, true},
        {"POLYGON 0 80 90 80 180 80 270 80", 45, 85, true},
        {"POLYGON 0 -80 90 -80 180 -80 270 -80", 45, 85, false},
        {"POLYGON 355 -5 5 -5 5 5 355 5", 0, 0, true},
        {"POLYGON 0 0 10 0 10 10 5 2 0 10", 5, 8, false}, /* in the notch */
        {"POLYGON 0 0 10 0 10 10 5 2 0 10", 1, 5, true},
        {"POLYGON 0 0 1 0 2 0 80 0 80 1", 40, 0.5, true}, /* most vertices at one end */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct sky_point point = {rows[i].longitude, rows[i].latitude};
        struct region region;
        struct failure failure;
        struct arena arena;

        print_message("%s: %g %g\n", rows[i].pos, point.longitude, point.latitude);
        arena_init(&arena);
        assert_int_equal(region_parse_pos("POS", rows[i].pos, &arena, &region, &failure),
                         STATUS_OK);
        assert_int_equal(region_contains(&region, point), rows[i].is_inside);
        arena_finish(&arena);
    }
}

static void what_is_no_region_is_refused_by_its_parameter(void **state)
{
    static const char *const rows[] = {
        "",
        "CIRCLE",
        "CIRCLE 1 2",
        "CIRCLE 1 2 3 4",
        "CIRCLE 1 2 -3",
        "CIRCLE 1 2 181",
        "CIRCLE 1 2 NaN",
        "CIRCLE 1 2 inf",
        "CIRCLE inf 2 3",
        "CIRCLE 1 90.1 3",
        "CIRCLE 1,2,3",
        "CIRCLE1 2 3",
        "ELLIPSE 1 2 3",
        "1 2 3",
        "RANGE 1 2 3",
        "RANGE 1 2 4 3",
        "RANGE 1 2 -91 3",
        "RANGE 1 2 3 91",
        "RANGE 1 2 +Inf +Inf",
        "POLYGON 1 2 3 4",
        "POLYGON 1 2 3 4 5",
        "POLYGON 1 2 3 4 5 6 7",
        "POLYGON 1 2 3 4 5 91",
        "POLYGON 1 2 3 4 inf 6",
        "POLYGON 0 0 120 0 240 0",
        "POLYGON 0 0 180 0 90 10",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct region region;
        struct failure failure;
        struct arena arena;

        arena_init(&arena);
        assert_int_equal(region_parse_pos("POS", rows[i], &arena, &region, &failure),
                         STATUS_BAD_PARAMETER);
        print_message("%s\n", failure.message);
        assert_int_equal(strncmp(failure.message, "POS: expected ", 14), 0);
        arena_finish(&arena);
    }
}

/* Every point stays inside, however many come, and one point needs no radius. */
static void a_circle_grows_to_cover_points(void **state)
{
    static const struct sky_point points[] = {
        {10, 20},   {10, 20}, {12, 20},  {11, 25},
        {350, -10}, {0, 89},  {200, 80}, {170, -20},
    };
    struct sky_circle circle = {.radius = -1};

    (void)state;
    for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++) {
        sky_circle_cover(&circle, points[i]);
        if (i < 2)
            assert_true(circle.radius == 0);
        for (size_t j = 0; j <= i; j++) {
            print_message("%zu %zu: %.17g\n", i, j, circle.radius);
            assert_true(sky_separation(circle.centre, points[j]) <= circle.radius + 1e-9);
        }
    }
    assert_true(circle.radius <= 180);
}

static void an_offset_is_as_far_as_it_says(void **state)
{
    static const struct sky_point from[] = {{0, 0}, {359.9, 45}, {10, 90}, {10, -89.99}};

    (void)state;
    for (size_t i = 0; i < 4; i++)
        for (double distance = 0; distance <= 180; distance += 22.5)
            for (double direction = 0; direction < 360; direction += 45) {
                struct sky_point to = sky_offset(from[i], distance, direction);

                assert_true(fabs(sky_separation(from[i], to) - distance) < 1e-9);
                assert_true(to.longitude >= 0 && to.longitude < 360);
            }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_region_contains_its_boundary_at_poles_and_across_0),
        cmocka_unit_test(what_is_no_region_is_refused_by_its_parameter),
        cmocka_unit_test(a_circle_grows_to_cover_points),
        cmocka_unit_test(an_offset_is_as_far_as_it_says),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
