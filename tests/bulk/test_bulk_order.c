#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bulk/bulk_order.h"

#include <math.h>
#include <stdlib.h>

static void numbers_are_put_in_order_and_nan_is_last(void **state)
{
    static const double keys[] = {0.5,  (double)NAN,      -0.0,  -1e300, 0.5,        0,
                                  1e-3, (double)INFINITY, -0.25, 7,      (double)NAN};
    static const int rising[] = {3, 8, 2, 5, 6, 0, 4, 9, 7, 1, 10};
    static const int falling[] = {7, 9, 0, 4, 6, 2, 5, 8, 3, 1, 10};
    enum { COUNT = sizeof(keys) / sizeof(keys[0]) };

    (void)state;
    for (int descending = 0; descending < 2; descending++) {
        struct bulk_order *order = bulk_order_open(descending);

        for (int i = 0; i < COUNT; i++)
            bulk_order_add_real(order, keys[i]);
        for (int pass = 0; pass < 2; pass++)
            for (int i = 0; i < COUNT; i++)
                assert_int_equal(bulk_order_at(order, i),
                                 (descending ? falling : rising)[i]);
        bulk_order_close(order);
    }
}

static void texts_are_put_in_order_and_nothing_is_last(void **state)
{
    static const char *const keys[] = {"star", "",    "galaxy", "qso",
                                       "star", "A1V", "A1",     "\xC3\xA9"};
    static const int rising[] = {6, 5, 2, 3, 0, 4, 7, 1};
    struct bulk_order *order = bulk_order_open(false);

    (void)state;
    for (int i = 0; i < 8; i++)
        bulk_order_add_text(order, keys[i]);
    for (int i = 0; i < 8; i++)
        assert_int_equal(bulk_order_at(order, i), rising[i]);
    bulk_order_close(order);
}

static int compare(const void *a, const void *b)
{
    return (*(const int *)a > *(const int *)b) - (*(const int *)a < *(const int *)b);
}

static void many_are_as_qsort_has_them(void **state)
{
    enum { COUNT = 10000 };
    struct bulk_order *order = bulk_order_open(false);
    int *keys = calloc(COUNT, sizeof(*keys)), *sorted = calloc(COUNT, sizeof(*sorted));
    unsigned seed = 1;

    (void)state;
    for (int i = 0; i < COUNT; i++) {
        seed = seed * 1103515245 + 12345;
        keys[i] = sorted[i] = (int)(seed >> 8) - (1 << 23);
        bulk_order_add_real(order, keys[i]);
    }
    qsort(sorted, COUNT, sizeof(*sorted), compare);
    for (int i = COUNT; i-- > 0;) /* from any place */
        assert_int_equal(keys[bulk_order_at(order, i)], sorted[i]);
    bulk_order_close(order);
    free(keys);
    free(sorted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_put_in_order_and_nan_is_last),
        cmocka_unit_test(texts_are_put_in_order_and_nothing_is_last),
        cmocka_unit_test(many_are_as_qsort_has_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
