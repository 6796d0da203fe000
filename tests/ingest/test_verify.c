#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cache.h"
#include "ingest/verify.h"

/* The reader process is this program with fake_worker.h. */

static struct ingest_settings settings;
static char archive[PATH_MAX], cache[PATH_MAX];

/* An archive and its cache: a.fits (LRS), mrs.fits (four spectra), refused.fits. */
static int fill_cache(void **state)
{
    struct ingest_summary summary;
    struct failure failure;

    cache_make_folder(state);
    snprintf(archive, sizeof(archive), "%s/archive", (const char *)*state);
    snprintf(cache, sizeof(cache), "%s/cache", (const char *)*state);
    settings = (struct ingest_settings){
        .archive_folder = archive, .cache_folder = cache, .workers = 2, .quiet = true};
    mkdir(archive, 0755);
    tree_write(archive, "a.fits", "", 1000);
    tree_write(archive, "mrs.fits", "", 1000);
    tree_write(archive, "refused.fits", "", 1000);
    return ingest_run(&settings, &summary, &failure) != STATUS_OK || summary.spectra != 5;
}

static struct verify_summary verify(void)
{
    struct verify_summary summary;
    struct failure failure;

    assert_int_equal(verify_run(&settings, &summary, &failure), STATUS_OK);
    return summary;
}

static struct entry find(const char *path, struct arena *arena)
{
    struct entry entry;

    assert_true(cache_find(cache, path, arena, &entry));
    return entry;
}

/* Change one bit of a record in place. */
static void spoil_record(const char *path, long at)
{
    char name[SHARD_NAME_LENGTH];
    struct arena arena;
    struct entry entry;
    FILE *file;
    int byte;

    arena_init(&arena);
    entry = find(path, &arena);
    shard_name(entry.shard, name);
    file = fopen(tree_path(cache, name), "r+");
    assert_non_null(file);
    fseek(file, (long)entry.record_offset + at, SEEK_SET);
    byte = fgetc(file);
    fseek(file, (long)entry.record_offset + at, SEEK_SET);
    fputc(byte ^ 1, file);
    fclose(file);
    arena_finish(&arena);
}

/* ---- tests ---- */

static void a_sound_cache_has_no_differences(void **state)
{
    struct verify_summary summary = verify();

    (void)state;
    assert_int_equal(summary.wrong, 0);
    assert_int_equal(summary.spectra, 5);
    assert_int_equal(summary.files, 3);
    assert_int_equal(summary.shards, 1);
    assert_int_equal(summary.skipped, 0);
}

static void one_bit_of_a_record_is_found(void **state)
{
    static const long places[] = {0, 8, 16, 24, 40, 20000, 35000, 39000};

    (void)state;
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        print_message("byte %ld\n", places[i]);
        spoil_record("mrs/R", places[i]);
        assert_int_equal(verify().wrong, 2); /* the shard's seal, and the record */
        spoil_record("mrs/R", places[i]);
        assert_int_equal(verify().wrong, 0);
    }
}

static void a_changed_column_is_found(void **state)
{
    struct catalogue *catalogue;
    struct catalogue_file file;
    struct failure failure;
    struct arena arena;
    struct entry entry;

    (void)state;
    arena_init(&arena);
    entry = find("a", &arena);
    entry.redshift = 0.25;
    assert_int_equal(catalogue_open(cache, CATALOGUE_WRITE, &catalogue, &failure),
                     STATUS_OK);
    assert_int_equal(catalogue_find_file(catalogue, "a.fits", &arena, &file, &failure),
                     STATUS_OK);
    assert_int_equal(catalogue_begin(catalogue, &failure), STATUS_OK);
    assert_int_equal(catalogue_put_spectrum(catalogue, &entry, file.number, &failure),
                     STATUS_OK);
    assert_int_equal(catalogue_commit(catalogue, &failure), STATUS_OK);
    catalogue_close(catalogue);
    assert_int_equal(verify().wrong, 1);
    arena_finish(&arena);
}

static void a_missing_row_is_found(void **state)
{
    struct catalogue *catalogue;
    struct catalogue_file file;
    struct failure failure;
    struct arena arena;
    int64_t count;

    (void)state;
    arena_init(&arena);
    assert_int_equal(catalogue_open(cache, CATALOGUE_WRITE, &catalogue, &failure),
                     STATUS_OK);
    assert_int_equal(catalogue_find_file(catalogue, "mrs.fits", &arena, &file, &failure),
                     STATUS_OK);
    assert_int_equal(catalogue_begin(catalogue, &failure), STATUS_OK);
    assert_int_equal(catalogue_delete_spectra(catalogue, file.number, NULL, 0, "2024",
                                              &count, &failure),
                     STATUS_OK);
    assert_int_equal(catalogue_commit(catalogue, &failure), STATUS_OK);
    catalogue_close(catalogue);
    assert_int_equal(verify().wrong, 4);
    arena_finish(&arena);
}

/* As if ingest had written that of a.fits in its row. */
static void put_file(struct catalogue_file file)
{
    struct catalogue *catalogue;
    struct failure failure;

    file.path = "a.fits";
    file.mtime = 1000;
    assert_int_equal(catalogue_open(cache, CATALOGUE_WRITE, &catalogue, &failure),
                     STATUS_OK);
    assert_int_equal(catalogue_begin(catalogue, &failure), STATUS_OK);
    assert_int_equal(catalogue_put_file(catalogue, &file, &file.number, &failure),
                     STATUS_OK);
    assert_int_equal(catalogue_commit(catalogue, &failure), STATUS_OK);
    catalogue_close(catalogue);
}

static void a_good_file_that_is_down_as_refused_is_found(void **state)
{
    (void)state;
    put_file((struct catalogue_file){.refused = true, .reason = "for a test"});
    assert_int_equal(verify().wrong, 1);
}

static void another_checksum_of_a_file_is_found(void **state)
{
    (void)state;
    put_file((struct catalogue_file){.checksum = 42});
    assert_int_equal(verify().wrong, 1);
}

static void a_missing_shard_is_found(void **state)
{
    (void)state;
    tree_remove(cache, "000001.shard");
    assert_int_equal(verify().wrong, 6); /* itself, and what should be in it */
}

static void only_the_paths_asked_for_are_read(void **state)
{
    static const char *const paths[] = {"mrs.fits"};
    struct verify_summary summary;

    (void)state;
    settings.paths = paths;
    settings.path_count = 1;
    summary = verify();
    assert_int_equal(summary.files, 1);
    assert_int_equal(summary.spectra, 4);
    assert_int_equal(summary.wrong, 0);
}

static void without_a_cache_there_is_nothing_to_verify(void **state)
{
    struct verify_summary summary;
    struct failure failure;

    (void)state;
    settings.cache_folder = "/nowhere/at/all";
    assert_int_equal(verify_run(&settings, &summary, &failure), STATUS_NOT_FOUND);
    assert_non_null(strstr(failure.message, "/nowhere/at/all"));
}

#define VERIFY_TEST(test)                                                                \
    cmocka_unit_test_setup_teardown(test, fill_cache, cache_remove_folder)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        VERIFY_TEST(a_sound_cache_has_no_differences),
        VERIFY_TEST(one_bit_of_a_record_is_found),
        VERIFY_TEST(a_changed_column_is_found),
        VERIFY_TEST(a_missing_row_is_found),
        VERIFY_TEST(a_good_file_that_is_down_as_refused_is_found),
        VERIFY_TEST(another_checksum_of_a_file_is_found),
        VERIFY_TEST(a_missing_shard_is_found),
        VERIFY_TEST(only_the_paths_asked_for_are_read),
        VERIFY_TEST(without_a_cache_there_is_nothing_to_verify),
    };

    fake_worker_main(argc, argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
