#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ask.h"

#include "page/assets.h"
#include "page/page.h"

#define STAR "dr7/spec-55859-F5902_sp01-001"
#define MRS_B "mrs/med-58859-NT054013S012745S01_sp15-092/B"
#define ODD "odd/a&b \"c\"+d%41\xC3\xA9"

static int set_up(void **state)
{
    (void)state;
    fake_open();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    assert_int_equal(fake.holdings, 0);
    fake_close();
    return 0;
}

static void pages_say_what_is_here(void **state)
{
    static const struct {
        enum status (*serve)(void *, const struct request *, struct response *,
                             struct failure *);
        struct ask ask;
        const char *text;
    } rows[] = {
        {page_home_serve, {0}, "<a href=\"/lamost/lamost5\">LAMOST</a>"},
        {page_home_serve, {0}, "<td>2011-10-24 to 2019-03-31</td>"},
        {page_home_serve, {0}, "<td>370 to 910 nm</td>"},
        {page_collection_serve, {0}, "<dd>2011-10-24 to 2019-03-31</dd>"},
        {page_collection_serve, {0}, "<dd>LAMOST DR7</dd>"},
        {page_collection_serve,
         {0},
         "ID=ivo://test.example/~?lamost5/dr7/spec-55859-F5902_sp01-001"},
        {spectra_serve, {.rest = STAR}, "<h1>LAMOST J220848.54-020324.3, star K3</h1>"},
        {spectra_serve, {.rest = STAR}, "src=\"/lamost/lamost5/spectra/" STAR ".svg\""},
        {spectra_serve, {.rest = STAR}, "(392 * u.nm, 398 * u.nm)"},
        {spectra_serve,
         {.rest = STAR, .query = "BAND=4e-7+5e-7&SMOOTH=5"},
         ".svg?BAND=4e-7%205e-7&amp;SMOOTH=5\""},
        {spectra_serve,
         {.rest = STAR, .query = "BAND=4e-7+5e-7"},
         "(400 * u.nm, 500 * u.nm)"},
        {spectra_serve,
         {.rest = STAR, .query = "BAND=-Inf+5e-7"},
         "<h3>This window, 369.9986 to 500 nm</h3>"},
        {spectra_serve,
         {.rest = STAR, .query = "BAND=392e-9+398e-9"},
         "<a aria-current=\"true\" "
         "href=\"/lamost/lamost5/spectra/" STAR "?BAND=392e-9%20398e-9\">Ca H and K</a>"},
        {spectra_serve, {.rest = MRS_B}, "Other spectra of this file"},
        {spectra_serve, {.rest = MRS_B}, "sp15-092/R\">R</a>"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct asked *asked = ask(rows[i].serve, rows[i].ask);

        print_message("%s\n", rows[i].text);
        assert_int_equal(asked->status, STATUS_OK);
        assert_int_equal(asked->response.code, 200);
        assert_non_null(strstr(ask_text(asked), rows[i].text));
        assert_non_null(
            strstr(ask_header(asked, "Content-Security-Policy"), "default-src 'none'"));
        assert_string_equal(ask_header(asked, "X-Content-Type-Options"), "nosniff");
        assert_string_equal(ask_header(asked, "Referrer-Policy"), "no-referrer");
        ask_finish(asked);
    }
}

static void names_from_headers_stay_text(void **state)
{
    static const char *const never[] = {"<PARAM", "\xE9", "a&b", "\"c\"", "<script"};
    struct asked *asked = ask(spectra_serve, (struct ask){.rest = ODD});
    const char *text = ask_text(asked);

    (void)state;
    assert_int_equal(asked->status, STATUS_OK);
    assert_non_null(
        strstr(text, "<h1>&quot;/&gt;&lt;PARAM name=&quot;evil&quot;, star K3"));
    assert_non_null(strstr(text, "/spectra/odd/a%26b%20%22c%22%2Bd%2541%C3%A9.svg"));
    for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++) {
        print_message("%s\n", never[i]);
        assert_null(strstr(text, never[i]));
    }
    ask_finish(asked);
}

static void what_was_asked_for_stays_text(void **state)
{
    struct asked *asked =
        ask(page_collection_serve,
            (struct ask){.query = "ID=%22%3E%3Cscript%3Ealert(1)%3C/script%3E"});

    (void)state;
    assert_int_equal(asked->response.code, 404);
    assert_null(strstr(ask_text(asked), "<script"));
    assert_non_null(strstr(ask_text(asked), "value=\"&quot;&gt;&lt;script&gt;"));
    ask_finish(asked);
}

static void forms_lead_to_the_address_of_what_they_ask_for(void **state)
{
    static const struct {
        enum status (*serve)(void *, const struct request *, struct response *,
                             struct failure *);
        struct ask ask;
        const char *location;
    } rows[] = {
        {page_collection_serve, {.query = "ID=" STAR}, "/lamost/lamost5/spectra/" STAR},
        {spectra_serve,
         {.rest = STAR, .query = "FROM=392&TO=398.5"},
         "/lamost/lamost5/spectra/" STAR "?BAND=392e-9%20398.5e-9"},
        {spectra_serve,
         {.rest = STAR, .query = "FROM=392&TO=398&SMOOTH=5&LINES=none&WIDTH=300"},
         "/lamost/lamost5/spectra/" STAR "?BAND=392e-9%20398e-9&SMOOTH=5&LINES=none"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct asked *asked = ask(rows[i].serve, rows[i].ask);

        assert_int_equal(asked->status, STATUS_OK);
        assert_int_equal(asked->response.code, 303);
        assert_string_equal(ask_header(asked, "Location"), rows[i].location);
        ask_finish(asked);
    }
}

static void wrong_parameters_are_refused(void **state)
{
    static const struct {
        const char *query;
        const char *message; /* begins with */
    } rows[] = {
        {"BAND=392", "BAND"},         {"BAND=4e-7+5e-7&BAND=4e-7+5e-7", "BAND"},
        {"FROM=392", "FROM"},         {"FROM=398&TO=392", "FROM"},
        {"FROM=a&TO=b", "FROM"},      {"SMOOTH=many", "SMOOTH"},
        {"LINES=%3Cscript", "LINES"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct asked *asked =
            ask(spectra_serve, (struct ask){.rest = STAR, .query = rows[i].query});

        print_message("%s\n", rows[i].query);
        assert_int_not_equal(asked->status, STATUS_OK);
        assert_memory_equal(asked->failure.message, rows[i].message,
                            strlen(rows[i].message));
        ask_finish(asked);
    }
}

static void assets_are_served_by_their_hash_only(void **state)
{
    struct asked *asked =
        ask(assets_serve, (struct ask){.rest = asset_hashed("page.css")});

    (void)state;
    assert_int_equal(asked->status, STATUS_OK);
    assert_string_equal(ask_header(asked, "Cache-Control"),
                        "public, max-age=31536000, immutable");
    ask_finish(asked);
    asked = ask(assets_serve, (struct ask){.rest = "page.css"});
    assert_int_equal(asked->status, STATUS_NOT_FOUND);
    ask_finish(asked);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_say_what_is_here),
        cmocka_unit_test(names_from_headers_stay_text),
        cmocka_unit_test(what_was_asked_for_stays_text),
        cmocka_unit_test(forms_lead_to_the_address_of_what_they_ask_for),
        cmocka_unit_test(wrong_parameters_are_refused),
        cmocka_unit_test(assets_are_served_by_their_hash_only),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
