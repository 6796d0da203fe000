#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "archive/selection.h"
#include "collection.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <time.h>

static const char base[] = "ivo://org.lamost/~?lamost5/";

/* ---- asking ---- */

static void post(void *where, uint64_t whom)
{
    (void)whom;
    sem_post(where);
}

static enum status find(struct archive_reader *reader, const char *id,
                        struct holding *out, struct failure *failure)
{
    enum status status;
    sem_t woken;
    struct waker waker = {.wake = post, .where = &woken};

    sem_init(&woken, 0, 0);
    while ((status = archive_find(reader, id, waker, out, failure)) == STATUS_PENDING)
        sem_wait(&woken);
    sem_destroy(&woken);
    return status;
}

/* Whether the samples are those that follow from the text. */
static bool has_samples_of(const struct holding *holding, const char *text)
{
    struct spectrum spectrum;
    struct failure failure;

    if (archive_spectrum(holding, &spectrum, &failure)) {
        print_message("%s\n", failure.message);
        return false;
    }
    for (uint32_t i = 0; i < spectrum.axis.samples; i++) {
        if (spectrum.flux[i] != fake_flux(text, i) ||
            axis_at(&spectrum.axis, i) != 3700 + (double)i)
            return false;
    }
    return true;
}

static void expect(struct archive_reader *reader, const char *id, const char *text,
                   bool from_cache)
{
    struct holding holding;
    struct failure failure;

    good(find(reader, id, &holding, &failure), &failure);
    assert_true(has_samples_of(&holding, text));
    assert_int_equal(holding.from_cache, from_cache);
    archive_release(&holding);
    assert_null(holding.source);
    archive_release(&holding);
}

static void expect_failure(struct archive_reader *reader, const char *id,
                           enum status status, const char *message)
{
    struct holding holding;
    struct failure failure = {0};

    assert_int_equal(find(reader, id, &holding, &failure), status);
    assert_string_equal(failure.message, message);
}

/* ---- IDs ---- */

static void each_kind_of_id_finds_its_spectrum(void **state)
{
    static const struct {
        const char *id;
        const char *path;
    } rows[] = {
        {"ivo://org.lamost/~?lamost5/dir/spec-1", "dir/spec-1"},
        {"dir/spec-1", "dir/spec-1"},
        {"spec-1", "dir/spec-1"},
        {"101", "dir/spec-1"},
        {"-7", "dir/twin"},
        {"303", "dir2/twin"},
        {"101008", "dir/101008"}, /* a name of digits, before an OBSID */
        {"dir/a b+%", "dir/a b+%"},
        {"ivo://org.lamost/~?lamost5/dir/a%20b+%25", "dir/a b+%"},
        {"dir/med/B", "dir/med/B"},
        {"ivo://org.lamost/~?lamost5/dir/med/R-84023871", "dir/med/R-84023871"},
        {"single", "dir/single/R"},
        {"dir/single", "dir/single/R"},
        {"505", "dir/single/R"},
    };
    struct collection *collection = *state;

    for (int pass = 0; pass < 2; pass++) { /* from the catalogue, then remembered */
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
            struct holding holding;
            struct failure failure;

            print_message("ID=%s\n", rows[i].id);
            good(find(collection->reader, rows[i].id, &holding, &failure), &failure);
            assert_string_equal(holding.entry->path, rows[i].path);
            assert_true(holding.from_cache);
            archive_release(&holding);
        }
    }
    assert_int_equal(archive_count(collection->archive).shards_mapped, 1);
    assert_int_equal(archive_count(collection->archive).read_through_files, 0);
}

static void an_id_that_means_nothing_is_told_as_such(void **state)
{
    static const struct {
        const char *id;
        const char *message;
    } rows[] = {
        {"dir/absent", "unknown ID 'dir/absent'"},
        {"absent/B", "unknown ID 'absent/B'"},
        {"", "unknown ID ''"},
        {"/etc/absent", "unknown ID '/etc/absent'"},
        {"dir/../absent", "unknown ID 'dir/../absent'"},
        {"dir/absent\n2 lines", "unknown ID 'dir/absent?2 lines'"},
        {"ivo://org.lamost/~?lamost5/absent",
         "unknown ID 'ivo://org.lamost/~?lamost5/absent'"},
        {"ivo://org.lamost/~?lamost5/single", /* no name but the whole path in a DID */
         "unknown ID 'ivo://org.lamost/~?lamost5/single'"},
        {"ivo://org.lamost/~?lamost6/dir/spec-1",
         "unknown ID 'ivo://org.lamost/~?lamost6/dir/spec-1': identifiers here begin "
         "with ivo://org.lamost/~?lamost5/"},
        {"ivo://org.lamost/~?lamost5/dir/%61",
         "unknown ID 'ivo://org.lamost/~?lamost5/dir/%61': identifiers here begin with "
         "ivo://org.lamost/~?lamost5/"},
    };
    struct collection *collection = *state;

    archive_reader_close(collection->reader);
    archive_close(collection->archive);
    open_readers(collection, 0); /* the fake reader would find "single" */
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        print_message("ID=%s\n", rows[i].id);
        expect_failure(collection->reader, rows[i].id, STATUS_NOT_FOUND, rows[i].message);
    }
}

static void a_very_long_id_is_unknown_and_its_message_short(void **state)
{
    struct collection *collection = *state;
    struct holding holding;
    struct failure failure;
    char id[3000];

    memset(id, 'a', sizeof(id) - 1);
    id[sizeof(id) - 1] = '\0';
    assert_int_equal(find(collection->reader, id, &holding, &failure), STATUS_NOT_FOUND);
    assert_int_equal(strlen(failure.message), 200 + strlen("unknown ID ''"));
}

static void a_name_of_several_spectra_lists_their_ids(void **state)
{
    struct collection *collection = *state;

    expect_failure(collection->reader, "twin", STATUS_BAD_PARAMETER,
                   "ID: 'twin' is several spectra, ask for one of them: "
                   "ivo://org.lamost/~?lamost5/dir/twin, "
                   "ivo://org.lamost/~?lamost5/dir2/twin");
    for (int i = 0; i < 4; i++) {
        static const char *const ids[] = {"med", "dir/med", "404",
                                          "ivo://org.lamost/~?lamost5/dir/med"};
        char message[512];

        snprintf(message, sizeof(message),
                 "ID: '%s' is several spectra, ask for one of them: %sdir/med/B, "
                 "%sdir/med/B-84023871, %sdir/med/R, %sdir/med/R-84023871",
                 ids[i], base, base, base, base);
        expect_failure(collection->reader, ids[i], STATUS_BAD_PARAMETER, message);
    }
    expect_failure(collection->reader, "ivo://org.lamost/~?lamost5/dir/single",
                   STATUS_BAD_PARAMETER,
                   "ID: 'ivo://org.lamost/~?lamost5/dir/single' is several spectra, ask "
                   "for one of them: ivo://org.lamost/~?lamost5/dir/single/R");
}

static void a_long_list_of_ids_is_cut_and_says_how_many_are_left_out(void **state)
{
    struct collection *collection = *state;
    struct ingest ingest = begin(collection);
    struct holding holding;
    struct failure failure;

    for (int i = 0; i < 50; i++) {
        char name[32];

        snprintf(name, sizeof(name), "B-840238%02d", i);
        put(&ingest, "dir/long", name, ENTRY_NO_INTEGER, name, 10);
    }
    commit(&ingest);
    assert_int_equal(find(collection->reader, "long", &holding, &failure),
                     STATUS_BAD_PARAMETER);
    assert_non_null(strstr(failure.message, "dir/long/B-84023819 and 30 more"));
    assert_null(strstr(failure.message, "dir/long/B-84023820"));
}

static void siblings_are_the_other_spectra_of_the_file(void **state)
{
    struct collection *collection = *state;
    const struct {
        const char *id;
        const char *siblings[3];
        size_t count;
    } rows[] = {
        {"dir/med/B", {"dir/med/B-84023871", "dir/med/R", "dir/med/R-84023871"}, 3},
        {"new/mrs/R", {"new/mrs/B", "new/mrs/B-84023871", "new/mrs/R-84023871"}, 3},
        {"dir/single/R", {NULL}, 0},
        {"dir/spec-1", {NULL}, 0},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct holding holding;
        struct failure failure;
        struct arena arena;
        struct entry *siblings;
        size_t count;

        arena_init(&arena);
        good(find(collection->reader, rows[i].id, &holding, &failure), &failure);
        good(archive_siblings(&holding, &arena, &siblings, &count, &failure), &failure);
        archive_release(&holding);
        assert_int_equal(count, rows[i].count);
        for (size_t k = 0; k < count; k++)
            assert_string_equal(siblings[k].path, rows[i].siblings[k]);
        arena_finish(&arena);
    }
}

/* ---- what changes ---- */

static void a_replaced_spectrum_is_the_new_one_and_a_holding_keeps_the_old(void **state)
{
    struct collection *collection = *state;
    struct holding old;
    struct failure failure;

    good(find(collection->reader, "dir/spec-1", &old, &failure), &failure);
    put_one(collection, "dir/spec-1", "its second text");
    expect(collection->reader, "dir/spec-1", "its second text", true);
    assert_true(has_samples_of(&old, "dir/spec-1"));
    assert_int_equal(old.entry->obsid, 101);
    archive_release(&old);
}

static void a_withdrawn_spectrum_is_not_found_by_any_name(void **state)
{
    struct collection *collection = *state;

    expect(collection->reader, "dir/spec-1", "dir/spec-1", true);
    withdraw(collection, "dir/spec-1");
    expect_failure(collection->reader, "dir/spec-1", STATUS_NOT_FOUND,
                   "withdrawn on 2026-11-22T10:11:12: 'dir/spec-1'");
    expect_failure(
        collection->reader, "ivo://org.lamost/~?lamost5/dir/spec-1", STATUS_NOT_FOUND,
        "withdrawn on 2026-11-22T10:11:12: 'ivo://org.lamost/~?lamost5/dir/spec-1'");
    archive_reader_close(collection->reader);
    archive_close(collection->archive);
    open_readers(collection, 0);
    expect_failure(collection->reader, "spec-1", STATUS_NOT_FOUND, "unknown ID 'spec-1'");
    expect_failure(collection->reader, "101", STATUS_NOT_FOUND, "unknown ID '101'");
}

static void compaction_takes_no_shard_from_a_holding(void **state)
{
    struct collection *collection = *state;
    struct holding held;
    struct failure failure;

    put_one(collection, "dir/moved", "dir/moved");
    good(find(collection->reader, "dir/moved", &held, &failure), &failure);
    expect(collection->reader, "dir/spec-1", "dir/spec-1", true);
    compact(collection, "dir/moved", "dir/moved");
    expect(collection->reader, "dir/moved", "dir/moved", true);
    assert_int_equal(archive_count(collection->archive).shards_mapped, 3);
    assert_true(has_samples_of(&held, "dir/moved"));
    archive_release(&held);
    assert_int_equal(archive_count(collection->archive).shards_mapped, 2);
}

static void a_shard_that_nobody_uses_goes_when_its_file_went(void **state)
{
    struct collection *collection = *state;

    put_one(collection, "dir/moved", "dir/moved");
    expect(collection->reader, "dir/moved", "dir/moved", true);
    compact(collection, "dir/moved", "dir/moved");
    compact(collection, "dir/moved", "dir/moved");
    expect(collection->reader, "dir/moved", "dir/moved", true);
    assert_int_equal(archive_count(collection->archive).shards_mapped, 1);
}

static void a_cache_that_appears_later_is_taken_up(void **state)
{
    struct collection *collection = *state;
    struct catalogue_summary summary;
    struct failure failure;

    expect(collection->reader, "dir/new", "dir/new", false);
    good(archive_summarise(collection->reader, &summary, &failure), &failure);
    assert_int_equal(summary.spectra, 0);
    assert_true(summary.spectral_start != summary.spectral_start);
    put_one(collection, "dir/new", "dir/new");
    usleep(250000);
    expect(collection->reader, "dir/new", "dir/new", true);
    good(archive_summarise(collection->reader, &summary, &failure), &failure);
    assert_int_equal(summary.spectra, 1);
}

static void a_cache_made_anew_is_taken_up_too(void **state)
{
    struct collection *collection = *state;
    struct holding old;
    struct failure failure;
    char command[128];

    good(find(collection->reader, "dir/med/B", &old, &failure), &failure);
    catalogue_close(collection->catalogue);
    collection->catalogue = NULL;
    snprintf(command, sizeof(command), "rm %s/*", collection->cache);
    assert_int_equal(system(command), 0);
    usleep(250000);
    expect(collection->reader, "dir/spec-1", "dir/spec-1", false);
    put_one(collection, "dir/spec-1", "its second text");
    usleep(250000);
    expect(collection->reader, "dir/spec-1", "its second text", true);
    assert_int_equal(archive_count(collection->archive).shards_mapped, 2);
    assert_true(has_samples_of(&old, "B"));
    archive_release(&old);
    assert_int_equal(archive_count(collection->archive).shards_mapped, 1);
}

/* ---- reading through ---- */

static void what_the_cache_lacks_is_read_from_the_file(void **state)
{
    struct collection *collection = *state;

    expect(collection->reader, "dir/new", "dir/new", false);
    expect(collection->reader, "ivo://org.lamost/~?lamost5/dir/new", "dir/new", false);
    expect(collection->reader, "new/mrs/B", "new/mrs/B", false);
    expect(collection->reader, "new/mrs/R-84023871", "new/mrs/R-84023871", false);
    expect(collection->reader, "new/folder/B", "new/folder/B", false);
    assert_int_equal(archive_count(collection->archive).read_through_files, 3);
    expect_failure(collection->reader, "new/absent/C", STATUS_NOT_FOUND,
                   "unknown ID 'new/absent/C'");
    expect_failure(collection->reader, "dir/refused", STATUS_REFUSED,
                   "dir/refused: HDU 0: no spectrum");
    expect_failure(collection->reader, "new/mrs", STATUS_BAD_PARAMETER,
                   "ID: 'new/mrs' is several spectra, ask for one of them: "
                   "ivo://org.lamost/~?lamost5/new/mrs/B, "
                   "ivo://org.lamost/~?lamost5/new/mrs/B-84023871, "
                   "ivo://org.lamost/~?lamost5/new/mrs/R, "
                   "ivo://org.lamost/~?lamost5/new/mrs/R-84023871");
}

static void a_spectrum_that_the_file_lacks_is_unknown(void **state)
{
    static const char *const ids[] = {"new/mrs/R-1", "new/mrs/C", "absent/R-"};
    struct collection *collection = *state;

    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        struct holding holding;
        struct failure failure;

        print_message("ID=%s\n", ids[i]);
        assert_int_equal(find(collection->reader, ids[i], &holding, &failure),
                         STATUS_NOT_FOUND);
    }
}

static void a_file_read_through_is_found_in_the_cache_once_it_is_there(void **state)
{
    struct collection *collection = *state;
    struct holding holding;
    struct failure failure;

    good(find(collection->reader, "dir/new", &holding, &failure), &failure);
    put_one(collection, "dir/new", "its second text");
    expect(collection->reader, "dir/new", "its second text", true);
    assert_true(has_samples_of(&holding, "dir/new"));
    archive_release(&holding);
}

static void a_file_is_found_by_its_path_alone(void **state)
{
    static const struct {
        const char *path;
        const char *spectrum; /* NULL: no such file */
    } rows[] = {
        {"dir/spec-1", "dir/spec-1"}, {"dir/med", "dir/med/B"}, {"new/mrs", "new/mrs/B"},
        {"dir/new", "dir/new"},       {"dir/absent", NULL},     {"absent", NULL},
        {"../absent", NULL},
    };
    struct collection *collection = *state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct holding holding;
        struct failure failure;
        enum status status;

        print_message("path=%s\n", rows[i].path);
        while ((status = archive_find_file(collection->reader, rows[i].path,
                                           (struct waker){0}, &holding, &failure)) ==
               STATUS_PENDING)
            usleep(1000);
        assert_int_equal(status, rows[i].spectrum ? STATUS_OK : STATUS_NOT_FOUND);
        if (rows[i].spectrum) {
            assert_string_equal(holding.entry->path, rows[i].spectrum);
            archive_release(&holding);
        }
    }
    withdraw(collection, "dir/spec-1");
    expect_failure(collection->reader, "dir/spec-1", STATUS_NOT_FOUND,
                   "withdrawn on 2026-11-22T10:11:12: 'dir/spec-1'");
}

/* ---- damage ---- */

static void a_damaged_record_is_found_out_when_it_is_first_wanted(void **state)
{
    struct collection *collection = *state;
    const struct {
        uint32_t samples; /* large ones are checked once, small ones each time */
        bool axis;
    } rows[] = {{FAKE_SAMPLES, false}, {FAKE_SAMPLES, true}, {20, false}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct ingest ingest = begin(collection);
        struct holding bad;
        struct spectrum spectrum;
        struct failure failure;

        put(&ingest, "dir/before", NULL, 1, "dir/before", rows[i].samples);
        put(&ingest, "dir/bad", NULL, 2, "dir/bad", rows[i].samples);
        put(&ingest, "dir/after", NULL, 3, "dir/after", rows[i].samples);
        commit(&ingest);
        expect(collection->reader, "dir/before", "dir/before", true);
        good(find(collection->reader, "dir/bad", &bad, &failure), &failure);
        overwrite(collection, bad.entry->shard,
                  rows[i].axis ? bad.entry->axis_offset + 50
                               : bad.entry->record_offset + 50);
        for (int again = 0; again < 2; again++)
            assert_int_equal(archive_spectrum(&bad, &spectrum, &failure), STATUS_DAMAGED);
        assert_memory_equal(failure.message, "dir/bad: in shard ", 18);
        archive_release(&bad);
        expect(collection->reader, "dir/after", "dir/after", true);
    }
}

static double sum_of_flux(const struct spectrum *spectrum)
{
    double sum = 0;

    for (uint32_t i = 0; i < spectrum->axis.samples; i++)
        sum += (double)spectrum->flux[i];
    return sum;
}

static void a_shard_cut_short_under_a_reader_costs_its_spectra_and_no_more(void **state)
{
    enum { SAMPLES = 2000, KEPT = 12 * 4096 };
    struct collection *collection = *state;
    struct ingest ingest = begin(collection);
    struct holding holding;
    struct spectrum spectrum;
    struct failure failure;

    put(&ingest, "dir/early", NULL, 1, "dir/early", SAMPLES);
    put(&ingest, "dir/between", NULL, 2, "dir/between", SAMPLES);
    put(&ingest, "dir/late", NULL, 3, "dir/late", SAMPLES);
    commit(&ingest);
    good(find(collection->reader, "dir/late", &holding, &failure), &failure);
    assert_true(holding.entry->record_offset > KEPT);
    good(archive_spectrum(&holding, &spectrum, &failure), &failure);
    cut_shard(collection, holding.entry->shard, KEPT);
    good(archive_check(&holding, &failure), &failure);
    assert_true(sum_of_flux(&spectrum) == 0);
    assert_int_equal(archive_check(&holding, &failure), STATUS_DAMAGED);
    assert_memory_equal(failure.message, "dir/late: in shard ", 19);
    for (int again = 0; again < 2; again++)
        assert_int_equal(archive_spectrum(&holding, &spectrum, &failure), STATUS_DAMAGED);
    archive_release(&holding);
    expect(collection->reader, "dir/early", "dir/early", true);
}

static void a_row_that_points_to_the_record_of_another_is_found_out(void **state)
{
    struct collection *collection = *state;
    struct catalogue *catalogue = collection->catalogue;
    struct ingest ingest = {.collection = collection};
    struct entry mine, other;
    struct holding holding;
    struct spectrum spectrum;
    struct failure failure;
    struct arena arena;

    arena_init(&arena);
    good(catalogue_find(catalogue, "dir/spec-1", &arena, &mine, &failure), &failure);
    good(catalogue_find(catalogue, "dir/twin", &arena, &other, &failure), &failure);
    mine.record_offset = other.record_offset;
    mine.axis_offset = other.axis_offset;
    good(catalogue_begin(catalogue, &failure), &failure);
    good(catalogue_put_spectrum(catalogue, &mine, put_file(&ingest, "dir/spec-1", false),
                                &failure),
         &failure);
    good(catalogue_commit(catalogue, &failure), &failure);
    good(find(collection->reader, "dir/spec-1", &holding, &failure), &failure);
    assert_int_equal(archive_spectrum(&holding, &spectrum, &failure), STATUS_DAMAGED);
    assert_string_equal(failure.message,
                        "dir/spec-1: in shard 1: the record of another spectrum");
    archive_release(&holding);
    arena_finish(&arena);
}

/* The shard is that of all of them. */
static void put_some_and_lose_their_shard(struct collection *collection)
{
    struct failure failure;
    struct ingest ingest = begin(collection);

    put(&ingest, "dir/lost", NULL, 9001, "dir/lost", FAKE_SAMPLES);
    put(&ingest, "dir/lost-mrs", "R", 9002, "dir/lost-mrs/R", FAKE_SAMPLES);
    put(&ingest, "dir/absent", NULL, 9003, "dir/absent", FAKE_SAMPLES);
    commit(&ingest);
    good(shard_remove(collection->cache, ingest.shard, &failure), &failure);
}

static void a_spectrum_without_its_shard_is_read_from_its_file(void **state)
{
    static const struct {
        const char *id, *path;
    } rows[] = {
        {"dir/lost", "dir/lost"},
        {"ivo://org.lamost/~?lamost5/dir/lost", "dir/lost"},
        {"lost", "dir/lost"},
        {"9001", "dir/lost"},
        {"dir/lost-mrs/R", "dir/lost-mrs/R"},
        {"9002", "dir/lost-mrs/R"},
    };
    struct collection *collection = *state;
    struct holding holding;
    struct spectrum spectrum;
    struct failure failure;

    put_some_and_lose_their_shard(collection);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        print_message("%s\n", rows[i].id);
        good(find(collection->reader, rows[i].id, &holding, &failure), &failure);
        assert_string_equal(holding.entry->path, rows[i].path);
        assert_false(holding.from_cache);
        good(archive_spectrum(&holding, &spectrum, &failure), &failure);
        assert_true(spectrum.flux[7] == fake_flux(rows[i].path, 7));
        archive_release(&holding);
    }
}

static void without_shard_and_file_it_is_found_but_has_no_samples(void **state)
{
    struct collection *collection = *state;
    struct holding holding;
    struct spectrum spectrum;
    struct failure failure;

    put_some_and_lose_their_shard(collection);
    good(find(collection->reader, "dir/absent", &holding, &failure), &failure);
    assert_string_equal(holding.entry->path, "dir/absent");
    assert_int_equal(archive_spectrum(&holding, &spectrum, &failure), STATUS_DAMAGED);
    assert_string_equal(failure.message, "dir/absent: in shard 2: the shard is missing");
    archive_release(&holding);
}

/* ---- files ---- */

static void the_file_of_a_spectrum_can_be_opened_as_long_as_it_is_there(void **state)
{
    struct collection *collection = *state;
    struct holding holding;
    struct failure failure;
    char path[160];
    int64_t size;
    int fd;

    good(find(collection->reader, "dir/spec-1", &holding, &failure), &failure);
    assert_int_equal(archive_open_file(&holding, &fd, &size, &failure), STATUS_NOT_FOUND);
    assert_string_equal(failure.message, "dir/spec-1.fits: no longer in the archive");
    snprintf(path, sizeof(path), "%s/dir", collection->files);
    mkdir(path, 0755);
    snprintf(path, sizeof(path), "%s/dir/spec-1.fits", collection->files);
    fd = open(path, O_WRONLY | O_CREAT, 0644);
    assert_int_equal(write(fd, "SIMPLE", 6), 6);
    close(fd);
    good(archive_open_file(&holding, &fd, &size, &failure), &failure);
    assert_int_equal(size, 6);
    close(fd);
    snprintf(path, sizeof(path), "%s.old", collection->files);
    assert_int_equal(rename(collection->files, path), 0); /* as if it were unmounted */
    mkdir(collection->files, 0755);
    assert_int_equal(archive_open_file(&holding, &fd, &size, &failure), STATUS_NOT_FOUND);
    archive_release(&holding);
}

static void folders_that_cannot_be_are_a_failure(void **state)
{
    struct archive_settings settings = {
        .collection = "lamost5",
        .authority = "org.lamost",
        .archive_folder = "/nowhere/at/all",
        .cache_folder = "/tmp",
        .read_through_workers = 1,
    };
    struct archive *archive;
    struct failure failure;

    (void)state;
    assert_int_equal(archive_open(&settings, &archive, &failure), STATUS_SYSTEM);
    assert_string_equal(failure.message, "/nowhere/at/all: No such file or directory");
    settings.archive_folder = "/tmp";
    settings.cache_folder = "/proc/cache";
    assert_int_equal(archive_open(&settings, &archive, &failure), STATUS_SYSTEM);
    archive_close(NULL);
    archive_reader_close(NULL);
}

/* ---- threads ---- */

enum { SPECTRA = 8, READERS = 3, CHANGES = 60 };

struct thread {
    struct collection *collection;
    atomic_bool *done;
    int found;
    bool good;
};

/* A spectrum has the samples of one of its states, those that its row says. */
static bool is_of_one_state(struct archive_reader *reader, int number)
{
    char path[32];
    struct holding holding;
    struct failure failure;
    bool is_good;

    snprintf(path, sizeof(path), "many/%d", number);
    if (find(reader, path, &holding, &failure)) {
        print_message("%s\n", failure.message);
        return false;
    }
    is_good = has_samples_of(&holding, holding.entry->target_name);
    archive_release(&holding);
    return is_good;
}

static void *read_all_the_time(void *argument)
{
    struct thread *thread = argument;
    struct archive_reader *reader;
    struct failure failure;

    thread->good =
        archive_reader_open(thread->collection->archive, &reader, &failure) == STATUS_OK;
    while (thread->good && !atomic_load(thread->done)) {
        thread->good = is_of_one_state(reader, thread->found % SPECTRA);
        thread->found++;
    }
    archive_reader_close(reader);
    return NULL;
}

/* Write all the spectra anew, in a new shard, and remove the old one. */
static void write_state(struct collection *collection, int state)
{
    struct ingest ingest = begin(collection);
    int64_t old = ingest.shard - 1;

    for (int i = 0; i < SPECTRA; i++) {
        char path[32], text[64], file[40];
        struct entry entry;

        snprintf(path, sizeof(path), "many/%d", i);
        snprintf(file, sizeof(file), "%s.fits", path);
        snprintf(text, sizeof(text), "%s in state %d", path, state);
        fake_entry(path, path, NULL, &entry);
        entry.file = file;
        entry.target_name = text;
        store_samples(&ingest, text, 600, &entry);
        good(catalogue_put_spectrum(collection->catalogue, &entry,
                                    put_file(&ingest, path, false), &ingest.failure),
             &ingest.failure);
    }
    commit(&ingest);
    good(shard_remove(collection->cache, old, &ingest.failure), &ingest.failure);
}

static void readers_see_the_old_state_or_the_new_while_it_changes(void **state)
{
    struct collection *collection = *state;
    struct thread threads[READERS];
    pthread_t numbers[READERS];
    atomic_bool done = false;

    write_state(collection, 0);
    for (int i = 0; i < READERS; i++) {
        threads[i] = (struct thread){.collection = collection, .done = &done};
        assert_int_equal(
            pthread_create(&numbers[i], NULL, read_all_the_time, &threads[i]), 0);
    }
    for (int i = 1; i <= CHANGES; i++) {
        write_state(collection, i);
        usleep(2000);
    }
    atomic_store(&done, true);
    for (int i = 0; i < READERS; i++) {
        pthread_join(numbers[i], NULL);
        assert_true(threads[i].good);
        assert_true(threads[i].found > CHANGES);
    }
    assert_true(archive_count(collection->archive).shards_mapped <= 1);
}

/* ---- what is not in memory ---- */

enum { WAITING = 100 };

enum { FILE_SIZE = 6 };

/* Only the blocks of dir/spec-1 and an archived file are not there, or the heads of
 * shards, until they are read when that is let. */
static struct {
    int64_t record, axis; /* offsets */
    atomic_bool has_record, has_axis, has_file, has_head;
    atomic_int reads;
    sem_t go_on;
} cold;

/* NULL: of what is always there. */
static atomic_bool *memory_of(const struct file_part *part)
{
    return part->offset == cold.record ? &cold.has_record
           : part->offset == cold.axis ? &cold.has_axis
           : part->offset != 0         ? NULL
           : part->size == FILE_SIZE   ? &cold.has_file
                                       : &cold.has_head;
}

static bool is_there(const struct file_part *part)
{
    return !memory_of(part) || atomic_load(memory_of(part));
}

static void read_slowly(const struct file_part *part)
{
    sem_wait(&cold.go_on);
    atomic_fetch_add(&cold.reads, 1);
    atomic_store(memory_of(part), true);
}

static int open_cold(void **state)
{
    static const struct pager_disk slow = {is_there, read_slowly};
    struct collection *collection;
    struct failure failure;
    struct arena arena;
    struct entry entry;

    if (open_filled(state))
        return -1;
    collection = *state;
    arena_init(&arena);
    good(catalogue_find(collection->catalogue, "dir/spec-1", &arena, &entry, &failure),
         &failure);
    arena_finish(&arena);
    memset(&cold, 0, sizeof(cold));
    cold.record = entry.record_offset;
    cold.axis = entry.axis_offset;
    cold.has_head = true;
    sem_init(&cold.go_on, 0, 0);
    archive_reader_close(collection->reader);
    archive_close(collection->archive);
    good(pager_open(2, &slow, &collection->pager, &failure), &failure);
    open_readers(collection, 1);
    return 0;
}

static void let_read(int count)
{
    for (int i = 0; i < count; i++)
        sem_post(&cold.go_on);
}

static int close_cold(void **state)
{
    let_read(2);
    return close_collection(state);
}

static enum status samples_of(struct archive_reader *reader, const char *id,
                              struct waker waker)
{
    AUTO_HOLDING holding = {0};
    struct spectrum spectrum;
    struct failure failure;
    enum status status = archive_find(reader, id, waker, &holding, &failure);

    return status ? status : archive_spectrum(&holding, &spectrum, &failure);
}

static void a_record_that_is_not_in_memory_holds_up_nobody_else(void **state)
{
    struct collection *collection = *state;
    struct archive_reader *reader = collection->reader;
    sem_t woken;
    struct waker waker = {post, &woken, 1};
    int left;

    sem_init(&woken, 0, 0);
    for (int i = 0; i < WAITING; i++)
        assert_int_equal(samples_of(reader, "dir/spec-1", waker), STATUS_PENDING);
    expect(reader, "dir/twin", "dir/twin", true);
    expect(reader, "dir2/twin", "dir2/twin", true);
    assert_int_equal(atomic_load(&cold.reads), 0);
    let_read(2);
    for (int i = 0; i < 2; i++) /* for the record, and for its axis */
        sem_wait(&woken);
    assert_int_equal(samples_of(reader, "101", waker), STATUS_OK);
    expect(reader, "dir/spec-1", "dir/spec-1", true);
    assert_int_equal(atomic_load(&cold.reads), 2);
    sem_getvalue(&woken, &left);
    assert_int_equal(left, 0);
    sem_destroy(&woken);
}

static atomic_int wakes[WAITING];

static void count_wake(void *where, uint64_t whom)
{
    atomic_fetch_add(&wakes[whom], 1);
    sem_post(where);
}

static void a_record_that_many_want_is_read_once(void **state)
{
    struct collection *collection = *state;
    sem_t woken;

    sem_init(&woken, 0, 0);
    atomic_store(&cold.has_axis, true);
    for (uint64_t i = 0; i < WAITING; i++)
        assert_int_equal(samples_of(collection->reader, i % 2 ? "101" : "spec-1",
                                    (struct waker){count_wake, &woken, i}),
                         STATUS_PENDING);
    let_read(1);
    for (int i = 0; i < WAITING; i++)
        sem_wait(&woken);
    for (uint64_t i = 0; i < WAITING; i++) {
        assert_int_equal(samples_of(collection->reader, i % 2 ? "101" : "spec-1",
                                    (struct waker){count_wake, &woken, i}),
                         STATUS_OK);
        assert_int_equal(atomic_load(&wakes[i]), 1);
    }
    assert_int_equal(atomic_load(&cold.reads), 1);
    sem_destroy(&woken);
}

static void who_cannot_be_woken_waits_for_the_disk_himself(void **state)
{
    struct collection *collection = *state;

    assert_int_equal(samples_of(collection->reader, "dir/spec-1", (struct waker){0}),
                     STATUS_OK);
    assert_int_equal(atomic_load(&cold.reads), 0);
}

static void a_shard_is_mapped_when_its_head_is_in_memory(void **state)
{
    struct collection *collection = *state;
    sem_t woken;
    struct waker waker = {post, &woken, 1};

    sem_init(&woken, 0, 0);
    atomic_store(&cold.has_head, false);
    for (int i = 0; i < 3; i++)
        assert_int_equal(samples_of(collection->reader, "dir/twin", waker),
                         STATUS_PENDING);
    assert_int_equal(archive_count(collection->archive).shards_mapped, 0);
    let_read(1);
    sem_wait(&woken);
    assert_int_equal(samples_of(collection->reader, "dir/twin", waker), STATUS_OK);
    assert_int_equal(archive_count(collection->archive).shards_mapped, 1);
    sem_destroy(&woken);
}

static void a_file_that_is_not_in_memory_is_opened_when_it_is(void **state)
{
    struct collection *collection = *state;
    struct holding holding;
    struct failure failure;
    sem_t woken;
    struct waker waker = {post, &woken, 5};
    char path[256];
    int64_t size;
    int fd;

    sem_init(&woken, 0, 0);
    snprintf(path, sizeof(path), "%s/dir", collection->files);
    mkdir(path, 0755);
    snprintf(path, sizeof(path), "%s/dir/spec-1.fits", collection->files);
    fd = open(path, O_WRONLY | O_CREAT, 0644);
    assert_int_equal(write(fd, "SIMPLE", FILE_SIZE), FILE_SIZE);
    close(fd);
    good(archive_find(collection->reader, "dir/spec-1", waker, &holding, &failure),
         &failure);
    for (int i = 0; i < 3; i++)
        assert_int_equal(archive_open_file(&holding, &fd, &size, &failure),
                         STATUS_PENDING);
    let_read(1);
    sem_wait(&woken);
    good(archive_open_file(&holding, &fd, &size, &failure), &failure);
    assert_int_equal(size, FILE_SIZE);
    close(fd);
    archive_release(&holding);
    assert_int_equal(atomic_load(&cold.reads), 1);
    sem_destroy(&woken);
}

static enum status note_place(void *context, const struct entry *entry, uint64_t checksum,
                              const struct selected *where, struct failure *failure)
{
    (void)entry, (void)checksum, (void)failure;
    *(struct selected *)context = *where;
    return STATUS_OK;
}

static void a_selection_waits_for_none_of_its_records(void **state)
{
    struct collection *collection = *state;
    struct selection *selection = selection_open(collection->reader);
    struct selected selected, other;
    struct spectrum spectrum;
    struct axis axis;
    struct failure failure;
    sem_t woken;

    sem_init(&woken, 0, 0);
    selection_set_waker(selection, (struct waker){post, &woken, 1});
    good(selection_find(selection, "dir/spec-1",
                        (struct selection_visitor){note_place, &selected}, &failure),
         &failure);
    good(selection_find(selection, "dir/twin",
                        (struct selection_visitor){note_place, &other}, &failure),
         &failure);
    selection_expect(selection, &selected);
    assert_int_equal(selection_axis(selection, &selected, &axis, &failure),
                     STATUS_PENDING);
    assert_int_equal(selection_view(selection, &selected, &spectrum, &failure),
                     STATUS_PENDING);
    good(selection_view(selection, &other, &spectrum, &failure), &failure);
    assert_true(spectrum.flux[1] == fake_flux("dir/twin", 1));
    let_read(2);
    for (int i = 0; i < 2; i++)
        sem_wait(&woken);
    good(selection_view(selection, &selected, &spectrum, &failure), &failure);
    assert_true(spectrum.flux[1] == fake_flux("dir/spec-1", 1));
    assert_int_equal(atomic_load(&cold.reads), 2);
    selection_close(selection);
    sem_destroy(&woken);
}

static void all_may_be_closed_while_a_record_is_read(void **state)
{
    struct collection *collection = *state;
    sem_t woken;
    struct waker waker = {post, &woken, 1};

    sem_init(&woken, 0, 0);
    assert_int_equal(samples_of(collection->reader, "dir/spec-1", waker), STATUS_PENDING);
    archive_reader_close(collection->reader);
    archive_close(collection->archive);
    let_read(2);
    pager_close(collection->pager);
    collection->pager = NULL;
    open_readers(collection, 1);
    expect(collection->reader, "dir/spec-1", "dir/spec-1", true);
    sem_destroy(&woken);
}

#define on_cold(function) cmocka_unit_test_setup_teardown(function, open_cold, close_cold)
#define on_empty(function)                                                               \
    cmocka_unit_test_setup_teardown(function, open_empty, close_collection)
#define on_filled(function)                                                              \
    cmocka_unit_test_setup_teardown(function, open_filled, close_collection)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        on_filled(each_kind_of_id_finds_its_spectrum),
        on_filled(an_id_that_means_nothing_is_told_as_such),
        on_filled(a_very_long_id_is_unknown_and_its_message_short),
        on_filled(a_name_of_several_spectra_lists_their_ids),
        on_filled(a_long_list_of_ids_is_cut_and_says_how_many_are_left_out),
        on_filled(siblings_are_the_other_spectra_of_the_file),
        on_filled(a_replaced_spectrum_is_the_new_one_and_a_holding_keeps_the_old),
        on_filled(a_withdrawn_spectrum_is_not_found_by_any_name),
        on_filled(compaction_takes_no_shard_from_a_holding),
        on_filled(a_shard_that_nobody_uses_goes_when_its_file_went),
        on_empty(a_cache_that_appears_later_is_taken_up),
        on_filled(a_cache_made_anew_is_taken_up_too),
        on_filled(what_the_cache_lacks_is_read_from_the_file),
        on_empty(a_spectrum_that_the_file_lacks_is_unknown),
        on_filled(a_file_read_through_is_found_in_the_cache_once_it_is_there),
        on_filled(a_file_is_found_by_its_path_alone),
        on_filled(a_damaged_record_is_found_out_when_it_is_first_wanted),
        on_filled(a_shard_cut_short_under_a_reader_costs_its_spectra_and_no_more),
        on_filled(a_row_that_points_to_the_record_of_another_is_found_out),
        on_filled(a_spectrum_without_its_shard_is_read_from_its_file),
        on_filled(without_shard_and_file_it_is_found_but_has_no_samples),
        on_filled(the_file_of_a_spectrum_can_be_opened_as_long_as_it_is_there),
        cmocka_unit_test(folders_that_cannot_be_are_a_failure),
        on_filled(readers_see_the_old_state_or_the_new_while_it_changes),
        on_cold(a_record_that_is_not_in_memory_holds_up_nobody_else),
        on_cold(a_record_that_many_want_is_read_once),
        on_cold(who_cannot_be_woken_waits_for_the_disk_himself),
        on_cold(a_shard_is_mapped_when_its_head_is_in_memory),
        on_cold(a_file_that_is_not_in_memory_is_opened_when_it_is),
        on_cold(a_selection_waits_for_none_of_its_records),
        on_cold(all_may_be_closed_while_a_record_is_read),
    };

    fake_worker_main(argc, argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
