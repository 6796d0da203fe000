#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ask.h"

#define STAR "dr7/spec-55859-F5902_sp01-001"
#define BARE "dr1/spec-55862-B6212_sp06-003"
#define ARM "mrs/med-58859-NT054013S012745S01_sp15-092/B"
#define DATALINK "application/x-votable+xml;content=datalink"

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

static struct asked *links(const char *query)
{
    struct asked *asked = ask(links_serve, (struct ask){.query = query});

    print_message("%s\n", query);
    assert_int_equal(fake.holdings, 0);
    return asked;
}

static int count_of(const char *text, const char *part)
{
    int count = 0;

    for (; (text = strstr(text, part)); text++)
        count++;
    return count;
}

/* Each row as "ID semantics target": the one of URL, service and error that is there. */
static void assert_rows(struct asked *asked, const char *const *rows, size_t count)
{
    const char *text = ask_text(asked);

    assert_int_equal(count_of(text, "<TR>"), count);
    for (size_t i = 0; i < count; i++) {
        text = strstr(text, "<TR>");
        assert_non_null(text);
        assert_int_equal(strncmp(text + 4, rows[i], strlen(rows[i])), 0);
        text++;
    }
}

static void a_spectrum_has_document_file_pictures_and_service(void **state)
{
    static const char *const rows[] = {
        "<TD>" STAR "</TD><TD>https://spectra.example/lamost/lamost5/spectra/" STAR
        ".vot</TD><TD/><TD/><TD>",
        "<TD>" STAR "</TD><TD>https://spectra.example/lamost/lamost5/spectra/" STAR
        ".fits</TD><TD/><TD/><TD>",
        "<TD>" STAR "</TD><TD>https://spectra.example/lamost/lamost5/spectra/" STAR
        ".png</TD><TD/><TD/><TD>",
        "<TD>" STAR "</TD><TD>https://spectra.example/lamost/lamost5/spectra/" STAR
        ".svg</TD><TD/><TD/><TD>",
        "<TD>" STAR "</TD><TD/><TD>soda</TD><TD/><TD>",
    };
    struct asked *asked = links("ID=" STAR);

    (void)state;
    assert_int_equal(asked->response.code, 200);
    assert_string_equal(asked->response.content_type, DATALINK);
    assert_rows(asked, rows, 5);
    assert_int_equal(count_of(ask_text(asked), "utype=\"adhoc:service\""), 1);
    ask_finish(asked);
}

/* What stands behind the description: semantics, content_type, content_length,
 * content_qualifier, local_semantics, link_auth, link_authorized. */
static void rows_say_what_they_lead_to(void **state)
{
    static const char *const ends[] = {
        "<TD>#progenitor</TD><TD>application/fits</TD><TD>92160</TD><TD>#spectrum</TD>"
        "<TD>#archived</TD><TD>false</TD><TD>T</TD></TR>",
        "<TD>#preview</TD><TD>image/png</TD><TD/><TD/><TD>#plot</TD><TD>false</TD>"
        "<TD>T</TD></TR>",
        "<TD>#preview-plot</TD><TD>image/svg+xml</TD><TD/><TD/><TD>#plot</TD>"
        "<TD>false</TD><TD>T</TD></TR>",
        "<TD>#cutout</TD><TD>application/x-votable+xml</TD><TD/><TD>#spectrum</TD>"
        "<TD>#cutout</TD><TD>false</TD><TD>T</TD></TR>",
        "<TD>#this</TD><TD/><TD/><TD/><TD/><TD/><TD/></TR>",
    };
    struct asked *asked = links("ID=" STAR "&ID=nope");

    (void)state;
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        print_message("%s\n", ends[i]);
        assert_non_null(strstr(ask_text(asked), ends[i]));
    }
    ask_finish(asked);
}

/* The length that is told is that of the document that is given. */
static void the_length_of_a_whole_spectrum_is_true(void **state)
{
    static const char *const paths[] = {STAR, BARE, ARM};

    (void)state;
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        char query[200], rest[200], end[100];
        struct asked *document, *asked;

        snprintf(rest, sizeof(rest), "%s.vot", paths[i]);
        snprintf(query, sizeof(query), "ID=%s", paths[i]);
        document = ask(spectra_serve, (struct ask){.rest = rest});
        assert_int_equal(document->status, STATUS_OK);
        snprintf(end, sizeof(end),
                 "<TD>#this</TD><TD>application/x-votable+xml</TD>"
                 "<TD>%zu</TD><TD>#spectrum</TD>",
                 document->response.bytes.length);
        asked = links(query);
        assert_non_null(strstr(ask_text(asked), end));
        ask_finish(asked);
        ask_finish(document);
    }
}

/* DataLink 1.1, section 4.4: once in each document, apart from what rows refer to. */
static void the_service_describes_itself(void **state)
{
    static const struct {
        const char *query;
        int examples;
    } rows[] = {{"", 0}, {"ID=nope", 0}, {"ID=nope&ID=" STAR, 1}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct asked *asked = links(rows[i].query);
        const char *self = strstr(ask_text(asked), "utype=\"adhoc:this\"");

        assert_non_null(self);
        assert_int_equal(count_of(ask_text(asked), "adhoc:this"), 1);
        assert_non_null(strstr(self, "value=\"ivo://ivoa.net/std/DataLink#links-1.1\""));
        assert_non_null(
            strstr(self, "value=\"https://spectra.example/lamost/lamost5/links\""));
        assert_int_equal(count_of(self, "value=\"https://spectra.example/lamost/lamost5/"
                                        "links?ID=" STAR "\""),
                         rows[i].examples);
        ask_finish(asked);
    }
}

/* An example that is asked for as it stands cuts something. */
static void the_example_of_the_cut_out_service_works(void **state)
{
    static const char *const paths[] = {STAR, BARE, ARM};

    (void)state;
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        static const char before[] =
            "value=\"https://spectra.example/lamost/lamost5/sync?";
        char query[300];
        struct asked *asked, *cut;
        char *amp;

        snprintf(query, sizeof(query), "ID=%s", paths[i]);
        asked = links(query);
        assert_non_null(strstr(ask_text(asked), before));
        snprintf(query, sizeof(query), "%s",
                 strstr(ask_text(asked), before) + sizeof(before) - 1);
        query[strcspn(query, "\"")] = '\0';
        amp = strstr(query, "amp;");
        assert_non_null(amp);
        memmove(amp, amp + 4, strlen(amp + 4) + 1);
        print_message("%s\n", query);
        cut = ask(soda_serve, (struct ask){.query = query});
        assert_int_equal(cut->status, STATUS_OK);
        assert_int_equal(cut->response.code, 200);
        ask_finish(cut);
        ask_finish(asked);
    }
}

/* DataLink 1.1, sections 2.1.1 and 3.2: rows of an ID stand together, each ID once,
 * unknown ones in a row of their own. */
static void ids_are_answered_once_and_in_their_order(void **state)
{
    static const struct {
        const char *query;
        const char *rows[8];
        size_t count;
    } rows[] = {
        {"", {NULL}, 0},
        {"ID=", {NULL}, 0},
        {"ID=nope", {"<TD>nope</TD><TD/><TD/><TD>NotFoundFault: "}, 1},
        {"ID=nope&ID=" BARE "&id=nope&ID=" BARE,
         {"<TD>nope</TD><TD/><TD/><TD>NotFoundFault: ", "<TD>" BARE "</TD><TD>http",
          "<TD>" BARE "</TD><TD>http", "<TD>" BARE "</TD><TD>http",
          "<TD>" BARE "</TD><TD>http", "<TD>" BARE "</TD><TD/><TD>soda"},
         6},
        {"ID=gone&ID=several&ID=busy",
         {"<TD>gone</TD><TD/><TD/><TD>NotFoundFault: withdrawn",
          "<TD>several</TD><TD/><TD/><TD>UsageFault: ",
          "<TD>busy</TD><TD/><TD/><TD>TransientFault: "},
         3},
        {"ID=broken", {"<TD>broken</TD><TD/><TD/><TD>NotFoundFault: HDU 0"}, 1},
        {"ID=%3Ca%26b%3E+%22", {"<TD>&lt;a&amp;b&gt; &quot;</TD><TD/><TD/><TD>"}, 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct asked *asked = links(rows[i].query);

        assert_int_equal(asked->status, STATUS_OK);
        assert_rows(asked, rows[i].rows, rows[i].count);
        assert_null(strstr(ask_text(asked), "OVERFLOW"));
        ask_finish(asked);
    }
}

static void without_a_spectrum_there_is_no_service(void **state)
{
    struct asked *asked = links("ID=nope");

    (void)state;
    assert_null(strstr(ask_text(asked), "adhoc:service"));
    ask_finish(asked);
}

/* The settings allow three. */
static void more_ids_than_allowed_overflow_after_the_table(void **state)
{
    static const struct {
        const char *query;
        bool overflows;
        int rows;
    } rows[] = {
        {"ID=a&ID=b&ID=c", false, 3},
        {"ID=a&ID=b&ID=c&ID=a&ID=b&ID=c", false, 3},
        {"ID=a&ID=b&ID=c&ID=d", true, 3},
        {"ID=a&ID=a&ID=b&ID=c&ID=" STAR, true, 3},
        {"ID=" STAR "&ID=" BARE "&ID=" ARM "&ID=a", true, 5 + 5 + 7},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct asked *asked = links(rows[i].query);
        const char *text = ask_text(asked);
        const char *overflow =
            strstr(text, "<INFO name=\"QUERY_STATUS\" value=\"OVERFLOW\">");

        assert_int_equal(count_of(text, "<TR>"), rows[i].rows);
        assert_int_equal(overflow != NULL, rows[i].overflows);
        if (overflow)
            assert_true(overflow > strstr(text, "</TABLE>"));
        ask_finish(asked);
    }
}

static void an_mrs_spectrum_points_at_its_siblings_and_its_file(void **state)
{
    struct asked *asked = links("ID=ivo://test.example/~?lamost5/" ARM);
    const char *text = ask_text(asked);

    (void)state;
    assert_int_equal(count_of(text, "#coderived"), 2);
    assert_non_null(
        strstr(text, "/spectra/mrs/med-58859-NT054013S012745S01_sp15-092.fits<"));
    assert_non_null(
        strstr(text, "/spectra/mrs/med-58859-NT054013S012745S01_sp15-092/R.vot<"));
    assert_non_null(strstr(text, "e.g. 6.55e-7 6.57e-7"));
    ask_finish(asked);
}

/* Spectra of 3700.1 to 9099.5, of 4900 to 5361 and so on: the descriptor is for all of
 * them. */
static void the_band_of_the_service_is_the_union(void **state)
{
    struct asked *asked = links("ID=" ARM "&ID=" STAR "&ID=nope");
    const char *text = ask_text(asked);

    (void)state;
    assert_non_null(strstr(text, "<MIN value=\"3.699986328125e-07\"/><MAX value=\"9.09"));
    assert_int_equal(count_of(text, "name=\"BAND\""), 1);
    ask_finish(asked);
}

static void the_type_is_datalink_unless_text_xml_was_asked_for(void **state)
{
    static const struct {
        const char *query;
        enum status status;
        const char *content_type;
    } rows[] = {
        {"RESPONSEFORMAT=votable", STATUS_OK, DATALINK},
        {"RESPONSEFORMAT=application/x-votable%2Bxml", STATUS_OK, DATALINK},
        {"RESPONSEFORMAT=application/x-votable%2Bxml;content=datalink", STATUS_OK,
         DATALINK},
        {"RESPONSEFORMAT=application/x-votable+xml", STATUS_OK, DATALINK},
        {"RESPONSEFORMAT=Application/X-VOTable%2BXML;serialization=tabledata", STATUS_OK,
         DATALINK},
        {"responseformat=text/xml", STATUS_OK, "text/xml"},
        {"responseformat=text/xml;charset=utf-8", STATUS_OK, "text/xml"},
        {"RESPONSEFORMAT=text/xmlish", STATUS_BAD_PARAMETER, NULL},
        {"RESPONSEFORMAT=csv", STATUS_BAD_PARAMETER, NULL},
        {"BAND=1&whatever=2", STATUS_OK, DATALINK},
        {"RESPONSEFORMAT=application/json", STATUS_BAD_PARAMETER, NULL},
        {"RESPONSEFORMAT=votable&RESPONSEFORMAT=votable", STATUS_MULTIPLE_VALUES, NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct asked *asked = links(rows[i].query);

        assert_int_equal(asked->status, rows[i].status);
        if (rows[i].content_type)
            assert_string_equal(asked->response.content_type, rows[i].content_type);
        ask_finish(asked);
    }
}

static void one_that_is_pending_makes_all_wait_but_all_are_asked_for(void **state)
{
    int before = fake.finds;
    struct asked *asked = links("ID=pending&ID=" STAR "&ID=busy");

    (void)state;
    assert_int_equal(asked->status, STATUS_PENDING);
    assert_int_equal(fake.finds - before, 3);
    assert_int_equal(asked->response.kind, BODY_NONE);
    ask_finish(asked);
}

/* What went wrong inside is for the log, not for a row. */
static void a_failure_of_ours_fails_the_request(void **state)
{
    struct asked *asked = links("ID=" STAR "&ID=damaged");

    (void)state;
    assert_int_equal(asked->status, STATUS_DAMAGED);
    ask_finish(asked);
}

static const char *tag_of(const char *query)
{
    static char tag[64];
    struct asked *asked = links(query);

    snprintf(tag, sizeof(tag), "%s", ask_header(asked, "ETag"));
    ask_finish(asked);
    return tag;
}

static void the_tag_is_of_the_parameters_and_of_what_they_mean(void **state)
{
    char first[64];

    (void)state;
    snprintf(first, sizeof(first), "%s", tag_of("ID=" STAR));
    assert_string_equal(tag_of("ID=" STAR), first);
    assert_string_not_equal(tag_of("ID=" BARE), first);
    assert_string_not_equal(tag_of("ID=" STAR "&ID=nope"), first);
    assert_string_not_equal(tag_of("ID=" STAR "&RESPONSEFORMAT=text/xml"), first);
    fake.samples[0].entry.file_mtime++;
    assert_string_not_equal(tag_of("ID=" STAR), first);
    fake.samples[0].entry.file_mtime--;
    fake.samples[0].entry.title = "another";
    assert_string_not_equal(tag_of("ID=" STAR), first);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_spectrum_has_document_file_pictures_and_service),
        cmocka_unit_test(rows_say_what_they_lead_to),
        cmocka_unit_test(the_length_of_a_whole_spectrum_is_true),
        cmocka_unit_test(the_service_describes_itself),
        cmocka_unit_test(the_example_of_the_cut_out_service_works),
        cmocka_unit_test(ids_are_answered_once_and_in_their_order),
        cmocka_unit_test(without_a_spectrum_there_is_no_service),
        cmocka_unit_test(more_ids_than_allowed_overflow_after_the_table),
        cmocka_unit_test(an_mrs_spectrum_points_at_its_siblings_and_its_file),
        cmocka_unit_test(the_band_of_the_service_is_the_union),
        cmocka_unit_test(the_type_is_datalink_unless_text_xml_was_asked_for),
        cmocka_unit_test(one_that_is_pending_makes_all_wait_but_all_are_asked_for),
        cmocka_unit_test(a_failure_of_ours_fails_the_request),
        cmocka_unit_test(the_tag_is_of_the_parameters_and_of_what_they_mean),
    };

    return cmocka_run_group_tests(tests, open_samples, close_samples);
}
