#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/spool.h"

#include <stdlib.h>
#include <string.h>

enum { LARGE = 5 * 1024 * 1024 };

/* Bytes that tell where they are. */
static uint8_t *bytes_of(size_t size)
{
    uint8_t *bytes = memory_take(size);

    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)(i * 31 + i / 251 + i / 65521);
    return bytes;
}

static struct spool *spool_of(const uint8_t *bytes, size_t size, size_t piece)
{
    struct spool *spool = spool_open();
    struct failure failure;

    for (size_t at = 0; at < size; at += piece)
        assert_int_equal(
            spool_add(spool, bytes + at, size - at < piece ? size - at : piece, &failure),
            STATUS_OK);
    assert_int_equal(spool_length(spool), size);
    return spool;
}

static void what_was_added_is_read_at_any_offset(void **state)
{
    static const size_t sizes[] = {0, 1, 1000, 2 * 1024 * 1024, LARGE - 1, LARGE};
    static const size_t pieces[] = {7001, 65536, LARGE};
    uint8_t *bytes = bytes_of(LARGE), *read = memory_take(LARGE);
    struct failure failure;

    (void)state;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        for (size_t j = 0; j < sizeof(pieces) / sizeof(pieces[0]); j++) {
            struct spool *spool = spool_of(bytes, sizes[i], pieces[j]);

            assert_int_equal(spool_read(spool, 0, read, sizes[i], &failure), STATUS_OK);
            assert_memory_equal(read, bytes, sizes[i]);
            for (size_t at = 0; at < sizes[i]; at += 99991) {
                size_t size = sizes[i] - at < 300 ? sizes[i] - at : 300;
                size_t back = sizes[i] - at - size;

                assert_int_equal(spool_read(spool, (int64_t)at, read, size, &failure),
                                 STATUS_OK);
                assert_memory_equal(read, bytes + at, size);
                assert_int_equal(spool_read(spool, (int64_t)back, read, size, &failure),
                                 STATUS_OK);
                assert_memory_equal(read, bytes + back, size);
            }
            spool_close(spool);
        }
    }
    free(bytes);
    free(read);
}

static void a_folder_that_takes_no_file_is_told(void **state)
{
    uint8_t *bytes = bytes_of(LARGE);
    struct spool *spool = spool_open();
    struct failure failure;

    (void)state;
    setenv("TMPDIR", "/nonexistent", 1);
    assert_int_equal(spool_add(spool, bytes, 1000, &failure), STATUS_OK);
    assert_int_equal(spool_add(spool, bytes, LARGE, &failure), STATUS_SYSTEM);
    assert_non_null(strstr(failure.message, "/nonexistent"));
    unsetenv("TMPDIR");
    spool_close(spool);
    spool_close(NULL);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_added_is_read_at_any_offset),
        cmocka_unit_test(a_folder_that_takes_no_file_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
