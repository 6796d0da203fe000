#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cache.h"
#include "ingest/intake.h"
#include "ingest/lamost.h"

/* A store with an intake, as ingest has them. */
struct bench {
    const char *folder;
    struct store *store;
    struct seen seen;
    struct progress *progress;
    struct report report;
    struct intake intake;
};

static void open_bench(struct bench *bench, const char *folder)
{
    struct store_settings settings = {.folder = folder};
    struct failure failure;

    *bench = (struct bench){.folder = folder};
    assert_int_equal(store_open(&settings, &bench->store, &failure), STATUS_OK);
    seen_init(&bench->seen);
    bench->progress = progress_open("test", "files", true);
    report_init(&bench->report, bench->progress);
    intake_init(&bench->intake, bench->store, &bench->seen, &bench->report);
}

static void commit(struct bench *bench)
{
    struct failure failure;

    assert_int_equal(store_commit(bench->store, &failure), STATUS_OK);
}

static void close_bench(struct bench *bench)
{
    intake_finish(&bench->intake);
    report_finish(&bench->report);
    progress_close(bench->progress);
    seen_finish(&bench->seen);
    store_close(bench->store);
}

/* The walk meets a file. True if a worker is to be asked. */
static bool look(struct bench *bench, const char *path, int64_t size, int64_t mtime,
                 struct errand *errand)
{
    struct walk_item item = {.path = path, .size = size, .mtime = mtime};
    struct failure failure;
    bool must_read;

    assert_int_equal(intake_look(&bench->intake, &item, &must_read, errand, &failure),
                     STATUS_OK);
    return must_read;
}

/* The reading of a file whose content has this checksum; the samples are those of
 * `made_for`. */
static void make_reading(const char *path, const char *made_for, int64_t mtime,
                         uint64_t checksum, struct reading *out)
{
    size_t stem = walk_stem(path);

    reading_init(out);
    fake_reading(made_for, out);
    out->file = path;
    out->file_size = 100;
    out->file_mtime = mtime;
    out->file_checksum = checksum;
    for (size_t i = 0; i < out->count; i++) {
        struct entry *entry = &out->spectra[i].entry;

        entry->path = arena_format(&out->arena, "%.*s%s%s", (int)stem, path,
                                   entry->spectrum ? "/" : "",
                                   entry->spectrum ? entry->spectrum : "");
        entry->file = path;
        entry->file_size = 100;
        entry->file_mtime = mtime;
    }
}

static void take(struct bench *bench, const char *path, const struct reading *reading)
{
    struct errand errand = {.path = path, .size = 1, .mtime = 2, .expected = 3};
    struct failure failure;

    assert_int_equal(intake_take(&bench->intake, &errand, reading, &failure), STATUS_OK);
}

static void take_good(struct bench *bench, const char *path, const char *made_for,
                      int64_t mtime, uint64_t checksum)
{
    struct reading reading;

    make_reading(path, made_for, mtime, checksum, &reading);
    take(bench, path, &reading);
    reading_finish(&reading);
}

static void take_outcome(struct bench *bench, const char *path,
                         enum reading_outcome outcome, int64_t mtime)
{
    struct reading reading;

    reading_init(&reading);
    reading.outcome = outcome;
    reading.reason = "HDU 0: for a test";
    reading.file_size = 100;
    reading.file_mtime = mtime;
    take(bench, path, &reading);
    reading_finish(&reading);
}

/* ---- tests ---- */

static void a_file_is_read_once_until_its_size_or_time_changes(void **state)
{
    struct bench bench;
    struct errand errand;

    open_bench(&bench, *state);
    assert_true(look(&bench, "d/a.fits", 100, 5, &errand));
    assert_false(errand.has_expected);
    take_good(&bench, "d/a.fits", "d/a", 5, 77);
    commit(&bench);
    assert_false(look(&bench, "d/a.fits", 100, 5, &errand));
    assert_true(look(&bench, "d/a.fits", 101, 5, &errand));
    assert_true(look(&bench, "d/a.fits", 100, 6, &errand));
    assert_true(errand.has_expected);
    assert_true(errand.expected == 77);
    assert_true(cache_serves(bench.folder, "d/a", "d/a"));
    assert_int_equal(bench.report.summary.fresh, 1);
    assert_int_equal(bench.report.summary.unchanged, 1);
    assert_int_equal(bench.report.summary.spectra, 1);
    close_bench(&bench);
}

static void nothing_is_seen_by_readers_before_the_commit(void **state)
{
    struct bench bench;

    open_bench(&bench, *state);
    take_good(&bench, "a.fits", "a", 5, 77);
    assert_false(cache_serves(bench.folder, "a", "a"));
    commit(&bench);
    assert_true(cache_serves(bench.folder, "a", "a"));
    take_good(&bench, "a.fits", "b", 6, 78);
    assert_true(cache_serves(bench.folder, "a", "a"));
    commit(&bench);
    assert_true(cache_serves(bench.folder, "a", "b"));
    close_bench(&bench);
}

static void a_replaced_file_leaves_its_old_record_dead(void **state)
{
    int64_t size, live_before, live;
    struct bench bench;

    open_bench(&bench, *state);
    take_good(&bench, "a.fits", "a", 5, 77);
    commit(&bench);
    assert_int_equal(cache_shards(bench.folder, &size, &live_before), 1);
    take_good(&bench, "a.fits", "b", 6, 78);
    commit(&bench);
    assert_int_equal(cache_shards(bench.folder, &size, &live), 2);
    assert_int_equal(live, live_before);
    assert_int_equal(bench.report.summary.fresh, 1);
    assert_int_equal(bench.report.summary.changed, 1);
    close_bench(&bench);
}

static void spectra_that_a_replaced_file_has_no_more_are_withdrawn(void **state)
{
    struct bench bench;

    open_bench(&bench, *state);
    take_good(&bench, "mrs.fits", "mrs", 5, 77);
    commit(&bench);
    assert_true(cache_serves(bench.folder, "mrs/B-84023871", "mrs/B-84023871"));
    take_good(&bench, "mrs.fits", "low", 6, 78);
    commit(&bench);
    assert_true(cache_serves(bench.folder, "mrs", "low"));
    assert_true(cache_is_withdrawn(bench.folder, "mrs/B"));
    assert_true(cache_is_withdrawn(bench.folder, "mrs/R-84023871"));
    close_bench(&bench);
}

static void a_touched_file_is_unchanged_and_gets_its_new_time(void **state)
{
    struct bench bench;
    struct errand errand;
    struct entry entry;
    struct arena arena;

    arena_init(&arena);
    open_bench(&bench, *state);
    take_good(&bench, "a.fits", "a", 5, 77);
    take_outcome(&bench, "a.fits", READING_UNCHANGED, 9);
    commit(&bench);
    assert_false(look(&bench, "a.fits", 100, 9, &errand));
    assert_true(cache_find(bench.folder, "a", &arena, &entry));
    assert_int_equal(entry.file_mtime, 9);
    assert_true(cache_serves(bench.folder, "a", "a"));
    assert_int_equal(bench.report.summary.unchanged, 2);
    close_bench(&bench);
    arena_finish(&arena);
}

static void a_refused_file_is_told_again_without_being_read(void **state)
{
    struct bench bench;
    struct errand errand;

    open_bench(&bench, *state);
    take_outcome(&bench, "a.fits", READING_REFUSED, 5);
    commit(&bench);
    assert_false(look(&bench, "a.fits", 100, 5, &errand));
    assert_int_equal(bench.report.summary.refused, 2);
    assert_int_equal(bench.report.summary.unchanged, 0);
    assert_true(look(&bench, "a.fits", 100, 6, &errand));
    assert_false(errand.has_expected); /* the program may be newer than the refusal */
    close_bench(&bench);
}

static void spectra_of_a_file_that_is_damaged_now_are_withdrawn(void **state)
{
    struct bench bench;

    open_bench(&bench, *state);
    take_good(&bench, "mrs.fits", "mrs", 5, 77);
    take_good(&bench, "b.fits", "b", 5, 78);
    take_outcome(&bench, "mrs.fits", READING_REFUSED, 6);
    commit(&bench);
    assert_true(cache_is_withdrawn(bench.folder, "mrs/B"));
    assert_true(cache_is_withdrawn(bench.folder, "mrs/R"));
    assert_true(cache_serves(bench.folder, "b", "b"));
    take_good(&bench, "mrs.fits", "mrs", 7, 77);
    commit(&bench);
    assert_true(cache_serves(bench.folder, "mrs/B", "mrs/B"));
    close_bench(&bench);
}

static void a_file_that_could_not_be_read_stays_as_it_was(void **state)
{
    static const enum reading_outcome outcomes[] = {READING_FAILED, READING_ABSENT};
    struct bench bench;
    struct errand errand;

    open_bench(&bench, *state);
    take_good(&bench, "a.fits", "a", 5, 77);
    for (size_t i = 0; i < 2; i++)
        take_outcome(&bench, "a.fits", outcomes[i], 9);
    commit(&bench);
    assert_true(cache_serves(bench.folder, "a", "a"));
    assert_true(look(&bench, "a.fits", 100, 9, &errand)); /* it will be tried again */
    assert_int_equal(bench.report.summary.failed, 1);
    close_bench(&bench);
}

static void the_other_form_of_a_file_gives_way(void **state)
{
    struct bench bench;
    struct errand errand;

    open_bench(&bench, *state);
    take_good(&bench, "mrs.fits", "mrs", 5, 77);
    commit(&bench);
    take_good(&bench, "mrs.fits.gz", "other", 6, 78);
    commit(&bench);
    assert_true(cache_serves(bench.folder, "mrs", "other"));
    assert_true(cache_is_withdrawn(bench.folder, "mrs/B"));
    assert_int_equal(bench.report.summary.fresh, 1);
    assert_int_equal(bench.report.summary.changed, 1);
    /* And back: the old form must be read anew, though nothing of it changed. */
    assert_true(look(&bench, "mrs.fits", 100, 5, &errand));
    assert_false(errand.has_expected);
    take_good(&bench, "mrs.fits", "mrs", 5, 77);
    commit(&bench);
    assert_true(cache_serves(bench.folder, "mrs/B", "mrs/B"));
    assert_true(cache_is_withdrawn(bench.folder, "mrs"));
    close_bench(&bench);
}

static void answers_that_are_not_of_the_file_are_refused(void **state)
{
    struct reading reading;
    struct bench bench;

    open_bench(&bench, *state);
    take_good(&bench, "victim.fits", "victim", 5, 77);
    for (int what = 0; what < 5; what++) {
        struct reading_spectrum *spectrum;

        make_reading("evil.fits", "evil", 5, 78, &reading);
        spectrum = &reading.spectra[0];
        if (what == 0)
            spectrum->entry.path = "victim";
        else if (what == 1)
            spectrum->entry.path = "evil-twin";
        else if (what == 2)
            spectrum->entry.file = "victim.fits";
        else if (what == 3)
            spectrum->record_size -= 8;
        else
            ((uint8_t *)(uintptr_t)spectrum->record)[100] ^= 1;
        print_message("answer %d\n", what);
        take(&bench, "evil.fits", &reading);
        assert_int_equal(bench.report.summary.refused, what + 1);
        reading_finish(&reading);
    }
    commit(&bench);
    assert_true(cache_serves(bench.folder, "victim", "victim"));
    assert_false(cache_serves(bench.folder, "evil", "evil"));
    close_bench(&bench);
}

static void a_file_whose_identifier_another_file_has_is_refused(void **state)
{
    struct bench bench;

    open_bench(&bench, *state);
    take_good(&bench, "mrs.fits", "mrs", 5, 77);
    take_good(&bench, "mrs/B.fits", "single", 6, 78);
    take_good(&bench, "x/mrs.fits", "mrs", 7, 79);
    assert_int_equal(bench.report.summary.refused, 1);
    take_good(&bench, "mrs.fits", "mrs", 8, 80); /* itself, again */
    take_good(&bench, "y/B.fits", "single", 6, 81);
    take_good(&bench, "y.fits", "mrs", 5, 82);
    assert_int_equal(bench.report.summary.refused, 2);
    commit(&bench);
    assert_true(cache_serves(bench.folder, "mrs/B", "mrs/B"));
    assert_true(cache_serves(bench.folder, "x/mrs/B", "mrs/B"));
    assert_true(cache_serves(bench.folder, "y/B", "single"));
    close_bench(&bench);
}

static void a_worker_that_died_leaves_the_time_that_the_walk_saw(void **state)
{
    struct bench bench;
    struct errand errand = {.path = "a.fits", .size = 40, .mtime = 8};
    struct reading reading;
    struct failure failure;

    open_bench(&bench, *state);
    reading_init(&reading);
    reading.outcome = READING_REFUSED;
    reading.reason = "the reader process died";
    assert_int_equal(intake_take(&bench.intake, &errand, &reading, &failure), STATUS_OK);
    reading_finish(&reading);
    assert_false(look(&bench, "a.fits", 40, 8, &errand));
    close_bench(&bench);
}

static void what_an_older_program_refused_is_tried_again(void **state)
{
    static const struct {
        bool refused;
        int reader;
        bool is_read;
    } rows[] = {
        {true, LAMOST_READER - 1, true},
        {true, LAMOST_READER, false},
        {true, LAMOST_READER + 1, false},
        {false, LAMOST_READER - 1, false},
    };
    struct bench bench;

    open_bench(&bench, *state);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct catalogue_file file = {.path = "a.fits", .size = 100, .mtime = 5};
        struct errand errand;
        struct failure failure;

        print_message("row %zu\n", i);
        file.refused = rows[i].refused;
        file.reason = "for a test";
        file.reader = rows[i].reader;
        assert_int_equal(store_change(bench.store, &failure), STATUS_OK);
        assert_int_equal(catalogue_put_file(store_catalogue(bench.store), &file,
                                            &file.number, &failure),
                         STATUS_OK);
        assert_int_equal(look(&bench, "a.fits", 100, 5, &errand), rows[i].is_read);
        if (rows[i].is_read) {
            take_outcome(&bench, "a.fits", READING_REFUSED, 5);
            assert_false(look(&bench, "a.fits", 100, 5, &errand));
        }
    }
    close_bench(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CACHE_TEST(a_file_is_read_once_until_its_size_or_time_changes),
        CACHE_TEST(nothing_is_seen_by_readers_before_the_commit),
        CACHE_TEST(a_replaced_file_leaves_its_old_record_dead),
        CACHE_TEST(spectra_that_a_replaced_file_has_no_more_are_withdrawn),
        CACHE_TEST(a_touched_file_is_unchanged_and_gets_its_new_time),
        CACHE_TEST(a_refused_file_is_told_again_without_being_read),
        CACHE_TEST(spectra_of_a_file_that_is_damaged_now_are_withdrawn),
        CACHE_TEST(a_file_that_could_not_be_read_stays_as_it_was),
        CACHE_TEST(the_other_form_of_a_file_gives_way),
        CACHE_TEST(answers_that_are_not_of_the_file_are_refused),
        CACHE_TEST(a_file_whose_identifier_another_file_has_is_refused),
        CACHE_TEST(a_worker_that_died_leaves_the_time_that_the_walk_saw),
        CACHE_TEST(what_an_older_program_refused_is_tried_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
