#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "format/base64.h"

#include <string.h>

/* RFC 4648, section 10, and a run of all 64 characters. */
static void known_bytes_give_known_text(void **state)
{
    static const struct {
        const char *bytes;
        size_t size;
        const char *text;
    } rows[] = {
        {"", 0, ""},
        {"f", 1, "Zg=="},
        {"fo", 2, "Zm8="},
        {"foo", 3, "Zm9v"},
        {"foob", 4, "Zm9vYg=="},
        {"fooba", 5, "Zm9vYmE="},
        {"foobar", 6, "Zm9vYmFy"},
        {"\xff", 1, "/w=="},
        {"\xff\xff\xfe", 3, "///+"},
        {"\x00\x10\x83\x10\x51\x87\x20\x92\x8b\x30\xd3\x8f\x41\x14\x93\x51\x55\x97\x61"
         "\x96\x9b\x71\xd7\x9f\x82\x18\xa3\x92\x59\xa7\xa2\x9a\xab\xb2\xdb\xaf\xc3\x1c"
         "\xb3\xd3\x5d\xb7\xe3\x9e\xbb\xf3\xdf\xbf",
         48, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct buffer out;

        buffer_init(&out);
        base64_add(&out, (const uint8_t *)rows[i].bytes, rows[i].size);
        assert_int_equal(out.length, base64_length(rows[i].size));
        assert_int_equal(out.length, strlen(rows[i].text));
        buffer_add_char(&out, '\0');
        assert_string_equal((const char *)out.bytes, rows[i].text);
        buffer_finish(&out);
    }
}

static unsigned value_of(uint8_t character)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *found = memchr(alphabet, character, 64);

    assert_non_null(found);
    return (unsigned)(found - alphabet);
}

/* Each length takes its own way through what is done at once, groups of six, of three and
 * the rest. */
static void any_length_can_be_read_back(void **state)
{
    uint8_t bytes[1000];

    (void)state;
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)(i * i * 2654435761u >> 13);
    for (size_t size = 0; size <= sizeof(bytes); size++) {
        struct buffer out = {0};

        base64_add(&out, bytes, size);
        assert_int_equal(out.length, (size + 2) / 3 * 4);
        for (size_t i = 0; i < size; i++) {
            const uint8_t *four = out.bytes + i / 3 * 4;
            unsigned bits = value_of(four[i % 3]) << 6;

            bits |= four[i % 3 + 1] == '=' ? 0 : value_of(four[i % 3 + 1]);
            assert_int_equal(bits >> (4 - 2 * (i % 3)) & 0xFF, bytes[i]);
        }
        buffer_finish(&out);
    }
}

static void every_three_bytes_can_be_read_back(void **state)
{
    (void)state;
    for (uint32_t bits = 0; bits < 1u << 24; bits += 1021) {
        uint8_t bytes[3] = {(uint8_t)(bits >> 16), (uint8_t)(bits >> 8), (uint8_t)bits};
        struct buffer out = {0};
        uint32_t again = 0;

        base64_add(&out, bytes, 3);
        for (int i = 0; i < 4; i++)
            again = again << 6 | value_of(out.bytes[i]);
        assert_int_equal(again, bits);
        buffer_finish(&out);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_bytes_give_known_text),
        cmocka_unit_test(any_length_can_be_read_back),
        cmocka_unit_test(every_three_bytes_can_be_read_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
