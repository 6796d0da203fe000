#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ask.h"

#define STAR "ID=dr7/spec-55859-F5902_sp01-001"
#define STAR_DID "ID=ivo://test.example/~?lamost5/dr7/spec-55859-F5902_sp01-001"
#define ARM "ID=mrs/med-58859-NT054013S012745S01_sp15-092/B"
#define BINARY2 "application/x-votable+xml;serialization=BINARY2"
#define TABLEDATA "application/x-votable+xml;serialization=TABLEDATA"

static int open_samples(void **state)
{
    (void)state;
    fake_open();
    return 0;
}

static int close_samples(void **state)
{
    (void)state;
    fake_close();
    return 0;
}

static void a_band_is_answered_with_its_samples_and_a_name_for_the_file(void **state)
{
    static const struct {
        const char *query, *length, *file;
    } rows[] = {
        {STAR_DID "&BAND=3.92e-7+3.98e-7", "66",
         "spec-55859-F5902_sp01-001_392-398nm.vot"},
        {STAR "&band=3.92e-07+3.9800000000000004e-07", "66",
         "spec-55859-F5902_sp01-001_392-398nm.vot"},
        {STAR "&BAND=3.925e-7%203.98e-7", "60",
         "spec-55859-F5902_sp01-001_392.5-398nm.vot"},
        {STAR "&BAND=5.0e-7+5.0e-7", "1", "spec-55859-F5902_sp01-001_500-500nm.vot"},
        {STAR "&BAND=-Inf+3.7003e-7", "1",
         "spec-55859-F5902_sp01-001_369.99863-370.03nm.vot"},
        {STAR "&BAND=", "3909", "spec-55859-F5902_sp01-001.vot"},
        {STAR, "3909", "spec-55859-F5902_sp01-001.vot"},
        {STAR "&RUNID=x&REQUEST=y&MAXREC=0&pos=", "3909",
         "spec-55859-F5902_sp01-001.vot"},
        {ARM "&BAND=4.9e-7+4.91e-7", "89",
         "med-58859-NT054013S012745S01_sp15-092_B_490-491nm.vot"},
        {"ID=odd/a%26b%20%22c%22%2Bd%2541%C3%A9", "3909", "a_b__c_+d_41__.vot"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct asked *asked = ask(soda_serve, (struct ask){.query = rows[i].query});
        char expected[128];

        print_message("%s\n", rows[i].query);
        assert_int_equal(asked->status, STATUS_OK);
        assert_int_equal(asked->response.code, 200);
        assert_string_equal(asked->response.content_type, BINARY2);
        snprintf(expected, sizeof(expected),
                 "utype=\"spec:Spectrum.Length\" value=\"%s\"", rows[i].length);
        assert_non_null(strstr(ask_text(asked), expected));
        snprintf(expected, sizeof(expected), "attachment; filename=\"%s\"", rows[i].file);
        assert_string_equal(ask_header(asked, "Content-Disposition"), expected);
        ask_finish(asked);
        assert_int_equal(fake.holdings, 0);
    }
}

/* SODA 1.0, section 5.1. */
static void a_band_without_samples_is_204_without_a_body(void **state)
{
    static const char *const rows[] = {
        ARM "&BAND=3.92e-7+3.98e-7", STAR "&BAND=1e-6+2e-6",     STAR "&BAND=1e-7+1e-7",
        STAR "&BAND=-inf+1e-7",      STAR "&BAND=9.5e-7+%2BInF",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct asked *asked = ask(soda_serve, (struct ask){.query = rows[i]});

        print_message("%s\n", rows[i]);
        assert_int_equal(asked->status, STATUS_OK);
        assert_int_equal(asked->response.code, 204);
        assert_int_equal(asked->response.kind, BODY_NONE);
        assert_null(asked->response.content_type);
        ask_finish(asked);
        assert_int_equal(fake.holdings, 0);
    }
}

static void what_is_wrong_is_said_with_its_parameter(void **state)
{
    static const struct {
        const char *query;
        enum status status;
        const char *message; /* begins with */
    } rows[] = {
        {"", STATUS_BAD_PARAMETER, "ID: "},
        {"ID=&BAND=3.92e-7+3.98e-7", STATUS_BAD_PARAMETER, "ID: "},
        {STAR "&" ARM "&FRAME=rest&FRAME=rest", STATUS_MULTIPLE_VALUES, "FRAME"},
        {STAR "&BAND=3.92e-7", STATUS_BAD_PARAMETER, "BAND"},
        {STAR "&BAND=392+398", STATUS_BAD_PARAMETER,
         "BAND is in metres: did you mean 3.92e-07 3.98e-07?"},
        {STAR "&BAND=3.98e-7+3.92e-7", STATUS_BAD_PARAMETER, "BAND"},
        {STAR "&BAND=NaN+1", STATUS_BAD_PARAMETER, "BAND"},
        {STAR "&RESPONSEFORMAT=application/pdf", STATUS_BAD_PARAMETER,
         "RESPONSEFORMAT: 'application/pdf' is not one of votable, "},
        {STAR "&RESPONSEFORMAT=votable&RESPONSEFORMAT=votable", STATUS_MULTIPLE_VALUES,
         "RESPONSEFORMAT"},
        {STAR "&POS=1+2+3", STATUS_BAD_PARAMETER, "POS: expected CIRCLE"},
        {STAR "&POS=CIRCLE+1+2", STATUS_BAD_PARAMETER, "POS: expected longitude"},
        {STAR "&POS=CIRCLE+1+91+2", STATUS_BAD_PARAMETER, "POS: expected a latitude"},
        {STAR "&POS=RANGE+1+2+3", STATUS_BAD_PARAMETER, "POS: expected RANGE"},
        {STAR "&POS=RANGE+1+2+4+3", STATUS_BAD_PARAMETER, "POS: expected latitudes"},
        {STAR "&POS=POLYGON+1+2+3+4", STATUS_BAD_PARAMETER, "POS: expected three"},
        {STAR "&CIRCLE=1+2+-3", STATUS_BAD_PARAMETER, "CIRCLE: expected a radius"},
        {STAR "&CIRCLE=1+2+3&CIRCLE=1+2+3", STATUS_MULTIPLE_VALUES, "CIRCLE"},
        {STAR "&POLYGON=1+2+3+4+5", STATUS_BAD_PARAMETER, "POLYGON: expected three"},
        {STAR "&POLYGON=0+0+120+0+240+0", STATUS_BAD_PARAMETER,
         "POLYGON: expected a polygon that fits"},
        {STAR "&time=56000+55000", STATUS_BAD_PARAMETER, "TIME: "},
        {STAR "&TIME=55000", STATUS_BAD_PARAMETER, "TIME: "},
        {STAR "&TIME=55000+NaN", STATUS_BAD_PARAMETER, "TIME: "},
        {STAR "&TIME=1+2&TIME=3+4", STATUS_MULTIPLE_VALUES, "TIME"},
        {STAR "&FLUXCALIB=ABSOLUTE", STATUS_BAD_PARAMETER, "FLUXCALIB: 'ABSOLUTE'"},
        {STAR "&FLUXCALIB=RELATIVE&FLUXCALIB=RELATIVE", STATUS_MULTIPLE_VALUES,
         "FLUXCALIB"},
        {STAR "&FRAME=moon", STATUS_BAD_PARAMETER, "FRAME: 'moon'"},
        {STAR "&FRAME=rest&FRAME=rest", STATUS_MULTIPLE_VALUES, "FRAME"},
        {STAR "&RESPONSEFORMAT=png&WIDTH=0", STATUS_BAD_PARAMETER, "WIDTH"},
        {"ID=nothing&BAND=3.92e-7+3.98e-7", STATUS_NOT_FOUND, "no spectrum 'nothing'"},
        {"ID=gone", STATUS_NOT_FOUND, "withdrawn"},
        {"ID=several", STATUS_BAD_PARAMETER, "ID means several"},
        {"ID=broken", STATUS_REFUSED, "HDU 0"},
        {"ID=busy", STATUS_UNAVAILABLE, ""},
        {"ID=pending", STATUS_PENDING, ""},
        {"ID=damaged", STATUS_DAMAGED, ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct asked *asked = ask(soda_serve, (struct ask){.query = rows[i].query});

        print_message("%s: %s\n", rows[i].query, asked->failure.message);
        assert_int_equal(asked->status, rows[i].status);
        assert_int_equal(
            strncmp(asked->failure.message, rows[i].message, strlen(rows[i].message)), 0);
        assert_int_equal(asked->response.kind, BODY_NONE);
        ask_finish(asked);
        assert_int_equal(fake.holdings, 0);
    }
}

/* A bad request costs no look-up. */
static void parameters_are_read_before_the_archive_is_asked(void **state)
{
    int before = fake.finds;

    (void)state;
    ask_finish(ask(soda_serve, (struct ask){.query = STAR "&BAND=1"}));
    assert_int_equal(fake.finds, before);
}

static void an_unknown_collection_is_not_found(void **state)
{
    struct asked *asked =
        ask(soda_serve, (struct ask){.query = STAR, .collection = "sdss"});

    (void)state;
    assert_int_equal(asked->status, STATUS_NOT_FOUND);
    assert_non_null(strstr(asked->failure.message, "sdss"));
    ask_finish(asked);
}

/* DALI 1.1, section 3.4.3; VOTable 1.4, section 8. */
static void the_form_is_the_one_that_was_asked_for(void **state)
{
    static const struct {
        const char *query, *content_type, *element;
    } rows[] = {
        {"", BINARY2, "<BINARY2>"},
        {"&RESPONSEFORMAT=", BINARY2, "<BINARY2>"},
        {"&RESPONSEFORMAT=votable", BINARY2, "<BINARY2>"},
        {"&responseformat=VOTable", BINARY2, "<BINARY2>"},
        {"&FORMAT=tabledata", TABLEDATA, "<TABLEDATA>"},
        {"&FORMAT=binary2&RESPONSEFORMAT=tabledata", TABLEDATA, "<TABLEDATA>"},
        {"&RESPONSEFORMAT=application/x-votable%2Bxml", BINARY2, "<BINARY2>"},
        {"&RESPONSEFORMAT=application/x-votable+xml", BINARY2, "<BINARY2>"},
        {"&RESPONSEFORMAT=application/x-votable%2Bxml;serialization=TABLEDATA", TABLEDATA,
         "<TABLEDATA>"},
        {"&RESPONSEFORMAT=application/x-votable%2Bxml;+Serialization=BINARY2", BINARY2,
         "<BINARY2>"},
        {"&RESPONSEFORMAT=text/xml", "text/xml", "<TABLEDATA>"},
        {"&RESPONSEFORMAT=text/xml;serialization=binary2", "text/xml", "<BINARY2>"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char query[256];
        struct asked *asked;

        print_message("%s\n", rows[i].query);
        snprintf(query, sizeof(query), STAR "&BAND=3.92e-7+3.98e-7%s", rows[i].query);
        asked = ask(soda_serve, (struct ask){.query = query});
        assert_int_equal(asked->status, STATUS_OK);
        assert_string_equal(asked->response.content_type, rows[i].content_type);
        assert_non_null(strstr(ask_text(asked), rows[i].element));
        ask_finish(asked);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_band_is_answered_with_its_samples_and_a_name_for_the_file),
        cmocka_unit_test(a_band_without_samples_is_204_without_a_body),
        cmocka_unit_test(what_is_wrong_is_said_with_its_parameter),
        cmocka_unit_test(parameters_are_read_before_the_archive_is_asked),
        cmocka_unit_test(an_unknown_collection_is_not_found),
        cmocka_unit_test(the_form_is_the_one_that_was_asked_for),
    };

    return cmocka_run_group_tests(tests, open_samples, close_samples);
}
