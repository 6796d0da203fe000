#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void numbers_are_written_short_and_read_back_to_the_same_bits(void **state)
{
    static const struct {
        double value;
        const char *text;
    } rows[] = {
        {0, "0"},
        {1, "1"},
        {-1.5, "-1.5"},
        {0.1, "0.1"},
        {3.92e-7, "3.92e-07"},
        {3699.986328125, "3699.986328125"},
        {1e300, "1e+300"},
        {-0.0, "-0"},
        {0.00001, "1e-05"},
        {-123456.5e-9, "-0.0001234565"},
        {99999999999999.98, "99999999999999.98"}, /* the most digits before the point */
        {-99999999999999.98, "-99999999999999.98"},
        {100000000000000.02, "100000000000000.02"},
        {1e-9, "1e-09"}, /* and what lies on either side of it */
        {9.999999999999999e-10, "9.999999999999999e-10"},
        {1.0000000000000003e-9, "1.0000000000000003e-09"},
        {0.1 + 0.2, "0.30000000000000004"},
        {5e-324, "4.94065645841247e-324"},
        {(double)NAN, "NaN"},
        {(double)INFINITY, "+Inf"},
        {-(double)INFINITY, "-Inf"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char out[NUMBER_LENGTH];

        assert_int_equal(number_write_double(out, rows[i].value), strlen(rows[i].text));
        assert_string_equal(out, rows[i].text);
    }
}

static void integers_are_written_in_full(void **state)
{
    static const struct {
        int64_t value;
        const char *text;
    } rows[] = {
        {0, "0"},
        {9, "9"},
        {-9, "-9"},
        {10, "10"},
        {99999999, "99999999"},
        {100000000, "100000000"},
        {-1000000010000000002, "-1000000010000000002"},
        {INT64_MAX, "9223372036854775807"},
        {INT64_MIN, "-9223372036854775808"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char out[NUMBER_LENGTH];

        assert_int_equal(number_write_integer(out, rows[i].value), strlen(rows[i].text));
        assert_string_equal(out, rows[i].text);
    }
}

static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static void any_bits_survive_the_way_through_text(void **state)
{
    uint64_t seed = 88172645463325252u;

    (void)state;
    for (int i = 0; i < 20000; i++) {
        uint64_t bits = next_random(&seed);
        uint32_t low = (uint32_t)bits;
        char out[NUMBER_LENGTH];
        double d, again;
        float f, f_again;

        memcpy(&d, &bits, sizeof(d));
        memcpy(&f, &low, sizeof(f));
        if (isfinite(d)) {
            assert_true(number_read_double(out, number_write_double(out, d), &again));
            assert_memory_equal(&again, &d, sizeof(d));
        }
        if (isfinite(f)) {
            number_write_float(out, f);
            f_again = strtof(out, NULL);
            assert_memory_equal(&f_again, &f, sizeof(f));
        }
    }
}

/* The C library's shortest of 15 to 17 digits (float: 6 to 9) that reads back. */
static void assert_as_printf_has_it(double value)
{
    char out[NUMBER_LENGTH], expected[NUMBER_LENGTH];
    int digits;

    for (digits = 15; digits <= 17; digits++) {
        snprintf(expected, sizeof(expected), "%.*g", digits, value);
        if (strtod(expected, NULL) == value)
            break;
    }
    number_write_double(out, value);
    assert_string_equal(out, expected);
    for (digits = 6; digits <= 9; digits++) {
        snprintf(expected, sizeof(expected), "%.*g", digits, (double)(float)value);
        if (strtof(expected, NULL) == (float)value)
            break;
    }
    number_write_float(out, (float)value);
    assert_string_equal(out, expected);
}

/* The power of ten, or the double next to it. */
static double beside_power_of_ten(int exponent, int steps)
{
    char text[NUMBER_LENGTH];
    uint64_t bits;
    double value;

    snprintf(text, sizeof(text), "1e%d", exponent);
    value = strtod(text, NULL);
    memcpy(&bits, &value, sizeof(bits));
    bits += (uint64_t)steps;
    memcpy(&value, &bits, sizeof(value));
    return value;
}

static void numbers_of_any_size_are_written_as_printf_has_them(void **state)
{
    uint64_t seed = 88172645463325252u;

    (void)state;
    for (int i = 0; i < 20000; i++) {
        uint64_t bits = next_random(&seed);
        double fraction = (double)(bits >> 11) * 0x1p-53;
        int exponent = (int)(bits % 140) - 70;

        assert_as_printf_has_it(ldexp(fraction, exponent));
        assert_as_printf_has_it(-ldexp(1, exponent));
        assert_as_printf_has_it((double)(bits % 2000000) / 1000 - 1000);
        assert_as_printf_has_it((double)(float)((double)(bits % 9000000) / 1000));
        assert_as_printf_has_it(beside_power_of_ten(exponent / 4, (int)(bits % 3) - 1));
    }
}

static void places_are_written_as_printf_has_them(void **state)
{
    static const double rows[] = {0,     -0.0,     1,       -1,         359.9999999,
                                  0.5,   0.125,    2.5,     -0.5,       999999999.5,
                                  1e-18, 9.9e-19,  5e-324,  -4.5833e-4, 0.99999999999,
                                  1.5,   0.000005, 180.005, 89.99999995};
    uint64_t seed = 88172645463325252u;

    (void)state;
    for (int i = 0; i < 20000; i++) {
        double value = (size_t)i < sizeof(rows) / sizeof(rows[0])
                           ? rows[i]
                           : ldexp((double)(next_random(&seed) >> 11), i % 60 - 83);
        int places = 1 + i % NUMBER_PLACES;
        char out[NUMBER_LENGTH], expected[NUMBER_LENGTH];

        snprintf(expected, sizeof(expected), "%.*f", places, value);
        assert_int_equal(number_write_places(out, value, places), strlen(expected));
        assert_string_equal(out, expected);
    }
}

static void reading_is_strict(void **state)
{
    static const struct {
        const char *text;
        bool is_double, is_integer;
    } rows[] = {
        {"1", true, true},
        {"-28762", true, true},
        {"+1", true, false},
        {"1.", true, false},
        {".5", true, false},
        {"1e5", true, false},
        {"", false, false},
        {" 1", false, false},
        {"1 ", false, false},
        {"-", false, false},
        {"0x10", false, false},
        {"nan", false, false},
        {"NaN", false, false},
        {"inf", true, false},
        {"-Infinity", true, false},
        {"infinit", false, false},
        {"1e999", false, false},
        {"1,5", false, false},
        {"--1", false, false},
        {"1e", false, false},
        {"9223372036854775807", true, true},
        {"9223372036854775808", true, false},
        {"-9223372036854775808", true, true},
        {"-9223372036854775809", true, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int64_t integer;
        double real;

        print_message("'%s'\n", rows[i].text);
        assert_int_equal(number_read_double(rows[i].text, strlen(rows[i].text), &real),
                         rows[i].is_double);
        assert_int_equal(
            number_read_integer(rows[i].text, strlen(rows[i].text), &integer),
            rows[i].is_integer);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_written_short_and_read_back_to_the_same_bits),
        cmocka_unit_test(integers_are_written_in_full),
        cmocka_unit_test(any_bits_survive_the_way_through_text),
        cmocka_unit_test(numbers_of_any_size_are_written_as_printf_has_them),
        cmocka_unit_test(places_are_written_as_printf_has_them),
        cmocka_unit_test(reading_is_strict),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
