#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ingest/iso_time.h"

#include <math.h>

static void times_become_modified_julian_dates(void **state)
{
    static const struct {
        const char *text;
        double mjd; /* as astropy.time has it */
    } rows[] = {
        {"1858-11-17T00:00:00", 0.0},
        {"2000-01-01T12:00:00", 51544.5},
        {"2011-10-27T20:02:34.19", 55861.835117939816},
        {"2014-12-26 22:02:03", 57017.918090277776},
        {"2020-01-10T22:49:16.0", 58858.95087962963},
        {"2024-02-29T23:59:59.999", 60369.999999988424},
        {"1900-03-01T00:00:00", 15079.0},
        {"2100-02-28T06:00:00", 88127.25},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        double mjd = -1;

        print_message("%s\n", rows[i].text);
        assert_true(iso_time_to_mjd(rows[i].text, &mjd));
        assert_true(fabs(mjd - rows[i].mjd) < 2e-11);
    }
}

static void what_is_no_time_is_refused(void **state)
{
    static const char *const rows[] = {
        "",
        "2011-10-27",
        "2011-10-27T20:02",
        "2011-10-27T20:02:3",
        "2011-10-27T20:02:34Z",
        "2011-10-27T20:02:34.1.2",
        "2011-10-27T20:02:34.1e1",
        "2011-10-27X20:02:34",
        "2011/10/27T20:02:34",
        "2011-13-01T00:00:00",
        "2011-00-01T00:00:00",
        "2011-02-29T00:00:00",
        "1900-02-29T00:00:00",
        "2011-04-31T00:00:00",
        "2011-10-00T00:00:00",
        "0000-01-01T00:00:00",
        "2011-10-27T24:00:00",
        "2011-10-27T23:60:00",
        "2011-10-27T23:59:61",
        " 2011-10-27T20:02:34",
        "-9999",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char seconds[ISO_TIME_SECONDS] = "as it was";
        double mjd = 17;

        print_message("'%s'\n", rows[i]);
        assert_false(iso_time_to_mjd(rows[i], &mjd));
        assert_false(iso_time_to_seconds(rows[i], seconds));
        assert_true(mjd == 17);
        assert_string_equal(seconds, "as it was");
    }
}

static void seconds_come_with_a_t_and_without_a_fraction(void **state)
{
    char seconds[ISO_TIME_SECONDS];

    (void)state;
    assert_true(iso_time_to_seconds("2014-12-26 22:02:03.75", seconds));
    assert_string_equal(seconds, "2014-12-26T22:02:03");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_become_modified_julian_dates),
        cmocka_unit_test(what_is_no_time_is_refused),
        cmocka_unit_test(seconds_come_with_a_t_and_without_a_fraction),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
