#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "format/base64.h"
#include "format/votable_column.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The cells that came, each in brackets. */
struct cells {
    char text[8 * VOTABLE_CELL];
    size_t longest;
    enum status answer; /* of each cell */
};

static int rank(const char *name, const char *ucd)
{
    return strcmp(name, "best") == 0          ? 3
           : strcmp(name, "good") == 0        ? 2
           : strcmp(ucd, "meta.id;main") == 0 ? 1
                                              : 0;
}

static enum status take(void *state, const char *text, size_t length,
                        struct failure *failure)
{
    struct cells *cells = state;
    size_t end = strlen(cells->text);

    snprintf(cells->text + end, sizeof(cells->text) - end, "[%.*s]", (int)length, text);
    cells->longest = length > cells->longest ? length : cells->longest;
    return cells->answer ? failure_set(failure, cells->answer, "enough") : STATUS_OK;
}

static enum status read_pieces(const char *document, size_t length, size_t piece,
                               struct cells *out, struct failure *failure)
{
    struct votable_column *column = votable_column_open(
        (struct votable_wish){rank, take, out, "nothing that serves"});
    enum status status = STATUS_OK;

    out->text[0] = '\0';
    out->longest = 0;
    for (size_t at = 0; at < length && !status; at += piece)
        status = votable_column_add(column, document + at,
                                    length - at < piece ? length - at : piece, failure);
    if (!status)
        status = votable_column_end(column, failure);
    votable_column_close(column);
    return status;
}

static void assert_cells(const char *document, const char *expected)
{
    struct cells cells = {.answer = STATUS_OK};
    struct failure failure = {.message = ""};
    enum status status =
        read_pieces(document, strlen(document), SIZE_MAX, &cells, &failure);

    print_message("%.300s\n", document);
    if (status)
        print_message("%s\n", failure.message);
    assert_int_equal(status, STATUS_OK);
    assert_string_equal(cells.text, expected);
}

#define VOTABLE(inside)                                                                  \
    "<?xml version='1.0'?><VOTABLE version='1.4' "                                       \
    "xmlns='http://www.ivoa.net/xml/VOTable/v1.3'>"                                      \
    "<RESOURCE type='results'>" inside "</RESOURCE></VOTABLE>"
#define TEXT(name) "<FIELD name='" name "' datatype='char' arraysize='*'/>"
#define ROWS(rows) "<DATA><TABLEDATA>" rows "</TABLEDATA></DATA>"
#define STREAM(form, text)                                                               \
    "<DATA><" form "><STREAM encoding='base64'>" text "</STREAM></" form "></DATA>"

static void the_field_that_serves_best_is_taken(void **state)
{
    static const struct {
        const char *fields, *cells;
    } rows[] = {
        {TEXT("best") TEXT("b") TEXT("c"), "[1][4]"},
        {TEXT("a") TEXT("good") TEXT("best"), "[3][6]"},
        {TEXT("good") TEXT("good") TEXT("c"), "[1][4]"},
        {TEXT("a") "<FIELD name='x' ucd='meta.id;main' datatype='char'/>" TEXT("c"),
         "[2][5]"},
        {"<FIELD ucd='meta.id;main' datatype='char'/>" TEXT("b") TEXT("good"), "[3][6]"},
        {"<PARAM name='best' datatype='int' value='9'/>" TEXT("a") TEXT("b") TEXT("good"),
         "[3][6]"},
        {"<GROUP><FIELDref ref='best'/><PARAM name='best' datatype='int' "
         "value='9'/></GROUP>"
         "<FIELD name='good' datatype='char' "
         "arraysize='*'><DESCRIPTION>best</DESCRIPTION>"
         "<VALUES null=''><MIN value='a'/></VALUES><LINK href='x'/></FIELD>" TEXT("b")
             TEXT("c"),
         "[1][4]"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char document[2048];

        snprintf(document, sizeof(document),
                 VOTABLE("<TABLE>%s" ROWS(
                     "<TR><TD>1</TD><TD>2</TD><TD>3</TD></TR>"
                     "<TR><TD>4</TD><TD>5</TD><TD>6</TD></TR>") "</TABLE>"),
                 rows[i].fields);
        assert_cells(document, rows[i].cells);
    }
}

/* All that XML allows where the data are the same. */
static void a_document_may_be_written_in_many_ways(void **state)
{
#define TABLE_OF(p)                                                                      \
    "<" p "TABLE><" p "FIELD name='best' datatype='char' arraysize='*'/><" p "DATA><" p  \
    "TABLEDATA><" p "TR><" p "TD>a &amp; b</" p "TD></" p "TR></" p "TABLEDATA></" p     \
    "DATA></" p "TABLE>"
    static const char *const rows[] = {
        "<VOTABLE><RESOURCE>" TABLE_OF("") "</RESOURCE></VOTABLE>",
        "<VOTABLE version='1.1' "
        "xmlns='http://www.ivoa.net/xml/VOTable/v1.1'><RESOURCE>" TABLE_OF(
            "") "</RESOURCE></VOTABLE>",
        "<VOTABLE version='1.2' "
        "xmlns='http://www.ivoa.net/xml/VOTable/v1.2'><RESOURCE>" TABLE_OF(
            "") "</RESOURCE></VOTABLE>",
        "<v:VOTABLE version='1.3' "
        "xmlns:v='http://www.ivoa.net/xml/VOTable/v1.3'><v:RESOURCE>" TABLE_OF(
            "v:") "</v:RESOURCE></v:VOTABLE>",
        "<v:VOTABLE version='1.5' "
        "xmlns:v='http://www.ivoa.net/xml/VOTable/v1.3'><v:RESOURCE>" TABLE_OF(
            "v:") "</v:RESOURCE></v:VOTABLE>",
        "\xEF\xBB\xBF<?xml version='1.0' encoding='UTF-8'?><!DOCTYPE VOTABLE SYSTEM "
        "'http://us-vo.org/xml/VOTable.dtd'><VOTABLE><RESOURCE>" TABLE_OF(
            "") "</RESOURCE></VOTABLE>",
        VOTABLE("<!-- <TABLE> --><INFO name='QUERY_STATUS' value='OK'/><RESOURCE><?x "
                "y?>" TABLE_OF("") "</RESOURCE>"),
        VOTABLE("<TABLE>" TEXT("best")
                    ROWS("<TR><TD><![CDATA[a & b]]></TD></TR>") "</TABLE>"),
        VOTABLE("<TABLE>" TEXT("best")
                    ROWS("<TR>\n <TD>a <!-- x -->&#x26; b</TD>\n</TR>") "</TABLE>"),
        VOTABLE("<TABLE>" TEXT("best") ROWS(
            "<TR id='1'><TD>a &amp; b</TD></TR>") "</TABLE>"
                                                  "<INFO name='QUERY_STATUS' "
                                                  "value='OVERFLOW'/>"),
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_cells(rows[i], "[a & b]");
}

static void what_is_empty_or_null_is_told_or_left_out(void **state)
{
    static const struct {
        const char *table, *cells;
    } rows[] = {
        {TEXT("best") ROWS(""), ""},
        {TEXT("best") ROWS("<TR><TD/></TR><TR><TD></TD></TR><TR><TD>x</TD></TR>"),
         "[][][x]"},
        {TEXT("a") TEXT("best") ROWS("<TR><TD>1</TD></TR><TR/><TR><TD/><TD>x</TD></TR>"),
         "[x]"},
        /* As BINARY: no byte, NUL, a count of 0, blanks. */
        {TEXT("best") STREAM("BINARY", ""), ""},
        {"<FIELD name='best' datatype='char'/>" STREAM("BINARY", "AHg="), "[][x]"},
        {TEXT("best") STREAM("BINARY", "AAAAAA=="), "[]"},
        {"<FIELD name='best' datatype='char' arraysize='3'/>" STREAM("BINARY",
                                                                     "eCAgeQB6"),
         "[x  ][y]"},
        /* As BINARY2: rows of flags and an int; 80: null. */
        {"<FIELD name='best' datatype='int'/>" STREAM("BINARY2", "gAAAAAcAAAAAB4AAAAAI"),
         "[7]"},
        {"<FIELD name='n' datatype='unsignedByte'/><FIELD name='best' "
         "datatype='int'/>" STREAM("BINARY2", "gAEAAAAHQAIAAAAIwAMAAAAJAAQAAAAK"),
         "[7][10]"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char document[2048];

        snprintf(document, sizeof(document), VOTABLE("<TABLE>%s</TABLE>"), rows[i].table);
        assert_cells(document, rows[i].cells);
    }
}

/* The ninth field's flag is the first one of the second byte. */
static void flags_beyond_the_eighth_field_are_of_the_next_byte(void **state)
{
    static const uint8_t rows[][11] = {
        {0x00, 0x00, 1, 2, 3, 4, 5, 6, 7, 8, 'a'},
        {0x00, 0x80, 1, 2, 3, 4, 5, 6, 7, 8, 'b'},
        {0xff, 0x00, 1, 2, 3, 4, 5, 6, 7, 8, 'c'},
        {0x80, 0x7f, 1, 2, 3, 4, 5, 6, 7, 8, 'd'},
    };
    struct buffer document = {0};

    (void)state;
    buffer_add_string(&document, "<VOTABLE><RESOURCE><TABLE>");
    for (int i = 0; i < 8; i++)
        buffer_add_string(&document, "<FIELD name='x' datatype='unsignedByte'/>");
    buffer_add_string(&document,
                      "<FIELD name='best' datatype='char'/><DATA><BINARY2><STREAM>");
    base64_add(&document, rows[0], sizeof(rows));
    buffer_add(&document, "</STREAM></BINARY2></DATA></TABLE></RESOURCE></VOTABLE>",
               sizeof("</STREAM></BINARY2></DATA></TABLE></RESOURCE></VOTABLE>"));
    assert_cells((const char *)document.bytes, "[a][c][d]");
    buffer_finish(&document);
}

static void tables_without_data_are_passed_over_and_later_ones_do_not_matter(void **state)
{
    static const struct {
        const char *tables, *cells;
    } rows[] = {
        {"<TABLE>" TEXT("x") "</TABLE><TABLE>" TEXT("a") TEXT("best")
             ROWS("<TR><TD>1</TD><TD>2</TD></TR>") "</TABLE>",
         "[2]"},
        {"<TABLE>" TEXT("best") ROWS("<TR><TD>1</TD></TR>") "</TABLE><TABLE>" TEXT("best")
             ROWS("<TR><TD>2</TD></TR>") "</TABLE>",
         "[1]"},
        {"<TABLE>" TEXT("best") ROWS("<TR><TD>1</TD></TR>") "</TABLE><TABLE>" TEXT("x")
             STREAM("BINARY", "!") "</TABLE>",
         "[1]"},
        {"<RESOURCE type='meta'><TABLE>" TEXT("best") "</TABLE></RESOURCE><TABLE>" TEXT(
             "best") ROWS("<TR><TD>2</TD></TR>") "</TABLE>",
         "[2]"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char document[2048];

        snprintf(document, sizeof(document), VOTABLE("%s"), rows[i].tables);
        assert_cells(document, rows[i].cells);
    }
}

static const char *const documents[] = {
    VOTABLE("<TABLE>" TEXT("a") TEXT("best") ROWS(
        "<TR><TD>1</TD><TD>two</TD></TR><TR><TD>3</TD><TD>f&lt;ur</TD></TR>") "</TABLE>"),
    /* [two][four], beside texts and an int. */
    VOTABLE("<TABLE>" TEXT("a") TEXT("best") "<FIELD name='n' datatype='int'/>" STREAM(
        "BINARY", "\nAAAAAjExAAAAA3R3bwAA\n  AAEAAAABMwAAAARmb3VyAAAAAg==\n") "</TABLE>"),
};

static void pieces_of_any_size_give_the_same(void **state)
{
    static const char *const expected[] = {"[two][f<ur]", "[two][four]"};
    struct cells cells = {.answer = STATUS_OK};
    struct failure failure;

    (void)state;
    for (size_t i = 0; i < 2; i++)
        for (size_t piece = 1; piece < 60; piece++) {
            assert_int_equal(
                read_pieces(documents[i], strlen(documents[i]), piece, &cells, &failure),
                STATUS_OK);
            assert_string_equal(cells.text, expected[i]);
        }
}

static void a_document_that_is_cut_off_anywhere_is_refused(void **state)
{
    struct cells cells = {.answer = STATUS_OK};
    struct failure failure;

    (void)state;
    for (size_t i = 0; i < 2; i++)
        for (size_t cut = 0; cut < strlen(documents[i]); cut++) {
            assert_int_equal(read_pieces(documents[i], cut, SIZE_MAX, &cells, &failure),
                             STATUS_BAD_PARAMETER);
            assert_int_equal(failure.status, STATUS_BAD_PARAMETER);
        }
}

static void what_is_wrong_gets_a_sentence(void **state)
{
#define BOMB(declared)                                                                   \
    "<!DOCTYPE VOTABLE [" declared "]><VOTABLE><TABLE>" TEXT("best")                     \
        ROWS("<TR><TD>&b;</TD></TR>") "</TABLE></VOTABLE>"
    static const struct {
        const char *document, *words;
    } rows[] = {
        {BOMB("<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;&a;'>"), "entities are not taken"},
        {BOMB("<!ENTITY b SYSTEM 'file:///etc/passwd'>"), "entities are not taken"},
        {BOMB("<!ENTITY % b SYSTEM 'http://127.0.0.1/'> %b;"), "entities are not taken"},
        {BOMB(""), "line 1: undefined entity"},
        {"", "line 1: no element found"},
        {"once upon a time", "line 1: "},
        {"<html><body>404</body></html>", "there is no table with data"},
        {VOTABLE("<TABLE>" TEXT("best") "</TABLE>"), "there is no table with data"},
        {VOTABLE("<TABLE>" TEXT("Best") ROWS("") "</TABLE>"), "nothing that serves"},
        {VOTABLE("<TABLE>" ROWS("<TR><TD>x</TD></TR>") "</TABLE>"),
         "nothing that serves"},
        {VOTABLE("<TABLE>" TEXT("best") "</TABLE><TABLE>" TEXT("x") ROWS("") "</TABLE>"),
         "nothing that serves"},
        {VOTABLE("<TABLE>" TEXT("best") "<DATA><FITS><STREAM/></FITS></DATA></TABLE>"),
         "rows as FITS are not taken"},
        {VOTABLE("<TABLE>" TEXT("best") STREAM("BINARY", "AAAA!") "</TABLE>"),
         "no base64"},
        {VOTABLE("<TABLE>" TEXT("best") STREAM("BINARY", "AA==AAAA") "</TABLE>"),
         "no base64"},
        {VOTABLE("<TABLE>" TEXT("best") STREAM("BINARY", "AAAABWFi") "</TABLE>"),
         "last row is not whole"},
        {VOTABLE("<TABLE>" TEXT("best") STREAM("BINARY", "/////2Fi") "</TABLE>"),
         "last row is not whole"},
        {VOTABLE("<TABLE><FIELD name='best' datatype='string'/>" STREAM(
             "BINARY", "AAAA") "</TABLE>"),
         "a field of a type or size that is not VOTable's"},
        {VOTABLE("<TABLE><FIELD name='best'/>" STREAM("BINARY", "AAAA") "</TABLE>"),
         "a field of a type or size that is not VOTable's"},
        {VOTABLE("<TABLE><FIELD name='best' datatype='char' arraysize='0'/>" STREAM(
             "BINARY", "AAAA") "</TABLE>"),
         "rows without a byte"},
        {VOTABLE("<TABLE>" TEXT(
             "best") "<DATA><BINARY><STREAM href='x.bin'/></BINARY></DATA></TABLE>"),
         "its rows must be in it, as base64"},
        {VOTABLE("<TABLE>" TEXT(
             "best") "<DATA><BINARY><STREAM "
                     "encoding='gzip'>AAAA</STREAM></BINARY></DATA></TABLE>"),
         "its rows must be in it, as base64"},
        {VOTABLE(
             "<TABLE>" TEXT("best") "<DATA><BINARY><STREAM></STREAM><STREAM>AAAA"
                                    "</STREAM></BINARY></DATA></TABLE>"),
         "a stream where none belongs"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cells cells = {.answer = STATUS_OK};
        struct failure failure = {.message = ""};
        enum status status = read_pieces(rows[i].document, strlen(rows[i].document),
                                         SIZE_MAX, &cells, &failure);

        print_message("%s\n  %s\n", rows[i].document, failure.message);
        assert_int_equal(status, STATUS_BAD_PARAMETER);
        assert_non_null(strstr(failure.message, rows[i].words));
        assert_string_equal(cells.text, "");
    }
}

static void a_failure_of_whoever_takes_the_cells_is_handed_on(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct cells cells = {.answer = STATUS_TOO_LARGE};
        struct failure failure;

        assert_int_equal(
            read_pieces(documents[i], strlen(documents[i]), SIZE_MAX, &cells, &failure),
            STATUS_TOO_LARGE);
        assert_string_equal(failure.message, "enough");
        assert_string_equal(cells.text, "[two]");
    }
}

/* Such a document as could be made to fill the memory. */
static void what_is_long_is_cut(void **state)
{
    struct buffer document = {0};
    struct cells *cells = memory_new(cells);
    struct failure failure;

    (void)state;
    buffer_add_string(&document,
                      "<VOTABLE><TABLE>" TEXT("best") "<DATA><TABLEDATA><TR><TD>");
    for (int i = 0; i < 3 * VOTABLE_CELL; i++)
        buffer_add_char(&document, 'x');
    buffer_add_string(&document, "</TD></TR></TABLEDATA></DATA></TABLE></VOTABLE>");
    assert_int_equal(
        read_pieces((const char *)document.bytes, document.length, 1000, cells, &failure),
        STATUS_OK);
    assert_int_equal(cells->longest, VOTABLE_CELL);
    buffer_clear(&document);
    buffer_add_string(&document, "<VOTABLE><TABLE>");
    for (int i = 0; i < 10000; i++)
        buffer_add_string(&document, TEXT("x"));
    assert_int_equal(read_pieces((const char *)document.bytes, document.length, SIZE_MAX,
                                 cells, &failure),
                     STATUS_BAD_PARAMETER);
    assert_non_null(strstr(failure.message, "too many fields"));
    buffer_finish(&document);
    free(cells);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_field_that_serves_best_is_taken),
        cmocka_unit_test(a_document_may_be_written_in_many_ways),
        cmocka_unit_test(what_is_empty_or_null_is_told_or_left_out),
        cmocka_unit_test(flags_beyond_the_eighth_field_are_of_the_next_byte),
        cmocka_unit_test(
            tables_without_data_are_passed_over_and_later_ones_do_not_matter),
        cmocka_unit_test(pieces_of_any_size_give_the_same),
        cmocka_unit_test(a_document_that_is_cut_off_anywhere_is_refused),
        cmocka_unit_test(what_is_wrong_gets_a_sentence),
        cmocka_unit_test(a_failure_of_whoever_takes_the_cells_is_handed_on),
        cmocka_unit_test(what_is_long_is_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
