#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ask.h"

#include "dali/error.h"
#include "protocol/async_job.h"
#include "uws/uws.h"

#include <time.h>
#include <unistd.h>

#define STAR "ID=dr7/spec-55859-F5902_sp01-001"
#define ARM "ID=mrs/med-58859-NT054013S012745S01_sp15-092/B"
#define CALCIUM "BAND=3.92e-7+3.98e-7"
#define NOWHERE "BAND=1e-9+2e-9"
#define LIST "https://spectra.example/lamost/lamost5/async"

static char folder[64];
static struct uws *uws;

/* ---- the jobs' own service, as serve makes it ---- */

static enum status open_service(void *shared, void **context, struct failure *failure)
{
    static struct archive_reader reader;
    struct service_collection *served = calloc(1, sizeof(*served));
    struct service *service = calloc(1, sizeof(*service));

    (void)shared;
    (void)failure;
    *served = (struct service_collection){
        .settings = &ask_collection,
        .reader = &reader,
        .frame = sdm_frame_open(&ask_settings, &ask_collection)};
    *service = (struct service){.settings = &ask_settings, .collections = served};
    *context = service;
    return STATUS_OK;
}

static void close_service(void *context)
{
    struct service *service = context;

    sdm_frame_close(service->collections->frame);
    free(service->collections);
    free(service);
}

static int open_all(void **state)
{
    static const struct uws_service services[] = {{FAKE_COLLECTION, async_job_run},
                                                  {NULL, NULL}};
    struct uws_settings settings = {.folder = folder,
                                    .threads = 1,
                                    .max_jobs = 100,
                                    .max_bytes = 1 << 30,
                                    .max_job_bytes = 1 << 20,
                                    .duration_seconds = 600,
                                    .destruction_seconds = 86400};
    struct failure failure;

    (void)state;
    fake_open();
    strcpy(folder, "/tmp/cutoutd-test-XXXXXX");
    return !mkdtemp(folder) ||
           uws_open(&settings, services,
                    (struct uws_context){open_service, close_service, NULL}, &uws,
                    &failure);
}

static int close_all(void **state)
{
    char command[128];

    (void)state;
    uws_close(uws);
    fake_close();
    snprintf(command, sizeof(command), "rm -r %s", folder);
    return system(command);
}

/* ---- asking ---- */

static struct asked *get(const char *rest, const char *query)
{
    return ask(async_serve, (struct ask){.rest = rest, .query = query, .jobs = uws});
}

static struct asked *post(const char *rest, const char *query)
{
    return ask(
        async_serve,
        (struct ask){.rest = rest, .query = query, .jobs = uws, .method = METHOD_POST});
}

/* The answer is a redirect to a job: its identifier. */
static void make(const char *query, char id[UWS_ID_LENGTH + 1])
{
    struct asked *asked = post(NULL, query);
    const char *location;

    assert_int_equal(asked->status, STATUS_OK);
    assert_int_equal(asked->response.code, 303);
    location = ask_header(asked, "Location");
    assert_int_equal(strlen(location), strlen(LIST "/") + UWS_ID_LENGTH);
    assert_memory_equal(location, LIST "/", strlen(LIST "/"));
    strcpy(id, location + strlen(LIST "/"));
    ask_finish(asked);
}

static const char *beneath(const char *id, const char *what)
{
    static char rest[256];

    snprintf(rest, sizeof(rest), "%s%s", id, what);
    return rest;
}

static void expect_text(const char *rest, const char *text)
{
    struct asked *asked = get(rest, NULL);

    assert_int_equal(asked->status, STATUS_OK);
    assert_string_equal(asked->response.content_type, "text/plain; charset=utf-8");
    assert_string_equal(ask_text(asked), text);
    ask_finish(asked);
}

static void wait_until(const char *id, const char *phase)
{
    for (int i = 0; i < 2000; i++) {
        struct timespec little = {.tv_nsec = 5000000};
        struct asked *asked = get(beneath(id, "/phase"), NULL);
        bool there = strcmp(ask_text(asked), phase) == 0;

        ask_finish(asked);
        if (there)
            return;
        nanosleep(&little, NULL);
    }
    expect_text(beneath(id, "/phase"), phase);
}

/* The bytes of a result, ended by NUL. */
static char *result_of(const char *id, int number, struct asked **asked)
{
    char what[32], *bytes;
    size_t length;

    snprintf(what, sizeof(what), "/results/result-%d", number);
    *asked = get(beneath(id, what), NULL);
    assert_int_equal((*asked)->status, STATUS_OK);
    assert_int_equal((*asked)->response.kind, BODY_FILE);
    length = (size_t)(*asked)->response.file.length;
    bytes = calloc(1, length + 1);
    assert_int_equal(read((*asked)->response.file.fd, bytes, length), length);
    return bytes;
}

/* ---- tests ---- */

static void a_new_job_is_pending_and_has_what_uws_gives_it(void **state)
{
    char id[UWS_ID_LENGTH + 1];
    struct asked *asked;

    (void)state;
    make(STAR "&" CALCIUM "&RUNID=a%0Ab&Some=Value+&some=", id);
    expect_text(beneath(id, "/phase"), "PENDING");
    expect_text(beneath(id, "/executionduration"), "600");
    expect_text(beneath(id, "/quote"), "");
    expect_text(beneath(id, "/owner"), "");
    asked = get(id, NULL);
    assert_string_equal(asked->response.content_type, "text/xml");
    assert_non_null(strstr(ask_text(asked), "<uws:runId>a b</uws:runId>"));
    assert_non_null(strstr(ask_text(asked), "<uws:startTime xsi:nil=\"true\"/>"));
    assert_null(strstr(ask_text(asked), "RUNID"));
    ask_finish(asked);
    asked = get(beneath(id, "/parameters"), NULL);
    assert_non_null(strstr(ask_text(asked), "<uws:parameter id=\"SOME\">Value "
                                            "</uws:parameter>\n<uws:parameter "
                                            "id=\"SOME\"></uws:parameter>"));
    ask_finish(asked);
}

static void each_request_has_its_status(void **state)
{
    static const struct {
        enum method method;
        const char *what, *query;
        enum status status;
        int code; /* of those that are fine */
    } rows[] = {
        {METHOD_GET, "", "", STATUS_OK, 200},
        {METHOD_GET, "/", "", STATUS_OK, 200},
        {METHOD_GET, "", "WAIT=x", STATUS_BAD_PARAMETER, 0},
        {METHOD_GET, "", "WAIT=-2", STATUS_BAD_PARAMETER, 0},
        {METHOD_GET, "", "WAIT=1&WAIT=2", STATUS_MULTIPLE_VALUES, 0},
        {METHOD_GET, "", "WAIT=1&PHASE=DANCING", STATUS_BAD_PARAMETER, 0},
        {METHOD_GET, "", "WAIT=-1", STATUS_PENDING, 0},
        {METHOD_GET, "", "WAIT=9&PHASE=PENDING", STATUS_PENDING, 0},
        {METHOD_GET, "", "WAIT=-1&PHASE=QUEUED", STATUS_OK, 200},
        {METHOD_GET, "", "WAIT=-1&PHASE=HELD", STATUS_OK, 200},
        {METHOD_GET, "", "WAIT=0", STATUS_OK, 200},
        {METHOD_GET, "/phase", "WAIT=-1", STATUS_PENDING, 0},
        {METHOD_HEAD, "/phase", "", STATUS_OK, 200},
        {METHOD_GET, "/results", "", STATUS_OK, 200},
        {METHOD_GET, "/results/result-1", "", STATUS_NOT_FOUND, 0},
        {METHOD_GET, "/results/", "", STATUS_NOT_FOUND, 0},
        {METHOD_GET, "/results/../../job", "", STATUS_NOT_FOUND, 0},
        {METHOD_GET, "/results/job", "", STATUS_NOT_FOUND, 0},
        {METHOD_GET, "/error", "", STATUS_NOT_FOUND, 0},
        {METHOD_GET, "/strange", "", STATUS_NOT_FOUND, 0},
        {METHOD_GET, "/phase/more", "", STATUS_NOT_FOUND, 0},
        {METHOD_GET, "//phase", "", STATUS_NOT_FOUND, 0},
        {METHOD_POST, "", "BAND=1+2", STATUS_BAD_PARAMETER, 0},
        {METHOD_POST, "", "ACTION=JUMP", STATUS_BAD_PARAMETER, 0},
        {METHOD_POST, "/phase", "", STATUS_BAD_PARAMETER, 0},
        {METHOD_POST, "/phase", "PHASE=HELD", STATUS_BAD_PARAMETER, 0},
        {METHOD_POST, "/executionduration", "EXECUTIONDURATION=20", STATUS_OK, 303},
        {METHOD_POST, "/executionduration", "EXECUTIONDURATION=x", STATUS_BAD_PARAMETER,
         0},
        {METHOD_POST, "/executionduration", "EXECUTIONDURATION=-1", STATUS_BAD_PARAMETER,
         0},
        {METHOD_POST, "/executionduration", "", STATUS_BAD_PARAMETER, 0},
        {METHOD_POST, "/destruction", "DESTRUCTION=2100-01-01", STATUS_OK, 303},
        {METHOD_POST, "/destruction", "DESTRUCTION=later", STATUS_BAD_PARAMETER, 0},
        {METHOD_POST, "/parameters", "BAND=1e-7+2e-7", STATUS_OK, 303},
        {METHOD_POST, "/quote", "", STATUS_OK, 405},
        {METHOD_POST, "/results", "", STATUS_OK, 405},
        {METHOD_DELETE, "/phase", "", STATUS_OK, 405},
        {METHOD_POST, "/phase", "PHASE=ABORT", STATUS_OK, 303},
        {METHOD_POST, "/phase", "PHASE=ABORT", STATUS_OK, 303},
        {METHOD_POST, "/phase", "PHASE=RUN", STATUS_FORBIDDEN, 0},
        {METHOD_POST, "/parameters", "BAND=1e-7+2e-7", STATUS_FORBIDDEN, 0},
        {METHOD_GET, "", "WAIT=-1", STATUS_OK, 200},
        {METHOD_POST, "", "ACTION=DELETE", STATUS_OK, 303},
        {METHOD_GET, "", "", STATUS_NOT_FOUND, 0},
        {METHOD_POST, "/phase", "PHASE=RUN", STATUS_NOT_FOUND, 0},
        {METHOD_DELETE, "", "", STATUS_NOT_FOUND, 0},
    };
    char id[UWS_ID_LENGTH + 1];

    (void)state;
    make(STAR, id);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct asked *asked =
            ask(async_serve, (struct ask){.rest = beneath(id, rows[i].what),
                                          .query = rows[i].query,
                                          .jobs = uws,
                                          .method = rows[i].method});

        print_message("%d %s?%s\n", rows[i].method, rows[i].what, rows[i].query);
        assert_int_equal(asked->status, rows[i].status);
        if (!rows[i].status)
            assert_int_equal(asked->response.code, rows[i].code);
        if (asked->response.code == 405)
            assert_non_null(ask_header(asked, "Allow"));
        ask_finish(asked);
    }
}

static void names_that_are_no_jobs_are_not_found(void **state)
{
    static const char *const rows[] = {
        "x", "..", "../lamost5", "0123456789abcdef0123456789abcdef", "lock", "%2e", " ",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct asked *asked = get(rows[i], NULL);

        assert_int_equal(asked->status, STATUS_NOT_FOUND);
        ask_finish(asked);
    }
}

static void a_job_that_cannot_be_made_is_refused(void **state)
{
    static const char *const rows[] = {
        STAR "&PHASE=ABORT",         STAR "&PHASE=RUN&PHASE=RUN",
        STAR "&RUNID=a&RUNID=b",     STAR "&EXECUTIONDURATION=soon",
        STAR "&DESTRUCTION=someday",
    };
    struct asked *asked;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        asked = post(NULL, rows[i]);
        assert_int_equal(error_code(asked->status), 400);
        ask_finish(asked);
    }
    asked = get(NULL, NULL);
    assert_null(strstr(ask_text(asked), "jobref"));
    ask_finish(asked);
    asked = ask(async_serve, (struct ask){.jobs = NULL});
    assert_int_equal(asked->status, STATUS_UNAVAILABLE);
    ask_finish(asked);
    asked = ask(async_serve, (struct ask){.jobs = uws, .collection = "other"});
    assert_int_equal(asked->status, STATUS_NOT_FOUND);
    ask_finish(asked);
}

static void duration_and_destruction_may_come_with_the_job(void **state)
{
    char id[UWS_ID_LENGTH + 1];

    (void)state;
    make(STAR "&EXECUTIONDURATION=7&DESTRUCTION=2100-01-01T00:00:00Z", id);
    expect_text(beneath(id, "/executionduration"), "7");
    make(STAR "&EXECUTIONDURATION=0", id); /* no limit: the service has one */
    expect_text(beneath(id, "/executionduration"), "600");
}

static int count(const char *text, const char *word)
{
    int found = 0;

    while ((text = strstr(text, word))) {
        found++;
        text++;
    }
    return found;
}

static void the_list_is_filtered(void **state)
{
    static const struct {
        const char *query;
        int jobs; /* below 0: refused */
    } rows[] = {
        {"", 3},
        {"PHASE=PENDING", 2},
        {"PHASE=ABORTED", 1},
        {"PHASE=PENDING&PHASE=ABORTED", 3},
        {"PHASE=ARCHIVED", 0},
        {"PHASE=HELD&PHASE=SUSPENDED&PHASE=UNKNOWN", 0},
        {"LAST=2", 2},
        {"LAST=9", 3},
        {"LAST=1&PHASE=ABORTED", 1},
        {"AFTER=2000-01-01T00:00:00Z", 3},
        {"AFTER=2100-01-01", 0},
        {"PHASE=pending", -1},
        {"LAST=0", -1},
        {"LAST=x", -1},
        {"AFTER=yesterday", -1},
        {"AFTER=2000-01-01&AFTER=2001-01-01", -1},
    };
    char id[UWS_ID_LENGTH + 1];

    (void)state;
    make(STAR, id);
    make(STAR, id);
    make(STAR, id);
    ask_finish(post(beneath(id, "/phase"), "PHASE=ABORT"));
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct asked *asked = get(NULL, rows[i].query);

        print_message("%s\n", rows[i].query);
        assert_int_equal(asked->status != 0, rows[i].jobs < 0);
        if (rows[i].jobs >= 0)
            assert_int_equal(count(ask_text(asked), "<uws:jobref"), rows[i].jobs);
        ask_finish(asked);
    }
}

static int listed_to(const unsigned char *client)
{
    struct asked *asked = ask(async_serve, (struct ask){.jobs = uws, .client = client});
    int jobs = count(ask_text(asked), "<uws:jobref");

    ask_finish(asked);
    return jobs;
}

static void jobs_are_listed_to_their_maker_alone(void **state)
{
    static const unsigned char here[REQUEST_CLIENT_LENGTH] = {1};
    static const unsigned char there[REQUEST_CLIENT_LENGTH] = {[15] = 1};
    struct asked *asked = ask(
        async_serve,
        (struct ask){.query = STAR, .jobs = uws, .method = METHOD_POST, .client = here});

    (void)state;
    assert_int_equal(asked->response.code, 303);
    ask_finish(asked);
    assert_int_equal(listed_to(here), 1);
    assert_int_equal(listed_to(there), 0);
}

/* Each result is what {sync} answers to its combination, in this order; NULL: text. */
static void each_combination_is_a_result_in_the_order_asked_for(void **state)
{
    static const char *const combinations[] = {
        STAR "&" CALCIUM "&FORMAT=tsv", STAR "&" NOWHERE, "ID=unknown&" CALCIUM,
        "ID=unknown&" NOWHERE,          ARM "&" CALCIUM,  ARM "&" NOWHERE,
    };
    char id[UWS_ID_LENGTH + 1];
    struct asked *asked;

    (void)state;
    make("FORMAT=tsv&" CALCIUM "&" STAR "&ID=unknown&" ARM "&ID=&" NOWHERE "&PHASE=RUN",
         id);
    wait_until(id, "COMPLETED");
    for (int i = 0; i < 6; i++) {
        struct asked *sync = ask(soda_serve, (struct ask){.query = combinations[i]});
        char *bytes = result_of(id, i + 1, &asked);

        print_message("%s\n", combinations[i]);
        if (i == 0) {
            assert_string_equal(asked->response.content_type,
                                sync->response.content_type);
            assert_string_equal(bytes, ask_text(sync));
            assert_string_equal(
                ask_header(asked, "Content-Disposition"),
                "attachment; filename=\"spec-55859-F5902_sp01-001_392-398nm.tsv\"");
        } else {
            assert_string_equal(asked->response.content_type,
                                "text/plain; charset=utf-8");
            assert_memory_equal(bytes, sync->status ? "UsageError: " : "Error: no data",
                                7);
        }
        free(bytes);
        ask_finish(asked);
        ask_finish(sync);
    }
    asked = get(beneath(id, "/results"), NULL);
    assert_int_equal(count(ask_text(asked), "<uws:result "), 6);
    ask_finish(asked);
    assert_int_equal(fake.holdings, 0);
}

static void a_damaged_spectrum_is_told_without_paths(void **state)
{
    char id[UWS_ID_LENGTH + 1], *bytes;
    struct asked *asked;

    (void)state;
    make("ID=damaged&ID=several&PHASE=RUN", id);
    wait_until(id, "COMPLETED");
    bytes = result_of(id, 1, &asked);
    assert_string_equal(bytes,
                        "Error: the service failed here; its log has the reason\n");
    free(bytes);
    ask_finish(asked);
    bytes = result_of(id, 2, &asked);
    assert_string_equal(bytes, "UsageError: ID means several spectra: x/B x/R\n");
    free(bytes);
    ask_finish(asked);
}

static void what_is_wrong_with_all_of_it_is_the_jobs_error(void **state)
{
    static const struct {
        const char *query, *error;
    } rows[] = {
        {CALCIUM, "UsageError: ID: "},
        {STAR "&FORMAT=gif", "UsageError: "},
        {"ID=1&ID=2&ID=3&ID=4&BAND=1+2&BAND=3+4",
         "UsageError: more than 6 combinations of values"},
    };
    char id[UWS_ID_LENGTH + 1];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct asked *asked;

        print_message("%s\n", rows[i].query);
        make(rows[i].query, id);
        ask_finish(post(beneath(id, "/phase"), "PHASE=RUN"));
        wait_until(id, "ERROR");
        asked = get(beneath(id, "/error"), NULL);
        assert_int_equal(asked->status, STATUS_OK);
        assert_int_equal(asked->response.code, 200);
        assert_memory_equal(ask_text(asked), rows[i].error, strlen(rows[i].error));
        ask_finish(asked);
        asked = get(id, NULL);
        assert_non_null(strstr(ask_text(asked),
                               "<uws:errorSummary type=\"fatal\" hasDetail=\"true\">"));
        ask_finish(asked);
    }
}

static void a_job_that_waits_for_a_file_can_be_stopped(void **state)
{
    char id[UWS_ID_LENGTH + 1], *bytes;
    struct asked *asked;

    (void)state;
    make(STAR "&ID=pending&PHASE=RUN&FORMAT=tsv", id);
    wait_until(id, "EXECUTING");
    for (int i = 0; i < 2000; i++) {
        struct timespec little = {.tv_nsec = 5000000};

        asked = get(beneath(id, "/results"), NULL);
        if (strstr(ask_text(asked), "result-1"))
            i = 2000;
        ask_finish(asked);
        nanosleep(&little, NULL);
    }
    ask_finish(post(beneath(id, "/phase"), "PHASE=ABORT"));
    expect_text(beneath(id, "/phase"), "ABORTED");
    bytes = result_of(id, 1, &asked); /* what there was is kept */
    free(bytes);
    ask_finish(asked);
    asked = get(beneath(id, "/results/result-2"), NULL);
    assert_int_equal(asked->status, STATUS_NOT_FOUND);
    ask_finish(asked);
}

#define JOB_TEST(test) cmocka_unit_test_setup_teardown(test, open_all, close_all)

int main(void)
{
    const struct CMUnitTest tests[] = {
        JOB_TEST(a_new_job_is_pending_and_has_what_uws_gives_it),
        JOB_TEST(each_request_has_its_status),
        JOB_TEST(names_that_are_no_jobs_are_not_found),
        JOB_TEST(a_job_that_cannot_be_made_is_refused),
        JOB_TEST(duration_and_destruction_may_come_with_the_job),
        JOB_TEST(the_list_is_filtered),
        JOB_TEST(jobs_are_listed_to_their_maker_alone),
        JOB_TEST(each_combination_is_a_result_in_the_order_asked_for),
        JOB_TEST(a_damaged_spectrum_is_told_without_paths),
        JOB_TEST(what_is_wrong_with_all_of_it_is_the_jobs_error),
        JOB_TEST(a_job_that_waits_for_a_file_can_be_stopped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
