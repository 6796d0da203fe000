#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bulk/bulk_column.h"
#include "bulk/bulk_form.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* The arena is the caller's. */
static enum status read_query(const char *text, struct arena *arena,
                              struct bulk_query *out, struct failure *failure)
{
    struct params params;

    params_init(&params, arena);
    assert_int_equal(params_read(&params, text, strlen(text), failure), STATUS_OK);
    *failure = (struct failure){.message = ""};
    return bulk_query_read(&params, arena, out, failure);
}

static void nothing_asked_is_every_sample_and_column_as_votable(void **state)
{
    struct bulk_query query;
    struct failure failure;
    struct arena arena;

    (void)state;
    arena_init(&arena);
    assert_int_equal(read_query("", &arena, &query, &failure), STATUS_OK);
    assert_int_equal(query.band_count, 1);
    assert_true(isinf(query.bands[0].lower) && query.bands[0].lower < 0);
    assert_true(isinf(query.bands[0].upper) && query.bands[0].upper > 0);
    assert_int_equal(query.column_count, BULK_COLUMNS);
    assert_true(query.has_samples);
    assert_false(query.at_rest);
    assert_ptr_equal(query.form, &bulk_votable);
    arena_finish(&arena);
}

static void bands_are_kept_in_the_order_given(void **state)
{
    struct bulk_query query;
    struct failure failure;
    struct arena arena;

    (void)state;
    arena_init(&arena);
    assert_int_equal(
        read_query("BAND=6e-7+7e-7&BAND=&band=3.92e-7+3.98e-7&BAND=-Inf+4e-7", &arena,
                   &query, &failure),
        STATUS_OK);
    assert_int_equal(query.band_count, 3);
    assert_true(fabs(query.bands[0].lower - 6000) < 1e-9);
    assert_true(fabs(query.bands[1].lower - 3920) < 1e-9);
    assert_true(fabs(query.bands[1].upper - 3980) < 1e-9);
    assert_true(isinf(query.bands[2].lower));
    arena_finish(&arena);
}

static void columns_are_chosen_by_name_and_come_in_their_own_order(void **state)
{
    static const struct {
        const char *text, *names;
        bool has_samples;
    } rows[] = {
        {"COLUMNS=n", "n ", false},
        {"COLUMNS=n,ssa_pubDID", "ssa_pubDID n ", false},
        {"columns=SSA_PUBDID+,+flux", "ssa_pubDID flux ", true},
        {"COLUMNS=status&COLUMNS=n,n", "status n ", false},
        {"COLUMNS=or_mask%09band", "band or_mask ", true},
        {"COLUMNS=,+,", NULL, true},
        {"COLUMNS=", NULL, true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct bulk_query query;
        struct failure failure;
        struct arena arena;
        char names[512] = "";

        print_message("%s\n", rows[i].text);
        arena_init(&arena);
        assert_int_equal(read_query(rows[i].text, &arena, &query, &failure), STATUS_OK);
        for (size_t j = 0; j < query.column_count; j++) {
            strcat(names, bulk_columns[query.columns[j]].name);
            strcat(names, " ");
        }
        if (rows[i].names)
            assert_string_equal(names, rows[i].names);
        else
            assert_int_equal(query.column_count, BULK_COLUMNS);
        assert_int_equal(query.has_samples, rows[i].has_samples);
        arena_finish(&arena);
    }
}

static void forms_go_by_their_short_names_and_media_types(void **state)
{
    static const struct {
        const char *text;
        const struct bulk_form *form;
    } rows[] = {
        {"RESPONSEFORMAT=votable", &bulk_votable},
        {"FORMAT=fits", &bulk_fits},
        {"RESPONSEFORMAT=application/fits", &bulk_fits},
        {"RESPONSEFORMAT=text/csv", &bulk_csv},
        {"RESPONSEFORMAT=tabledata", &bulk_tabledata},
        {"RESPONSEFORMAT=tar", &bulk_tar},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct bulk_query query;
        struct failure failure;
        struct arena arena;

        print_message("%s\n", rows[i].text);
        arena_init(&arena);
        assert_int_equal(read_query(rows[i].text, &arena, &query, &failure), STATUS_OK);
        assert_ptr_equal(query.form, rows[i].form);
        arena_finish(&arena);
    }
}

static void what_is_wrong_is_said_with_its_parameter(void **state)
{
    static const struct {
        const char *text;
        enum status status;
        const char *words;
    } rows[] = {
        {"BAND=1+2", STATUS_BAD_PARAMETER, "BAND is in metres"},
        {"BAND=4e-7+3e-7", STATUS_BAD_PARAMETER, "BAND"},
        {"BAND=4e-7+5e-7&BAND=x", STATUS_BAD_PARAMETER, "BAND"},
        {"COLUMNS=n,colour", STATUS_BAD_PARAMETER,
         "COLUMNS: 'colour' is not one of ssa_pubDID, band, status, n,"},
        {"COLUMNS=flux_", STATUS_BAD_PARAMETER, "COLUMNS: 'flux_'"},
        {"COLUMNS=flu", STATUS_BAD_PARAMETER, "COLUMNS: 'flu'"},
        {"RESPONSEFORMAT=svg", STATUS_BAD_PARAMETER, "RESPONSEFORMAT"},
        {"RESPONSEFORMAT=ecsv", STATUS_BAD_PARAMETER, "RESPONSEFORMAT"},
        {"RESPONSEFORMAT=pdf", STATUS_BAD_PARAMETER, "RESPONSEFORMAT"},
        {"RESPONSEFORMAT=fits&RESPONSEFORMAT=csv", STATUS_MULTIPLE_VALUES,
         "RESPONSEFORMAT"},
        {"FRAME=moon", STATUS_BAD_PARAMETER, "FRAME: 'moon'"},
        {"FRAME=rest&FRAME=rest", STATUS_MULTIPLE_VALUES, "FRAME"},
        {"FLUXCALIB=RELATIVE", STATUS_BAD_PARAMETER, "FLUXCALIB"},
        {"CIRCLE=1+2", STATUS_BAD_PARAMETER, "CIRCLE"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct bulk_query query;
        struct failure failure;
        struct arena arena;
        enum status status;

        arena_init(&arena);
        status = read_query(rows[i].text, &arena, &query, &failure);
        print_message("%s\n  %s\n", rows[i].text, failure.message);
        assert_int_equal(status, rows[i].status);
        assert_non_null(strstr(failure.message, rows[i].words));
        arena_finish(&arena);
    }
}

static void there_are_as_many_windows_as_fit(void **state)
{
    char text[(BULK_BANDS + 1) * sizeof("BAND=4e-7+5e-7&")] = "";
    struct bulk_query query;
    struct failure failure;
    struct arena arena;

    (void)state;
    arena_init(&arena);
    for (int i = 0; i < BULK_BANDS; i++)
        strcat(text, "BAND=4e-7+5e-7&");
    assert_int_equal(read_query(text, &arena, &query, &failure), STATUS_OK);
    assert_int_equal(query.band_count, BULK_BANDS);
    strcat(text, "BAND=4e-7+5e-7");
    assert_int_equal(read_query(text, &arena, &query, &failure), STATUS_TOO_LARGE);
    assert_non_null(strstr(failure.message, "one request takes 64 windows"));
    arena_finish(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_asked_is_every_sample_and_column_as_votable),
        cmocka_unit_test(bands_are_kept_in_the_order_given),
        cmocka_unit_test(columns_are_chosen_by_name_and_come_in_their_own_order),
        cmocka_unit_test(forms_go_by_their_short_names_and_media_types),
        cmocka_unit_test(what_is_wrong_is_said_with_its_parameter),
        cmocka_unit_test(there_are_as_many_windows_as_fit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
