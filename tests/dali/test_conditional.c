#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dali/conditional.h"

#include <string.h>
#include <strings.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define TAG "\"0123456789abcdef\""
#define ZIPPED "\"0123456789abcdef-gzip\""
#define DAY "Sun, 06 Nov 1994 08:49:37 GMT"
#define DAY_BEFORE "Sat, 05 Nov 1994 08:49:37 GMT"
#define DAY_AFTER "Mon, 07 Nov 1994 08:49:37 GMT"

static const struct validators validators = {.tag = UINT64_C(0x0123456789abcdef),
                                             .modified = 784111777};

static void a_tag_is_quoted_and_tells_the_encoding(void **state)
{
    struct validators zipped = validators;
    char tag[CONDITIONAL_TAG_LENGTH];

    (void)state;
    zipped.is_gzip = true;
    conditional_tag_write(&validators, tag);
    assert_string_equal(tag, TAG);
    conditional_tag_write(&zipped, tag);
    assert_string_equal(tag, ZIPPED);
}

/* What becomes of a GET with these headers, by RFC 9110, section 13. */
static const struct {
    struct header headers[2];
    enum condition condition;
} rows[] = {
    {{{"Accept", "*/*"}}, CONDITION_SERVE},
    {{{"If-None-Match", TAG}}, CONDITION_NOT_MODIFIED},
    {{{"if-none-match", TAG}}, CONDITION_NOT_MODIFIED},
    {{{"If-None-Match", "W/" TAG}}, CONDITION_NOT_MODIFIED},
    {{{"If-None-Match", "*"}}, CONDITION_NOT_MODIFIED},
    {{{"If-None-Match", " * "}}, CONDITION_NOT_MODIFIED},
    {{{"If-None-Match", "\"a\", \"b\" , " TAG}}, CONDITION_NOT_MODIFIED},
    {{{"If-None-Match", TAG ",\"b\""}}, CONDITION_NOT_MODIFIED},
    {{{"If-None-Match", "\"a,b\"," TAG}}, CONDITION_NOT_MODIFIED},
    {{{"If-None-Match", "\"a\""}, {"If-None-Match", "W/" TAG}}, CONDITION_NOT_MODIFIED},
    {{{"If-None-Match", ""}}, CONDITION_SERVE},
    {{{"If-None-Match", "\"a\", \"b\""}}, CONDITION_SERVE},
    {{{"If-None-Match", ZIPPED}}, CONDITION_SERVE},
    {{{"If-None-Match", "0123456789abcdef"}}, CONDITION_SERVE},
    {{{"If-None-Match", "\"0123456789ABCDEF\""}}, CONDITION_SERVE},
    {{{"If-None-Match", TAG "x"}}, CONDITION_SERVE},
    {{{"If-None-Match", "\"a," TAG}}, CONDITION_SERVE}, /* a quote that never ends */
    {{{"If-None-Match", "*x"}}, CONDITION_SERVE},
    {{{"If-Modified-Since", DAY}}, CONDITION_NOT_MODIFIED},
    {{{"If-Modified-Since", DAY_AFTER}}, CONDITION_NOT_MODIFIED},
    {{{"If-Modified-Since", DAY_BEFORE}}, CONDITION_SERVE},
    {{{"If-Modified-Since", "yesterday"}}, CONDITION_SERVE},
    {{{"If-None-Match", "\"a\""}, {"If-Modified-Since", DAY}}, CONDITION_SERVE},
    {{{"If-None-Match", TAG}, {"If-Modified-Since", DAY_BEFORE}}, CONDITION_NOT_MODIFIED},
    {{{"If-Match", TAG}}, CONDITION_SERVE},
    {{{"If-Match", "*"}}, CONDITION_SERVE},
    {{{"If-Match", "W/" TAG}}, CONDITION_FAILED},
    {{{"If-Match", "\"a\""}}, CONDITION_FAILED},
    {{{"If-Match", "\"a\""}, {"If-None-Match", TAG}}, CONDITION_FAILED},
    {{{"If-Match", TAG}, {"If-None-Match", TAG}}, CONDITION_NOT_MODIFIED},
    {{{"If-Unmodified-Since", DAY}}, CONDITION_SERVE},
    {{{"If-Unmodified-Since", DAY_BEFORE}}, CONDITION_FAILED},
    {{{"If-Unmodified-Since", "tomorrow"}}, CONDITION_SERVE},
    {{{"If-Match", TAG}, {"If-Unmodified-Since", DAY_BEFORE}}, CONDITION_SERVE},
};

static struct request request_with(const struct header headers[2], struct arena *arena)
{
    return (struct request){
        .method = METHOD_GET,
        .headers = headers,
        .header_count = (size_t)(headers[0].name != NULL) + (headers[1].name != NULL),
        .arena = arena,
    };
}

static void conditions_are_evaluated_as_the_rfc_has_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct arena arena;
        struct request request = request_with(rows[i].headers, &arena);

        arena_init(&arena);
        print_message("%s: %s\n", rows[i].headers[0].name, rows[i].headers[0].value);
        assert_int_equal(conditional_evaluate(&request, &validators), rows[i].condition);
        request.method = METHOD_HEAD;
        assert_int_equal(conditional_evaluate(&request, &validators), rows[i].condition);
        request.method = METHOD_POST;
        assert_int_equal(conditional_evaluate(&request, &validators), CONDITION_SERVE);
        arena_finish(&arena);
    }
}

static void without_a_known_time_dates_say_nothing(void **state)
{
    static const struct header headers[][2] = {{{"If-Modified-Since", DAY}},
                                               {{"If-Unmodified-Since", DAY_BEFORE}}};
    struct validators timeless = {.tag = 1, .modified = -1};

    (void)state;
    for (size_t i = 0; i < COUNT(headers); i++) {
        struct request request = request_with(headers[i], NULL);

        assert_int_equal(conditional_evaluate(&request, &timeless), CONDITION_SERVE);
    }
}

static const char *header_of(const struct response *response, const char *name)
{
    const struct response_header *header = response->headers;

    while (header && strcasecmp(header->name, name) != 0)
        header = header->next;
    return header ? header->value : "";
}

static void a_304_has_the_headers_of_the_200(void **state)
{
    static const struct {
        struct header headers[2];
        int code;
        const char *tag, *modified;
    } answers[] = {
        {{{"Accept", "*/*"}}, 200, TAG, DAY},
        {{{"If-None-Match", TAG}}, 304, TAG, DAY},
        {{{"If-Match", "\"a\""}}, 412, "", ""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(answers); i++) {
        struct arena arena;
        struct response response;
        struct request request = request_with(answers[i].headers, &arena);

        arena_init(&arena);
        response_init(&response, &arena);
        assert_int_equal(conditional_answer(&request, &validators, &response),
                         answers[i].code != 200);
        assert_int_equal(response.code, answers[i].code);
        assert_string_equal(header_of(&response, "ETag"), answers[i].tag);
        assert_string_equal(header_of(&response, "Last-Modified"), answers[i].modified);
        assert_string_equal(header_of(&response, "Cache-Control"),
                            answers[i].code == 412 ? "" : "no-cache");
        assert_string_equal(header_of(&response, "Vary"), "");
        response_finish(&response);
        arena_finish(&arena);
    }
}

static void what_may_be_gzipped_varies_even_where_it_is_not(void **state)
{
    static const struct header headers[2] = {{"Accept", "*/*"}};
    struct validators plain = {.tag = 1, .may_be_gzip = true, .modified = -1};
    struct arena arena;
    struct response response;
    struct request request = request_with(headers, &arena);

    (void)state;
    arena_init(&arena);
    response_init(&response, &arena);
    assert_false(conditional_answer(&request, &plain, &response));
    assert_string_equal(header_of(&response, "Vary"), "Accept-Encoding");
    assert_string_equal(header_of(&response, "Last-Modified"), "");
    response_finish(&response);
    arena_finish(&arena);
}

static void a_range_is_sent_of_the_very_body_that_was_meant(void **state)
{
    static const struct {
        struct header headers[2];
        bool allowed;
    } conditions[] = {
        {{{"Range", "bytes=0-"}}, true},     {{{"If-Range", TAG}}, true},
        {{{"If-Range", DAY}}, true},         {{{"If-Range", "W/" TAG}}, false},
        {{{"If-Range", ZIPPED}}, false},     {{{"If-Range", DAY_AFTER}}, false},
        {{{"If-Range", DAY_BEFORE}}, false}, {{{"If-Range", TAG ",\"a\""}}, false},
        {{{"If-Range", "*"}}, false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(conditions); i++) {
        struct request request = request_with(conditions[i].headers, NULL);

        print_message("%s\n", conditions[i].headers[0].value);
        assert_int_equal(conditional_allows_range(&request, &validators),
                         conditions[i].allowed);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tag_is_quoted_and_tells_the_encoding),
        cmocka_unit_test(conditions_are_evaluated_as_the_rfc_has_it),
        cmocka_unit_test(without_a_known_time_dates_say_nothing),
        cmocka_unit_test(a_304_has_the_headers_of_the_200),
        cmocka_unit_test(what_may_be_gzipped_varies_even_where_it_is_not),
        cmocka_unit_test(a_range_is_sent_of_the_very_body_that_was_meant),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
