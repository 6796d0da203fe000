#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../support/catalogue_place.h"
#include "../support/sample_entry.h"
#include "archive/catalogue.h"

#include <math.h>

/* ---- rows ---- */

static void a_spectrum_is_found_with_every_column(void **state)
{
    struct place *place = *state;
    struct catalogue *reader;
    struct entry full, empty, found;

    sample_entry(&place->arena, 7, &full);
    full.obsid = -28762;
    full.redshift = -0.1;
    full.title = "";
    full.record_checksum = (int64_t)0x8000000000000001;
    empty = entry_of(place, "empty", 1);
    ASSERT_OK(place, catalogue_begin(place->writer, &place->failure));
    ASSERT_OK(place, catalogue_put_spectrum(place->writer, &full, 1, &place->failure));
    ASSERT_OK(place, catalogue_put_spectrum(place->writer, &empty, 2, &place->failure));
    ASSERT_OK(place, catalogue_commit(place->writer, &place->failure));

    reader = open_reader(place);
    ASSERT_OK(place,
              catalogue_find(reader, full.path, &place->arena, &found, &place->failure));
    assert_null(entry_difference(&full, &found));
    assert_true(found.record_checksum == full.record_checksum);
    assert_true(found.axis_offset == full.axis_offset);
    assert_string_equal(found.file, full.file);
    assert_null(found.deleted);
    ASSERT_OK(place,
              catalogue_find(reader, "empty", &place->arena, &found, &place->failure));
    assert_null(entry_difference(&empty, &found));
    assert_true(found.file_size == ENTRY_NO_INTEGER);
    catalogue_close(reader);
}

static void paths_are_compared_byte_for_byte(void **state)
{
    struct place *place = *state;
    static const char *const unknown[] = {"",  "A/b", "a/b ",           "a",       "a/b/",
                                          "%", "a/%", "a/b' OR '1'='1", "a/b.fits"};

    add(place, "a/b", 1);
    assert_true(has(place, place->writer, "a/b"));
    for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
        struct entry entry;

        print_message("'%s'\n", unknown[i]);
        assert_int_equal(catalogue_find(place->writer, unknown[i], &place->arena, &entry,
                                        &place->failure),
                         STATUS_NOT_FOUND);
        assert_string_equal(place->failure.message, "");
    }
}

static void a_spectrum_needs_a_path_and_a_place(void **state)
{
    struct place *place = *state;
    struct entry rows[3];

    rows[0] = rows[1] = rows[2] = entry_of(place, "x", 1);
    rows[0].path = NULL;
    rows[1].shard = ENTRY_NO_INTEGER;
    rows[2].record_size = ENTRY_NO_INTEGER;
    ASSERT_OK(place, catalogue_begin(place->writer, &place->failure));
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(
            catalogue_put_spectrum(place->writer, &rows[i], 1, &place->failure),
            STATUS_SYSTEM);
    catalogue_roll_back(place->writer);
}

/* ---- other keys ---- */

static void put_keyed(struct place *place, const char *path, const char *name,
                      int64_t obsid, int64_t file)
{
    struct entry entry = entry_of(place, path, 1);

    entry.name = name;
    entry.obsid = obsid;
    ASSERT_OK(place,
              catalogue_put_spectrum(place->writer, &entry, file, &place->failure));
}

static void spectra_are_listed_by_name_obsid_and_file(void **state)
{
    static const struct {
        enum catalogue_key key;
        const char *value;
        size_t limit;
        const char *paths; /* in their order */
    } rows[] = {
        {CATALOGUE_BY_NAME, "spec-1", 9, "dr1/spec-1 dr2/spec-1 "},
        {CATALOGUE_BY_NAME, "spec-1", 1, "dr1/spec-1 "},
        {CATALOGUE_BY_NAME, "spec-1", 0, ""},
        {CATALOGUE_BY_NAME, "SPEC-1", 9, ""},
        {CATALOGUE_BY_NAME, "spec-9", 9, ""}, /* deleted */
        {CATALOGUE_BY_OBSID, "17", 9, "dr1/spec-1 med/B med/R "},
        {CATALOGUE_BY_OBSID, "-28762", SIZE_MAX, "dr2/spec-1 "},
        {CATALOGUE_BY_OBSID, "18", 9, ""},
        {CATALOGUE_BY_OBSID, "", 9, ""},
        {CATALOGUE_BY_OBSID, "17x", 9, ""},
        {CATALOGUE_BY_OBSID, "99999999999999999999", 9, ""},
        {CATALOGUE_BY_FILE, "med", 9, "med/B med/R "},
        {CATALOGUE_BY_FILE, "dr1/spec-1", 9, "dr1/spec-1 "},
        {CATALOGUE_BY_FILE, "dr2/spec-1", 9, "dr2/spec-1 "}, /* a plain .fits */
        {CATALOGUE_BY_FILE, "dr2", 9, ""},
        {CATALOGUE_BY_FILE, "dr9/spec-9", 9, ""},
    };
    struct place *place = *state;
    int64_t med, count;

    ASSERT_OK(place, catalogue_begin(place->writer, &place->failure));
    put_keyed(place, "dr2/spec-1", "spec-1", -28762, put_file(place, "dr2/spec-1.fits"));
    put_keyed(place, "dr1/spec-1", "spec-1", 17, put_file(place, "dr1/spec-1.fits.gz"));
    med = put_file(place, "med.fits.gz");
    put_keyed(place, "med/R", "med", 17, med);
    put_keyed(place, "med/B", "med", 17, med);
    put_keyed(place, "dr9/spec-9", "spec-9", 17, put_file(place, "dr9/spec-9.fits"));
    ASSERT_OK(place, catalogue_delete_spectra(
                         place->writer, put_file(place, "dr9/spec-9.fits"), NULL, 0,
                         "2024-01-01T00:00:00", &count, &place->failure));
    ASSERT_OK(place, catalogue_commit(place->writer, &place->failure));

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct entry *entries;
        struct buffer paths;

        print_message("%d %s\n", rows[i].key, rows[i].value);
        buffer_init(&paths);
        ASSERT_OK(place, catalogue_list(place->writer, rows[i].key, rows[i].value,
                                        rows[i].limit, &place->arena, &entries,
                                        (size_t *)&count, &place->failure));
        for (int64_t k = 0; k < count; k++)
            buffer_format(&paths, "%s ", entries[k].path);
        buffer_add_char(&paths, '\0');
        assert_string_equal(paths.bytes, rows[i].paths);
        buffer_finish(&paths);
    }
}

static void many_spectra_of_one_file_are_all_listed(void **state)
{
    struct place *place = *state;
    struct entry *entries;
    int64_t file;
    size_t count;

    ASSERT_OK(place, catalogue_begin(place->writer, &place->failure));
    file = put_file(place, "med.fits");
    for (int i = 0; i < 70; i++) {
        struct entry entry =
            entry_of(place, arena_format(&place->arena, "med/B-%03d", i), 1);

        ASSERT_OK(place,
                  catalogue_put_spectrum(place->writer, &entry, file, &place->failure));
    }
    ASSERT_OK(place, catalogue_list(place->writer, CATALOGUE_BY_FILE, "med", 1000,
                                    &place->arena, &entries, &count, &place->failure));
    assert_int_equal(count, 70);
    assert_string_equal(entries[69].path, "med/B-069");
    catalogue_roll_back(place->writer);
}

static void spectra_of_a_shard_are_listed_in_the_order_of_their_records(void **state)
{
    static const struct {
        const char *path;
        int64_t shard, offset;
        bool lives;
    } rows[] = {
        {"d", 2, 64, true},  {"a", 10, 64, true},  {"b", 2, 5000, true},
        {"e", 2, 800, true}, {"x", 2, 900, false},
    };
    struct place *place = *state;
    struct entry *entries;
    size_t count;

    ASSERT_OK(place, catalogue_begin(place->writer, &place->failure));
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct entry entry = entry_of(place, rows[i].path, rows[i].shard);

        entry.record_offset = rows[i].offset;
        entry.deleted = rows[i].lives ? NULL : "2024-01-01T00:00:00";
        ASSERT_OK(place, catalogue_put_spectrum(place->writer, &entry, (int64_t)i,
                                                &place->failure));
    }
    ASSERT_OK(place, catalogue_commit(place->writer, &place->failure));

    ASSERT_OK(place, catalogue_list(place->writer, CATALOGUE_BY_SHARD, "2", 9,
                                    &place->arena, &entries, &count, &place->failure));
    assert_int_equal(count, 3);
    assert_string_equal(entries[0].path, "d");
    assert_string_equal(entries[1].path, "e");
    assert_string_equal(entries[2].path, "b");
}

/* ---- files ---- */

static void a_file_is_inserted_and_then_replaced_by_its_path(void **state)
{
    struct place *place = *state;
    struct catalogue_file file = {.path = "a.fits",
                                  .size = 92160,
                                  .mtime = -1,
                                  .checksum = UINT64_MAX,
                                  .refused = true,
                                  .reason = "a.fits: HDU 1: no spectrum"};
    struct catalogue_file found;
    int64_t number;

    assert_int_equal(catalogue_find_file(place->writer, "a.fits", &place->arena, &found,
                                         &place->failure),
                     STATUS_NOT_FOUND);
    ASSERT_OK(place, catalogue_begin(place->writer, &place->failure));
    ASSERT_OK(place, catalogue_put_file(place->writer, &file, &number, &place->failure));
    ASSERT_OK(place, catalogue_find_file(place->writer, "a.fits", &place->arena, &found,
                                         &place->failure));
    assert_int_equal(found.number, number);
    assert_string_equal(found.path, "a.fits");
    assert_int_equal(found.size, 92160);
    assert_int_equal(found.mtime, -1);
    assert_true(found.checksum == UINT64_MAX);
    assert_true(found.refused);
    assert_false(found.gone);
    assert_string_equal(found.reason, file.reason);

    file.refused = false;
    file.reason = NULL;
    file.size = 1;
    ASSERT_OK(place, catalogue_put_file(place->writer, &file, &number, &place->failure));
    assert_int_equal(number, found.number);
    ASSERT_OK(place, catalogue_find_file(place->writer, "a.fits", &place->arena, &found,
                                         &place->failure));
    assert_int_equal(found.size, 1);
    assert_false(found.refused);
    assert_null(found.reason);
    assert_int_equal(put_file(place, "b.fits"), number + 1);
    catalogue_roll_back(place->writer);
}

static enum status bury(void *context, const struct catalogue_file *file,
                        struct failure *failure)
{
    struct place *place = context;
    struct catalogue_file gone = *file;
    int64_t number, count;
    enum status status;

    assert_false(file->gone);
    gone.gone = true;
    status = catalogue_put_file(place->writer, &gone, &number, failure);
    assert_int_equal(number, file->number);
    return status ? status
                  : catalogue_delete_spectra(place->writer, file->number, NULL, 0,
                                             "2024-01-01T00:00:00", &count, failure);
}

static void files_can_be_marked_gone_while_they_are_visited(void **state)
{
    struct place *place = *state;

    for (int i = 0; i < 500; i++)
        add(place, arena_format(&place->arena, "f%d", i), 1);
    assert_int_equal(summary_of(place, place->writer).files, 500);
    ASSERT_OK(place, catalogue_begin(place->writer, &place->failure));
    ASSERT_OK(place, catalogue_each_file(place->writer, bury, place, &place->failure));
    ASSERT_OK(place, catalogue_commit(place->writer, &place->failure));
    assert_int_equal(summary_of(place, place->writer).files, 0);
    assert_int_equal(summary_of(place, place->writer).spectra, 0);
    assert_int_equal(live_in(place, 1), 0);
}

static void a_touched_file_tells_its_spectra(void **state)
{
    struct place *place = *state;
    struct catalogue_file file = {
        .path = "a.fits.gz", .size = 1, .mtime = 77, .checksum = 3};
    struct entry entry;
    int64_t number;

    add(place, "a", 1);
    ASSERT_OK(place, catalogue_begin(place->writer, &place->failure));
    ASSERT_OK(place, catalogue_put_file(place->writer, &file, &number, &place->failure));
    ASSERT_OK(place,
              catalogue_find(place->writer, "a", &place->arena, &entry, &place->failure));
    assert_int_equal(entry.file_mtime, 77);
    catalogue_roll_back(place->writer);
}

/* ---- deletion and shards ---- */

static void what_a_replaced_file_lost_is_deleted(void **state)
{
    static const char *const kept[] = {"med/B", "med/R-1"};
    struct place *place = *state;
    struct entry entry;
    int64_t file, count;

    ASSERT_OK(place, catalogue_begin(place->writer, &place->failure));
    file = put_file(place, "med.fits");
    put_keyed(place, "med/B", "med", 1, file);
    put_keyed(place, "med/R", "med", 1, file);
    put_keyed(place, "med/R-1", "med", 1, file);
    put_keyed(place, "other", "other", 1, put_file(place, "other.fits"));
    ASSERT_OK(place,
              catalogue_delete_spectra(place->writer, file, kept, 2,
                                       "2024-01-02T03:04:05", &count, &place->failure));
    assert_int_equal(count, 1);
    assert_true(has(place, place->writer, "med/B"));
    assert_true(has(place, place->writer, "med/R-1"));
    assert_true(has(place, place->writer, "other"));
    ASSERT_OK(place, catalogue_find(place->writer, "med/R", &place->arena, &entry,
                                    &place->failure));
    assert_string_equal(entry.deleted, "2024-01-02T03:04:05");
    ASSERT_OK(place,
              catalogue_delete_spectra(place->writer, file, NULL, 0,
                                       "2025-01-01T00:00:00", &count, &place->failure));
    assert_int_equal(count, 2); /* the one deleted before keeps its time */
    catalogue_roll_back(place->writer);
}

static void living_bytes_of_shards_follow_every_change(void **state)
{
    struct place *place = *state;
    int64_t count;

    add(place, "a", 1);
    add(place, "b", 1);
    assert_int_equal(live_in(place, 1), 2 * RECORD_SIZE);
    add(place, "a", 2); /* replaced */
    assert_int_equal(live_in(place, 1), RECORD_SIZE);
    assert_int_equal(live_in(place, 2), RECORD_SIZE);
    add(place, "a", 2); /* in the same shard */
    assert_int_equal(live_in(place, 2), RECORD_SIZE);
    ASSERT_OK(place, catalogue_begin(place->writer, &place->failure));
    for (int twice = 0; twice < 2; twice++)
        ASSERT_OK(place, catalogue_delete_spectra(
                             place->writer, put_file(place, "a.fits.gz"), NULL, 0,
                             "2024-01-01T00:00:00", &count, &place->failure));
    ASSERT_OK(place, catalogue_commit(place->writer, &place->failure));
    assert_int_equal(live_in(place, 2), 0);
    assert_false(has(place, place->writer, "a"));
    add(place, "a", 3); /* it came back */
    assert_true(has(place, place->writer, "a"));
    assert_int_equal(live_in(place, 1), RECORD_SIZE);
    assert_int_equal(live_in(place, 2), 0);
    assert_int_equal(live_in(place, 3), RECORD_SIZE);
    assert_int_equal(summary_of(place, place->writer).spectra, 2);
}

static void a_shard_is_listed_when_its_size_is_known(void **state)
{
    struct place *place = *state;
    struct entry entry = entry_of(place, "a", 4);

    ASSERT_OK(place, catalogue_begin(place->writer, &place->failure));
    ASSERT_OK(place, catalogue_put_spectrum(place->writer, &entry, 1, &place->failure));
    assert_int_equal(live_in(place, 4), -1);
    ASSERT_OK(place,
              catalogue_put_shard(place->writer,
                                  &(struct catalogue_shard){.number = 4, .size = 5000},
                                  &place->failure));
    assert_int_equal(live_in(place, 4), RECORD_SIZE);
    catalogue_roll_back(place->writer);
    assert_int_equal(live_in(place, 4), -1);
}

static void no_shard_number_is_given_twice(void **state)
{
    struct place *place = *state;

    assert_int_equal(catalogue_next_shard(place->writer), 1);
    add(place, "a", 1);
    add(place, "a", 2);
    assert_int_equal(catalogue_next_shard(place->writer), 3);
    ASSERT_OK(place, catalogue_begin(place->writer, &place->failure));
    assert_int_equal(catalogue_forget_shard(place->writer, 2, &place->failure),
                     STATUS_SYSTEM); /* it holds a living one */
    ASSERT_OK(place, catalogue_forget_shard(place->writer, 1, &place->failure));
    ASSERT_OK(place, catalogue_commit(place->writer, &place->failure));
    add(place, "a", 3);
    ASSERT_OK(place, catalogue_begin(place->writer, &place->failure));
    ASSERT_OK(place, catalogue_forget_shard(place->writer, 2, &place->failure));
    ASSERT_OK(place, catalogue_commit(place->writer, &place->failure));
    assert_int_equal(live_in(place, 1), -1);
    assert_int_equal(live_in(place, 2), -1);
    assert_int_equal(catalogue_next_shard(place->writer), 4);
}

/* ---- summary ---- */

static void a_summary_says_what_there_is(void **state)
{
    struct place *place = *state;
    struct catalogue_file refused = {
        .path = "bad.fits", .refused = true, .reason = "bad"};
    struct catalogue_summary summary = summary_of(place, place->writer);
    struct entry entry;
    int64_t number;

    assert_int_equal(summary.spectra, 0);
    assert_int_equal(summary.files, 0);
    assert_int_equal(summary.refused, 0);
    assert_true(isnan(summary.spectral_start));
    assert_true(isnan(summary.time_end));

    ASSERT_OK(place, catalogue_begin(place->writer, &place->failure));
    entry = entry_of(place, "a", 1); /* nothing is known of this one */
    catalogue_put_spectrum(place->writer, &entry, put_file(place, "a.fits"),
                           &place->failure);
    entry = entry_of(place, "b", 1);
    entry.spectral_start = 3700;
    entry.spectral_end = 9100;
    entry.date_obs = 56000.5; /* no exposure times */
    catalogue_put_spectrum(place->writer, &entry, put_file(place, "b.fits"),
                           &place->failure);
    entry = entry_of(place, "c", 2);
    entry.spectral_start = 6300;
    entry.spectral_end = 6800;
    entry.time_start = 55000.25;
    entry.time_stop = 55000.75;
    catalogue_put_spectrum(place->writer, &entry, put_file(place, "c.fits"),
                           &place->failure);
    catalogue_put_file(place->writer, &refused, &number, &place->failure);
    refused.path = "gone.fits";
    refused.gone = true;
    catalogue_put_file(place->writer, &refused, &number, &place->failure);
    ASSERT_OK(place, catalogue_commit(place->writer, &place->failure));

    summary = summary_of(place, place->writer);
    assert_int_equal(summary.spectra, 3);
    assert_int_equal(summary.files, 3);
    assert_int_equal(summary.refused, 1);
    assert_true(summary.spectral_start == 3700);
    assert_true(summary.spectral_end == 9100);
    assert_true(summary.time_start == 55000.25);
    assert_true(summary.time_end == 56000.5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_PLACE(a_spectrum_is_found_with_every_column),
        WITH_PLACE(paths_are_compared_byte_for_byte),
        WITH_PLACE(a_spectrum_needs_a_path_and_a_place),
        WITH_PLACE(spectra_are_listed_by_name_obsid_and_file),
        WITH_PLACE(many_spectra_of_one_file_are_all_listed),
        WITH_PLACE(spectra_of_a_shard_are_listed_in_the_order_of_their_records),
        WITH_PLACE(a_file_is_inserted_and_then_replaced_by_its_path),
        WITH_PLACE(files_can_be_marked_gone_while_they_are_visited),
        WITH_PLACE(a_touched_file_tells_its_spectra),
        WITH_PLACE(what_a_replaced_file_lost_is_deleted),
        WITH_PLACE(living_bytes_of_shards_follow_every_change),
        WITH_PLACE(a_shard_is_listed_when_its_size_is_known),
        WITH_PLACE(no_shard_number_is_given_twice),
        WITH_PLACE(a_summary_says_what_there_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
