#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "spectrum/band.h"

#include <math.h>
#include <string.h>

static void band_takes_two_wavelengths_in_metres(void **state)
{
    static const struct {
        const char *text;
        double lower, upper; /* Angstrom */
    } rows[] = {
        {"3.92e-7 3.98e-7", 3920, 3980},
        {"3.92e-07 3.9800000000000004e-07", 3920, 3980}, /* as pyVO converts nm */
        {" 3.92E-7\t3.98E-7 ", 3920, 3980},
        {".000000392 0.000000398", 3920, 3980},
        {"-Inf 5e-7", -(double)INFINITY, 5000},
        {"5e-7 +Inf", 5000, (double)INFINITY},
        {"5e-7 +InF", 5000, (double)INFINITY}, /* as pyVO writes it */
        {"-InF 5e-7", -(double)INFINITY, 5000},
        {"5e-7 inf", 5000, (double)INFINITY},
        {"5e-7 Infinity", 5000, (double)INFINITY},
        {"-Inf +Inf", -(double)INFINITY, (double)INFINITY},
        {"5e-7 5e-7", 5000, 5000},
        {"0 1e-3", 0, 1e7},
        {"-1 5e-7", -1e10, 5000},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct failure failure;
        struct band band;

        print_message("BAND=%s\n", rows[i].text);
        assert_int_equal(band_parse(rows[i].text, &band, &failure), STATUS_OK);
        assert_true(band.lower == rows[i].lower ||
                    fabs(band.lower / rows[i].lower - 1) < 1e-15);
        assert_true(band.upper == rows[i].upper ||
                    fabs(band.upper / rows[i].upper - 1) < 1e-15);
    }
}

static void band_refuses_what_is_no_interval_and_says_why(void **state)
{
    static const struct {
        const char *text;
        const char *said; /* part of the message */
    } rows[] = {
        {"", "two wavelengths in metres"},
        {"3.92e-7", "two wavelengths in metres"},
        {"3.92e-7 3.98e-7 4e-7", "two wavelengths in metres"},
        {"3.92e-7/3.98e-7", "two wavelengths in metres"},
        {"3.92e-7,3.98e-7", "two wavelengths in metres"},
        {"NaN 3.98e-7", "two wavelengths in metres"},
        {"3.92e-7 nan", "two wavelengths in metres"},
        {"0x1p-21 3.98e-7", "two wavelengths in metres"},
        {"3.92e-7 3.98e-7m", "two wavelengths in metres"},
        {"1e-400000 1e999", "two wavelengths in metres"},
        {"3,92e-7 3,98e-7", "two wavelengths in metres"},
        {"3.98e-7 3.92e-7", "lower end above upper end"},
        {"+Inf -Inf", "lower end above upper end"},
        {"+Inf +Inf", "same infinity"},
        {"-Inf -Inf", "same infinity"},
        {"3920 3980", "did you mean 3.92e-07 3.98e-07?"},
        {"392 398", "did you mean 3.92e-07 3.98e-07?"},
        {"3.92e-7 3980", "did you mean 3.92e-07 3.98e-07?"},
        {"0.0011 0.0012", "in metres"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct band band = {1, 2};
        struct failure failure;

        print_message("BAND=%s\n", rows[i].text);
        assert_int_equal(band_parse(rows[i].text, &band, &failure), STATUS_BAD_PARAMETER);
        assert_memory_equal(failure.message, "BAND", 4);
        assert_non_null(strstr(failure.message, rows[i].said));
        assert_true(band.lower == 1 && band.upper == 2);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(band_takes_two_wavelengths_in_metres),
        cmocka_unit_test(band_refuses_what_is_no_interval_and_says_why),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
