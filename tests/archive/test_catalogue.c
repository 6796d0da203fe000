#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../support/folder.h"
#include "../support/sample_entry.h"
#include "archive/catalogue.h"

#include <dirent.h>
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { RECORD_SIZE = 1000 };

/* What each test starts with: an empty catalogue, open for writing. */
struct place {
    char folder[FOLDER_LENGTH];
    struct catalogue *writer;
    struct arena arena;
    struct failure failure;
};

static int make_place(void **state)
{
    struct place *place = calloc(1, sizeof(*place));

    folder_make(place->folder);
    arena_init(&place->arena);
    *state = place;
    return catalogue_open(place->folder, CATALOGUE_WRITE, &place->writer,
                          &place->failure);
}

static int remove_place(void **state)
{
    struct place *place = *state;

    catalogue_close(place->writer);
    arena_finish(&place->arena);
    folder_remove(place->folder);
    free(place);
    return 0;
}

#define ASSERT_OK(place, call)                                                           \
    do {                                                                                 \
        if ((call) != STATUS_OK)                                                         \
            fail_msg("%s", (place)->failure.message);                                    \
    } while (0)

static struct entry entry_of(struct place *place, const char *path, int64_t shard)
{
    struct entry entry;

    entry_init(&entry);
    entry.path = arena_copy_string(&place->arena, path);
    entry.shard = shard;
    entry.record_offset = 64;
    entry.record_size = RECORD_SIZE;
    entry.file = arena_format(&place->arena, "%s.fits.gz", path);
    return entry;
}

static int64_t put_file(struct place *place, const char *path)
{
    struct catalogue_file file = {.path = path, .size = 1, .mtime = 2, .checksum = 3};
    int64_t number;

    ASSERT_OK(place, catalogue_put_file(place->writer, &file, &number, &place->failure));
    return number;
}

/* Commit one spectrum of a file of its own. */
static void add(struct place *place, const char *path, int64_t shard)
{
    struct entry entry = entry_of(place, path, shard);

    ASSERT_OK(place, catalogue_begin(place->writer, &place->failure));
    ASSERT_OK(place,
              catalogue_put_spectrum(place->writer, &entry, put_file(place, entry.file),
                                     &place->failure));
    ASSERT_OK(place,
              catalogue_put_shard(
                  place->writer, &(struct catalogue_shard){.number = shard, .size = 5000},
                  &place->failure));
    ASSERT_OK(place, catalogue_commit(place->writer, &place->failure));
}

static struct catalogue *open_reader(struct place *place)
{
    struct catalogue *reader;

    ASSERT_OK(place,
              catalogue_open(place->folder, CATALOGUE_READ, &reader, &place->failure));
    return reader;
}

static bool has(struct place *place, struct catalogue *catalogue, const char *path)
{
    struct entry entry;
    enum status status =
        catalogue_find(catalogue, path, &place->arena, &entry, &place->failure);

    assert_true(status == STATUS_OK || status == STATUS_NOT_FOUND);
    return status == STATUS_OK && !entry.deleted;
}

static struct catalogue_summary summary_of(struct place *place,
                                           struct catalogue *catalogue)
{
    struct catalogue_summary summary;

    ASSERT_OK(place, catalogue_summarise(catalogue, &summary, &place->failure));
    return summary;
}

/* Living bytes of a shard, -1 if it is not listed. */
static int64_t live_in(struct place *place, int64_t number)
{
    struct catalogue_shard *shards;
    size_t count;

    ASSERT_OK(place, catalogue_list_shards(place->writer, &place->arena, &shards, &count,
                                           &place->failure));
    for (size_t i = 0; i < count; i++)
        if (shards[i].number == number)
            return shards[i].live;
    return -1;
}

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

struct visits {
    struct buffer seen;
    int until; /* fails at this visit; 0: never */
    int count;
};

static enum status note_path(void *context, const struct entry *entry,
                             struct failure *failure)
{
    struct visits *visits = context;

    buffer_format(&visits->seen, "%s ", entry->path);
    return ++visits->count == visits->until
               ? failure_set(failure, STATUS_REFUSED, "enough")
               : STATUS_OK;
}

static void living_spectra_are_visited_in_the_order_of_their_records(void **state)
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
    struct visits visits = {.until = 0};

    ASSERT_OK(place, catalogue_begin(place->writer, &place->failure));
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct entry entry = entry_of(place, rows[i].path, rows[i].shard);

        entry.record_offset = rows[i].offset;
        entry.deleted = rows[i].lives ? NULL : "2024-01-01T00:00:00";
        ASSERT_OK(place, catalogue_put_spectrum(place->writer, &entry, (int64_t)i,
                                                &place->failure));
    }
    ASSERT_OK(place, catalogue_commit(place->writer, &place->failure));

    buffer_init(&visits.seen);
    ASSERT_OK(place, catalogue_each(place->writer, note_path, &visits, &place->failure));
    buffer_add_char(&visits.seen, '\0');
    assert_string_equal(visits.seen.bytes, "d e b a ");
    visits = (struct visits){.seen = visits.seen, .until = 2};
    assert_int_equal(catalogue_each(place->writer, note_path, &visits, &place->failure),
                     STATUS_REFUSED);
    assert_string_equal(place->failure.message, "enough");
    assert_int_equal(visits.count, 2);
    buffer_finish(&visits.seen);
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
    assert_int_equal(catalogue_file_bound(place->writer), 1);
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
    assert_int_equal(catalogue_file_bound(place->writer), number + 2);
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
    assert_int_equal(catalogue_file_bound(place->writer), 501);
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

/* ---- transactions ---- */

static void what_is_not_committed_is_not_there(void **state)
{
    struct place *place = *state;
    struct catalogue *reader = open_reader(place);
    struct entry entry = entry_of(place, "b", 1);

    add(place, "a", 1);
    ASSERT_OK(place, catalogue_begin(place->writer, &place->failure));
    ASSERT_OK(place, catalogue_put_spectrum(place->writer, &entry, 1, &place->failure));
    assert_true(has(place, place->writer, "b"));
    assert_false(has(place, reader, "b"));
    catalogue_roll_back(place->writer);
    catalogue_roll_back(place->writer); /* nothing to do */
    assert_false(has(place, place->writer, "b"));

    ASSERT_OK(place, catalogue_begin(place->writer, &place->failure));
    ASSERT_OK(place, catalogue_put_spectrum(place->writer, &entry, 1, &place->failure));
    catalogue_close(place->writer);
    ASSERT_OK(place, catalogue_open(place->folder, CATALOGUE_WRITE, &place->writer,
                                    &place->failure));
    assert_false(has(place, place->writer, "b"));
    assert_true(has(place, place->writer, "a"));
    assert_int_equal(live_in(place, 1), RECORD_SIZE);
    catalogue_close(reader);
}

static void nothing_changes_outside_a_transaction(void **state)
{
    struct place *place = *state;
    struct entry entry = entry_of(place, "a", 1);
    struct catalogue_file file = {.path = "a.fits"};
    struct catalogue_shard shard = {.number = 1};
    int64_t ignored;

    assert_int_equal(catalogue_put_spectrum(place->writer, &entry, 1, &place->failure),
                     STATUS_SYSTEM);
    assert_int_equal(catalogue_put_file(place->writer, &file, &ignored, &place->failure),
                     STATUS_SYSTEM);
    assert_int_equal(catalogue_put_shard(place->writer, &shard, &place->failure),
                     STATUS_SYSTEM);
    assert_int_equal(catalogue_forget_shard(place->writer, 1, &place->failure),
                     STATUS_SYSTEM);
    assert_int_equal(catalogue_delete_spectra(place->writer, 1, NULL, 0, "", &ignored,
                                              &place->failure),
                     STATUS_SYSTEM);
    assert_int_equal(catalogue_commit(place->writer, &place->failure), STATUS_SYSTEM);
}

static void the_generation_changes_with_every_commit(void **state)
{
    struct place *place = *state;
    struct catalogue *reader = open_reader(place);
    uint64_t before = catalogue_generation(reader);

    assert_true(catalogue_generation(reader) == before);
    ASSERT_OK(place, catalogue_begin(place->writer, &place->failure));
    assert_true(catalogue_generation(reader) == before);
    put_file(place, "a.fits");
    catalogue_roll_back(place->writer);
    assert_true(catalogue_generation(reader) == before);
    for (int i = 0; i < 3; i++) {
        add(place, arena_format(&place->arena, "%d", i), 1);
        assert_true(catalogue_generation(reader) != before);
        assert_true(catalogue_generation(place->writer) == catalogue_generation(reader));
        before = catalogue_generation(reader);
    }
    catalogue_close(place->writer); /* and over the end of a writer */
    place->writer = NULL;
    assert_true(catalogue_generation(reader) == before);
    ASSERT_OK(place, catalogue_open(place->folder, CATALOGUE_WRITE, &place->writer,
                                    &place->failure));
    add(place, "after", 1);
    assert_true(catalogue_generation(reader) != before);
    catalogue_close(reader);
}

/* Put the count that a writer leaves who is killed in the middle of a commit. */
static void leave_odd_count(struct place *place)
{
    static const uint64_t odd = 4711;
    int fd = open(arena_format(&place->arena, "%s/catalogue.generation", place->folder),
                  O_WRONLY);

    assert_int_equal(pwrite(fd, &odd, sizeof(odd), 0), sizeof(odd));
    close(fd);
}

static void the_generation_is_right_without_its_count(void **state)
{
    struct place *place = *state;
    struct catalogue *with_odd = open_reader(place), *without;
    uint64_t before[2];

    unlink(arena_format(&place->arena, "%s/catalogue.generation", place->folder));
    without = open_reader(place);
    close(open(arena_format(&place->arena, "%s/catalogue.generation", place->folder),
               O_CREAT | O_WRONLY, 0644));
    before[0] = catalogue_generation(without);
    assert_true(catalogue_generation(without) == before[0]);
    add(place, "a", 1);
    assert_true(catalogue_generation(without) != before[0]);
    catalogue_close(without);
    catalogue_close(with_odd);

    catalogue_close(place->writer); /* makes the count anew */
    ASSERT_OK(place, catalogue_open(place->folder, CATALOGUE_WRITE, &place->writer,
                                    &place->failure));
    with_odd = open_reader(place);
    leave_odd_count(place);
    before[0] = catalogue_generation(with_odd);
    assert_true(catalogue_generation(with_odd) == before[0]);
    catalogue_close(place->writer); /* settles the count */
    ASSERT_OK(place, catalogue_open(place->folder, CATALOGUE_WRITE, &place->writer,
                                    &place->failure));
    before[1] = catalogue_generation(with_odd);
    assert_true(before[1] == 4712);
    add(place, "b", 1);
    assert_true(catalogue_generation(with_odd) != before[1]);
    catalogue_close(with_odd);
}

static void a_killed_writer_leaves_the_last_commit(void **state)
{
    struct place *place = *state;
    struct entry entry = entry_of(place, "b", 1);
    int killed;
    pid_t child;

    add(place, "a", 1);
    catalogue_close(place->writer);
    place->writer = NULL;
    child = fork();
    if (child == 0) {
        if (catalogue_open(place->folder, CATALOGUE_WRITE, &place->writer,
                           &place->failure) ||
            catalogue_begin(place->writer, &place->failure) ||
            catalogue_put_spectrum(place->writer, &entry, 1, &place->failure))
            _exit(1);
        kill(getpid(), SIGKILL);
    }
    waitpid(child, &killed, 0);
    assert_true(WIFSIGNALED(killed));
    ASSERT_OK(place, catalogue_open(place->folder, CATALOGUE_WRITE, &place->writer,
                                    &place->failure));
    assert_true(has(place, place->writer, "a"));
    assert_false(has(place, place->writer, "b"));
}

/* ---- reading while somebody writes ---- */

enum { BATCHES = 60, BATCH = 50 };

static enum status write_batch(struct catalogue *writer, int batch,
                               struct failure *failure)
{
    enum status status = catalogue_begin(writer, failure);

    for (int i = 0; !status && i < BATCH; i++) {
        struct entry entry;
        char path[32];

        entry_init(&entry);
        snprintf(path, sizeof(path), "%d", i);
        entry.path = path;
        entry.obsid = 1;
        entry.shard = batch;
        entry.record_offset = 64;
        entry.record_size = RECORD_SIZE;
        entry.lmjd = batch;
        status = catalogue_put_spectrum(writer, &entry, 1, failure);
    }
    return status ? status : catalogue_commit(writer, failure);
}

/* Returns NULL, or its argument if something failed. */
static void *write_batches(void *writer)
{
    struct failure failure;

    for (int batch = 1; batch <= BATCHES; batch++)
        if (write_batch(writer, batch, &failure))
            return writer;
    return NULL;
}

/* All rows of the batch that the first is of; the number of that batch, 0 while there is
 * none. */
static int64_t read_whole_batch(struct place *place, struct catalogue *reader)
{
    struct entry *entries;
    size_t count;

    ASSERT_OK(place, catalogue_list(reader, CATALOGUE_BY_OBSID, "1", 1000, &place->arena,
                                    &entries, &count, &place->failure));
    if (count == 0)
        return 0;
    assert_int_equal(count, BATCH);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(entries[i].lmjd, entries[0].lmjd);
    return entries[0].lmjd;
}

static void a_reader_sees_whole_batches_only(void **state)
{
    struct place *place = *state;
    struct catalogue *reader = open_reader(place);
    uint64_t generation = catalogue_generation(reader);
    int64_t last = 0;
    void *fault;
    pthread_t writer;

    assert_int_equal(pthread_create(&writer, NULL, write_batches, place->writer), 0);
    while (last < BATCHES) {
        uint64_t now = catalogue_generation(reader);
        int64_t batch = read_whole_batch(place, reader);

        assert_true(batch >= last);
        if (now == generation) /* what was remembered under it must hold */
            assert_true(batch == last || catalogue_generation(reader) != now);
        generation = now;
        last = batch;
        arena_reset(&place->arena);
    }
    pthread_join(writer, &fault);
    assert_null(fault);
    catalogue_close(reader);
}

/* ---- opening ---- */

static int files_in(const char *folder)
{
    DIR *entries = opendir(folder);
    int count = 0;

    while (readdir(entries))
        count++;
    closedir(entries);
    return count - 2;
}

static void reading_makes_no_catalogue(void **state)
{
    char folder[FOLDER_LENGTH];
    struct catalogue *reader = NULL;
    struct failure failure;

    (void)state;
    folder_make(folder);
    assert_int_equal(catalogue_open(folder, CATALOGUE_READ, &reader, &failure),
                     STATUS_NOT_FOUND);
    assert_int_equal(files_in(folder), 0);
    assert_int_equal(catalogue_open("/nonexistent", CATALOGUE_READ, &reader, &failure),
                     STATUS_NOT_FOUND);
    assert_int_equal(catalogue_open("/nonexistent", CATALOGUE_WRITE, &reader, &failure),
                     STATUS_SYSTEM);
    assert_null(reader);
    catalogue_close(NULL);
    folder_remove(folder);
}

static void write_file(struct place *place, const char *name, off_t offset,
                       const void *bytes, size_t size)
{
    int fd = open(arena_format(&place->arena, "%s/%s", place->folder, name),
                  O_WRONLY | O_CREAT, 0644);

    assert_int_equal(pwrite(fd, bytes, size, offset), size);
    close(fd);
}

/* The format's number and the application's lie at bytes 60 and 68 of an SQLite file
 * (fileformat2, section 1.3). */
static void catalogues_that_are_not_ours_are_refused(void **state)
{
    static const struct {
        off_t offset;
        const char *bytes;
        size_t size;
        const char *message;
    } rows[] = {
        {60, "\1\2\3\4", 4, "run cutoutd ingest"},
        {68, "abcd", 4, "not a catalogue of cutoutd"},
        {0, "This is some text, not a database", 33, "not a database"},
    };
    struct place *place = *state;

    add(place, "a", 1);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct catalogue *other = NULL;

        catalogue_close(place->writer);
        place->writer = NULL;
        write_file(place, "catalogue.sqlite", rows[i].offset, rows[i].bytes,
                   rows[i].size);
        for (int mode = CATALOGUE_READ; mode <= CATALOGUE_WRITE; mode++) {
            assert_int_equal(catalogue_open(place->folder, (enum catalogue_mode)mode,
                                            &other, &place->failure),
                             STATUS_DAMAGED);
            print_message("%s\n", place->failure.message);
            assert_non_null(strstr(place->failure.message, rows[i].message));
        }
        assert_null(other);
        unlink(arena_format(&place->arena, "%s/catalogue.sqlite", place->folder));
        ASSERT_OK(place, catalogue_open(place->folder, CATALOGUE_WRITE, &place->writer,
                                        &place->failure));
    }
}

static void a_file_that_is_still_empty_has_nothing_to_read(void **state)
{
    struct place *place = *state;
    struct catalogue *reader;

    catalogue_close(place->writer);
    unlink(arena_format(&place->arena, "%s/catalogue.sqlite", place->folder));
    write_file(place, "catalogue.sqlite", 0, "", 0);
    assert_int_equal(
        catalogue_open(place->folder, CATALOGUE_READ, &reader, &place->failure),
        STATUS_NOT_FOUND);
    ASSERT_OK(place, catalogue_open(place->folder, CATALOGUE_WRITE, &place->writer,
                                    &place->failure));
    add(place, "a", 1);
}

/* ---- a full disk ---- */

/* A limit on the size of files stands for a full disk: SQLite's writes fail in the same
 * manner. */
static void limit_files(rlim_t bytes)
{
    struct rlimit limit;

    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = bytes;
    setrlimit(RLIMIT_FSIZE, &limit);
}

static enum status fill(struct place *place, int spectra)
{
    enum status status = catalogue_begin(place->writer, &place->failure);

    for (int i = 0; !status && i < spectra; i++) {
        struct entry entry =
            entry_of(place, arena_format(&place->arena, "some/folder/spectrum-%d", i), 2);

        status = catalogue_put_spectrum(place->writer, &entry, i, &place->failure);
        arena_reset(&place->arena);
    }
    return status ? status : catalogue_commit(place->writer, &place->failure);
}

static void a_full_disk_costs_the_transaction_and_no_more(void **state)
{
    enum { MANY = 20000 };
    struct place *place = *state;
    struct catalogue *reader = open_reader(place);
    uint64_t generation;

    add(place, "a", 1);
    generation = catalogue_generation(reader);
    limit_files(1000000);
    assert_int_equal(fill(place, MANY), STATUS_NO_SPACE);
    print_message("%s\n", place->failure.message);
    catalogue_roll_back(place->writer);
    assert_true(has(place, reader, "a"));
    assert_false(has(place, reader, "some/folder/spectrum-0"));
    assert_int_equal(summary_of(place, reader).spectra, 1);
    limit_files(RLIM_INFINITY);
    assert_int_equal(fill(place, MANY), STATUS_OK);
    assert_true(catalogue_generation(reader) != generation);
    assert_int_equal(summary_of(place, reader).spectra, MANY + 1);
    catalogue_close(reader);
}

/* ---- copies ---- */

static void a_copy_is_a_catalogue_of_that_moment(void **state)
{
    struct place *place = *state, copy = {.writer = NULL};
    struct catalogue *reader = open_reader(place), *copied;
    const char *path;

    add(place, "a", 1);
    folder_make(copy.folder);
    path = arena_format(&place->arena, "%s/catalogue.sqlite", copy.folder);
    ASSERT_OK(place, catalogue_copy(reader, path, &place->failure));
    add(place, "b", 1);
    assert_int_equal(catalogue_copy(reader, path, &place->failure), STATUS_SYSTEM);
    copied = open_reader(&copy);
    assert_true(has(place, copied, "a"));
    assert_false(has(place, copied, "b"));
    assert_true(catalogue_generation(copied) == catalogue_generation(copied));
    catalogue_close(copied);
    catalogue_close(reader);

    arena_init(&copy.arena); /* and it can be written on */
    ASSERT_OK(&copy,
              catalogue_open(copy.folder, CATALOGUE_WRITE, &copy.writer, &copy.failure));
    add(&copy, "c", 2);
    assert_int_equal(catalogue_next_shard(copy.writer), 3);
    catalogue_close(copy.writer);
    arena_finish(&copy.arena);
    folder_remove(copy.folder);
}

#define WITH_PLACE(test) cmocka_unit_test_setup_teardown(test, make_place, remove_place)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_PLACE(a_spectrum_is_found_with_every_column),
        WITH_PLACE(paths_are_compared_byte_for_byte),
        WITH_PLACE(a_spectrum_needs_a_path_and_a_place),
        WITH_PLACE(spectra_are_listed_by_name_obsid_and_file),
        WITH_PLACE(many_spectra_of_one_file_are_all_listed),
        WITH_PLACE(living_spectra_are_visited_in_the_order_of_their_records),
        WITH_PLACE(a_file_is_inserted_and_then_replaced_by_its_path),
        WITH_PLACE(files_can_be_marked_gone_while_they_are_visited),
        WITH_PLACE(a_touched_file_tells_its_spectra),
        WITH_PLACE(what_a_replaced_file_lost_is_deleted),
        WITH_PLACE(living_bytes_of_shards_follow_every_change),
        WITH_PLACE(a_shard_is_listed_when_its_size_is_known),
        WITH_PLACE(no_shard_number_is_given_twice),
        WITH_PLACE(a_summary_says_what_there_is),
        WITH_PLACE(what_is_not_committed_is_not_there),
        WITH_PLACE(nothing_changes_outside_a_transaction),
        WITH_PLACE(the_generation_changes_with_every_commit),
        WITH_PLACE(the_generation_is_right_without_its_count),
        WITH_PLACE(a_killed_writer_leaves_the_last_commit),
        WITH_PLACE(a_reader_sees_whole_batches_only),
        cmocka_unit_test(reading_makes_no_catalogue),
        WITH_PLACE(catalogues_that_are_not_ours_are_refused),
        WITH_PLACE(a_file_that_is_still_empty_has_nothing_to_read),
        WITH_PLACE(a_full_disk_costs_the_transaction_and_no_more),
        WITH_PLACE(a_copy_is_a_catalogue_of_that_moment),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
