#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dali/response.h"

#include <fcntl.h>
#include <unistd.h>

static void close_counted(void *state)
{
    ++*(int *)state;
}

static enum status produce_nothing(void *state, struct buffer *out,
                                   struct failure *failure)
{
    (void)state;
    (void)out;
    (void)failure;
    return STATUS_OK;
}

static struct producer counted_producer(int *closed)
{
    return (struct producer){produce_nothing, close_counted, closed, -1};
}

static void a_body_is_released_once_however_the_answer_ends(void **state)
{
    struct response response;
    struct arena arena;
    int closed = 0;

    (void)state;
    arena_init(&arena);
    response_init(&response, &arena);
    response_produce(&response, "text/csv", counted_producer(&closed));
    response_finish(&response);
    assert_int_equal(closed, 1);
    response_finish(&response);
    assert_int_equal(closed, 1);

    response_produce(&response, "text/csv", counted_producer(&closed));
    response_bytes(&response, 500, "text/plain"); /* an error takes its place */
    assert_int_equal(closed, 2);
    response_produce(&response, "text/csv", counted_producer(&closed));
    response_reset(&response);
    assert_int_equal(closed, 3);
    response_finish(&response);
    assert_int_equal(closed, 3);
    arena_finish(&arena);
}

static void a_file_is_closed_with_its_response(void **state)
{
    struct response response;
    struct arena arena;
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

    (void)state;
    arena_init(&arena);
    response_init(&response, &arena);
    response_file(&response, "application/fits", fd, 10, 20);
    assert_int_equal(response.code, 200);
    assert_int_equal(response.kind, BODY_FILE);
    assert_int_equal(response.file.offset, 10);
    assert_int_equal(response.file.length, 20);
    response_finish(&response);
    assert_int_equal(fcntl(fd, F_GETFD), -1);
    arena_finish(&arena);
}

static void a_reset_keeps_the_memory_and_nothing_else(void **state)
{
    struct response response;
    struct arena arena;
    uint8_t *bytes;

    (void)state;
    arena_init(&arena);
    response_init(&response, &arena);
    buffer_add_string(response_bytes(&response, 404, "text/plain"), "something");
    response_header_add(&response, "Allow", "GET");
    bytes = response.bytes.bytes;
    response_reset(&response);
    assert_int_equal(response.code, 200);
    assert_int_equal(response.kind, BODY_NONE);
    assert_null(response.content_type);
    assert_null(response.headers);
    assert_int_equal(response.bytes.length, 0);
    assert_ptr_equal(response.bytes.bytes, bytes);
    response_finish(&response);
    arena_finish(&arena);
}

static void a_header_is_one_line_in_the_order_added(void **state)
{
    char value[] = "a\r\nSet-Cookie: b\x01\x7f\xc3\xa9";
    struct response response;
    struct arena arena;

    (void)state;
    arena_init(&arena);
    response_init(&response, &arena);
    response_header_add(&response, "X-First", value);
    value[0] = 'z'; /* it was copied */
    response_header_add(&response, "X-Second", "2");
    assert_string_equal(response.headers->name, "X-First");
    assert_string_equal(response.headers->value, "a  Set-Cookie: b  \xc3\xa9");
    assert_string_equal(response.headers->next->name, "X-Second");
    assert_null(response.headers->next->next);
    response_finish(&response);
    arena_finish(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_body_is_released_once_however_the_answer_ends),
        cmocka_unit_test(a_file_is_closed_with_its_response),
        cmocka_unit_test(a_reset_keeps_the_memory_and_nothing_else),
        cmocka_unit_test(a_header_is_one_line_in_the_order_added),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
