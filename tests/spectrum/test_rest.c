#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "spectrum/rest.h"

#include <math.h>

static void a_redshift_is_known_or_not(void **state)
{
    static const struct {
        double redshift;
        bool is_known;
    } rows[] = {{0, true},   {7.1, true},    {-0.001, true},
                {-1, false}, {-9999, false}, {(double)NAN, false}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        print_message("%g\n", rows[i].redshift);
        assert_int_equal(rest_is_known(rows[i].redshift), rows[i].is_known);
    }
}

/* H-alpha at 6564.6 of an object at 0.5 is observed at 9846.9. */
static void what_is_observed_comes_back_at_rest(void **state)
{
    static const float observed[] = {9000, 9846.9F, 9900};
    static const double values[] = {9000, 9846.9, 9900};
    const struct spectrum floats = {.axis = {observed, 3, AXIS_FLOAT32}};
    const struct spectrum doubles = {.axis = {values, 3, AXIS_FLOAT64}};
    const struct band band = rest_band_observed((struct band){6564, 6565}, 0.5);
    const struct spectrum *const both[] = {&floats, &doubles};
    struct arena arena;

    (void)state;
    arena_init(&arena);
    for (int i = 0; i < 2; i++) {
        struct slice slice = slice_by_band(both[i], band);
        struct spectrum rest = *both[i];

        assert_int_equal(slice.first, 1);
        assert_int_equal(slice.count, 1);
        rest_move(&slice, 0.5, &arena, &rest);
        assert_int_equal(rest.axis.samples, 3);
        assert_true(fabs(axis_at(&rest.axis, 1) - 6564.6) < 1e-3);
        assert_true(axis_at(&rest.axis, 0) == 6000);
    }
    assert_true(isinf(rest_band_observed(BAND_ALL, 0.5).upper));
    arena_finish(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_redshift_is_known_or_not),
        cmocka_unit_test(what_is_observed_comes_back_at_rest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
