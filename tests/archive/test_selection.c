#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "archive/selection.h"
#include "collection.h"

/* What a visitor was told. */
struct found {
    struct selected where;
    char path[64];
    uint64_t checksum;
    enum status answer; /* that it gives */
};

static enum status note(void *context, const struct entry *entry, uint64_t checksum,
                        const struct selected *where, struct failure *failure)
{
    struct found *found = context;

    found->where = *where;
    found->checksum = checksum;
    snprintf(found->path, sizeof(found->path), "%s", entry->path);
    return found->answer ? failure_set(failure, found->answer, "enough") : STATUS_OK;
}

static enum status find(struct selection *selection, const char *id, struct found *out,
                        struct failure *failure)
{
    *failure = (struct failure){.status = STATUS_OK};
    out->answer = STATUS_OK;
    return selection_find(selection, id, (struct selection_visitor){note, out}, failure);
}

static void expect_samples_of(struct selection *selection, const struct selected *where,
                              const char *text)
{
    struct spectrum spectrum;
    struct axis axis;
    struct failure failure;

    good(selection_axis(selection, where, &axis, &failure), &failure);
    selection_expect(selection, where);
    good(selection_view(selection, where, &spectrum, &failure), &failure);
    assert_int_equal(axis.samples, spectrum.axis.samples);
    assert_ptr_equal(axis.values, spectrum.axis.values);
    for (uint32_t i = 0; i < spectrum.axis.samples; i++)
        assert_true(spectrum.flux[i] == fake_flux(text, i));
    good(selection_check(selection, where, &failure), &failure);
}

/* As archive.h has it; the fixture's names of an MRS file are the texts of its spectra.
 */
static void each_kind_of_id_finds_its_spectrum(void **state)
{
    static const struct {
        const char *id, *path, *text;
    } rows[] = {
        {"ivo://org.lamost/~?lamost5/dir/spec-1", "dir/spec-1", "dir/spec-1"},
        {"dir/spec-1", "dir/spec-1", "dir/spec-1"},
        {"spec-1", "dir/spec-1", "dir/spec-1"},
        {"101", "dir/spec-1", "dir/spec-1"},
        {"303", "dir2/twin", "dir2/twin"},
        {"dir/med/R", "dir/med/R", "R"},
        {"ivo://org.lamost/~?lamost5/dir/a%20b+%25", "dir/a b+%", "dir/a b+%"},
    };
    struct collection *collection = *state;
    struct selection *selection = selection_open(collection->reader);

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct found found;
        struct failure failure;

        print_message("%s\n", rows[i].id);
        good(find(selection, rows[i].id, &found, &failure), &failure);
        assert_string_equal(found.path, rows[i].path);
        expect_samples_of(selection, &found.where, rows[i].text);
    }
    selection_close(selection);
    selection_close(NULL);
}

/* "dir/elsewhere" could be read from its file: a selection takes what is there. */
static void what_is_not_in_the_cache_is_not_found_and_nobody_waits(void **state)
{
    static const struct {
        const char *id;
        enum status status;
        const char *words;
    } rows[] = {
        {"dir/elsewhere", STATUS_NOT_FOUND, ""},
        {"nothing", STATUS_NOT_FOUND, ""},
        {"", STATUS_NOT_FOUND, ""},
        {"ivo://org.other/~?lamost5/dir/spec-1", STATUS_NOT_FOUND, ""},
        {"twin", STATUS_BAD_PARAMETER, "dir2/twin"},
        {"404", STATUS_BAD_PARAMETER, "dir/med/B-84023871"},
    };
    struct collection *collection = *state;
    struct selection *selection = selection_open(collection->reader);

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        for (int again = 0; again < 2; again++) {
            struct found found;
            struct failure failure;

            print_message("%s\n", rows[i].id);
            assert_int_equal(find(selection, rows[i].id, &found, &failure),
                             rows[i].status);
            assert_non_null(strstr(failure.message, rows[i].words));
        }
    selection_close(selection);
}

static void a_failure_of_the_visitor_is_handed_on(void **state)
{
    struct collection *collection = *state;
    struct selection *selection = selection_open(collection->reader);
    struct found found = {.answer = STATUS_NO_SPACE};
    struct failure failure;

    assert_int_equal(selection_find(selection, "dir/spec-1",
                                    (struct selection_visitor){note, &found}, &failure),
                     STATUS_NO_SPACE);
    selection_close(selection);
}

static void the_checksum_is_that_of_the_archive_and_changes_with_the_samples(void **state)
{
    struct collection *collection = *state;
    struct selection *selection = selection_open(collection->reader);
    struct holding holding;
    struct found first, other, later;
    struct failure failure;

    good(archive_find(collection->reader, "dir/spec-1", (struct waker){0}, &holding,
                      &failure),
         &failure);
    good(find(selection, "dir/spec-1", &first, &failure), &failure);
    good(find(selection, "dir2/twin", &other, &failure), &failure);
    assert_int_equal(first.checksum, holding.checksum);
    assert_int_not_equal(first.checksum, other.checksum);
    archive_release(&holding);
    put_one(collection, "dir/spec-1", "changed");
    good(find(selection, "dir/spec-1", &later, &failure), &failure);
    assert_int_not_equal(first.checksum, later.checksum);
    selection_close(selection);
}

/* Ingest replaces, withdraws and moves; what was selected stays what it was. */
static void what_was_selected_stays_while_the_collection_changes(void **state)
{
    static const char *const stems[] = {"dir/spec-1", "dir/twin", "dir2/twin"};
    struct collection *collection = *state;
    struct selection *selection = selection_open(collection->reader);
    struct found found[3], later;
    struct failure failure;

    for (int i = 0; i < 3; i++)
        good(find(selection, stems[i], &found[i], &failure), &failure);
    put_one(collection, "dir/spec-1", "changed");
    withdraw(collection, "dir/twin");
    compact(collection, "dir2/twin", "dir2/twin");
    for (int i = 0; i < 3; i++)
        expect_samples_of(selection, &found[i].where, stems[i]);
    good(find(selection, "dir/spec-1", &later, &failure), &failure);
    expect_samples_of(selection, &later.where, "changed");
    assert_int_equal(find(selection, "dir/twin", &later, &failure), STATUS_NOT_FOUND);
    assert_non_null(strstr(failure.message, "withdrawn"));
    good(find(selection, "dir2/twin", &later, &failure), &failure);
    assert_int_not_equal(later.where.shard, found[2].where.shard);
    expect_samples_of(selection, &later.where, "dir2/twin");
    for (int i = 0; i < 3; i++)
        expect_samples_of(selection, &found[i].where, stems[i]);
    selection_close(selection);
}

/* Many shards, asked for in turn: each is one number, whoever comes between. */
static void a_shard_has_one_number(void **state)
{
    enum { SHARDS = 12 };
    struct collection *collection = *state;
    struct selection *selection = selection_open(collection->reader);
    uint32_t numbers[SHARDS];

    for (int i = 0; i < SHARDS; i++) {
        char stem[32];

        snprintf(stem, sizeof(stem), "dir/of-%d", i);
        put_one(collection, stem, stem);
    }
    for (int round = 0; round < 3; round++)
        for (int i = 0; i < SHARDS; i++) {
            char stem[32];
            struct found found;
            struct failure failure;

            snprintf(stem, sizeof(stem), "dir/of-%d", i);
            good(find(selection, stem, &found, &failure), &failure);
            expect_samples_of(selection, &found.where, stem);
            if (round == 0)
                numbers[i] = found.where.shard;
            assert_int_equal(found.where.shard, numbers[i]);
            for (int j = 0; j < i; j++)
                assert_int_not_equal(numbers[j], numbers[i]);
        }
    selection_close(selection);
}

static void damage_is_found_out_and_costs_no_other(void **state)
{
    struct collection *collection = *state;
    struct selection *selection = selection_open(collection->reader);
    struct ingest ingest = begin(collection);
    struct found bad, after;
    struct spectrum spectrum;
    struct failure failure;
    int64_t shard = ingest.shard;

    put(&ingest, "dir/bad", NULL, 2, "dir/bad", FAKE_SAMPLES);
    put(&ingest, "dir/after", NULL, 3, "dir/after", FAKE_SAMPLES);
    commit(&ingest);
    good(find(selection, "dir/bad", &bad, &failure), &failure);
    good(find(selection, "dir/after", &after, &failure), &failure);
    overwrite(collection, shard, bad.where.record_offset + 50);
    for (int again = 0; again < 2; again++)
        assert_int_equal(selection_view(selection, &bad.where, &spectrum, &failure),
                         STATUS_DAMAGED);
    expect_samples_of(selection, &after.where, "dir/after");
    selection_close(selection);
}

/* Such a row as a catalogue that is not the cache's could have. */
static void what_lies_nowhere_or_belongs_to_another_is_damaged(void **state)
{
    struct collection *collection = *state;
    struct selection *selection = selection_open(collection->reader);
    struct found one, other;
    struct spectrum spectrum;
    struct axis axis;
    struct failure failure;
    struct selected where;

    good(find(selection, "dir/spec-1", &one, &failure), &failure);
    good(find(selection, "dir2/twin", &other, &failure), &failure);
    where = one.where;
    where.record_offset = where.axis_offset = (int64_t)1 << 40;
    assert_int_equal(selection_view(selection, &where, &spectrum, &failure),
                     STATUS_DAMAGED);
    assert_int_equal(selection_axis(selection, &where, &axis, &failure), STATUS_DAMAGED);
    selection_expect(selection, &where);
    where = one.where;
    where.record_offset = other.where.record_offset;
    assert_int_equal(selection_view(selection, &where, &spectrum, &failure),
                     STATUS_DAMAGED);
    expect_samples_of(selection, &one.where, "dir/spec-1");
    selection_close(selection);
}

static void a_shard_that_is_cut_short_is_told_by_the_check(void **state)
{
    enum { KEPT = 4096 };
    struct collection *collection = *state;
    struct selection *selection = selection_open(collection->reader);
    struct ingest ingest = begin(collection);
    struct found found;
    struct spectrum spectrum;
    struct failure failure;
    double sum = 0;
    int64_t shard = ingest.shard;

    put(&ingest, "dir/late", NULL, 3, "dir/late", FAKE_SAMPLES);
    commit(&ingest);
    good(find(selection, "dir/late", &found, &failure), &failure);
    good(selection_view(selection, &found.where, &spectrum, &failure), &failure);
    cut_shard(collection, shard, KEPT);
    for (uint32_t i = 0; i < spectrum.axis.samples; i++)
        sum += (double)spectrum.flux[i];
    assert_true(sum < (double)spectrum.axis.samples); /* zeros, mostly */
    assert_int_equal(selection_check(selection, &found.where, &failure), STATUS_DAMAGED);
    for (int again = 0; again < 2; again++)
        assert_int_equal(selection_view(selection, &found.where, &spectrum, &failure),
                         STATUS_DAMAGED);
    selection_close(selection);
}

#define WITH_COLLECTION(test)                                                            \
    cmocka_unit_test_setup_teardown(test, open_filled, close_collection)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        WITH_COLLECTION(each_kind_of_id_finds_its_spectrum),
        WITH_COLLECTION(what_is_not_in_the_cache_is_not_found_and_nobody_waits),
        WITH_COLLECTION(a_failure_of_the_visitor_is_handed_on),
        WITH_COLLECTION(the_checksum_is_that_of_the_archive_and_changes_with_the_samples),
        WITH_COLLECTION(what_was_selected_stays_while_the_collection_changes),
        WITH_COLLECTION(a_shard_has_one_number),
        WITH_COLLECTION(damage_is_found_out_and_costs_no_other),
        WITH_COLLECTION(what_lies_nowhere_or_belongs_to_another_is_damaged),
        WITH_COLLECTION(a_shard_that_is_cut_short_is_told_by_the_check),
    };

    fake_worker_main(argc, argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
