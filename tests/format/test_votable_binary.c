#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "format/base64.h"
#include "format/votable_binary.h"

#include <stdio.h>
#include <string.h>

static void the_size_of_a_field_is_read_from_its_attributes(void **state)
{
    enum { BYTES = EXTENT_BYTES, INTEGER = EXTENT_INTEGER, WIDE = EXTENT_WIDE };
    static const struct {
        const char *datatype, *arraysize;
        int kind;
        size_t bits; /* 0: refused */
        bool is_variable;
    } rows[] = {
        /* VOTable 1.4, section 2.1. */
        {"boolean", NULL, BYTES, 8, false},
        {"bit", NULL, BYTES, 1, false},
        {"unsignedByte", NULL, BYTES, 8, false},
        {"short", NULL, INTEGER, 16, false},
        {"int", NULL, INTEGER, 32, false},
        {"long", NULL, INTEGER, 64, false},
        {"char", NULL, BYTES, 8, false},
        {"unicodeChar", NULL, WIDE, 16, false},
        {"float", NULL, BYTES, 32, false},
        {"double", NULL, BYTES, 64, false},
        {"floatComplex", NULL, BYTES, 64, false},
        {"doubleComplex", NULL, BYTES, 128, false},
        /* Section 2.2. */
        {"char", "", BYTES, 8, false},
        {"char", "1", BYTES, 8, false},
        {"char", "12", BYTES, 96, false},
        {"char", "*", BYTES, 8, true},
        {"char", "12*", BYTES, 8, true},
        {"char", "3x4", BYTES, 96, false},
        {"char", "3x*", BYTES, 24, true},
        {"double", "2x3x*", BYTES, 384, true},
        {"double", "2x3x5*", BYTES, 384, true},
        {"bit", "13", BYTES, 13, false},
        /* What there is not. */
        {"", NULL, BYTES, 0, false},
        {"Char", NULL, BYTES, 0, false},
        {"text", "*", BYTES, 0, false},
        {"char", "x", BYTES, 0, false},
        {"char", "-1", BYTES, 0, false},
        {"char", "**", BYTES, 0, false},
        {"char", "*x3", BYTES, 0, false},
        {"char", "3*4", BYTES, 0, false},
        {"char", "3,4", BYTES, 0, false},
        {"char", "4294967297", BYTES, 0, false},
        {"char", "99999999999999999999999", BYTES, 0, false},
        {"char", "65536x65536x65536x65536", BYTES, 0, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct votable_extent extent;
        bool is_read = votable_extent_read(rows[i].datatype, rows[i].arraysize, &extent);

        print_message("%s %s\n", rows[i].datatype,
                      rows[i].arraysize ? rows[i].arraysize : "-");
        assert_int_equal(is_read, rows[i].bits > 0);
        if (!is_read)
            continue;
        assert_int_equal(extent.kind, rows[i].kind);
        assert_int_equal(extent.unit_bits, rows[i].bits);
        assert_int_equal(extent.is_variable, rows[i].is_variable);
    }
}

/* Cells as they came, each in brackets. */
static enum status take(void *text, const char *cell, size_t length,
                        struct failure *failure)
{
    (void)failure;
    buffer_add_char(text, '[');
    buffer_add(text, cell, length);
    buffer_add_char(text, ']');
    return STATUS_OK;
}

/* Bytes of a table's only field, and what they mean. */
static void values_of_each_type_are_texts(void **state)
{
    static const struct {
        const char *datatype, *arraysize;
        const char *bytes;
        size_t size;
        const char *cells;
    } rows[] = {
        {"char", "*", "\0\0\0\3abc\0\0\0\0\0\0\0\1d", 16, "[abc][][d]"},
        {"char", "3", "abcde\0f\0\0", 9, "[abc][de][f]"},
        {"char", NULL, "ab", 2, "[a][b]"},
        {"unicodeChar", "*", "\0\0\0\2\0a\0b\0\0\0\1\3\xb1", 14, "[ab][?]"},
        {"unicodeChar", "2", "\0a\0b\0c\0\0", 8, "[ab][c]"},
        {"short", NULL, "\0\7\xff\xff\x80\0", 6, "[7][-1][-32768]"},
        {"int", NULL, "\0\0\0\7\xff\xff\xff\xfe", 8, "[7][-2]"},
        {"long", NULL, "\0\0\0\0\x3b\x9a\xca\0\x80\0\0\0\0\0\0\0", 16,
         "[1000000000][-9223372036854775808]"},
        {"int", "1", "\0\0\0\7", 4, "[7]"},
        {"int", "*", "\0\0\0\1\0\0\0\7\0\0\0\0", 12, "[7]"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        for (size_t line = 1; line < 9; line++) {
            struct votable_extent field;
            struct buffer encoded = {0}, cells = {0};
            struct failure failure = {.message = ""};
            struct votable_binary *binary;

            assert_true(votable_extent_read(rows[i].datatype, rows[i].arraysize, &field));
            base64_add(&encoded, (const uint8_t *)rows[i].bytes, rows[i].size);
            assert_int_equal(
                votable_binary_open(&field, 1, 0, false,
                                    (struct votable_wish){.cell = take, .state = &cells},
                                    &binary, &failure),
                STATUS_OK);
            for (size_t at = 0; at < encoded.length; at += line) {
                size_t left = encoded.length - at;

                assert_int_equal(votable_binary_add(binary,
                                                    (const char *)encoded.bytes + at,
                                                    left < line ? left : line, &failure),
                                 STATUS_OK);
                assert_int_equal(votable_binary_add(binary, "\r\n \t", 4, &failure),
                                 STATUS_OK);
            }
            assert_int_equal(votable_binary_end(binary, &failure), STATUS_OK);
            buffer_add_char(&cells, '\0');
            assert_string_equal((const char *)cells.bytes, rows[i].cells);
            votable_binary_close(binary);
            buffer_finish(&encoded);
            buffer_finish(&cells);
        }
    votable_binary_close(NULL);
}

/* The wanted one last: all before it must be passed by as many bytes as they take. */
static void other_fields_are_passed_over(void **state)
{
    static const struct {
        const char *datatype, *arraysize;
        size_t bytes;      /* that its value takes */
        const char *count; /* NULL: none; four bytes ahead of it */
    } rows[] = {
        {"boolean", NULL, 1, NULL},      {"bit", NULL, 1, NULL},
        {"bit", "8", 1, NULL},           {"bit", "9", 2, NULL},
        {"bit", "3x3", 2, NULL},         {"bit", "*", 2, "\0\0\0\11"},
        {"bit", "3x*", 2, "\0\0\0\3"},   {"unsignedByte", "5", 5, NULL},
        {"short", "2x2", 8, NULL},       {"long", "*", 24, "\0\0\0\3"},
        {"unicodeChar", "3", 6, NULL},   {"unicodeChar", "*", 6, "\0\0\0\3"},
        {"floatComplex", NULL, 8, NULL}, {"doubleComplex", "2x*", 96, "\0\0\0\3"},
        {"char", "2x4*", 6, "\0\0\0\3"}, {"double", "*", 0, "\0\0\0\0"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        static const uint8_t zeros[100];
        struct votable_extent fields[2];
        struct buffer row = {0}, encoded = {0}, cells = {0};
        struct failure failure = {.message = ""};
        struct votable_binary *binary;

        print_message("%s %s\n", rows[i].datatype,
                      rows[i].arraysize ? rows[i].arraysize : "-");
        assert_true(votable_extent_read(rows[i].datatype, rows[i].arraysize, &fields[0]));
        assert_true(votable_extent_read("char", "2", &fields[1]));
        if (rows[i].count)
            buffer_add(&row, rows[i].count, 4);
        buffer_add(&row, zeros, rows[i].bytes);
        buffer_add_string(&row, "ok");
        base64_add(&encoded, row.bytes, row.length);
        assert_int_equal(
            votable_binary_open(fields, 2, 1, false,
                                (struct votable_wish){.cell = take, .state = &cells},
                                &binary, &failure),
            STATUS_OK);
        assert_int_equal(votable_binary_add(binary, (const char *)encoded.bytes,
                                            encoded.length, &failure),
                         STATUS_OK);
        assert_int_equal(votable_binary_end(binary, &failure), STATUS_OK);
        assert_int_equal(cells.length, 4);
        assert_memory_equal(cells.bytes, "[ok]", 4);
        votable_binary_close(binary);
        buffer_finish(&row);
        buffer_finish(&encoded);
        buffer_finish(&cells);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_size_of_a_field_is_read_from_its_attributes),
        cmocka_unit_test(values_of_each_type_are_texts),
        cmocka_unit_test(other_fields_are_passed_over),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
