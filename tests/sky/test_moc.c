#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sky/healpix.h"
#include "sky/moc.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 12 << 2 * 3 };

static void mocs_are_written_with_the_largest_cells_that_fit(void **state)
{
    static const struct {
        int order;
        struct moc_range ranges[3];
        size_t count;
        const char *ascii, *json;
    } rows[] = {
        {2, {{0}}, 0, "2/\n", "{\n\"2\":[]}\n"},
        {2, {{5, 5}}, 1, "2/5\n", "{\n\"2\":[5]}\n"},
        {2, {{4, 7}}, 1, "1/1\n2/\n", "{\n\"1\":[1],\n\"2\":[]}\n"},
        {2, {{3, 9}}, 1, "1/1\n2/3 8-9\n", "{\n\"1\":[1],\n\"2\":[3,8,9]}\n"},
        {2, {{0, 191}}, 1, "0/0-11\n2/\n", NULL},
        {2,
         {{1, 1}, {3, 3}, {16, 32}},
         3,
         "0/1\n2/1 3 32\n",
         "{\n\"0\":[1],\n\"2\":[1,3,32]}\n"},
        {0, {{3, 4}}, 1, "0/3-4\n", "{\n\"0\":[3,4]}\n"},
        {10, {{INT64_C(1) << 18, (INT64_C(1) << 18) + 1023}}, 1, "5/256\n10/\n", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct buffer text = {0};
        struct moc moc;

        moc_init(&moc, rows[i].order);
        for (size_t k = 0; k < rows[i].count; k++)
            for (int64_t n = rows[i].ranges[k].first; n <= rows[i].ranges[k].last; n++)
                moc_add(&moc, n);
        print_message("%s", rows[i].ascii);
        moc_write_ascii(&moc, &text);
        *buffer_room(&text, 1) = '\0';
        assert_string_equal(text.bytes, rows[i].ascii);
        buffer_clear(&text);
        moc_write_json(&moc, &text);
        *buffer_room(&text, 1) = '\0';
        if (rows[i].json)
            assert_string_equal(text.bytes, rows[i].json);
        buffer_finish(&text);
        moc_finish(&moc);
    }
}

struct covering {
    bool pixels[MOST];
    int order, shift;
    int64_t before;
};

static void cover(void *context, int64_t first, int64_t last)
{
    struct covering *covering = context;

    assert_true(first > covering->before && last >= first);
    covering->before = last;
    for (int64_t n = first << covering->shift; n < (last + 1) << covering->shift; n++) {
        assert_false(covering->pixels[n]); /* no cell lies in another */
        covering->pixels[n] = true;
    }
}

/* No four cells of an order make one of the next coarser, either. */
static void cells_are_the_pixels_and_nothing_else(void **state)
{
    (void)state;
    srandom(20261122);
    for (int round = 0; round < 300; round++) {
        struct covering covering = {.order = 3};
        bool wanted[MOST];
        struct moc moc;

        moc_init(&moc, 3);
        for (int64_t n = 0; n < MOST; n++) {
            wanted[n] = random() % 100 < round % 101;
            if (wanted[n])
                moc_add(&moc, n);
        }
        for (int order = 0; order <= 3; order++) {
            covering.shift = 2 * (3 - order);
            covering.before = -1;
            moc_each_run(&moc, order, cover, &covering);
        }
        assert_memory_equal(covering.pixels, wanted, sizeof(wanted));
        moc_finish(&moc);
    }
}

static void positions_that_are_none_have_no_pixel(void **state)
{
    (void)state;
    assert_int_equal(healpix_pixel(10, (double)NAN, 0), -1);
    assert_int_equal(healpix_pixel(10, 0, (double)NAN), -1);
    assert_int_equal(healpix_pixel(10, 0, 90.5), -1);
    assert_int_equal(healpix_pixel(10, (double)INFINITY, 0), -1);
    assert_int_equal(healpix_pixel(0, 45, 90), 0);
    assert_int_equal(healpix_pixel(0, 0, 0), 4);
    assert_int_equal(healpix_count(10), 12582912);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mocs_are_written_with_the_largest_cells_that_fit),
        cmocka_unit_test(cells_are_the_pixels_and_nothing_else),
        cmocka_unit_test(positions_that_are_none_have_no_pixel),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
