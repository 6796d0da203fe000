#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "protocol/soda_descriptor.h"

#include <math.h>
#include <string.h>

static struct entry entry_of(double start, double stop, double time, double ra,
                             double dec)
{
    struct entry entry;

    entry_init(&entry);
    entry.spectral_start = start;
    entry.spectral_end = stop;
    entry.time_start = time;
    entry.time_stop = isnan(time) ? time : time + 0.5;
    entry.ra_obs = ra;
    entry.dec_obs = dec;
    return entry;
}

static const char *write(const struct soda_coverage *coverage, struct buffer *out)
{
    struct soda_descriptor descriptor = {
        .access_url = "https://spectra.example/lamost5/sync",
        .id_ref = "did",
        .coverage = *coverage,
    };

    soda_descriptor_write(&descriptor, out);
    buffer_add_char(out, '\0');
    return (const char *)out->bytes;
}

/* SODA 1.0, section 3.5: a parameter is what it is by name, UCD and unit together. */
static void parameters_are_what_the_standard_names(void **state)
{
    static const char *const rows[] = {
        "name=\"ID\" datatype=\"char\" arraysize=\"*\" "
        "ucd=\"meta.ref.url;meta.curation\" "
        "ref=\"did\" value=\"\"",
        "name=\"BAND\" datatype=\"double\" arraysize=\"2\" xtype=\"interval\" unit=\"m\" "
        "ucd=\"em.wl;stat.interval\" value=\"\"",
        "name=\"TIME\" datatype=\"double\" arraysize=\"2\" xtype=\"interval\" unit=\"d\" "
        "ucd=\"time.interval;obs.exposure\" value=\"\"",
        "name=\"POS\" datatype=\"char\" arraysize=\"*\" ucd=\"pos.outline;obs\" "
        "value=\"\"",
        "name=\"CIRCLE\" datatype=\"double\" arraysize=\"3\" xtype=\"circle\" "
        "unit=\"deg\" ucd=\"pos.outline;obs\" value=\"\"",
        "name=\"FLUXCALIB\" datatype=\"char\" arraysize=\"*\" ucd=\"phot.calib\"",
        "name=\"FRAME\" datatype=\"char\" arraysize=\"*\"",
        "<OPTION value=\"rest\"/>",
        "name=\"RESPONSEFORMAT\" datatype=\"char\" arraysize=\"*\" "
        "ucd=\"meta.code.mime\"",
        "<OPTION value=\"application/fits\"/>",
        "<OPTION value=\"image/svg+xml\"/>",
    };
    struct entry entry = entry_of(3700, 9100, 55000, 10, 20);
    struct soda_coverage coverage;
    struct buffer out = {0};
    const char *text;

    (void)state;
    soda_coverage_init(&coverage);
    assert_true(soda_coverage_is_empty(&coverage));
    soda_coverage_add(&coverage, &entry);
    assert_false(soda_coverage_is_empty(&coverage));
    text = write(&coverage, &out);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        print_message("%s\n", rows[i]);
        assert_non_null(strstr(text, rows[i]));
    }
    assert_null(strstr(text, "name=\"POLYGON\""));
    buffer_finish(&out);
}

static void limits_are_the_union_of_what_the_spectra_cover(void **state)
{
    struct entry entries[] = {
        entry_of(4900, 5400, 56000, 10, 20),
        entry_of(6300, 6800, 55000, 12, 20),
        entry_of(5000, 5100, (double)NAN, (double)NAN, (double)NAN),
    };
    struct soda_coverage coverage;
    struct buffer out = {0};
    const char *text;

    (void)state;
    soda_coverage_init(&coverage);
    for (size_t i = 0; i < 3; i++)
        soda_coverage_add(&coverage, &entries[i]);
    for (size_t i = 0; i < 2; i++)
        assert_true(
            sky_separation(coverage.circle.centre,
                           (struct sky_point){entries[i].ra_obs, entries[i].dec_obs}) <
            coverage.circle.radius);
    assert_true(coverage.circle.radius < 0.95); /* half of 2 degrees at that latitude */
    text = write(&coverage, &out);
    assert_non_null(strstr(text, "<MIN value=\"4.9"));
    assert_non_null(strstr(text, "<MAX value=\"6.8"));
    assert_non_null(strstr(text, "<MIN value=\"55000\"/><MAX value=\"56000.5\"/>"));
    buffer_finish(&out);
}

static void what_is_not_known_is_not_listed(void **state)
{
    struct entry entry = entry_of(4900, 5400, (double)NAN, (double)NAN, (double)NAN);
    struct soda_coverage coverage;
    struct buffer out = {0};
    const char *text;

    (void)state;
    soda_coverage_init(&coverage);
    soda_coverage_add(&coverage, &entry);
    text = write(&coverage, &out);
    assert_null(strstr(text, "name=\"TIME\""));
    assert_null(strstr(text, "name=\"POS\""));
    assert_null(strstr(text, "name=\"CIRCLE\""));
    assert_non_null(strstr(text, "name=\"BAND\""));
    buffer_finish(&out);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(parameters_are_what_the_standard_names),
        cmocka_unit_test(limits_are_the_union_of_what_the_spectra_cover),
        cmocka_unit_test(what_is_not_known_is_not_listed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
