#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "spectrum/slice.h"

#include <math.h>
#include <stdlib.h>

static const double WAVELENGTHS[] = {4000, 4001, 4003, 4006, 4010};
static const double INFINITE = (double)INFINITY;

static struct spectrum five_samples(void)
{
    return (struct spectrum){
        .axis = {.values = WAVELENGTHS, .samples = 5, .type = AXIS_FLOAT64}};
}

static void slice_holds_the_samples_between_both_ends(void **state)
{
    static const struct {
        double lower, upper;
        size_t first, count;
    } rows[] = {
        {4001, 4006, 1, 3},                             /* both ends belong to it */
        {4001.1, 4005.9, 2, 1},                         /* between samples */
        {3000, 5000, 0, 5},                             /* wider than the spectrum */
        {4001 * (1 + 5e-13), 4006 * (1 - 5e-13), 1, 3}, /* noise of a conversion */
        {4001 * (1 + 3e-12), 4006 * (1 - 3e-12), 2, 1}, /* more than noise */
        {4007, 4009, 4, 0},                             /* in a gap */
        {3000, 3999, 0, 0},                             /* below */
        {4011, 5000, 5, 0},                             /* above */
    };
    struct spectrum spectrum = five_samples();

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct slice slice =
            slice_by_band(&spectrum, (struct band){rows[i].lower, rows[i].upper});

        print_message("%.10g %.10g\n", rows[i].lower, rows[i].upper);
        assert_int_equal(slice.count, rows[i].count);
        if (slice.count)
            assert_int_equal(slice.first, rows[i].first);
    }
}

static void slice_with_open_ends_goes_to_the_end(void **state)
{
    struct spectrum spectrum = five_samples();

    (void)state;
    assert_int_equal(slice_by_band(&spectrum, BAND_ALL).count, 5);
    assert_int_equal(slice_by_band(&spectrum, (struct band){4003, INFINITE}).count, 3);
    assert_int_equal(slice_by_band(&spectrum, (struct band){-INFINITE, 4003}).count, 3);
}

static void slice_by_one_wavelength_is_the_nearest_sample_within_the_range(void **state)
{
    static const struct {
        double wavelength;
        size_t first, count;
    } rows[] =
        {
            {4001, 1, 1}, {4001.9, 1, 1},   {4002.1, 2, 1},
            {4002, 1, 1}, /* equally near: the lower */
            {4000, 0, 1}, {4010, 4, 1},     {4009, 4, 1},
            {4007, 3, 1}, {3999.999, 0, 0}, {4010.001, 0, 0},
        };
    struct spectrum spectrum = five_samples();

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        double x = rows[i].wavelength;
        struct slice slice = slice_by_band(&spectrum, (struct band){x, x});

        print_message("%.10g\n", x);
        assert_int_equal(slice.count, rows[i].count);
        if (slice.count)
            assert_int_equal(slice.first, rows[i].first);
    }
}

/* Against a plain loop over all samples, on an axis of float32 as LAMOST's. */
static void slice_agrees_with_a_loop_over_all_samples(void **state)
{
    enum { SAMPLES = 3909, TRIALS = 20000 };
    static float wavelengths[SAMPLES];
    struct spectrum spectrum = {
        .axis = {.values = wavelengths, .samples = SAMPLES, .type = AXIS_FLOAT32}};

    (void)state;
    for (int i = 0; i < SAMPLES; i++)
        wavelengths[i] = (float)pow(10, (double)3.5682f + 0.0001 * i);
    srand(20111024);
    for (int trial = 0; trial < TRIALS; trial++) {
        double a = 3600 + 5600.0 * rand() / RAND_MAX;
        double b = trial % 3 ? a + 80.0 * rand() / RAND_MAX
                             : (double)wavelengths[rand() % SAMPLES];
        struct band band = {a < b ? a : b, a < b ? b : a};
        struct slice slice = slice_by_band(&spectrum, band);
        size_t first = 0, count = 0;

        for (size_t i = SAMPLES; i-- > 0;) {
            if ((double)wavelengths[i] >= band.lower &&
                (double)wavelengths[i] <= band.upper) {
                first = i;
                count++;
            }
        }
        assert_int_equal(slice.count, count);
        if (count)
            assert_int_equal(slice.first, first);
    }
}

static void slice_of_an_empty_spectrum_is_empty(void **state)
{
    struct spectrum spectrum = {.axis = {.values = WAVELENGTHS, .type = AXIS_FLOAT64}};

    (void)state;
    assert_int_equal(slice_by_band(&spectrum, BAND_ALL).count, 0);
    assert_int_equal(slice_by_band(&spectrum, (struct band){4000, 4000}).count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slice_holds_the_samples_between_both_ends),
        cmocka_unit_test(slice_with_open_ends_goes_to_the_end),
        cmocka_unit_test(slice_by_one_wavelength_is_the_nearest_sample_within_the_range),
        cmocka_unit_test(slice_agrees_with_a_loop_over_all_samples),
        cmocka_unit_test(slice_of_an_empty_spectrum_is_empty),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
