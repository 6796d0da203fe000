#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dali/range.h"

#include <string.h>
#include <strings.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Of a body of 1000 bytes, by RFC 9110, section 14. */
static void ranges_are_read_as_the_rfc_has_it(void **state)
{
    static const struct {
        const char *text;
        enum range range;
        int64_t first, count;
    } rows[] = {
        {"bytes=0-0", RANGE_PART, 0, 1},
        {"bytes=0-499", RANGE_PART, 0, 500},
        {"Bytes=500-999", RANGE_PART, 500, 500},
        {"bytes=999-", RANGE_PART, 999, 1},
        {"bytes=0-", RANGE_PART, 0, 1000},
        {"bytes=-1", RANGE_PART, 999, 1},
        {"bytes=-1000", RANGE_PART, 0, 1000},
        {"bytes=-5000", RANGE_PART, 0, 1000},
        {"bytes=900-5000", RANGE_PART, 900, 100},
        {"bytes=900-99999999999999999999999", RANGE_PART, 900, 100},
        {"bytes=1000-", RANGE_NOTHING, 0, 0},
        {"bytes=1000-1000", RANGE_NOTHING, 0, 0},
        {"bytes=99999999999999999999999-", RANGE_NOTHING, 0, 0},
        {"bytes=-0", RANGE_NOTHING, 0, 0},
        {"bytes=0-0,2-3", RANGE_WHOLE, 0, 0},
        {"bytes=5-4", RANGE_WHOLE, 0, 0},
        {"bytes=-", RANGE_WHOLE, 0, 0},
        {"bytes=", RANGE_WHOLE, 0, 0},
        {"bytes", RANGE_WHOLE, 0, 0},
        {"", RANGE_WHOLE, 0, 0},
        {"bytes=a-b", RANGE_WHOLE, 0, 0},
        {"bytes=1", RANGE_WHOLE, 0, 0},
        {"bytes=1-2x", RANGE_WHOLE, 0, 0},
        {"bytes=--1", RANGE_WHOLE, 0, 0},
        {"bytes = 1-2", RANGE_WHOLE, 0, 0},
        {"pixels=1-2", RANGE_WHOLE, 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        int64_t first = 0, count = 0;

        print_message("%s\n", rows[i].text);
        assert_int_equal(range_read(rows[i].text, 1000, &first, &count), rows[i].range);
        assert_int_equal(first, rows[i].first);
        assert_int_equal(count, rows[i].count);
    }
}

static void of_an_empty_file_there_is_no_range(void **state)
{
    int64_t first, count;

    (void)state;
    assert_int_equal(range_read("bytes=0-", 0, &first, &count), RANGE_NOTHING);
    assert_int_equal(range_read("bytes=-5", 0, &first, &count), RANGE_NOTHING);
}

static const char *header_of(const struct response *response, const char *name)
{
    const struct response_header *header = response->headers;

    while (header && strcasecmp(header->name, name) != 0)
        header = header->next;
    return header ? header->value : NULL;
}

static void a_file_is_cut_down_to_the_range(void **state)
{
    static const struct {
        enum method method;
        struct header headers[2];
        int code;
        const char *content_range;
        int64_t offset, length;
    } rows[] = {
        {METHOD_GET, {{"Range", "bytes=10-19"}}, 206, "bytes 10-19/1000", 10, 10},
        {METHOD_GET, {{"Range", "bytes=1000-"}}, 416, "bytes */1000", 0, 0},
        {METHOD_GET, {{"Range", "bytes=1-2,4-5"}}, 200, NULL, 0, 1000},
        {METHOD_GET, {{"Accept", "*/*"}}, 200, NULL, 0, 1000},
        {METHOD_HEAD, {{"Range", "bytes=10-19"}}, 200, NULL, 0, 1000},
        {METHOD_GET,
         {{"Range", "bytes=10-19"}, {"If-Range", "\"0000000000000001\""}},
         206,
         "bytes 10-19/1000",
         10,
         10},
        {METHOD_GET,
         {{"Range", "bytes=10-19"}, {"If-Range", "\"0000000000000002\""}},
         200,
         NULL,
         0,
         1000},
    };
    static const struct validators validators = {.tag = 1, .modified = -1};

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct arena arena;
        struct response response;
        struct request request = {
            .method = rows[i].method,
            .headers = rows[i].headers,
            .header_count = 1 + (rows[i].headers[1].name != NULL),
            .arena = &arena,
        };

        arena_init(&arena);
        response_init(&response, &arena);
        response_file(&response, "application/fits", -1, 0, 1000);
        range_answer(&request, &validators, &response);
        assert_int_equal(response.code, rows[i].code);
        assert_string_equal(header_of(&response, "Accept-Ranges"), "bytes");
        if (rows[i].content_range)
            assert_string_equal(header_of(&response, "Content-Range"),
                                rows[i].content_range);
        else
            assert_null(header_of(&response, "Content-Range"));
        if (rows[i].code != 416) {
            assert_int_equal(response.file.offset, rows[i].offset);
            assert_int_equal(response.file.length, rows[i].length);
        }
        response_finish(&response);
        arena_finish(&arena);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranges_are_read_as_the_rfc_has_it),
        cmocka_unit_test(of_an_empty_file_there_is_no_range),
        cmocka_unit_test(a_file_is_cut_down_to_the_range),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
