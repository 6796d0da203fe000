#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cache.h"
#include "ingest/axes.h"
#include "ingest/store.h"

#include <signal.h>
#include <sys/resource.h>

static struct store *open_store(const char *folder, int64_t shard_bytes)
{
    struct store_settings settings = {.folder = folder, .shard_bytes = shard_bytes};
    struct store *store;
    struct failure failure;

    assert_int_equal(store_open(&settings, &store, &failure), STATUS_OK);
    return store;
}

static enum status put(struct store *store, const char *stem, struct failure *failure)
{
    struct catalogue_file file = {.path = stem};
    struct reading reading;
    enum status status;

    reading_init(&reading);
    fake_reading(stem, &reading);
    if (!(status = store_change(store, failure)))
        status = catalogue_put_file(store_catalogue(store), &file, &file.number, failure);
    for (size_t i = 0; !status && i < reading.count; i++)
        status = store_put_spectrum(store, &reading.spectra[i], file.number, failure);
    reading_finish(&reading);
    return status;
}

static void put_well(struct store *store, const char *stem)
{
    struct failure failure;

    assert_int_equal(put(store, stem, &failure), STATUS_OK);
}

static void commit(struct store *store)
{
    struct failure failure;

    assert_int_equal(store_commit(store, &failure), STATUS_OK);
}

static void spectra_of_one_axis_share_it(void **state)
{
    struct store *store = open_store(*state, 0);
    struct entry a, b;
    struct arena arena;

    arena_init(&arena);
    put_well(store, "a");
    put_well(store, "b");
    commit(store);
    assert_true(cache_find(*state, "a", &arena, &a));
    assert_true(cache_find(*state, "b", &arena, &b));
    assert_int_equal(a.axis_offset, b.axis_offset);
    assert_int_equal(a.shard, b.shard);
    assert_int_not_equal(a.record_offset, b.record_offset);
    assert_true(cache_serves(*state, "b", "b"));
    /* The next shard has its own. */
    put_well(store, "c");
    commit(store);
    assert_true(cache_find(*state, "c", &arena, &b));
    assert_int_not_equal(b.shard, a.shard);
    assert_true(cache_serves(*state, "c", "c"));
    store_close(store);
    arena_finish(&arena);
}

static void axes_are_told_apart_by_their_bytes(void **state)
{
    struct {
        struct axis_head head;
        float value[4];
    } axis = {.head = {.checksum = 5}}, other = {.head = {.checksum = 5}, .value = {1}};
    struct axes axes;

    (void)state;
    axes_init(&axes);
    axes_remember(&axes, &axis, sizeof(axis), 64);
    assert_int_equal(axes_find(&axes, &axis, sizeof(axis)), 64);
    assert_int_equal(axes_find(&axes, &other, sizeof(other)), -1);
    assert_int_equal(axes_find(&axes, &axis, sizeof(axis) - 8), -1);
    axes_finish(&axes);
}

static void the_axes_used_last_are_kept(void **state)
{
    struct axis_head axis = {.magic = AXIS_MAGIC};
    struct axes axes;

    (void)state;
    axes_init(&axes);
    for (uint64_t i = 0; i < 1000; i++) {
        axis.checksum = i;
        axes_remember(&axes, &axis, sizeof(axis), (int64_t)i);
        axis.checksum = 0;
        assert_int_equal(axes_find(&axes, &axis, sizeof(axis)), 0);
    }
    assert_int_equal(axes.count, AXES_KEPT);
    axis.checksum = 999;
    assert_int_equal(axes_find(&axes, &axis, sizeof(axis)), 999);
    axis.checksum = 800;
    assert_int_equal(axes_find(&axes, &axis, sizeof(axis)), -1);
    axes_finish(&axes);
}

static void a_shard_is_due_when_it_is_large_enough(void **state)
{
    struct store *store = open_store(*state, 100000);

    assert_false(store_is_due(store));
    put_well(store, "a");
    assert_false(store_is_due(store));
    put_well(store, "b");
    put_well(store, "c");
    assert_true(store_is_due(store));
    commit(store);
    assert_false(store_is_due(store));
    assert_true(store_bytes(store) > 100000);
    store_close(store);
}

static void what_was_not_committed_is_as_if_it_had_never_been(void **state)
{
    struct store *store = open_store(*state, 0);

    put_well(store, "a");
    commit(store);
    put_well(store, "b");
    put_well(store, "a");
    store_close(store);
    assert_false(tree_has(*state, "000002.shard"));
    assert_false(tree_has(*state, "000002.shard.growing"));
    assert_true(cache_serves(*state, "a", "a"));
    assert_false(cache_serves(*state, "b", "b"));
}

static void leftovers_of_an_interrupted_ingest_are_removed(void **state)
{
    struct store *store = open_store(*state, 0);

    put_well(store, "a");
    commit(store);
    store_close(store);
    tree_write(*state, "000002.shard", "sealed, and then the power went", 1);
    tree_write(*state, "000003.shard.growing", "", 1);
    tree_write(*state, "1000007.shard", "", 1);
    tree_write(*state, "2.shard", "not a name of ours", 1);
    tree_write(*state, "notes.txt", "", 1);
    store_close(open_store(*state, 0));
    assert_true(tree_has(*state, "000001.shard"));
    assert_false(tree_has(*state, "000002.shard"));
    assert_false(tree_has(*state, "000003.shard.growing"));
    assert_false(tree_has(*state, "1000007.shard"));
    assert_true(tree_has(*state, "2.shard"));
    assert_true(tree_has(*state, "notes.txt"));
    assert_true(cache_serves(*state, "a", "a"));
}

/* A limit on the size of files is to a program what a full disk is. */
static void a_full_disk_is_an_error_that_leaves_the_cache_intact(void **state)
{
    struct store *store = open_store(*state, 0);
    struct rlimit before, small = {.rlim_cur = 300000};
    enum status status = STATUS_OK;
    struct failure failure;

    put_well(store, "a");
    commit(store);
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small.rlim_max = before.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    for (int i = 0; i < 100 && !status; i++)
        status = put(store, i % 2 ? "b" : "c", &failure);
    assert_int_equal(status, STATUS_NO_SPACE);
    assert_non_null(strstr(failure.message, ".shard"));
    store_close(store);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_false(tree_has(*state, "000002.shard.growing"));
    assert_true(cache_serves(*state, "a", "a"));
    assert_false(cache_serves(*state, "b", "b"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CACHE_TEST(spectra_of_one_axis_share_it),
        CACHE_TEST(axes_are_told_apart_by_their_bytes),
        CACHE_TEST(the_axes_used_last_are_kept),
        CACHE_TEST(a_shard_is_due_when_it_is_large_enough),
        CACHE_TEST(what_was_not_committed_is_as_if_it_had_never_been),
        CACHE_TEST(leftovers_of_an_interrupted_ingest_are_removed),
        CACHE_TEST(a_full_disk_is_an_error_that_leaves_the_cache_intact),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
