#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/checksum.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

static void arena_gives_aligned_room_of_any_size(void **state)
{
    struct arena arena;

    (void)state;
    arena_init(&arena);
    for (size_t size = 0; size < 40000; size = size * 3 + 1) {
        char *taken = arena_take(&arena, size);

        assert_int_equal((uintptr_t)taken % alignof(max_align_t), 0);
        memset(taken, 'x', size);
    }
    arena_reset(&arena);
    assert_string_equal(arena_format(&arena, "%s-%d", "sp", 7), "sp-7");
    assert_string_equal(arena_copy(&arena, "spectrum", 4), "spec");
    assert_null(arena_copy_string(&arena, NULL));
    arena_finish(&arena);
}

static void buffer_keeps_what_was_added(void **state)
{
    struct buffer buffer;

    (void)state;
    buffer_init(&buffer);
    for (int i = 0; i < 3000; i++)
        buffer_format(&buffer, "%04d", i);
    buffer_add_char(&buffer, '!');
    buffer_add_literal(&buffer, "end");
    assert_int_equal(buffer.length, 3000 * 4 + 4);
    assert_memory_equal(buffer.bytes + 4 * 2999, "2999!end", 8);
    buffer_clear(&buffer);
    buffer_add_string(&buffer, "anew");
    assert_int_equal(buffer.length, 4);
    buffer_finish(&buffer);
}

static void checksum_of_pieces_is_that_of_the_whole(void **state)
{
    struct checksum *checksum = checksum_open();
    uint8_t bytes[1000];

    (void)state;
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)(i * 7);
    for (size_t i = 0; i < sizeof(bytes); i += 125)
        checksum_add(checksum, bytes + i, 125);
    assert_true(checksum_value(checksum) == checksum_of(bytes, sizeof(bytes)));
    checksum_close(checksum);
    /* XXH3_64bits of nothing, from the xxHash specification's reference values. */
    assert_true(checksum_of("", 0) == 0x2D06800538D394C2u);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arena_gives_aligned_room_of_any_size),
        cmocka_unit_test(buffer_keeps_what_was_added),
        cmocka_unit_test(checksum_of_pieces_is_that_of_the_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
