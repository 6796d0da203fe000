#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "format/fits_table.h"

#include <stdio.h>
#include <string.h>

/* FITS 4.0, section 4.2; spelled by hand. */
static void a_text_is_quoted_and_goes_on_in_more_cards(void **state)
{
    static const struct {
        const char *value, *comment, *cards;
    } rows[] = {
        {"", NULL, "KEY     = '        '"},
        {"abc", "note", "KEY     = 'abc     ' / note"},
        {"it's", NULL, "KEY     = 'it''s   '"},
        {"line\nend", NULL, "KEY     = 'line?end'"},
        {"\xC3\xA9t\xC3\xA9", NULL, "KEY     = '?t?     '"},
        {"12345678901234567890123456789012345678901234567890123456789012345678", "gone",
         "KEY     = "
         "'12345678901234567890123456789012345678901234567890123456789012345678'"},
        {"123456789012345678901234567890123456789012345678901234567890123456789", "c",
         "KEY     = "
         "'1234567890123456789012345678901234567890123456789012345678901234567&'"
         "CONTINUE  '89      ' / c"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct buffer out = {0};
        char expected[161];

        print_message("%s\n", rows[i].value);
        fits_write_text(&out, "KEY", rows[i].value, rows[i].comment);
        snprintf(expected, sizeof(expected), "%-*s", (int)out.length, rows[i].cards);
        assert_int_equal(out.length % 80, 0);
        assert_memory_equal(out.bytes, expected, out.length);
        buffer_finish(&out);
    }
}

static void numbers_end_in_column_30_and_reals_have_a_point(void **state)
{
    static const struct {
        const char *number, *card; /* "": none */
    } rows[] = {
        {"1", "KEY     =                  1.0"},
        {"-2.5", "KEY     =                 -2.5"},
        {"1e-10", "KEY     =              1.0E-10"},
        {"1.5e+20", "KEY     =              1.5E+20"},
        {"NaN", ""},
        {"+Inf", ""},
        {"-Inf", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct buffer out = {0};
        char expected[81];

        print_message("%s\n", rows[i].number);
        fits_write_real(&out, "KEY", rows[i].number, NULL);
        assert_int_equal(out.length, *rows[i].card ? 80 : 0);
        snprintf(expected, sizeof(expected), "%-80s", rows[i].card);
        assert_memory_equal(out.bytes ? out.bytes : (uint8_t *)expected, expected,
                            out.length);
        buffer_finish(&out);
    }
}

static void a_file_is_whole_blocks(void **state)
{
    static const size_t rows[] = {0, 1, 287, 288, 289};
    static const struct fits_column columns[] = {{.name = "x", .form = "1D"},
                                                 {.name = "n", .form = "1I"}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct buffer out = {0};
        size_t header;

        buffer_add_literal(&out, "before");
        fits_primary(&out);
        assert_int_equal(out.length, 6 + FITS_BLOCK);
        fits_table_open(&out, "T", columns, 2, rows[i]);
        fits_header_close(&out, 6);
        header = out.length;
        assert_int_equal((header - 6) % FITS_BLOCK, 0);
        memset(buffer_room(&out, rows[i] * 10), 1, rows[i] * 10);
        buffer_added(&out, rows[i] * 10);
        fits_data_close(&out, header);
        assert_int_equal(out.length - header, fits_blocks(rows[i] * 10));
        buffer_finish(&out);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_is_quoted_and_goes_on_in_more_cards),
        cmocka_unit_test(numbers_end_in_column_30_and_reals_have_a_point),
        cmocka_unit_test(a_file_is_whole_blocks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
