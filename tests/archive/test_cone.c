#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "archive/cone.h"

#include <math.h>
#include <stdlib.h>

static const double MICRO_ARCSECOND = 1e-6 / 3600; /* degrees */

static double separation(double ra, double dec, double ra2, double dec2)
{
    return direction_separation(direction_of(ra, dec), direction_of(ra2, dec2));
}

/* Expected values follow from the geometry of each row. */
static void separations_are_exact_everywhere(void **state)
{
    static const struct {
        double ra, dec, ra2, dec2, degrees;
    } rows[] = {
        {0, 0, 0, 0, 0},
        {123.4567891, -45.678912, 123.4567891, -45.678912, 0},
        {0, 0, 360, 0, 0},
        {359.9, 0, 0.1, 0, 0.2},
        {10, 90, 200, 90, 0},          /* the pole has one position only */
        {10, 89.99, 190, 89.99, 0.02}, /* across it */
        {10, -89.99, 190, -89.99, 0.02},
        {0, 90, 77, -90, 180},
        {0, 0, 180, 0, 180},
        {30, 20, 210, -20, 180},
        {0, 0, 90, 0, 90},
        {5, 41, 5, 41 + 1e-6 / 3600, 1e-6 / 3600},
        {5, 41, 185, -41 + 1e-6 / 3600, 180 - 1e-6 / 3600},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        double found = separation(rows[i].ra, rows[i].dec, rows[i].ra2, rows[i].dec2);

        print_message("row %zu\n", i);
        assert_true(fabs(found - rows[i].degrees) < MICRO_ARCSECOND / 100);
    }
    assert_true(separation(1.1, 2.2, 1.1, 2.2) <= 0);
    assert_true(separation(10, 90, 200, 90) <= 0);
}

static bool is_in(int64_t cell, const struct cell_range *ranges, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (cell >= ranges[i].first && cell <= ranges[i].last)
            return true;
    return false;
}

static double random_between(double low, double high)
{
    return low + (high - low) * drand48();
}

static struct cone random_cone(double *ra, double *dec)
{
    static const double radii[] = {0, 1e-7, 1e-4, 0.01, 0.1, 1, 10, 60, 90, 120, 180};

    *ra = random_between(0, 360);
    *dec = lrand48() % 4 ? random_between(-90, 90) : (lrand48() % 2 ? 90 : -90);
    return (struct cone){direction_of(*ra, *dec), radii[lrand48() % 11]};
}

static void ranges_hold_every_position_of_the_cone(void **state)
{
    struct cell_range ranges[CONE_RANGES];

    (void)state;
    srand48(1);
    for (int i = 0; i < 3000; i++) {
        double ra, dec;
        struct cone cone = random_cone(&ra, &dec);
        size_t count = cone_ranges(&cone, ranges);

        assert_in_range(count, 1, CONE_RANGES);
        for (size_t j = 1; j < count; j++)
            assert_true(ranges[j].first > ranges[j - 1].last);
        assert_true(is_in(cell_of(ra, dec), ranges, count));
        for (int j = 0; j < 50; j++) {
            double ra2 = ra + random_between(-2, 2) * cone.radius;
            double dec2 = fmax(-90, fmin(90, dec + random_between(-1, 1) * cone.radius));

            if (cone_has(&cone, separation(ra, dec, ra2, dec2)))
                assert_true(is_in(cell_of(ra2, dec2), ranges, count));
        }
    }
}

/* Cells of a small cone are no larger than it by much: else the index would not help. */
static void ranges_hold_little_besides(void **state)
{
    struct cone cone = {direction_of(10.5, 41.2), 0.1};
    struct cell_range ranges[CONE_RANGES];
    size_t count = cone_ranges(&cone, ranges);
    int64_t cells = 0;
    double sphere = 6 * pow(2, 48), part = (1 - cos(0.1 * M_PI / 180)) / 2;

    (void)state;
    for (size_t i = 0; i < count; i++)
        cells += ranges[i].last - ranges[i].first + 1;
    assert_true((double)cells / sphere > part / 2);
    assert_true((double)cells / sphere < part * 4);
    assert_true(count < 100);
    cone.radius = 180;
    assert_int_equal(cone_ranges(&cone, ranges), 1);
}

static void positions_that_are_not_known_have_no_cell(void **state)
{
    (void)state;
    assert_int_equal(cell_of((double)NAN, 0), -1);
    assert_int_equal(cell_of(0, (double)NAN), -1);
    assert_int_equal(cell_of((double)INFINITY, 0), -1);
    assert_true(cell_of(0, 90) >= 0);
    assert_int_equal(cell_of(0, 10), cell_of(360, 10));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(separations_are_exact_everywhere),
        cmocka_unit_test(ranges_hold_every_position_of_the_cone),
        cmocka_unit_test(ranges_hold_little_besides),
        cmocka_unit_test(positions_that_are_not_known_have_no_cell),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
