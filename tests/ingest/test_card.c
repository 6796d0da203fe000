#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ingest/card.h"

#include <stdio.h>
#include <string.h>

/* A card of 80 characters, and no NUL that would end it. */
static void make_card(char card[CARD_SIZE], const char *text)
{
    memset(card, ' ', CARD_SIZE);
    memcpy(card, text, strlen(text));
}

static void a_value_has_the_type_that_it_is_written_in(void **state)
{
    static const struct {
        const char *card;
        const char *text;    /* NULL: none */
        const char *integer; /* in decimal; NULL: none */
        const char *real;    /* as %.17g; NULL: none */
        const char *logical; /* "T", "F"; NULL: none */
    } rows[] = {
        {"OBSID   =               -28762 / ID", NULL, "-28762", "-28762", NULL},
        {"OBSID   =           1247301005 / ID", NULL, "1247301005", "1247301005", NULL},
        {"OBSID   = 101001/ID", NULL, "101001", "101001", NULL},
        {"SPID    = +7", NULL, "7", "7", NULL},
        {"Z       =          -0.00007138 /", NULL, NULL, "-7.1379999999999997e-05", NULL},
        {"Z_ERR   =              6.7E-05 /", NULL, NULL, "6.7000000000000002e-05", NULL},
        {"COEFF0  =            3.5682D+0 /", NULL, NULL, "3.5682", NULL},
        {"RA      = 1.", NULL, NULL, "1", NULL},
        {"X_VALUE = '-13.8554603310'     / mm", "-13.8554603310", NULL,
         "-13.855460331000000", NULL},
        {"FIBERID = '27      '           / Fiber", "27", "27", "27", NULL},
        {"CLASS   = 'STAR    '           / Class", "STAR", NULL, NULL, NULL},
        {"OBJNAME = 'it''s / it'         / name", "it's / it", NULL, NULL, NULL},
        {"OBJNAME = ''''''", "''", NULL, NULL, NULL},
        {"HELIO   =                    T / yes", NULL, NULL, NULL, "T"},
        {"OFFSET  =                    F / no", NULL, NULL, NULL, "F"},
        {"HELIO   = 'T'", "T", NULL, NULL, NULL},
        {"HELIO   = TRUE", NULL, NULL, NULL, NULL},
        {"RADECSYS= '        '           / blank", NULL, NULL, NULL, NULL},
        {"DUST    = '' / Reservation", NULL, NULL, NULL, NULL},
        {"CLASS   = 'STAR    / no end", NULL, NULL, NULL, NULL},
        {"CLASS   = STAR", NULL, NULL, NULL, NULL},
        {"CLASS   =", NULL, NULL, NULL, NULL},
        {"CLASS   = / nothing", NULL, NULL, NULL, NULL},
        {"CLASS     STAR", NULL, NULL, NULL, NULL},
        {"CLASS   ='STAR'", NULL, NULL, NULL, NULL},
        {"COMMENT --------FILE INFORMATION", NULL, NULL, NULL, NULL},
        {"CLASS   = 'ST\xc3\xa9R'", NULL, NULL, NULL, NULL},
        {"CLASS   = 'ST\nAR'", NULL, NULL, NULL, NULL},
        {"SEEING  =                  NaN", NULL, NULL, NULL, NULL},
        {"SEEING  =                  Inf", NULL, NULL, NULL, NULL},
        {"SEEING  =               1e9999", NULL, NULL, NULL, NULL},
        {"SEEING  =                 0x10", NULL, NULL, NULL, NULL},
        {"OBSID   = 9223372036854775808", NULL, NULL, "9.2233720368547758e+18", NULL},
        {"OBSID   = 12 34", NULL, "12", "12", NULL},
        {"OBSID   = '12 34'", "12 34", NULL, NULL, NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char card[CARD_SIZE], found[64];
        struct arena arena;
        const char *text = NULL;
        int64_t integer;
        double real, expected;
        bool logical;

        print_message("%s\n", rows[i].card);
        arena_init(&arena);
        make_card(card, rows[i].card);
        assert_int_equal(card_text(card, &arena, &text), rows[i].text != NULL);
        if (text)
            assert_string_equal(text, rows[i].text);
        assert_int_equal(card_integer(card, &integer), rows[i].integer != NULL);
        if (rows[i].integer) {
            snprintf(found, sizeof(found), "%lld", (long long)integer);
            assert_string_equal(found, rows[i].integer);
        }
        assert_int_equal(card_real(card, &real), rows[i].real != NULL);
        if (rows[i].real) {
            sscanf(rows[i].real, "%lf", &expected);
            assert_true(real == expected);
        }
        assert_int_equal(card_logical(card, &logical), rows[i].logical != NULL);
        if (rows[i].logical)
            assert_int_equal(logical, rows[i].logical[0] == 'T');
        arena_finish(&arena);
    }
}

static void a_card_is_found_by_its_whole_keyword(void **state)
{
    static const char *const cards[] = {"Z_ERR   = 1", "ZZ      = 2",   "Z       = 3",
                                        "Z       = 4", "DATE-OBS= '5'", "        = 6"};
    enum { COUNT = sizeof(cards) / sizeof(cards[0]) };
    static const struct {
        const char *keyword;
        int number; /* -1: not found */
    } rows[] = {{"Z", 2},  {"Z_ERR", 0},      {"DATE-OBS", 4},  {"DATE", -1},
                {"z", -1}, {"DATE-OBS=", -1}, {"Z_ERR   =", -1}};
    char header[COUNT * CARD_SIZE];

    (void)state;
    for (int i = 0; i < COUNT; i++)
        make_card(header + i * CARD_SIZE, cards[i]);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *found = card_find(header, COUNT, rows[i].keyword);

        print_message("%s\n", rows[i].keyword);
        assert_ptr_equal(found,
                         rows[i].number < 0 ? NULL : header + rows[i].number * CARD_SIZE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_has_the_type_that_it_is_written_in),
        cmocka_unit_test(a_card_is_found_by_its_whole_keyword),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
