#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "plot/range.h"

#include <math.h>
#include <string.h>

enum { SAMPLES = 1000 };

struct made {
    double wavelengths[SAMPLES];
    float flux[SAMPLES], error[SAMPLES];
    uint8_t and_mask[SAMPLES], or_mask[SAMPLES];
    struct spectrum spectrum;
};

/* A flat continuum of 100 with an absorption line down to 60, errors of 1. */
static void make(struct made *made)
{
    memset(made, 0, sizeof(*made));
    for (int i = 0; i < SAMPLES; i++) {
        made->wavelengths[i] = 4000 + i;
        made->flux[i] = i >= 500 && i < 507 ? 60 : 100;
        made->error[i] = 1;
    }
    made->spectrum = (struct spectrum){
        .axis = {.values = made->wavelengths, .samples = SAMPLES, .type = AXIS_FLOAT64},
        .flux = made->flux,
        .flux_error = made->error,
        .and_mask = made->and_mask,
        .or_mask = made->or_mask,
        .mask_width = MASK_BYTE,
    };
}

static struct range range_of(const struct made *made)
{
    struct slice slice = {.spectrum = &made->spectrum, .count = SAMPLES};

    return range_of_flux(&slice);
}

static void assert_shows_the_line_and_no_more(struct range range)
{
    assert_true(range.low < 60 && range.low > 50);
    assert_true(range.high > 100 && range.high < 110);
}

static void range_holds_lines(void **state)
{
    struct made made;

    (void)state;
    make(&made);
    assert_shows_the_line_and_no_more(range_of(&made));
}

static void range_is_not_pulled(void **state)
{
    struct made made;

    (void)state;
    make(&made);
    made.flux[100] = 5000; /* a cosmic ray */
    made.flux[200] = -9000;
    made.flux[201] = -9000;
    assert_shows_the_line_and_no_more(range_of(&made));

    make(&made);
    for (int i = SAMPLES - 20; i < SAMPLES; i++) /* the dead end of real files */
        made.flux[i] = 0;
    assert_shows_the_line_and_no_more(range_of(&made));

    make(&made);
    for (int i = 0; i < 50; i++) { /* a blue end that is all noise */
        made.flux[i] = i % 2 ? 900 : -700;
        made.error[i] = 800;
    }
    assert_shows_the_line_and_no_more(range_of(&made));

    make(&made);
    for (int i = 300; i < 320; i++) { /* masked, and without data */
        made.flux[i] = 4000;
        if (i % 2)
            made.and_mask[i] = 1;
        else
            made.error[i] = NAN;
    }
    assert_shows_the_line_and_no_more(range_of(&made));
}

static void range_is_defined_whatever_the_samples(void **state)
{
    struct made made;
    struct range range;
    struct slice nothing = {.spectrum = &made.spectrum};

    (void)state;
    make(&made);
    range = range_of_flux(&nothing);
    assert_true(range.low < range.high);
    for (int i = 0; i < SAMPLES; i++)
        made.error[i] = NAN;
    assert_shows_the_line_and_no_more(range_of(&made)); /* of what is finite */
    for (int i = 0; i < SAMPLES; i++)
        made.flux[i] = NAN;
    range = range_of(&made);
    assert_true(isfinite(range.low) && isfinite(range.high) && range.low < range.high);
    for (int i = 0; i < SAMPLES; i++)
        made.flux[i] = 7;
    range = range_of(&made);
    assert_true(range.low < 7 && range.high > 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(range_holds_lines),
        cmocka_unit_test(range_is_not_pulled),
        cmocka_unit_test(range_is_defined_whatever_the_samples),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
