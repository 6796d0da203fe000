#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "archive/unknown_names.h"

#include <stdio.h>

enum { SECONDS = 30, SECOND = 1000 };

static int open_names(void **state)
{
    *state = unknown_names_open(SECONDS);
    return 0;
}

static int close_names(void **state)
{
    unknown_names_close(*state);
    unknown_names_close(NULL);
    return 0;
}

static void a_name_is_remembered_for_its_time(void **state)
{
    assert_false(unknown_names_has(*state, "dir/a", 5));
    unknown_names_add(*state, "dir/a", 5);
    assert_true(unknown_names_has(*state, "dir/a", 5));
    assert_true(unknown_names_has(*state, "dir/a", 5 + SECONDS * SECOND - 1));
    assert_false(unknown_names_has(*state, "dir/a", 5 + SECONDS * SECOND));
    assert_false(unknown_names_has(*state, "dir/b", 5));
}

static void a_name_added_again_counts_once_and_from_then_on(void **state)
{
    unknown_names_add(*state, "dir/a", 0);
    unknown_names_add(*state, "dir/a", 10 * SECOND);
    assert_int_equal(unknown_names_count(*state, 10 * SECOND), 1);
    assert_true(unknown_names_has(*state, "dir/a", 35 * SECOND));
}

static void what_was_added_before_a_moment_can_be_forgotten(void **state)
{
    unknown_names_add(*state, "dir/old", 0);
    unknown_names_add(*state, "dir/young", 2 * SECOND);
    unknown_names_forget(*state, SECOND);
    assert_false(unknown_names_has(*state, "dir/old", 2 * SECOND));
    assert_true(unknown_names_has(*state, "dir/young", 2 * SECOND));
    assert_int_equal(unknown_names_count(*state, 2 * SECOND), 1);
}

static void half_a_million_names_push_out_the_oldest_and_no_more(void **state)
{
    enum { NAMES = 500000, PLACES = 65536 };
    char name[32];
    int young = 0;

    for (int i = 0; i < NAMES; i++) {
        snprintf(name, sizeof(name), "dir/%d", i);
        unknown_names_add(*state, name, i / 100);
        assert_true(unknown_names_has(*state, name, i / 100));
    }
    assert_true(unknown_names_count(*state, NAMES / 100) <= PLACES);
    for (int i = NAMES - PLACES / 4; i < NAMES; i++) {
        snprintf(name, sizeof(name), "dir/%d", i);
        young += unknown_names_has(*state, name, NAMES / 100);
    }
    assert_true(young > PLACES / 4 * 95 / 100);
}

#define names_test(function)                                                             \
    cmocka_unit_test_setup_teardown(function, open_names, close_names)

int main(void)
{
    const struct CMUnitTest tests[] = {
        names_test(a_name_is_remembered_for_its_time),
        names_test(a_name_added_again_counts_once_and_from_then_on),
        names_test(what_was_added_before_a_moment_can_be_forgotten),
        names_test(half_a_million_names_push_out_the_oldest_and_no_more),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
