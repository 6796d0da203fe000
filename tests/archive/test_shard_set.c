#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "archive/shard_set.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char folder[64];
static struct shard_set *set;

static int open_set(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/test_shard_set_XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    set = shard_set_open(folder, NULL);
    return 0;
}

static int close_set(void **state)
{
    char command[128];

    (void)state;
    shard_set_close(set);
    shard_set_close(NULL);
    snprintf(command, sizeof(command), "rm -r %s", folder);
    return system(command);
}

/* A shard of one block of `blocks` times 4096 bytes, all of that letter. */
static void write_shard(int64_t number, char letter, size_t blocks)
{
    struct shard_writer *writer;
    struct failure failure;
    char *block = malloc(blocks * 4096);
    int64_t offset;

    memset(block, letter, blocks * 4096);
    assert_int_equal(shard_writer_open(folder, number, &writer, &failure), STATUS_OK);
    assert_int_equal(shard_writer_add(writer, block, blocks * 4096, &offset, &failure),
                     STATUS_OK);
    assert_int_equal(shard_writer_seal(writer, &failure), STATUS_OK);
    shard_writer_close(writer);
    free(block);
}

static void remove_shard(int64_t number)
{
    struct failure failure;

    assert_int_equal(shard_remove(folder, number, &failure), STATUS_OK);
}

static struct held_shard *lend(struct shard_holder *holder, int64_t number)
{
    struct held_shard *held = NULL;
    struct failure failure;

    assert_int_equal(
        shard_holder_lend(holder, number, (struct waker){0}, &held, &failure), STATUS_OK);
    return held;
}

static char first_letter(const struct held_shard *held)
{
    return *(const char *)shard_at(held_shard_view(held), 64, 1);
}

static void threads_share_the_map_of_a_shard(void **state)
{
    struct shard_holder *a = shard_holder_open(set), *b = shard_holder_open(set);
    struct held_shard *first, *second, *other;

    (void)state;
    write_shard(1, 'a', 1);
    first = lend(a, 1);
    second = lend(a, 1);
    other = lend(b, 1);
    assert_ptr_equal(first, second);
    assert_ptr_equal(held_shard_view(first)->bytes, held_shard_view(other)->bytes);
    assert_int_equal(shard_set_count(set), 1);
    held_shard_give_back(first);
    held_shard_give_back(second);
    shard_holder_close(a);
    assert_int_equal(first_letter(other), 'a');
    held_shard_give_back(other);
    shard_holder_close(b);
    shard_holder_close(NULL);
    assert_int_equal(shard_set_count(set), 0);
}

static void a_shard_stays_mapped_between_loans(void **state)
{
    struct shard_holder *holder = shard_holder_open(set);

    (void)state;
    write_shard(1, 'a', 1);
    held_shard_give_back(lend(holder, 1));
    shard_holder_refresh(holder);
    assert_int_equal(shard_set_count(set), 1);
    shard_holder_close(holder);
}

static void a_shard_whose_file_went_goes_with_its_last_loan(void **state)
{
    struct shard_holder *a = shard_holder_open(set), *b = shard_holder_open(set);
    struct held_shard *lent;

    (void)state;
    write_shard(1, 'a', 1);
    lent = lend(a, 1);
    held_shard_give_back(lend(b, 1));
    remove_shard(1);
    shard_holder_refresh(a);
    shard_holder_refresh(b);
    assert_int_equal(shard_set_count(set), 1);
    assert_int_equal(first_letter(lent), 'a');
    held_shard_give_back(lent);
    assert_int_equal(shard_set_count(set), 0);
    shard_holder_close(a);
    shard_holder_close(b);
}

static void another_file_of_the_same_name_is_another_shard(void **state)
{
    struct shard_holder *a = shard_holder_open(set), *b = shard_holder_open(set);
    struct held_shard *old, *fresh, *other;

    (void)state;
    write_shard(1, 'a', 1);
    old = lend(a, 1);
    remove_shard(1);
    write_shard(1, 'b', 1);
    shard_holder_refresh(a);
    fresh = lend(a, 1);
    other = lend(b, 1);
    assert_int_equal(first_letter(old), 'a');
    assert_int_equal(first_letter(fresh), 'b');
    assert_int_equal(first_letter(other), 'b');
    held_shard_give_back(old);
    held_shard_give_back(fresh);
    held_shard_give_back(other);
    shard_holder_close(a);
    shard_holder_close(b);
}

static void a_missing_shard_is_a_failure_and_leaves_nothing(void **state)
{
    struct shard_holder *holder = shard_holder_open(set);
    struct held_shard *held = NULL;
    struct failure failure;

    (void)state;
    assert_int_equal(shard_holder_lend(holder, 7, (struct waker){0}, &held, &failure),
                     STATUS_DAMAGED);
    assert_null(held);
    assert_int_equal(shard_set_count(set), 0);
    shard_holder_close(holder);
}

static void what_one_thread_has_checked_is_checked_for_all(void **state)
{
    struct shard_holder *a = shard_holder_open(set), *b = shard_holder_open(set);
    struct held_shard *mine, *yours;

    (void)state;
    write_shard(1, 'a', 1000);
    mine = lend(a, 1);
    yours = lend(b, 1);
    for (int64_t cell = 0; cell < 1000; cell += 3)
        held_shard_set_checked(mine, cell * SHARD_SET_CELL + 64);
    for (int64_t cell = 0; cell < 1000; cell++)
        assert_int_equal(held_shard_is_checked(yours, cell * SHARD_SET_CELL + 64),
                         cell % 3 == 0);
    held_shard_give_back(mine);
    held_shard_give_back(yours);
    shard_holder_close(a);
    shard_holder_close(b);
}

#define set_test(function) cmocka_unit_test_setup_teardown(function, open_set, close_set)

int main(void)
{
    const struct CMUnitTest tests[] = {
        set_test(threads_share_the_map_of_a_shard),
        set_test(a_shard_stays_mapped_between_loans),
        set_test(a_shard_whose_file_went_goes_with_its_last_loan),
        set_test(another_file_of_the_same_name_is_another_shard),
        set_test(a_missing_shard_is_a_failure_and_leaves_nothing),
        set_test(what_one_thread_has_checked_is_checked_for_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
