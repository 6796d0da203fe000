#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cache.h"
#include "ingest/cache_folder.h"
#include "ingest/ingest.h"
#include "ingest/verify.h"

#include <signal.h>

/* The reader process is this program with fake_worker.h: what a file is follows from its
   name, but for one that was read before, which it finds unchanged. */

/* Folders "archive" and "cache" of a test. */
struct places {
    char archive[PATH_MAX];
    char cache[PATH_MAX];
};

static struct places places_in(const char *folder)
{
    struct places places;

    snprintf(places.archive, PATH_MAX, "%s/archive", folder);
    snprintf(places.cache, PATH_MAX, "%s/cache", folder);
    mkdir(places.archive, 0755);
    return places;
}

static struct ingest_settings settings_of(const struct places *places)
{
    return (struct ingest_settings){
        .archive_folder = places->archive,
        .cache_folder = places->cache,
        .workers = 2,
        .quiet = true,
    };
}

static struct ingest_summary ingest(const struct places *places)
{
    struct ingest_settings settings = settings_of(places);
    struct ingest_summary summary;
    struct failure failure;

    assert_int_equal(ingest_run(&settings, &summary, &failure), STATUS_OK);
    return summary;
}

static struct ingest_summary ingest_paths(const struct places *places,
                                          const char *const *paths, int count)
{
    struct ingest_settings settings = settings_of(places);
    struct ingest_summary summary;
    struct failure failure;

    settings.paths = paths;
    settings.path_count = count;
    if (ingest_run(&settings, &summary, &failure))
        fail_msg("%s", failure.message);
    return summary;
}

/* ---- tests ---- */

static void every_file_is_counted_once(void **state)
{
    static const char *const names[] = {
        "a.fits",       "d/b.fits.gz",  "d/mrs1.fits",  "d/refused.fits",
        "failed.fits",  "absent.fits",  "die.fits",     "leave.fits",
        "garbage.fits", "foreign.fits", "chatter.fits", "notes.txt",
    };
    struct places places = places_in(*state);
    struct ingest_summary summary;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        tree_write(places.archive, names[i], names[i], 1000);
    tree_write(places.archive, "a.fits.gz", "older", 500);
    summary = ingest(&places);
    assert_int_equal(summary.files, 11);
    assert_int_equal(summary.shadowed, 1);
    assert_int_equal(summary.fresh, 4);   /* a, b, mrs1, chatter */
    assert_int_equal(summary.refused, 4); /* refused, die, garbage, foreign */
    assert_int_equal(summary.failed, 2);  /* failed, leave */
    assert_int_equal(summary.spectra, 7);
    assert_true(cache_serves(places.cache, "a", "a"));
    assert_true(cache_serves(places.cache, "d/mrs1/R", "d/mrs1/R"));
    assert_false(cache_serves(places.cache, "dir/another", "dir/another"));
}

static void a_second_run_reads_nothing(void **state)
{
    struct places places = places_in(*state);
    struct ingest_summary summary;

    tree_write(places.archive, "a.fits", "", 1000);
    tree_write(places.archive, "refused.fits", "", 1000);
    ingest(&places);
    summary = ingest(&places);
    assert_int_equal(summary.unchanged, 1);
    assert_int_equal(summary.refused, 1);
    assert_int_equal(summary.fresh + summary.changed + summary.gone + summary.spectra, 0);
}

static void files_that_went_are_withdrawn_and_may_come_back(void **state)
{
    struct places places = places_in(*state);
    struct ingest_summary summary;

    tree_write(places.archive, "d/a.fits", "", 1000);
    tree_write(places.archive, "b.fits", "", 1000);
    ingest(&places);
    tree_remove(places.archive, "d/a.fits");
    summary = ingest(&places);
    assert_int_equal(summary.gone, 1);
    assert_true(cache_is_withdrawn(places.cache, "d/a"));
    assert_true(cache_serves(places.cache, "b", "b"));
    assert_int_equal(ingest(&places).gone, 0);
    tree_write(places.archive, "d/a.fits", "", 1000);
    summary = ingest(&places);
    assert_int_equal(summary.fresh, 1);
    assert_true(cache_serves(places.cache, "d/a", "d/a"));
}

static void with_paths_only_what_is_beneath_them_can_go(void **state)
{
    static const char *const paths[] = {"one", "two/c.fits"};
    struct places places = places_in(*state);
    struct ingest_summary summary;

    tree_write(places.archive, "one/a.fits", "", 1000);
    tree_write(places.archive, "one/b.fits", "", 1000);
    tree_write(places.archive, "two/c.fits", "", 1000);
    tree_write(places.archive, "two/d.fits", "", 1000);
    ingest(&places);
    tree_remove(places.archive, "one/a.fits");
    tree_remove(places.archive, "two/c.fits");
    tree_remove(places.archive, "two/d.fits");
    summary = ingest_paths(&places, paths, 2);
    assert_int_equal(summary.gone, 2);
    assert_int_equal(summary.unchanged, 1);
    assert_false(cache_is_withdrawn(places.cache, "two/d"));
    assert_int_equal(ingest(&places).gone, 1);
}

static void a_path_that_neither_archive_nor_cache_has_is_a_failure(void **state)
{
    static const struct {
        const char *path;
        int failed, gone;
    } rows[] = {
        {"nosuch.fits", 1, 0}, {"nosuch", 1, 0}, {"on", 1, 0},       {"one/a.fit", 1, 0},
        {"two.fits", 0, 1},    {"one", 0, 1},    {"two.fits", 0, 0}, {"one", 0, 0},
    };
    struct places places = places_in(*state);

    tree_write(places.archive, "one/a.fits", "", 1000);
    tree_write(places.archive, "two.fits", "", 1000);
    tree_write(places.archive, "three.fits", "", 1000);
    ingest(&places);
    tree_remove(places.archive, "one/a.fits");
    tree_remove(places.archive, "one");
    tree_remove(places.archive, "two.fits");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *const paths[] = {rows[i].path, "three.fits"};
        struct ingest_summary summary = ingest_paths(&places, paths, 2);

        print_message("%zu: %s\n", i, rows[i].path);
        assert_int_equal(summary.failed, rows[i].failed);
        assert_int_equal(summary.gone, rows[i].gone);
        assert_int_equal(summary.unchanged, 1);
    }
}

static void nothing_goes_beneath_a_folder_that_cannot_be_read(void **state)
{
    struct places places = places_in(*state);
    struct ingest_summary summary;

    tree_write(places.archive, "open/a.fits", "", 1000);
    tree_write(places.archive, "open/c.fits", "", 1000);
    tree_write(places.archive, "closed/b.fits", "", 1000);
    ingest(&places);
    tree_remove(places.archive, "open/a.fits");
    assert_int_equal(chmod(tree_path(places.archive, "closed"), 0), 0);
    tree_set_override(false);
    summary = ingest(&places);
    tree_set_override(true);
    assert_int_equal(chmod(tree_path(places.archive, "closed"), 0755), 0);
    assert_int_equal(summary.failed, 1);
    assert_int_equal(summary.gone, 1);
    assert_true(cache_serves(places.cache, "closed/b", "closed/b"));
}

static void an_archive_without_any_file_is_taken_for_unmounted(void **state)
{
    struct places places = places_in(*state);
    struct ingest_settings settings = settings_of(&places);
    struct ingest_summary summary;
    struct failure failure;

    tree_write(places.archive, "a.fits", "", 1000);
    ingest(&places);
    tree_remove(places.archive, "a.fits");
    assert_int_equal(ingest_run(&settings, &summary, &failure), STATUS_UNAVAILABLE);
    assert_non_null(strstr(failure.message, "mounted"));
    assert_true(cache_serves(places.cache, "a", "a"));
}

static void an_empty_archive_is_an_empty_cache(void **state)
{
    struct places places = places_in(*state);
    struct ingest_summary summary = ingest(&places);

    assert_int_equal(summary.files + summary.gone, 0);
}

static void a_second_ingest_at_the_same_time_is_told_to_wait(void **state)
{
    struct places places = places_in(*state);
    struct ingest_settings settings = settings_of(&places);
    struct ingest_summary summary;
    struct failure failure;
    int claim;

    assert_int_equal(cache_folder_claim(places.cache, false, &claim, &failure),
                     STATUS_OK);
    assert_int_equal(ingest_run(&settings, &summary, &failure), STATUS_UNAVAILABLE);
    assert_non_null(strstr(failure.message, places.cache));
    close(claim);
    assert_int_equal(ingest_run(&settings, &summary, &failure), STATUS_OK);
}

/* The signal waits before ingest begins, so it comes at the first look for one. */
static void a_signal_ends_it_with_what_was_read_kept(void **state)
{
    struct places places = places_in(*state);
    struct ingest_settings settings = settings_of(&places);
    struct ingest_summary summary;
    struct failure failure;
    sigset_t blocked, before;

    tree_write(places.archive, "a.fits", "", 1000);
    tree_write(places.archive, "b.fits", "", 1000);
    ingest(&places);
    tree_remove(places.archive, "a.fits");
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    sigprocmask(SIG_BLOCK, &blocked, &before);
    raise(SIGTERM);
    assert_int_equal(ingest_run(&settings, &summary, &failure), STATUS_UNAVAILABLE);
    assert_non_null(strstr(failure.message, "finished in part"));
    sigprocmask(SIG_SETMASK, &before, NULL); /* it was taken: we live */
    assert_true(cache_serves(places.cache, "a", "a"));
    assert_int_equal(ingest(&places).gone, 1);
}

static void small_shards_are_sealed_as_they_fill(void **state)
{
    struct places places = places_in(*state);
    struct ingest_settings settings = settings_of(&places);
    struct ingest_summary summary;
    struct failure failure;
    int64_t size, live;

    settings.shard_bytes = 100000;
    for (int i = 0; i < 20; i++) {
        char name[32];

        snprintf(name, sizeof(name), "d%d/%d.fits", i % 3, i);
        tree_write(places.archive, name, "", 1000);
    }
    assert_int_equal(ingest_run(&settings, &summary, &failure), STATUS_OK);
    assert_int_equal(cache_shards(places.cache, &size, &live), 7);
    assert_int_equal(size, summary.bytes);
    assert_true(cache_serves(places.cache, "d1/19", "d1/19"));
}

static void compaction_gives_back_the_room_of_the_dead(void **state)
{
    struct places places = places_in(*state);
    struct ingest_settings settings = settings_of(&places);
    struct ingest_summary summary;
    struct failure failure;
    int64_t size_before, size, live_before, live;
    char name[32], path[32];

    settings.shard_bytes = 400000;
    for (int i = 0; i < 40; i++) {
        snprintf(name, sizeof(name), "%d.fits", i);
        tree_write(places.archive, name, "", 1000);
    }
    assert_int_equal(ingest_run(&settings, &summary, &failure), STATUS_OK);
    for (int i = 0; i < 40; i++) {
        snprintf(name, sizeof(name), "%d.fits", i);
        if (i % 4)
            tree_remove(places.archive, name);
    }
    ingest(&places);
    cache_shards(places.cache, &size_before, &live_before);
    settings.compact = true;
    assert_int_equal(ingest_run(&settings, &summary, &failure), STATUS_OK);
    cache_shards(places.cache, &size, &live);
    assert_int_equal(live, live_before);
    assert_true(size < size_before / 2);
    for (int i = 0; i < 40; i++) {
        snprintf(path, sizeof(path), "%d", i);
        assert_int_equal(cache_serves(places.cache, path, path), i % 4 == 0);
    }
    /* What is alive and in full shards is let alone. */
    assert_int_equal(ingest_run(&settings, &summary, &failure), STATUS_OK);
    assert_int_equal(summary.bytes, 0);
}

/* Change one byte of a file in place. */
static void spoil(const char *folder, const char *name, long at)
{
    FILE *file = fopen(tree_path(folder, name), "r+");
    int byte;

    assert_non_null(file);
    fseek(file, at, SEEK_SET);
    byte = fgetc(file);
    fseek(file, at, SEEK_SET);
    fputc(byte ^ 0x40, file);
    fclose(file);
}

/* Say of a row that its record lies elsewhere in its shard. */
static void misplace(const char *cache, const char *path)
{
    struct catalogue *catalogue;
    struct catalogue_file file;
    struct failure failure;
    struct arena arena;
    struct entry entry;

    arena_init(&arena);
    assert_true(cache_find(cache, path, &arena, &entry));
    entry.record_offset += 8;
    assert_int_equal(catalogue_open(cache, CATALOGUE_WRITE, &catalogue, &failure),
                     STATUS_OK);
    assert_int_equal(catalogue_find_file(catalogue, entry.file, &arena, &file, &failure),
                     STATUS_OK);
    assert_int_equal(catalogue_begin(catalogue, &failure), STATUS_OK);
    assert_int_equal(catalogue_put_spectrum(catalogue, &entry, file.number, &failure),
                     STATUS_OK);
    assert_int_equal(catalogue_commit(catalogue, &failure), STATUS_OK);
    catalogue_close(catalogue);
    arena_finish(&arena);
}

static void a_record_that_is_not_there_survives_compaction_and_is_read_anew(void **state)
{
    struct places places = places_in(*state);
    struct ingest_settings settings = settings_of(&places);
    struct ingest_summary summary;
    struct failure failure;

    tree_write(places.archive, "a.fits", "", 1000);
    ingest(&places);
    tree_write(places.archive, "b.fits", "", 1000);
    ingest(&places);
    misplace(places.cache, "a");
    settings.compact = true;
    assert_int_equal(ingest_run(&settings, &summary, &failure), STATUS_OK);
    assert_int_equal(summary.failed, 1);
    assert_true(tree_has(places.cache, "000001.shard"));
    assert_true(cache_serves(places.cache, "b", "b"));
    assert_false(cache_serves(places.cache, "a", "a"));
    assert_int_equal(ingest(&places).repaired, 1);
    assert_true(cache_serves(places.cache, "a", "a"));
}

/* ---- damage ---- */

static void lose(const char *cache)
{
    tree_remove(cache, "000001.shard");
}

static void cut(const char *cache)
{
    assert_int_equal(truncate(tree_path(cache, "000001.shard"), 5000), 0);
}

static void empty(const char *cache)
{
    assert_int_equal(truncate(tree_path(cache, "000001.shard"), 0), 0);
}

static void lengthen(const char *cache)
{
    struct stat facts;

    assert_int_equal(stat(tree_path(cache, "000001.shard"), &facts), 0);
    assert_int_equal(truncate(tree_path(cache, "000001.shard"), facts.st_size + 8), 0);
}

static void spoil_head(const char *cache)
{
    spoil(cache, "000001.shard", 3);
}

static void spoil_contents(const char *cache)
{
    spoil(cache, "000001.shard", 5000);
}

static void a_damaged_shard_is_made_anew(void **state)
{
    static const struct {
        void (*damage)(const char *cache);
        bool needs_compaction;
    } rows[] = {
        {lose, false},     {cut, false},        {empty, false},
        {lengthen, false}, {spoil_head, false}, {spoil_contents, true},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char folder[FOLDER_LENGTH + 8];
        struct places places;
        struct ingest_settings settings;
        struct ingest_summary summary;
        struct failure failure;

        print_message("row %zu\n", i);
        snprintf(folder, sizeof(folder), "%s/%zu", (const char *)*state, i);
        mkdir(folder, 0755);
        places = places_in(folder);
        settings = settings_of(&places);
        tree_write(places.archive, "a.fits", "", 1000);
        tree_write(places.archive, "d/mrs.fits", "", 1000);
        tree_write(places.archive, "refused.fits", "", 1000);
        ingest(&places);
        tree_write(places.archive, "b.fits", "", 1000);
        ingest(&places);
        rows[i].damage(places.cache);
        if (rows[i].needs_compaction)
            assert_int_equal(ingest(&places).repaired, 0);
        settings.compact = rows[i].needs_compaction;
        assert_int_equal(ingest_run(&settings, &summary, &failure), STATUS_OK);
        assert_int_equal(summary.repaired, 2);
        assert_int_equal(summary.unchanged, 1);
        assert_int_equal(summary.fresh + summary.changed + summary.failed, 0);
        assert_false(tree_has(places.cache, "000001.shard"));
        assert_true(cache_serves(places.cache, "a", "a"));
        assert_true(cache_serves(places.cache, "b", "b"));
        assert_true(cache_serves(places.cache, "d/mrs/R", "d/mrs/R"));
        assert_int_equal(ingest(&places).spectra, 0);
    }
}

static void only_what_is_looked_at_is_repaired_the_rest_waits(void **state)
{
    static const char *const paths[] = {"one"};
    struct places places = places_in(*state);
    struct ingest_summary summary;

    tree_write(places.archive, "one/a.fits", "", 1000);
    tree_write(places.archive, "two/b.fits", "", 1000);
    tree_write(places.archive, "two/c.fits", "", 1000);
    ingest(&places);
    lose(places.cache);
    tree_remove(places.archive, "two/c.fits");
    summary = ingest_paths(&places, paths, 1);
    assert_int_equal(summary.repaired, 1);
    assert_true(cache_serves(places.cache, "one/a", "one/a"));
    assert_false(cache_serves(places.cache, "two/b", "two/b"));
    summary = ingest(&places);
    assert_int_equal(summary.repaired, 1);
    assert_int_equal(summary.gone, 1);
    assert_int_equal(summary.unchanged, 1);
    assert_true(cache_serves(places.cache, "two/b", "two/b"));
    assert_true(cache_is_withdrawn(places.cache, "two/c"));
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        CACHE_TEST(every_file_is_counted_once),
        CACHE_TEST(a_second_run_reads_nothing),
        CACHE_TEST(files_that_went_are_withdrawn_and_may_come_back),
        CACHE_TEST(with_paths_only_what_is_beneath_them_can_go),
        CACHE_TEST(a_path_that_neither_archive_nor_cache_has_is_a_failure),
        CACHE_TEST(nothing_goes_beneath_a_folder_that_cannot_be_read),
        CACHE_TEST(an_archive_without_any_file_is_taken_for_unmounted),
        CACHE_TEST(an_empty_archive_is_an_empty_cache),
        CACHE_TEST(a_second_ingest_at_the_same_time_is_told_to_wait),
        CACHE_TEST(a_signal_ends_it_with_what_was_read_kept),
        CACHE_TEST(small_shards_are_sealed_as_they_fill),
        CACHE_TEST(compaction_gives_back_the_room_of_the_dead),
        CACHE_TEST(a_record_that_is_not_there_survives_compaction_and_is_read_anew),
        CACHE_TEST(a_damaged_shard_is_made_anew),
        CACHE_TEST(only_what_is_looked_at_is_repaired_the_rest_waits),
    };

    fake_worker_main(argc, argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
