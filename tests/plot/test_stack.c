#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "plot/stack.h"

#include <math.h>
#include <string.h>

enum { FULL = STACK_LEVELS - 1, HALF = 1 + (STACK_LEVELS - 2) / 2 };

/* Samples at 0.5, 1.5 ... in a panel from 0 to 8. */
static struct slice slice_of(struct spectrum *spectrum, const float *flux, size_t count)
{
    static const double axis[] = {0.5, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5};
    static const float error[8] = {1, 1, 1, 1, 1, 1, 1, 1};

    *spectrum = (struct spectrum){
        .axis = {axis, 8, AXIS_FLOAT64}, .flux = flux, .flux_error = error};
    return (struct slice){spectrum, 0, count};
}

static void draw(const float *flux, size_t count, int width, double stretch,
                 uint8_t *levels)
{
    const struct stack_panel panel = {{0, 8}, 0, width};
    struct stack *stack = stack_open(&panel, 1, width, 1, 1);
    struct spectrum spectrum;
    struct slice slice = slice_of(&spectrum, flux, count);

    assert_int_equal(stack_next(stack), 0);
    stack_add(stack, 0, &slice, stretch);
    memcpy(levels, stack_levels(stack), (size_t)width);
    stack_close(stack);
}

static void a_pixel_is_the_mean_of_its_samples_or_the_sample_it_lies_in(void **state)
{
    static const float flux[] = {2, 4, 0, 4, -9, -9, NAN, NAN};
    static const struct {
        int width;
        size_t count;
        double stretch;
        uint8_t levels[16];
    } rows[] = {
        {8, 8, 1, {HALF, FULL, 1, FULL, 1, 1, 0, 0}},
        {4, 8, 1, {1 + 126 * 3 / 4 + 1, HALF, 1, 0}},
        {8, 2, 1, {HALF, FULL, 0, 0, 0, 0, 0, 0}},
        {16, 2, 1, {HALF, HALF, FULL, FULL, 0}},
        {8, 8, 2, {1 + 126 * 3 / 4 + 1, HALF, 1, 0, 0, 0, 0, 0}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint8_t levels[16] = {0};

        print_message("row %zu\n", i);
        draw(flux, rows[i].count, rows[i].width, rows[i].stretch, levels);
        assert_memory_equal(levels, rows[i].levels, (size_t)rows[i].width);
    }
}

static void what_is_nowhere_above_0_is_not_drawn(void **state)
{
    static const float flux[] = {0, -1, NAN, 0, 0, 0, 0, 0};
    static const uint8_t nothing[8];
    uint8_t levels[8];

    (void)state;
    draw(flux, 8, 8, 1, levels);
    assert_memory_equal(levels, nothing, 8);
}

/* Six spectra in four lines, and two in four. */
static void neighbours_share_a_line_where_there_are_too_many(void **state)
{
    static const float bright[] = {1, 1, 1, 1, 1, 1, 1, 1}, dark[] = {1, 0, 0, 0, 0};
    static const int lines[] = {0, 0, 1, 2, 2, 3};
    const struct stack_panel panels[] = {{{0, 8}, 0, 8}, {{0, 8}, 9, 8}};
    struct stack *stack = stack_open(panels, 2, 17, 4, 6);
    struct spectrum spectrum;
    struct slice slice;
    const uint8_t *levels;

    (void)state;
    for (int i = 0; i < 6; i++) {
        assert_int_equal(stack_next(stack), lines[i]);
        slice = slice_of(&spectrum, i == 1 ? dark : bright, 5);
        stack_add(stack, 0, &slice, 1);
        slice = slice_of(&spectrum, bright, 8);
        stack_add(stack, 1, &slice, 1);
    }
    levels = stack_levels(stack);
    assert_int_equal(levels[0], FULL);
    assert_int_equal(levels[1], HALF); /* the mean of both */
    assert_int_equal(levels[5], 0);
    assert_int_equal(levels[8], 0); /* between the panels */
    assert_int_equal(levels[9], FULL);
    assert_int_equal(levels[17 + 1], FULL);
    assert_int_equal(levels[3 * 17 + 16], FULL);
    stack_close(stack);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pixel_is_the_mean_of_its_samples_or_the_sample_it_lies_in),
        cmocka_unit_test(what_is_nowhere_above_0_is_not_drawn),
        cmocka_unit_test(neighbours_share_a_line_where_there_are_too_many),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
