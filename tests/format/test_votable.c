#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "format/votable.h"

#include <math.h>
#include <string.h>

static void assert_document(struct buffer *out, const char *expected)
{
    buffer_add_char(out, '\0');
    assert_string_equal((const char *)out->bytes, expected);
    buffer_finish(out);
}

static void elements_nest_as_the_schema_wants_them(void **state)
{
    struct buffer out = {0};

    (void)state;
    votable_open(&out);
    votable_resource_open(&out, "results", NULL, NULL, "spec:Spectrum");
    votable_info(&out, "QUERY_STATUS", "OK", NULL);
    votable_info(&out, "QUERY_STATUS", "OVERFLOW", "more <than> 2");
    votable_table_open(&out, "t", NULL);
    votable_description(&out, "A & B");
    votable_group_open(&out, "g", "spec:Spectrum.Char");
    votable_group_close(&out);
    votable_table_close(&out);
    votable_resource_close(&out);
    votable_close(&out);
    assert_document(
        &out,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<VOTABLE version=\"1.4\" xmlns=\"http://www.ivoa.net/xml/VOTable/v1.3\">\n"
        "<RESOURCE type=\"results\" utype=\"spec:Spectrum\">\n"
        "<INFO name=\"QUERY_STATUS\" value=\"OK\"/>\n"
        "<INFO name=\"QUERY_STATUS\" value=\"OVERFLOW\">more &lt;than&gt; 2</INFO>\n"
        "<TABLE name=\"t\">\n"
        "<DESCRIPTION>A &amp; B</DESCRIPTION>\n"
        "<GROUP name=\"g\" utype=\"spec:Spectrum.Char\">\n</GROUP>\n"
        "</TABLE>\n</RESOURCE>\n</VOTABLE>\n");
}

static void fields_and_params_carry_what_they_are_given_and_nothing_else(void **state)
{
    static const char *const options[] = {"a", "b&c", NULL};
    struct buffer out = {0};

    (void)state;
    votable_field(&out, &(struct votable_field){
                            .id = "n", .name = "n", .datatype = "long", .unit = "byte"});
    votable_field(&out, &(struct votable_field){.name = "n", .null = "-1"});
    votable_param(
        &out, &(struct votable_field){.name = "p", .ucd = "meta.id", .description = "d"},
        "\"x\"");
    votable_param_values(&out, &(struct votable_field){.name = "BAND"}, "", "3.7e-07",
                         "9.1e-07", NULL);
    votable_param_values(&out, &(struct votable_field){.name = "F"}, "", NULL, NULL,
                         options);
    assert_document(
        &out,
        "<FIELD ID=\"n\" name=\"n\" datatype=\"long\" unit=\"byte\"/>\n"
        "<FIELD name=\"n\">\n<VALUES null=\"-1\"/>\n</FIELD>\n"
        "<PARAM name=\"p\" ucd=\"meta.id\" value=\"&quot;x&quot;\">\n"
        "<DESCRIPTION>d</DESCRIPTION>\n</PARAM>\n"
        "<PARAM name=\"BAND\" value=\"\">\n"
        "<VALUES><MIN value=\"3.7e-07\"/><MAX value=\"9.1e-07\"/></VALUES>\n</PARAM>\n"
        "<PARAM name=\"F\" value=\"\">\n"
        "<VALUES><OPTION value=\"a\"/><OPTION value=\"b&amp;c\"/></VALUES>\n</PARAM>\n");
}

/* VOTable 1.4, sections 5.1 and 6: an empty cell is null, NaN and infinities have their
 * own spelling. */
static void cells_are_spelled_as_tabledata_wants_them(void **state)
{
    struct buffer out = {0};

    (void)state;
    votable_tabledata_open(&out);
    votable_row_open(&out);
    votable_cell_text(&out, NULL);
    votable_cell_text(&out, "");
    votable_cell_text(&out, " a<b ");
    votable_cell_double(&out, 3699.986328125);
    votable_cell_double(&out, -(double)INFINITY);
    votable_cell_float(&out, 0.1f);
    votable_cell_float(&out, NAN);
    votable_cell_integer(&out, -28762);
    votable_row_close(&out);
    votable_tabledata_close(&out);
    assert_document(&out, "<DATA><TABLEDATA>\n"
                          "<TR><TD/><TD/><TD> a&lt;b </TD><TD>3699.986328125</TD>"
                          "<TD>-Inf</TD><TD>0.1</TD><TD>NaN</TD><TD>-28762</TD></TR>\n"
                          "</TABLEDATA></DATA>\n");
}

static void streams_name_their_serialisation(void **state)
{
    struct buffer out = {0};

    (void)state;
    votable_stream_open(&out, VOTABLE_BINARY2);
    votable_stream_close(&out, VOTABLE_BINARY2);
    votable_stream_open(&out, VOTABLE_BINARY);
    votable_stream_close(&out, VOTABLE_BINARY);
    assert_document(
        &out, "<DATA><BINARY2><STREAM encoding=\"base64\"></STREAM></BINARY2></DATA>\n"
              "<DATA><BINARY><STREAM encoding=\"base64\"></STREAM></BINARY></DATA>\n");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(elements_nest_as_the_schema_wants_them),
        cmocka_unit_test(fields_and_params_carry_what_they_are_given_and_nothing_else),
        cmocka_unit_test(cells_are_spelled_as_tabledata_wants_them),
        cmocka_unit_test(streams_name_their_serialisation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
