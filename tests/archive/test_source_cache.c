#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "archive/source_cache.h"

#include <stdio.h>

enum { IDS = 50000, ROOM = 4096 };

static int open_cache(void **state)
{
    *state = source_cache_open();
    return 0;
}

static int close_cache(void **state)
{
    source_cache_close(*state);
    source_cache_close(NULL);
    return 0;
}

/* A source of a row that says nothing but its path. */
static struct holding_source *source_of(const char *path)
{
    struct entry entry;

    entry_init(&entry);
    entry.path = path;
    return source_of_row(&entry, NULL);
}

static void add(struct source_cache *cache, const char *id)
{
    struct holding_source *source = source_of(id);

    source_cache_add(cache, id, source);
    source_release(source);
}

static void an_id_is_found_until_all_are_cleared(void **state)
{
    assert_null(source_cache_find(*state, "dir/a"));
    add(*state, "dir/a");
    add(*state, "dir/b");
    assert_string_equal(source_cache_find(*state, "dir/a")->entry->path, "dir/a");
    assert_string_equal(source_cache_find(*state, "dir/b")->entry->path, "dir/b");
    assert_null(source_cache_find(*state, "dir/c"));
    source_cache_clear(*state);
    assert_null(source_cache_find(*state, "dir/a"));
}

static void a_source_on_loan_outlives_the_cache_of_it(void **state)
{
    struct holding_source *lent;

    add(*state, "dir/a");
    lent = source_cache_find(*state, "dir/a");
    source_hold(lent);
    source_cache_clear(*state);
    assert_string_equal(lent->entry->path, "dir/a");
    source_release(lent);
    source_release(NULL);
}

static void the_texts_of_a_source_are_its_own(void **state)
{
    char path[] = "dir/a";

    (void)state;
    struct holding_source *source = source_of(path);

    path[0] = 'x';
    assert_string_equal(source->entry->path, "dir/a");
    assert_null(source->entry->name);
    source_release(source);
}

static void ids_beyond_the_room_push_out_others_and_the_young_stay(void **state)
{
    int found = 0, young = 0;
    char id[32];

    for (int i = 0; i < IDS; i++) {
        snprintf(id, sizeof(id), "dir/%d", i);
        add(*state, id);
        assert_string_equal(source_cache_find(*state, id)->entry->path, id);
    }
    for (int i = 0; i < IDS; i++) {
        snprintf(id, sizeof(id), "dir/%d", i);
        if (source_cache_find(*state, id)) {
            found++;
            young += i >= IDS - 1000;
        }
    }
    assert_int_equal(found, ROOM);
    assert_true(young > 990);
}

#define cache_test(function)                                                             \
    cmocka_unit_test_setup_teardown(function, open_cache, close_cache)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cache_test(an_id_is_found_until_all_are_cleared),
        cache_test(a_source_on_loan_outlives_the_cache_of_it),
        cache_test(the_texts_of_a_source_are_its_own),
        cache_test(ids_beyond_the_room_push_out_others_and_the_young_stay),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
