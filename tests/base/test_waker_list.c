#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/waker_list.h"

static int wakes[100];

static void wake(void *where, uint64_t whom)
{
    (void)where;
    wakes[whom]++;
}

static void each_is_woken_once_however_often_he_asked(void **state)
{
    struct waker_list list = {0};

    (void)state;
    for (uint64_t i = 0; i < 1000; i++)
        waker_list_add(&list, (struct waker){wake, NULL, i % 100});
    assert_int_equal(list.count, 100);
    waker_list_call(&list);
    for (int i = 0; i < 100; i++)
        assert_int_equal(wakes[i], 1);
    assert_int_equal(list.count, 0);
    waker_list_call(&list);
    assert_int_equal(wakes[0], 1);
}

static void wakers_differ_by_all_of_them(void **state)
{
    static int somewhere;
    struct waker_list list = {0};

    (void)state;
    waker_list_add(&list, (struct waker){wake, NULL, 1});
    waker_list_add(&list, (struct waker){wake, NULL, 2});
    waker_list_add(&list, (struct waker){wake, &somewhere, 1});
    waker_list_add(&list, (struct waker){NULL, NULL, 1});
    assert_int_equal(list.count, 4);
    waker_list_finish(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_is_woken_once_however_often_he_asked),
        cmocka_unit_test(wakers_differ_by_all_of_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
