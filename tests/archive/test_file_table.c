#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "archive/file_table.h"

#include <stdio.h>

enum { MEGABYTE = 1024 * 1024, SECOND = 1000 };

static int open_table(void **state)
{
    *state = file_table_open();
    return 0;
}

static int close_table(void **state)
{
    file_table_close(*state);
    return 0;
}

/* A file that was read, and says that it has so many bytes. */
static struct read_through_file *keep(struct file_table *table, const char *path,
                                      size_t size, int64_t now)
{
    struct read_through_file *file = file_table_add(table, path);
    struct reading *reading = &file->reading;

    assert_ptr_equal(file_table_take(table), file);
    reading->outcome = READING_SPECTRA;
    reading->count = 1;
    reading->spectra = arena_take(&reading->arena, sizeof(*reading->spectra));
    *reading->spectra = (struct reading_spectrum){.record_size = size};
    file_table_keep(table, file, now);
    return file;
}

static void keep_many(struct file_table *table, int count, size_t size, int64_t now)
{
    char path[32];

    for (int i = 0; i < count; i++) {
        snprintf(path, sizeof(path), "dir/%d", i);
        keep(table, path, size, now);
    }
}

static int count_kept(struct file_table *table, int asked)
{
    char path[32];
    int count = 0;

    for (int i = 0; i < asked; i++) {
        snprintf(path, sizeof(path), "dir/%d", i);
        count += file_table_find(table, path) != NULL;
    }
    return count;
}

static void files_are_taken_in_the_order_they_came(void **state)
{
    struct read_through_file *a = file_table_add(*state, "a");
    struct read_through_file *b = file_table_add(*state, "b");

    assert_ptr_equal(file_table_find(*state, "b"), b);
    assert_null(file_table_find(*state, "c"));
    assert_ptr_equal(file_table_take(*state), a);
    assert_int_equal(file_table_waiting(*state), 2);
    file_table_drop(*state, a);
    assert_null(file_table_find(*state, "a"));
    assert_int_equal(file_table_waiting(*state), 1);
    assert_ptr_equal(file_table_take(*state), b);
    assert_null(file_table_take(*state));
}

static void the_least_recently_used_make_room(void **state)
{
    struct read_through_file *first;

    keep_many(*state, 1024, 1000, 0);
    assert_int_equal(count_kept(*state, 1024), 1024);
    first = file_table_find(*state, "dir/0");
    file_table_touch(*state, first);
    keep(*state, "another", 1000, 2 * SECOND);
    assert_ptr_equal(file_table_find(*state, "dir/0"), first);
    assert_null(file_table_find(*state, "dir/1"));
    assert_non_null(file_table_find(*state, "dir/2"));
}

static void bytes_are_bounded_too(void **state)
{
    keep_many(*state, 100, 5 * MEGABYTE, 0);
    keep(*state, "another", 5 * MEGABYTE, 2 * SECOND);
    assert_int_equal(count_kept(*state, 100), 50);
    assert_non_null(file_table_find(*state, "another"));
}

static void files_of_the_last_second_stay_unless_twice_too_much(void **state)
{
    keep_many(*state, 3000, 1000, 0);
    assert_int_equal(count_kept(*state, 3000), 2048);
    keep(*state, "another", 1000, 999);
    assert_int_equal(count_kept(*state, 3000), 2047);
    keep(*state, "yet another", 1000, 1000);
    assert_int_equal(count_kept(*state, 3000), 1022);
}

static void a_file_on_loan_outlives_its_place(void **state)
{
    struct read_through_file *lent = keep(*state, "lent", 1000, 0);

    read_through_file_hold(lent);
    file_table_drop(*state, lent);
    assert_null(file_table_find(*state, "lent"));
    assert_int_equal(lent->reading.spectra->record_size, 1000);
    read_through_file_release(lent);
    read_through_file_release(NULL);
}

static void forgetting_spares_the_young_and_the_lent(void **state)
{
    struct read_through_file *lent = keep(*state, "lent", 1000, 0);

    read_through_file_hold(lent);
    keep(*state, "old", 1000, 0);
    keep(*state, "young", 1000, 1000);
    file_table_forget(*state, 1000);
    assert_ptr_equal(file_table_find(*state, "lent"), lent);
    assert_null(file_table_find(*state, "old"));
    assert_non_null(file_table_find(*state, "young"));
    read_through_file_release(lent);
}

#define table_test(function)                                                             \
    cmocka_unit_test_setup_teardown(function, open_table, close_table)

int main(void)
{
    const struct CMUnitTest tests[] = {
        table_test(files_are_taken_in_the_order_they_came),
        table_test(the_least_recently_used_make_room),
        table_test(bytes_are_bounded_too),
        table_test(files_of_the_last_second_stay_unless_twice_too_much),
        table_test(a_file_on_loan_outlives_its_place),
        table_test(forgetting_spares_the_young_and_the_lent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
