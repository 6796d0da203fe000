#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dali/http_date.h"

#include <time.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The first is the example of RFC 9110, section 5.6.7; the others by date -u -R. */
static const struct {
    const char *text;
    int64_t seconds;
} dates[] = {
    {"Sun, 06 Nov 1994 08:49:37 GMT", 784111777},
    {"Thu, 01 Jan 1970 00:00:00 GMT", 0},
    {"Tue, 29 Feb 2000 23:59:59 GMT", 951868799},
    {"Sun, 22 Nov 2026 18:44:00 GMT", 1795373040},
    {"Fri, 31 Dec 9999 23:59:59 GMT", 253402300799},
};

static void dates_are_written_and_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(dates); i++) {
        char text[HTTP_DATE_LENGTH];
        int64_t seconds = -1;

        http_date_write(dates[i].seconds, text);
        assert_string_equal(text, dates[i].text);
        assert_true(http_date_read(dates[i].text, &seconds));
        assert_int_equal(seconds, dates[i].seconds);
    }
}

/* Each day from 1970 to 2500, beside the C library. */
static void every_day_is_the_calendars(void **state)
{
    (void)state;
    for (int64_t day = 0; day < 530 * 366; day++) {
        time_t time = day * 86400 + day % 86400;
        char text[HTTP_DATE_LENGTH], expected[64];
        struct tm date;

        http_date_write(time, text);
        strftime(expected, sizeof(expected), "%a, %d %b %Y %H:%M:%S GMT",
                 gmtime_r(&time, &date));
        assert_string_equal(text, expected);
    }
}

static void times_beyond_the_calendar_become_its_ends(void **state)
{
    char text[HTTP_DATE_LENGTH];

    (void)state;
    http_date_write(-1, text);
    assert_string_equal(text, "Thu, 01 Jan 1970 00:00:00 GMT");
    http_date_write(INT64_MAX, text);
    assert_string_equal(text, "Fri, 31 Dec 9999 23:59:59 GMT");
}

static void what_is_no_date_is_refused(void **state)
{
    static const char *const rows[] = {
        "",
        "Sun, 06 Nov 1994 08:49:37 GM",
        "Sun, 06 Nov 1994 08:49:37 GMT ",
        "Sun, 06 Nov 1994 08:49:37 UTC",
        "Mon, 06 Nov 1994 08:49:37 GMT", /* it was a Sunday */
        "Sun, 31 Nov 1994 08:49:37 GMT",
        "Sun, 00 Nov 1994 08:49:37 GMT",
        "Sun, 06 nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:49:37 GMT",
        "Sun, 06 Nov 1994 08:60:37 GMT",
        "Sun, 06 Nov 1994 08:49:60 GMT",
        "Sun, 06 Nov 1969 08:49:37 GMT",
        "Sun,  6 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
        "1994-11-06T08:49:37Z",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        int64_t seconds = 17;

        print_message("%s\n", rows[i]);
        assert_false(http_date_read(rows[i], &seconds));
        assert_int_equal(seconds, 17);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates_are_written_and_read),
        cmocka_unit_test(every_day_is_the_calendars),
        cmocka_unit_test(times_beyond_the_calendar_become_its_ends),
        cmocka_unit_test(what_is_no_date_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
