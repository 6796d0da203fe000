#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "archive/catalogue_search.h"

#include "../support/catalogue_place.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const int64_t LONG = INT64_C(10000000000); /* ns */

/* Three spectra, a to c. */
static void fill(struct place *place)
{
    struct entry entries[] = {entry_of(place, "a", 1), entry_of(place, "b", 1),
                              entry_of(place, "c", 1)};

    entries[0].ra = 0.001, entries[0].dec = 10;
    entries[1].ra = 359.999, entries[1].dec = 10;
    entries[2].ra = 50, entries[2].dec = 90;
    entries[0].target_name = "LAMOST J1";
    entries[1].target_name = "lamost j1";
    entries[0].target_class = "star";
    entries[1].target_class = "qso";
    entries[0].spectral_start = 3700, entries[0].spectral_end = 9000;
    entries[1].spectral_start = 4900, entries[1].spectral_end = 5300;
    entries[1].bandpass = "B";
    entries[0].date_obs = 56000; /* no start and stop */
    entries[1].time_start = 57000, entries[1].time_stop = 57001;
    entries[0].snr = 10, entries[1].snr = 20;
    entries[0].redshift = -0.001, entries[1].redshift = 2;
    entries[0].resolving_power = 1800, entries[1].resolving_power = 7500;
    entries[0].creator_did = "ivo://x/1";
    entries[1].release = "LAMOST DR5";
    entries[0].file_mtime = INT64_C(86400000000000) * 15000; /* MJD 55587 */
    for (size_t i = 0; i < 3; i++)
        entries[i].record_offset = 64 + (int64_t)i * RECORD_SIZE;
    ASSERT_OK(place, catalogue_begin(place->writer, &place->failure));
    for (size_t i = 0; i < 3; i++)
        ASSERT_OK(place, catalogue_put_spectrum(place->writer, &entries[i],
                                                put_file(place, entries[i].file),
                                                &place->failure));
    ASSERT_OK(place, catalogue_commit(place->writer, &place->failure));
}

static struct catalogue_query everything(void)
{
    return (struct catalogue_query){.snr = (double)NAN, .resolving_power = (double)NAN};
}

/* The paths that are found, one after the other, in pieces of `most`. */
static const char *find_in(struct catalogue *catalogue, struct place *place,
                           const struct catalogue_query *query, size_t most)
{
    static char paths[64];
    struct catalogue_search *search = catalogue_search_open(query);
    bool has_ended = false;

    *paths = '\0';
    while (!has_ended) {
        struct catalogue_hit hits[8];
        struct entry entry;
        size_t count;

        ASSERT_OK(place, catalogue_search_next(search, catalogue, LONG, hits, most,
                                               &count, &has_ended, &place->failure));
        assert_true(count <= most);
        for (size_t i = 0; i < count; i++) {
            ASSERT_OK(place,
                      catalogue_find_number(catalogue, hits[i].number, &place->arena,
                                            &entry, &place->failure));
            strcat(paths, entry.path);
        }
    }
    catalogue_search_close(search);
    return paths;
}

static const char *find(struct place *place, const struct catalogue_query *query,
                        size_t most)
{
    return find_in(place->writer, place, query, most);
}

#define RANGES(...)                                                                      \
    {                                                                                    \
        (const struct catalogue_range[]){__VA_ARGS__},                                   \
            sizeof((const struct catalogue_range[]){__VA_ARGS__}) /                      \
                sizeof(struct catalogue_range)                                           \
    }
#define NAMES(...)                                                                       \
    {                                                                                    \
        (const char *const[]){__VA_ARGS__},                                              \
            sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *)                  \
    }

static void each_condition_finds_what_it_says(void **state)
{
    struct place *place = *state;
    const struct cone at_zero = {direction_of(0, 10), 0.0011};
    const struct cone at_pole = {direction_of(0, 90), 0};
    const double none = (double)NAN;
    const struct {
        const char *what;
        const char *found;
        struct catalogue_query query;
    } rows[] = {
        {"all", "abc", {.snr = none, .resolving_power = none}},
        {"cone over RA 0", "ba", {&at_zero, .snr = none, .resolving_power = none}},
        {"the pole", "c", {&at_pole, .snr = none, .resolving_power = none}},
        {"wavelengths",
         "ab",
         {.wavelengths = RANGES({5300, 5400}), .snr = none, .resolving_power = none}},
        {"one of two",
         "ab",
         {.wavelengths = RANGES({1, 2}, {5000, 5000}),
          .snr = none,
          .resolving_power = none}},
        {"open range",
         "a",
         {.wavelengths = RANGES({5300.5, (double)INFINITY}),
          .snr = none,
          .resolving_power = none}},
        {"bandpass",
         "b",
         {.bandpasses = NAMES("b"), .snr = none, .resolving_power = none}},
        {"bandpass or wavelengths",
         "ab",
         {.wavelengths = RANGES({3700, 3700}),
          .bandpasses = NAMES("B"),
          .snr = none,
          .resolving_power = none}},
        {"time without start and stop",
         "a",
         {.times = RANGES({55999, 56000}), .snr = none, .resolving_power = none}},
        {"time",
         "b",
         {.times = RANGES({57000.5, 57000.6}), .snr = none, .resolving_power = none}},
        {"redshift",
         "a",
         {.redshifts = RANGES({-(double)INFINITY, 0}),
          .snr = none,
          .resolving_power = none}},
        {"S/N", "b", {.snr = 10.5, .resolving_power = none}},
        {"resolving power", "ab", {.snr = none, .resolving_power = 1800}},
        {"path", "b", {.path = "b", .snr = none, .resolving_power = none}},
        {"path, not there", "", {.path = "B", .snr = none, .resolving_power = none}},
        {"name",
         "ab",
         {.target_name = "Lamost J1", .snr = none, .resolving_power = none}},
        {"name and place",
         "",
         {&at_pole, .target_name = "LAMOST J1", .snr = none, .resolving_power = none}},
        {"class",
         "b",
         {.target_classes = NAMES("QSO"), .snr = none, .resolving_power = none}},
        {"classes",
         "ab",
         {.target_classes = NAMES("QSO", "star"), .snr = none, .resolving_power = none}},
        {"creator's DID",
         "a",
         {.creator_did = "IVO://x/1", .snr = none, .resolving_power = none}},
        {"release", "b", {.release = "dr5", .snr = none, .resolving_power = none}},
        {"file's time",
         "a",
         {.modified = RANGES({55586.5, 55587.5}), .snr = none, .resolving_power = none}},
    };

    fill(place);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        print_message("%s\n", rows[i].what);
        assert_string_equal(find(place, &rows[i].query, 8), rows[i].found);
        assert_string_equal(find(place, &rows[i].query, 1), rows[i].found);
    }
}

static void what_went_is_found_where_that_is_asked(void **state)
{
    struct place *place = *state;
    struct catalogue_query query = everything();
    struct catalogue_file file;
    int64_t count;

    fill(place);
    ASSERT_OK(place, catalogue_find_file(place->writer, "b.fits.gz", &place->arena, &file,
                                         &place->failure));
    ASSERT_OK(place, catalogue_begin(place->writer, &place->failure));
    ASSERT_OK(place,
              catalogue_delete_spectra(place->writer, file.number, NULL, 0,
                                       "2026-01-02T03:04:05", &count, &place->failure));
    ASSERT_OK(place, catalogue_commit(place->writer, &place->failure));
    assert_string_equal(find(place, &query, 8), "ac");
    query.with_deleted = true;
    assert_string_equal(find(place, &query, 8), "abc");
    query.modified = (struct catalogue_ranges)RANGES({61042, 61043}); /* 2026-01-02 */
    assert_string_equal(find(place, &query, 8), "b");
}

static void a_spectrum_that_moves_is_found_where_it_is(void **state)
{
    struct place *place = *state;
    struct entry entry;
    const struct cone here = {direction_of(0.001, 10), 0.0001};
    const struct cone there = {direction_of(180, -30), 0.0001};
    struct catalogue_query query = everything();

    fill(place);
    entry = entry_of(place, "a", 1);
    entry.ra = 180, entry.dec = -30;
    ASSERT_OK(place, catalogue_begin(place->writer, &place->failure));
    ASSERT_OK(place,
              catalogue_put_spectrum(place->writer, &entry, put_file(place, entry.file),
                                     &place->failure));
    ASSERT_OK(place, catalogue_commit(place->writer, &place->failure));
    query.cone = &here;
    assert_string_equal(find(place, &query, 8), "");
    query.cone = &there;
    assert_string_equal(find(place, &query, 8), "a");
}

static void what_is_held_stays_as_it_was(void **state)
{
    struct place *place = *state;
    struct catalogue_query query = everything();
    struct catalogue *reader;
    struct catalogue_file file;
    int64_t count;

    fill(place);
    reader = open_reader(place);
    catalogue_hold(reader);
    assert_string_equal(find_in(reader, place, &query, 8), "abc");
    ASSERT_OK(place, catalogue_find_file(place->writer, "b.fits.gz", &place->arena, &file,
                                         &place->failure));
    ASSERT_OK(place, catalogue_begin(place->writer, &place->failure));
    ASSERT_OK(place,
              catalogue_delete_spectra(place->writer, file.number, NULL, 0,
                                       "2026-01-02T03:04:05", &count, &place->failure));
    ASSERT_OK(place, catalogue_commit(place->writer, &place->failure));
    assert_string_equal(find_in(reader, place, &query, 8), "abc");
    catalogue_release(reader);
    assert_string_equal(find_in(reader, place, &query, 8), "ac");
    catalogue_release(reader); /* of nothing */
    assert_string_equal(find_in(reader, place, &query, 1), "ac");
    catalogue_close(reader);
}

static void no_time_is_an_empty_piece_and_no_end(void **state)
{
    struct place *place = *state;
    struct catalogue_query query = everything();
    struct catalogue_search *search = catalogue_search_open(&query);
    struct catalogue_hit hits[8];
    bool has_ended = true;
    size_t count = 8;

    fill(place);
    ASSERT_OK(place, catalogue_search_next(search, place->writer, 0, hits, 8, &count,
                                           &has_ended, &place->failure));
    assert_int_equal(count, 0);
    assert_false(has_ended);
    catalogue_search_close(search);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_PLACE(each_condition_finds_what_it_says),
        WITH_PLACE(what_went_is_found_where_that_is_asked),
        WITH_PLACE(a_spectrum_that_moves_is_found_where_it_is),
        WITH_PLACE(what_is_held_stays_as_it_was),
        WITH_PLACE(no_time_is_an_empty_piece_and_no_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
