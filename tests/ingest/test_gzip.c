#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ingest/gzip.h"

#include <string.h>

/* What Python's gzip module makes of "spectrum", plain and with a file name, of nothing,
 * and of 100,000 zeros. */
static const uint8_t WORD[] = {0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03,
                               0x2b, 0x2e, 0x48, 0x4d, 0x2e, 0x29, 0x2a, 0xcd, 0x05, 0x00,
                               0xe6, 0x11, 0x5d, 0xff, 0x08, 0x00, 0x00, 0x00};
static const uint8_t NAMED[] = {0x1f, 0x8b, 0x08, 0x08, 0x01, 0x00, 0x00, 0x00, 0x02,
                                0xff, 0x78, 0x2e, 0x66, 0x69, 0x74, 0x73, 0x00, 0x2b,
                                0x2e, 0x48, 0x4d, 0x2e, 0x29, 0x2a, 0xcd, 0x05, 0x00,
                                0xe6, 0x11, 0x5d, 0xff, 0x08, 0x00, 0x00, 0x00};
static const uint8_t NOTHING[] = {0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00,
                                  0x00, 0x02, 0x03, 0x03, 0x00, 0x00, 0x00,
                                  0x00, 0x00, 0x00, 0x00, 0x00, 0x00};
static const uint8_t ZEROS[] = {
    0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xed, 0xc1, 0x31, 0x01,
    0x00, 0x00, 0x00, 0xc2, 0xa0, 0xf5, 0x4f, 0x6d, 0x0d, 0x0f, 0xa0, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x80, 0x57, 0x03, 0x7d, 0x95,
    0x11, 0xd4, 0xa0, 0x86, 0x01, 0x00};
enum { ZEROS_INFLATED = 100000, NO_LIMIT = 1 << 20 };

struct piece {
    const uint8_t *bytes;
    size_t size;
};
#define PIECE(bytes)                                                                     \
    {                                                                                    \
        bytes, sizeof(bytes)                                                             \
    }

static void members_inflate_one_after_the_other(void **state)
{
    static const struct {
        struct piece pieces[3];
        size_t length;
        const char *start;
    } rows[] = {
        {{PIECE(WORD)}, 8, "spectrum"},
        {{PIECE(NAMED)}, 8, "spectrum"},
        {{PIECE(NOTHING)}, 0, ""},
        {{PIECE(ZEROS)}, ZEROS_INFLATED, ""},
        {{PIECE(WORD), PIECE(NAMED)}, 16, "spectrumspectrum"},
        {{PIECE(WORD), PIECE(NOTHING), PIECE(WORD)}, 16, "spectrumspectrum"},
        /* The last trailer tells 8 bytes where 100,008 come. */
        {{PIECE(WORD), PIECE(ZEROS), PIECE(WORD)}, ZEROS_INFLATED + 16, "spectrum"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct buffer in, out;
        struct failure failure;

        print_message("row %zu\n", i);
        buffer_init(&in);
        buffer_init(&out);
        for (size_t piece = 0; piece < 3; piece++)
            buffer_add(&in, rows[i].pieces[piece].bytes, rows[i].pieces[piece].size);
        assert_true(gzip_is(in.bytes, in.length));
        assert_int_equal(gzip_inflate(in.bytes, in.length, NO_LIMIT, &out, &failure),
                         STATUS_OK);
        assert_int_equal(out.length, rows[i].length);
        assert_memory_equal(out.bytes, rows[i].start, strlen(rows[i].start));
        buffer_finish(&in);
        buffer_finish(&out);
    }
}

static void assert_refused(const void *bytes, size_t size, size_t limit,
                           const char *reason)
{
    struct failure failure;
    struct buffer out;

    buffer_init(&out);
    buffer_add_literal(&out, "before");
    assert_int_equal(gzip_inflate(bytes, size, limit, &out, &failure), STATUS_REFUSED);
    assert_non_null(strstr(failure.message, reason));
    assert_int_equal(out.length, 6);
    buffer_finish(&out);
}

static void a_file_that_lacks_any_of_its_last_bytes_is_refused(void **state)
{
    (void)state;
    for (size_t size = 2; size < sizeof(NAMED); size++)
        assert_refused(NAMED, size, NO_LIMIT, "damaged or cut short");
}

static void a_changed_bit_of_data_or_trailer_is_refused(void **state)
{
    enum { HEADER = 10, UNUSED = 19 }; /* the last bits of the data fill up a byte */
    uint8_t bytes[sizeof(WORD)];

    (void)state;
    for (size_t i = HEADER; i < sizeof(bytes); i++)
        for (int bit = 0; bit < 8 && i != UNUSED; bit++) {
            memcpy(bytes, WORD, sizeof(bytes));
            bytes[i] ^= (uint8_t)(1 << bit);
            print_message("byte %zu bit %d\n", i, bit);
            assert_refused(bytes, sizeof(bytes), NO_LIMIT, "gzip: ");
        }
}

static void bytes_after_the_last_member_are_refused(void **state)
{
    uint8_t bytes[sizeof(WORD) + 3] = {0};

    (void)state;
    memcpy(bytes, WORD, sizeof(WORD));
    assert_refused(bytes, sizeof(bytes), NO_LIMIT, "followed by 3 bytes");
    memcpy(bytes + sizeof(WORD), "\x1f\x8b", 2); /* begins like a member */
    assert_refused(bytes, sizeof(bytes), NO_LIMIT, "damaged or cut short");
}

static void no_more_than_the_limit_is_inflated(void **state)
{
    struct buffer out;
    struct failure failure;

    (void)state;
    assert_refused(ZEROS, sizeof(ZEROS), ZEROS_INFLATED - 1, "too large");
    buffer_init(&out);
    assert_int_equal(gzip_inflate(ZEROS, sizeof(ZEROS), ZEROS_INFLATED, &out, &failure),
                     STATUS_OK);
    buffer_finish(&out);
}

static void gzip_is_told_by_two_bytes(void **state)
{
    (void)state;
    assert_true(gzip_is("\x1f\x8b", 2));
    assert_false(gzip_is("\x1f", 1));
    assert_false(gzip_is("SIMPLE", 6));
    assert_false(gzip_is("", 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_inflate_one_after_the_other),
        cmocka_unit_test(a_file_that_lacks_any_of_its_last_bytes_is_refused),
        cmocka_unit_test(a_changed_bit_of_data_or_trailer_is_refused),
        cmocka_unit_test(bytes_after_the_last_member_are_refused),
        cmocka_unit_test(no_more_than_the_limit_is_inflated),
        cmocka_unit_test(gzip_is_told_by_two_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
