#include "format/votable.h"

#include "base/number.h"
#include "format/xml.h"

/* ` name="value"`, or nothing without a value. */
static void attribute(struct buffer *out, const char *name, const char *value)
{
    if (!value)
        return;
    buffer_add_char(out, ' ');
    buffer_add_string(out, name);
    buffer_add_literal(out, "=\"");
    xml_add(out, value);
    buffer_add_char(out, '"');
}

/* The same of what a program says, which needs no escaping. */
static void own_attribute(struct buffer *out, const char *name, const char *value)
{
    if (!value)
        return;
    buffer_add_char(out, ' ');
    buffer_add_string(out, name);
    buffer_add_literal(out, "=\"");
    buffer_add_string(out, value);
    buffer_add_char(out, '"');
}

void votable_open(struct buffer *out)
{
    buffer_add_literal(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                            "<VOTABLE version=\"1.4\" "
                            "xmlns=\"http://www.ivoa.net/xml/VOTable/v1.3\">\n");
}

void votable_close(struct buffer *out)
{
    buffer_add_literal(out, "</VOTABLE>\n");
}

void votable_resource_open(struct buffer *out, const char *type, const char *id,
                           const char *name, const char *utype)
{
    buffer_add_literal(out, "<RESOURCE");
    attribute(out, "type", type);
    attribute(out, "ID", id);
    attribute(out, "name", name);
    attribute(out, "utype", utype);
    buffer_add_literal(out, ">\n");
}

void votable_resource_close(struct buffer *out)
{
    buffer_add_literal(out, "</RESOURCE>\n");
}

void votable_table_open(struct buffer *out, const char *name, const char *utype)
{
    buffer_add_literal(out, "<TABLE");
    attribute(out, "name", name);
    attribute(out, "utype", utype);
    buffer_add_literal(out, ">\n");
}

void votable_table_close(struct buffer *out)
{
    buffer_add_literal(out, "</TABLE>\n");
}

void votable_group_open(struct buffer *out, const char *name, const char *utype)
{
    buffer_add_literal(out, "<GROUP");
    attribute(out, "name", name);
    attribute(out, "utype", utype);
    buffer_add_literal(out, ">\n");
}

void votable_group_close(struct buffer *out)
{
    buffer_add_literal(out, "</GROUP>\n");
}

void votable_description(struct buffer *out, const char *text)
{
    buffer_add_literal(out, "<DESCRIPTION>");
    xml_add(out, text);
    buffer_add_literal(out, "</DESCRIPTION>\n");
}

void votable_info(struct buffer *out, const char *name, const char *value,
                  const char *content)
{
    buffer_add_literal(out, "<INFO");
    attribute(out, "name", name);
    attribute(out, "value", value);
    if (!content) {
        buffer_add_literal(out, "/>\n");
        return;
    }
    buffer_add_char(out, '>');
    xml_add(out, content);
    buffer_add_literal(out, "</INFO>\n");
}

static void field_attributes(struct buffer *out, const struct votable_field *field)
{
    own_attribute(out, "ID", field->id);
    own_attribute(out, "name", field->name);
    own_attribute(out, "datatype", field->datatype);
    own_attribute(out, "arraysize", field->arraysize);
    own_attribute(out, "xtype", field->xtype);
    own_attribute(out, "unit", field->unit);
    own_attribute(out, "ucd", field->ucd);
    own_attribute(out, "utype", field->utype);
    own_attribute(out, "ref", field->ref);
}

static void value_element(struct buffer *out, const char *name, const char *value)
{
    buffer_add_char(out, '<');
    buffer_add_string(out, name);
    attribute(out, "value", value);
    buffer_add_literal(out, "/>");
}

/* VALUES, where there is anything to say in it. */
static void values(struct buffer *out, const char *null, const char *min, const char *max,
                   const char *const *options)
{
    if (!null && !min && !max && !options)
        return;
    buffer_add_literal(out, "<VALUES");
    attribute(out, "null", null);
    if (!min && !max && !options) {
        buffer_add_literal(out, "/>\n");
        return;
    }
    buffer_add_char(out, '>');
    if (min)
        value_element(out, "MIN", min);
    if (max)
        value_element(out, "MAX", max);
    for (; options && *options; options++)
        value_element(out, "OPTION", *options);
    buffer_add_literal(out, "</VALUES>\n");
}

void votable_field(struct buffer *out, const struct votable_field *field)
{
    buffer_add_literal(out, "<FIELD");
    field_attributes(out, field);
    if (!field->description && !field->null) {
        buffer_add_literal(out, "/>\n");
        return;
    }
    buffer_add_literal(out, ">\n");
    if (field->description)
        votable_description(out, field->description);
    values(out, field->null, NULL, NULL, NULL);
    buffer_add_literal(out, "</FIELD>\n");
}

void votable_param(struct buffer *out, const struct votable_field *param,
                   const char *value)
{
    votable_param_values(out, param, value, NULL, NULL, NULL);
}

void votable_param_text(struct buffer *out, const char *name, const char *value)
{
    votable_param(
        out, &(struct votable_field){.name = name, .datatype = "char", .arraysize = "*"},
        value);
}

void votable_param_values(struct buffer *out, const struct votable_field *param,
                          const char *value, const char *min, const char *max,
                          const char *const *options)
{
    buffer_add_literal(out, "<PARAM");
    field_attributes(out, param);
    attribute(out, "value", value);
    if (!param->description && !param->null && !min && !max && !options) {
        buffer_add_literal(out, "/>\n");
        return;
    }
    buffer_add_literal(out, ">\n");
    if (param->description)
        votable_description(out, param->description);
    values(out, param->null, min, max, options);
    buffer_add_literal(out, "</PARAM>\n");
}

void votable_tabledata_open(struct buffer *out)
{
    buffer_add_literal(out, "<DATA><TABLEDATA>\n");
}

void votable_tabledata_close(struct buffer *out)
{
    buffer_add_literal(out, "</TABLEDATA></DATA>\n");
}

void votable_row_open(struct buffer *out)
{
    buffer_add_literal(out, "<TR>");
}

void votable_row_close(struct buffer *out)
{
    buffer_add_literal(out, "</TR>\n");
}

void votable_cell_text(struct buffer *out, const char *text)
{
    if (!text || !*text) {
        buffer_add_literal(out, "<TD/>");
        return;
    }
    buffer_add_literal(out, "<TD>");
    xml_add(out, text);
    buffer_add_literal(out, "</TD>");
}

void votable_cell_double(struct buffer *out, double value)
{
    buffer_add_literal(out, "<TD>");
    buffer_added(out,
                 number_write_double((char *)buffer_room(out, NUMBER_LENGTH), value));
    buffer_add_literal(out, "</TD>");
}

void votable_cell_float(struct buffer *out, float value)
{
    buffer_add_literal(out, "<TD>");
    buffer_added(out, number_write_float((char *)buffer_room(out, NUMBER_LENGTH), value));
    buffer_add_literal(out, "</TD>");
}

void votable_cell_integer(struct buffer *out, int64_t value)
{
    buffer_add_literal(out, "<TD>");
    buffer_added(out,
                 number_write_integer((char *)buffer_room(out, NUMBER_LENGTH), value));
    buffer_add_literal(out, "</TD>");
}

void votable_stream_open(struct buffer *out, enum votable_binary binary)
{
    if (binary == VOTABLE_BINARY2)
        buffer_add_literal(out, "<DATA><BINARY2><STREAM encoding=\"base64\">");
    else
        buffer_add_literal(out, "<DATA><BINARY><STREAM encoding=\"base64\">");
}

void votable_stream_close(struct buffer *out, enum votable_binary binary)
{
    if (binary == VOTABLE_BINARY2)
        buffer_add_literal(out, "</STREAM></BINARY2></DATA>\n");
    else
        buffer_add_literal(out, "</STREAM></BINARY></DATA>\n");
}
