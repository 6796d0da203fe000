#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "http/body.h"

#include "base/buffer.h"

#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static enum status keep(void *state, const char *piece, size_t length,
                        struct failure *failure)
{
    (void)failure;
    buffer_add(state, piece, length);
    return STATUS_OK;
}

static enum status break_off(void *state, const char *piece, size_t length,
                             struct failure *failure)
{
    (void)state;
    (void)piece;
    (void)length;
    return failure_set(failure, STATUS_TOO_LARGE, "no more");
}

/* Feed a body by pieces; returns the last result, the bytes taken and the data. */
static enum body_result feed(struct body *body, const char *bytes, size_t length,
                             size_t piece, size_t *taken)
{
    enum body_result result = BODY_MORE;

    for (*taken = 0; result == BODY_MORE && *taken < length;) {
        size_t step, here = length - *taken < piece ? length - *taken : piece;

        result = body_feed(body, bytes + *taken, here, &step);
        *taken += step;
    }
    return result;
}

static struct head head_of(int64_t content_length)
{
    return (struct head){.content_length = content_length,
                         .is_chunked = content_length < 0};
}

/* Bodies of at most 20 bytes, with at most 16 bytes of extensions and trailer. */
static const struct {
    const char *bytes;
    enum body_result result;
    int code;
    const char *data;
} rows[] = {
    {"0\r\n\r\n", BODY_ALL, 0, ""},
    {"000\r\n\r\n", BODY_ALL, 0, ""},
    {"5\r\nhello\r\n0\r\n\r\n", BODY_ALL, 0, "hello"},
    {"05\r\nhello\r\n0\r\n\r\n", BODY_ALL, 0, "hello"},
    {"1\r\nh\r\n4\r\nello\r\n0\r\n\r\n", BODY_ALL, 0, "hello"},
    {"a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n", BODY_ALL, 0,
     "01234567890123456789"},
    {"2\r\n\r\n\r\n0\r\n\r\n", BODY_ALL, 0, "\r\n"},
    {"1;a=b\r\nx\r\n0;c\r\n\r\n", BODY_ALL, 0, "x"},
    {"0\r\nA: b\r\nC:\r\n\r\n", BODY_ALL, 0, ""},
    {"5\r\nhello\r\n0\r\n", BODY_MORE, 0, "hello"},
    {"5\r\nhello\r\n0\r\n\r", BODY_MORE, 0, "hello"},
    {"5", BODY_MORE, 0, ""},
    {"\r\n", BODY_REFUSED, 400, NULL},
    {"x\r\n", BODY_REFUSED, 400, NULL},
    {"+1\r\n", BODY_REFUSED, 400, NULL},
    {"-1\r\n", BODY_REFUSED, 400, NULL},
    {" 1\r\n", BODY_REFUSED, 400, NULL},
    {"1 \r\n", BODY_REFUSED, 400, NULL},
    {"1 ;a\r\n", BODY_REFUSED, 400, NULL},
    {"0x1\r\n", BODY_REFUSED, 400, NULL},
    {"1_0\r\n", BODY_REFUSED, 400, NULL},
    {";a\r\n", BODY_REFUSED, 400, NULL},
    {"1\nx\r\n", BODY_REFUSED, 400, NULL},
    {"1\r\rx\r\n", BODY_REFUSED, 400, NULL},
    {"1\r\nxy\r\n", BODY_REFUSED, 400, NULL},
    {"1\r\nx\n0\r\n", BODY_REFUSED, 400, NULL},
    {"1\r\nx\r0\r\n", BODY_REFUSED, 400, NULL},
    {"1;a\nb\r\nx\r\n", BODY_REFUSED, 400, NULL},
    {"1;a\x01\r\nx\r\n", BODY_REFUSED, 400, NULL},
    {"0\r\n\n", BODY_REFUSED, 400, NULL},
    {"0\r\n\rx", BODY_REFUSED, 400, NULL},
    {"0\r\n: b\r\n\r\n", BODY_REFUSED, 400, NULL},
    {"0\r\n A: b\r\n\r\n", BODY_REFUSED, 400, NULL},
    {"0\r\nA : b\r\n\r\n", BODY_REFUSED, 400, NULL},
    {"0\r\nA\r\n\r\n", BODY_REFUSED, 400, NULL},
    {"0\r\nA: b\n\r\n", BODY_REFUSED, 400, NULL},
    {"0\r\nA: b\rc\r\n\r\n", BODY_REFUSED, 400, NULL},
    {"0\r\nA: 5678901234567\r\n\r\n", BODY_REFUSED, 431, NULL},
    {"1;234567890123456\r\nx\r\n", BODY_REFUSED, 431, NULL},
    {"15\r\n012345678901234567890", BODY_REFUSED, 413, NULL},
    {"a\r\n0123456789\r\nb\r\n0123456789x", BODY_REFUSED, 413, NULL},
    {"15\r\n0", BODY_REFUSED, 413, NULL},
    {"fffffffffffffff\r\n0", BODY_REFUSED, 413, NULL},
    {"ffffffffffffffffff\r\n", BODY_REFUSED, 413, NULL},
    {"10000000000000000\r\n", BODY_REFUSED, 413, NULL},
};

static void a_chunked_body_is_undone_or_refused_in_whatever_pieces(void **state)
{
    static const size_t pieces[] = {1000, 1, 2, 3, 7};

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        for (size_t j = 0; j < COUNT(pieces); j++) {
            struct head head = head_of(-1);
            struct buffer data;
            struct body body;
            size_t taken;

            print_message("by %zu: %s\n", pieces[j], rows[i].bytes);
            buffer_init(&data);
            assert_true(body_init(&body, &head, 20, 16, (struct body_sink){keep, &data}));
            assert_int_equal(
                feed(&body, rows[i].bytes, strlen(rows[i].bytes), pieces[j], &taken),
                rows[i].result);
            assert_int_equal(body.refusal.code, rows[i].code);
            if (rows[i].data) {
                assert_int_equal(taken, strlen(rows[i].bytes));
                assert_int_equal(data.length, strlen(rows[i].data));
                assert_memory_equal(data.length ? (char *)data.bytes : "", rows[i].data,
                                    data.length);
            }
            buffer_finish(&data);
        }
    }
}

static void what_comes_behind_a_body_is_left(void **state)
{
    static const char chunked[] = "5\r\nhello\r\n0\r\n\r\nGET /";
    static const char counted[] = "helloGET /";
    struct head head = head_of(-1);
    struct buffer data;
    struct body body;
    size_t taken;

    (void)state;
    buffer_init(&data);
    body_init(&body, &head, 20, 16, (struct body_sink){keep, &data});
    assert_int_equal(feed(&body, chunked, strlen(chunked), 100, &taken), BODY_ALL);
    assert_int_equal(taken, strlen(chunked) - 5);
    head = head_of(5);
    body_init(&body, &head, 20, 16, (struct body_sink){keep, &data});
    assert_int_equal(feed(&body, counted, strlen(counted), 100, &taken), BODY_ALL);
    assert_int_equal(taken, 5);
    assert_int_equal(data.length, 10);
    assert_memory_equal(data.bytes, "hellohello", 10);
    buffer_finish(&data);
}

static void a_length_above_the_limit_is_refused_before_the_body(void **state)
{
    struct body body;

    (void)state;
    for (int64_t length = 20; length <= 21; length++) {
        struct head head = head_of(length);

        assert_int_equal(body_init(&body, &head, 20, 16, (struct body_sink){keep, NULL}),
                         length <= 20);
        assert_int_equal(body.refusal.code, length <= 20 ? 0 : 413);
    }
}

static void a_sink_may_end_the_body(void **state)
{
    struct head head = head_of(5);
    struct body body;
    size_t taken;

    (void)state;
    body_init(&body, &head, 20, 16, (struct body_sink){break_off, NULL});
    assert_int_equal(body_feed(&body, "hello", 5, &taken), BODY_FAILED);
    assert_int_equal(body.failure.status, STATUS_TOO_LARGE);
    head = head_of(-1);
    body_init(&body, &head, 20, 16, (struct body_sink){break_off, NULL});
    assert_int_equal(body_feed(&body, "5\r\nhello", 8, &taken), BODY_FAILED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chunked_body_is_undone_or_refused_in_whatever_pieces),
        cmocka_unit_test(what_comes_behind_a_body_is_left),
        cmocka_unit_test(a_length_above_the_limit_is_refused_before_the_body),
        cmocka_unit_test(a_sink_may_end_the_body),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
