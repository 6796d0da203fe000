#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "protocol/ssa_ranges.h"

#include <math.h>
#include <string.h>

static const double OPEN = (double)INFINITY;

static enum status read_one(const char *text, bool is_date, struct catalogue_range *out,
                            struct failure *failure)
{
    struct ssa_list list;
    struct arena arena;
    enum status status;

    arena_init(&arena);
    status = ssa_list_read("BAND", text, &arena, &list, failure);
    if (!status)
        status = (is_date ? ssa_range_of_dates
                          : ssa_range_of_numbers)("BAND", &list.items[0], out, failure);
    arena_finish(&arena);
    return status;
}

static void numbers_are_values_and_ranges(void **state)
{
    const struct {
        const char *text;
        double first, last;
    } rows[] = {
        {"5e-7", 5e-7, 5e-7},  {"4e-7/5e-7", 4e-7, 5e-7}, {"5e-7/4e-7", 4e-7, 5e-7},
        {"4e-7/", 4e-7, OPEN}, {"/5e-7", -OPEN, 5e-7},    {"/", -OPEN, OPEN},
        {"1/2/0.5", 1, 2},     {"-0.1/0.2", -0.1, 0.2},   {"1/2;source", 1, 2},
        {"+.5", 0.5, 0.5},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct catalogue_range range;
        struct failure failure;

        print_message("%s\n", rows[i].text);
        assert_int_equal(read_one(rows[i].text, false, &range, &failure), STATUS_OK);
        assert_true(range.first <= rows[i].first && range.first >= rows[i].first);
        assert_true(range.last <= rows[i].last && range.last >= rows[i].last);
    }
}

/* MJDs as the US Naval Observatory's tables have them: 2000-01-01 is 51544. */
static void dates_are_as_long_as_they_are_short(void **state)
{
    const double ms = 1e-3 / 86400;
    const struct {
        const char *text;
        double first, last;
    } rows[] = {
        {"2000", 51544, 51910 - ms},
        {"2000-02", 51575, 51604 - ms},
        {"2000-01-01", 51544, 51545 - ms},
        {"1858-11-17", 0, 1 - ms},
        {"2012-12", 56262, 56293 - ms},
        {"2000-01-01T12:00", 51544.5, 51544.5 + 1 / 1440.0 - ms},
        {"2000-01-01T12:00:00", 51544.5, 51544.5},
        {"2000-01-01T12:00:00.5Z", 51544.5 + 0.5 / 86400, 51544.5 + 0.5 / 86400},
        {"2000/2001", 51544, 52275 - ms},
        {"2001/2000", 51544, 52275 - ms},
        {"2000-01-01/", 51544, OPEN},
        {"/2000-01-01", -OPEN, 51545 - ms},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct catalogue_range range;
        struct failure failure;

        print_message("%s\n", rows[i].text);
        assert_int_equal(read_one(rows[i].text, true, &range, &failure), STATUS_OK);
        assert_true(range.first <= rows[i].first + 1e-9 &&
                    range.first >= rows[i].first - 1e-9);
        assert_true(range.last <= rows[i].last + 1e-9 &&
                    range.last >= rows[i].last - 1e-9);
    }
}

static void what_is_no_range_is_refused(void **state)
{
    static const struct {
        const char *text;
        bool is_date;
    } rows[] = {
        {"", false},           {"a", false},
        {"1,", false},         {",1", false},
        {"1 /2", false},       {"1/ 2", false},
        {"NaN", false},        {"1/x", false},
        {"12", true},          {"2000-13", true},
        {"2001-02-29", true},  {"2000-1-1", true},
        {"2000-01-01T", true}, {"2000-01-01T24:00", true},
        {"56000", true},       {"2000-01-01T12:00:61", true},
        {"2000-01-01x", true}, {" 2000", true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct catalogue_range range;
        struct failure failure;

        print_message("%s\n", rows[i].text);
        assert_int_equal(read_one(rows[i].text, rows[i].is_date, &range, &failure),
                         STATUS_BAD_PARAMETER);
        assert_non_null(strstr(failure.message, "BAND"));
    }
}

static void lists_have_items_and_a_qualifier(void **state)
{
    struct ssa_list list;
    struct failure failure;
    struct arena arena;
    char many[2 * SSA_LIST_LENGTH + 2];

    (void)state;
    arena_init(&arena);
    assert_int_equal(ssa_list_read("BAND", "1/2,3,/4;observer", &arena, &list, &failure),
                     STATUS_OK);
    assert_int_equal(list.count, 3);
    assert_string_equal(list.qualifier, "observer");
    assert_string_equal(list.items[1].first, "3");
    assert_false(list.items[1].is_range);
    assert_null(list.items[2].first);
    for (size_t i = 0; i <= SSA_LIST_LENGTH; i++)
        memcpy(many + 2 * i, "1,", 2);
    many[sizeof(many) - 1] = '\0';
    assert_int_equal(ssa_list_read("BAND", many, &arena, &list, &failure),
                     STATUS_BAD_PARAMETER);
    arena_finish(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_values_and_ranges),
        cmocka_unit_test(dates_are_as_long_as_they_are_short),
        cmocka_unit_test(what_is_no_range_is_refused),
        cmocka_unit_test(lists_have_items_and_a_qualifier),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
