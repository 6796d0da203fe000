#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "archive/identifier.h"
#include "bulk/bulk_ids.h"

#include <stdio.h>
#include <string.h>

static void add(struct bulk_ids *ids, const char *text, enum status expected)
{
    struct failure failure;

    assert_int_equal(bulk_ids_add(ids, text, strlen(text), &failure), expected);
}

static const char *next(struct bulk_ids *ids)
{
    struct failure failure;
    const char *id;

    assert_int_equal(bulk_ids_next(ids, &id, &failure), STATUS_OK);
    return id;
}

static void ids_come_back_in_the_order_given_without_blanks(void **state)
{
    static const char *const rows[][2] = {
        {"a", "a"},        {"", NULL},
        {"a", "a"},        {"  b c ", "b c"},
        {" \t\r\n", NULL}, {"\td\r", "d"},
        {"0", "0"},        {"\xce\xb1", "\xce\xb1"},
        {"\n\ne\n", "e"},  {"ivo://x/~?y/z", "ivo://x/~?y/z"},
    };
    struct bulk_ids *ids = bulk_ids_open(100);
    int count = 0;

    (void)state;
    assert_int_equal(bulk_ids_count(ids), 0);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        add(ids, rows[i][0], STATUS_OK);
        count += rows[i][1] != NULL;
        assert_int_equal(bulk_ids_count(ids), count);
    }
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (rows[i][1])
            assert_string_equal(next(ids), rows[i][1]);
    assert_null(next(ids));
    assert_null(next(ids));
    bulk_ids_close(ids);
    bulk_ids_close(NULL);
}

static void one_more_than_the_limit_is_too_large(void **state)
{
    struct bulk_ids *ids = bulk_ids_open(3);
    struct failure failure;

    (void)state;
    for (int i = 0; i < 3; i++)
        add(ids, "x", STATUS_OK);
    add(ids, " ", STATUS_OK); /* is none */
    assert_int_equal(bulk_ids_add(ids, "x", 1, &failure), STATUS_TOO_LARGE);
    assert_non_null(strstr(failure.message, "one request takes 3 IDs"));
    assert_int_equal(bulk_ids_count(ids), 3);
    bulk_ids_close(ids);
}

static void one_longer_than_any_id_is_cut_to_what_means_nothing(void **state)
{
    static char text[1 << 20];
    struct bulk_ids *ids = bulk_ids_open(3);

    (void)state;
    memset(text, 'x', sizeof(text) - 1);
    add(ids, text, STATUS_OK);
    add(ids, "y", STATUS_OK);
    assert_int_equal(strlen(next(ids)), IDENTIFIER_LENGTH + 1);
    assert_string_equal(next(ids), "y");
    bulk_ids_close(ids);
}

/* More than the memory that they may take: some lie in a file. */
static void many_are_kept(void **state)
{
    enum { COUNT = 200000 };
    struct bulk_ids *ids = bulk_ids_open(COUNT);
    char text[64];

    (void)state;
    for (int i = 0; i < COUNT; i++) {
        snprintf(text, sizeof(text), "20111122/B8881/spec-55888-B8881_sp04-%d", i);
        add(ids, text, STATUS_OK);
    }
    for (int i = 0; i < COUNT; i++) {
        snprintf(text, sizeof(text), "20111122/B8881/spec-55888-B8881_sp04-%d", i);
        assert_string_equal(next(ids), text);
    }
    assert_null(next(ids));
    bulk_ids_close(ids);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_come_back_in_the_order_given_without_blanks),
        cmocka_unit_test(one_more_than_the_limit_is_too_large),
        cmocka_unit_test(one_longer_than_any_id_is_cut_to_what_means_nothing),
        cmocka_unit_test(many_are_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
