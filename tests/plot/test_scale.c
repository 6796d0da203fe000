#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "plot/scale.h"

#include <math.h>
#include <string.h>

static void ticks_are_round_numbers_inside_the_range(void **state)
{
    static const struct {
        double low, high;
        int most;
        const char *texts; /* all of them */
    } rows[] = {
        {3700, 9099, 6, "4000 5000 6000 7000 8000 9000 "},
        {3920, 3980, 6, "3920 3930 3940 3950 3960 3970 3980 "},
        {0, 1, 5, "0.0 0.2 0.4 0.6 0.8 1.0 "},
        {-0.3, 0.3, 3, "-0.2 0.0 0.2 "},
        {6564.1, 6564.9, 4, "6564.2 6564.4 6564.6 6564.8 "},
        {-1.2e7, 1.2e7, 3, "-1e+07 0 1e+07 "},
        {5, 5, 4, ""},
        {6, 5, 4, ""},
        {0, (double)INFINITY, 4, ""},
        {0, 1, 0, ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct ticks ticks = ticks_between(rows[i].low, rows[i].high, rows[i].most);
        char texts[256] = "";

        for (int k = 0; k < ticks.count; k++) {
            char text[TICK_LENGTH];

            tick_text(&ticks, k, text);
            strcat(strcat(texts, text), " ");
        }
        assert_string_equal(texts, rows[i].texts);
    }
}

static void places_are_linear_and_stay_drawable(void **state)
{
    struct scale scale = {100, 200, 1000, 0};

    (void)state;
    assert_int_equal(scale_place(&scale, 100), 1000);
    assert_int_equal(scale_place(&scale, 150), 500);
    assert_int_equal(scale_place(&scale, 200), 0);
    assert_true(scale_place(&scale, 1e300) < 0);
    assert_true(scale_place(&scale, -1e300) > 1000);
    assert_true(scale_place(&scale, (double)NAN) != 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ticks_are_round_numbers_inside_the_range),
        cmocka_unit_test(places_are_linear_and_stay_drawable),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
