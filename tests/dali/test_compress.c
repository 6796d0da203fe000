#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dali/compress.h"

#include <libdeflate.h>
#include <string.h>

static void a_body_is_gzipped_and_says_so(void **state)
{
    char text[20000], again[20000];
    struct libdeflate_decompressor *decompressor = libdeflate_alloc_decompressor();
    struct arena arena;
    struct response response;
    size_t length = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(text); i++)
        text[i] = (char)('a' + i * i % 7);
    arena_init(&arena);
    response_init(&response, &arena);
    buffer_add(response_bytes(&response, 200, "text/plain"), text, sizeof(text));
    compress_answer(&response);
    assert_int_equal(response.kind, BODY_BYTES);
    assert_true(response.bytes.length < sizeof(text) / 10);
    assert_string_equal(response.headers->name, "Content-Encoding");
    assert_string_equal(response.headers->value, "gzip");
    assert_int_equal(libdeflate_gzip_decompress(decompressor, response.bytes.bytes,
                                                response.bytes.length, again,
                                                sizeof(again), &length),
                     LIBDEFLATE_SUCCESS);
    assert_int_equal(length, sizeof(text));
    assert_memory_equal(again, text, sizeof(text));
    libdeflate_free_decompressor(decompressor);
    response_finish(&response);
    arena_finish(&arena);
}

static void what_has_no_bytes_is_left_alone(void **state)
{
    struct arena arena;
    struct response response;

    (void)state;
    arena_init(&arena);
    response_init(&response, &arena);
    response.code = 204;
    compress_answer(&response);
    assert_null(response.headers);
    response_bytes(&response, 200, "text/plain");
    compress_answer(&response);
    assert_null(response.headers);
    assert_int_equal(response.bytes.length, 0);
    response_finish(&response);
    arena_finish(&arena);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_body_is_gzipped_and_says_so),
        cmocka_unit_test(what_has_no_bytes_is_left_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
