#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ask.h"

#include <string.h>

static int set_up(void **state)
{
    (void)state;
    fake_open();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fake_close();
    return 0;
}

static struct asked *ask_ssa(const char *query)
{
    return ask(ssa_serve, (struct ask){.query = query});
}

static size_t count(const char *text, const char *part)
{
    size_t found = 0;

    for (const char *at = text; (at = strstr(at, part)); at += strlen(part))
        found++;
    return found;
}

static void rows_follow_the_forms_and_the_limit(void **state)
{
    static const struct {
        const char *query;
        size_t rows;
        bool has_overflow;
    } rows[] = {
        {"", 2 * SAMPLE_COUNT, false},
        {"FORMAT=votable", SAMPLE_COUNT, false},
        {"FORMAT=fits", SAMPLE_COUNT, false},
        {"FORMAT=graphic", 0, false},
        {"FLUXCALIB=absolute", 0, false},
        {"MAXREC=0", 0, true},
        {"MAXREC=3", 3, true},
        {"MAXREC=12", 12, false},
        {"MAXREC=11", 11, true},
        {"TOP=3", 3, false},
        {"TOP=3&POS=1,1&FORMAT=votable", 3, false},
        {"TOP=3&MAXREC=2&POS=1,1", 2, true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct asked *asked = ask_ssa(rows[i].query);
        const char *text = ask_text(asked);

        print_message("%s\n", rows[i].query);
        assert_int_equal(asked->status, STATUS_OK);
        assert_int_equal(count(text, "<TR>"), rows[i].rows);
        assert_int_equal(count(text, "value=\"OVERFLOW\""), rows[i].has_overflow);
        assert_int_equal(count(text, "value=\"OK\""), 1);
        assert_int_equal(count(text, "</VOTABLE>"), 1);
        ask_finish(asked);
    }
}

static void the_best_come_first(void **state)
{
    struct asked *asked = ask_ssa("TOP=2&POS=1,1&SIZE=1&FORMAT=votable");
    const char *text = ask_text(asked);
    /* Of the fake archive's samples the last is the nearest, 0.05 degrees away. */
    const char *nearest = strstr(text, "<TR><TD>0.9</TD>");
    const char *next = strstr(text, "<TR><TD>0.8</TD>");

    (void)state;
    assert_true(nearest && next && nearest < next);
    ask_finish(asked);
}

static void clients_find_what_they_look_for(void **state)
{
    static const char *const parts[] = {
        "<INFO name=\"SERVICE_PROTOCOL\" value=\"1.1\">SSAP</INFO>",
        "utype=\"ssa:Access.Reference\"",
        "utype=\"ssa:Access.Format\"",
        "utype=\"ssa:DataID.Title\"",
        "utype=\"ssa:Target.Pos\"",
        "ucd=\"pos.eq.ra;meta.main\"",
        "ucd=\"pos.eq.dec;meta.main\"",
        "name=\"datalink_url\"",
        "ivo://ivoa.net/std/DataLink",
        "ivo://ivoa.net/std/SODA#sync-1.0",
        "ref=\"ssa_pubDID\"",
        "ID=\"ssa_pubDID\"",
        "MultiFormat",
        "@mime",
    };
    struct asked *asked = ask_ssa("");
    const char *text = ask_text(asked);

    (void)state;
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        print_message("%s\n", parts[i]);
        assert_non_null(strstr(text, parts[i]));
    }
    assert_true(strstr(text, "std/DataLink") < strstr(text, "std/SODA"));
    assert_true(strstr(text, "</RESOURCE>") < strstr(text, "std/DataLink"));
    ask_finish(asked);
}

static void metadata_has_no_table(void **state)
{
    struct asked *asked = ask_ssa("FORMAT=METADATA&BAND=nonsense");
    const char *text = ask_text(asked);

    (void)state;
    assert_int_equal(asked->status, STATUS_OK);
    assert_null(strstr(text, "<TABLE"));
    assert_non_null(strstr(text, "name=\"INPUT:POS\""));
    assert_non_null(strstr(text, "name=\"OUTPUT:ssa_pubDID\""));
    ask_finish(asked);
}

static void a_bad_value_is_told(void **state)
{
    struct asked *asked = ask_ssa("POS=nonsense");

    (void)state;
    assert_int_equal(asked->status, STATUS_BAD_PARAMETER);
    ask_finish(asked);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_follow_the_forms_and_the_limit),
        cmocka_unit_test(the_best_come_first),
        cmocka_unit_test(clients_find_what_they_look_for),
        cmocka_unit_test(metadata_has_no_table),
        cmocka_unit_test(a_bad_value_is_told),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
