#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dali/error.h"

#include <stdio.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Labels: SODA 1.0, section 5.2; faults: DataLink 1.1, section 3.4; codes: DALI 1.1,
 * section 4.2. */
static const struct {
    enum status status;
    int code;
    const char *label;
    const char *fault;
} rows[] = {
    {STATUS_PENDING, 503, "ServiceUnavailable", "TransientFault"},
    {STATUS_BAD_PARAMETER, 400, "UsageError", "UsageFault"},
    {STATUS_MULTIPLE_VALUES, 400, "MultiValuedParamNotSupported", "UsageFault"},
    {STATUS_NOT_FOUND, 404, "UsageError", "NotFoundFault"},
    {STATUS_TOO_LARGE, 413, "UsageError", "UsageFault"},
    {STATUS_BAD_METHOD, 405, "UsageError", "UsageFault"},
    {STATUS_BAD_TYPE, 415, "UsageError", "UsageFault"},
    {STATUS_UNAVAILABLE, 503, "ServiceUnavailable", "TransientFault"},
    {STATUS_REFUSED, 404, "UsageError", "NotFoundFault"},
    {STATUS_DAMAGED, 500, "Error", "FatalFault"},
    {STATUS_BAD_SETTING, 500, "Error", "FatalFault"},
    {STATUS_NO_SPACE, 500, "Error", "FatalFault"},
    {STATUS_SYSTEM, 500, "Error", "FatalFault"},
};

static struct failure failure_of(enum status status, const char *message)
{
    struct failure failure;

    failure_set(&failure, status, "%s", message);
    return failure;
}

static void every_status_has_its_code_and_label(void **state)
{
    (void)state;
    assert_int_equal(error_code(STATUS_OK), 200);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct failure failure = failure_of(rows[i].status, "BAND: /secret/path");
        struct response response;
        struct arena arena;
        char expected[200];

        print_message("status %d\n", rows[i].status);
        arena_init(&arena);
        response_init(&response, &arena);
        assert_int_equal(error_code(rows[i].status), rows[i].code);
        error_write_text(&failure, &response);
        assert_int_equal(response.code, rows[i].code);
        assert_string_equal(response.content_type, "text/plain; charset=utf-8");
        snprintf(expected, sizeof(expected), "%s: %s\n", rows[i].label,
                 rows[i].code == 500 ? "the service failed here; its log has the reason"
                                     : "BAND: /secret/path");
        assert_int_equal(response.bytes.length, strlen(expected));
        assert_memory_equal(response.bytes.bytes, expected, strlen(expected));
        assert_int_equal(response.headers != NULL, rows[i].code == 503);
        response_finish(&response);
        arena_finish(&arena);
    }
}

static void the_text_is_one_line_whatever_the_request_held(void **state)
{
    struct failure failure =
        failure_of(STATUS_BAD_PARAMETER, "ID: a\r\nError: b\x01\x7f");
    struct response response;
    struct arena arena;

    (void)state;
    arena_init(&arena);
    response_init(&response, &arena);
    error_write_text(&failure, &response);
    buffer_add_char(&response.bytes, '\0');
    assert_string_equal((char *)response.bytes.bytes, "UsageError: ID: a  Error: b  \n");
    response_finish(&response);
    arena_finish(&arena);
}

static void the_document_says_error_and_the_fault(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct failure failure = failure_of(rows[i].status, "ID: <b> & c");
        struct response response;
        struct arena arena;
        const char *text;

        print_message("status %d\n", rows[i].status);
        arena_init(&arena);
        response_init(&response, &arena);
        error_write_votable(&failure, &response);
        assert_int_equal(response.code, rows[i].code);
        assert_string_equal(response.content_type, "application/x-votable+xml");
        buffer_add_char(&response.bytes, '\0');
        text = (char *)response.bytes.bytes;
        assert_non_null(strstr(text, "<RESOURCE type=\"results\""));
        assert_non_null(strstr(text, "name=\"QUERY_STATUS\" value=\"ERROR\""));
        assert_non_null(strstr(text, arena_format(&arena, ">%s: ", rows[i].fault)));
        assert_int_equal(strstr(text, "ID: &lt;b&gt; &amp; c") != NULL,
                         rows[i].code != 500);
        assert_non_null(strstr(text, "</VOTABLE>"));
        response_finish(&response);
        arena_finish(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_status_has_its_code_and_label),
        cmocka_unit_test(the_text_is_one_line_whatever_the_request_held),
        cmocka_unit_test(the_document_says_error_and_the_fault),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
