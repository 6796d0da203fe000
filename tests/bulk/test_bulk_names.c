#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bulk/bulk_names.h"

#include <stdio.h>

static void a_name_is_taken_once(void **state)
{
    struct bulk_names *names = bulk_names_open(4);

    (void)state;
    assert_true(bulk_names_take(names, "a.vot"));
    assert_true(bulk_names_take(names, "b.vot"));
    assert_false(bulk_names_take(names, "a.vot"));
    assert_true(bulk_names_take(names, ""));
    assert_false(bulk_names_take(names, ""));
    bulk_names_close(names);
}

static void many_names_are_rarely_mistaken(void **state)
{
    enum { COUNT = 100000, MOST_MISTAKEN = COUNT / 10000 };
    struct bulk_names *names = bulk_names_open(COUNT);
    int mistaken = 0;

    (void)state;
    for (int i = 0; i < COUNT; i++) {
        char name[32];

        snprintf(name, sizeof(name), "spec-%d_392-398nm.vot", i);
        mistaken += !bulk_names_take(names, name);
        assert_false(bulk_names_take(names, name));
    }
    assert_true(mistaken <= MOST_MISTAKEN);
    bulk_names_close(names);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_is_taken_once),
        cmocka_unit_test(many_names_are_rarely_mistaken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
