#include "sdm/sdm_text.h"

#include "format/xml.h"
#include "sdm/sdm_frame.h"
#include "sdm/sdm_rows.h"
#include "sdm/sdm_table.h"

#include <string.h>

static void write_table(const struct sdm_document *document, char separator,
                        struct buffer *out)
{
    for (size_t i = 0; i < SDM_COLUMN_COUNT; i++) {
        if (i)
            buffer_add_char(out, separator);
        buffer_add_string(out, sdm_column_table[i].name);
    }
    buffer_add_char(out, '\n');
    sdm_rows_text(&document->slice, separator, out);
}

void sdm_csv_write(const struct sdm_document *document, struct buffer *out)
{
    write_table(document, ',', out);
}

void sdm_tsv_write(const struct sdm_document *document, struct buffer *out)
{
    write_table(document, '\t', out);
}

/* A double-quoted scalar (YAML 1.1, section 5.6); bytes that are no UTF-8 become escapes,
 * too. */
static void add_quoted(struct buffer *out, const char *text)
{
    buffer_add_char(out, '"');
    while (*text) {
        size_t length = xml_character_length(text);

        if (length == 0)
            buffer_format(out, "\\x%02x", (unsigned)(unsigned char)*text);
        else if (*text == '"' || *text == '\\')
            buffer_format(out, "\\%c", *text);
        else
            buffer_add(out, text, length);
        text += length ? length : 1;
    }
    buffer_add_char(out, '"');
}

/* A number with an exponent is one to YAML 1.1 only with a point before it and a sign in
 * it. */
static void add_real(struct buffer *out, const char *number)
{
    const char *exponent = strchr(number, 'e');

    if (!exponent) {
        buffer_add_string(out, number);
        return;
    }
    buffer_add(out, number, (size_t)(exponent - number));
    if (!memchr(number, '.', (size_t)(exponent - number)))
        buffer_add_literal(out, ".0");
    buffer_add_char(out, 'e');
    if (exponent[1] != '-' && exponent[1] != '+')
        buffer_add_char(out, '+');
    buffer_add_string(out, exponent + 1);
}

static void add_column(struct buffer *out, const struct sdm_column *column)
{
    buffer_format(out, "# - {name: %s, ", column->name);
    if (column->unit)
        buffer_format(out, "unit: %s, ", column->unit);
    buffer_format(out, "datatype: %s, description: ", column->datatype);
    add_quoted(out, column->description);
    buffer_add_literal(out, "}\n");
}

static void add_value(struct buffer *out, enum sdm_kind kind, char *value)
{
    char *second = strchr(value, ' ');

    if (kind == SDM_KIND_TEXT) {
        add_quoted(out, value);
    } else if (kind == SDM_KIND_POSITION && second) {
        *second++ = '\0';
        buffer_add_char(out, '[');
        add_real(out, value);
        buffer_add_literal(out, ", ");
        add_real(out, second);
        buffer_add_char(out, ']');
    } else {
        add_real(out, value);
    }
}

static void add_fields(const struct sdm_document *document, struct buffer *out)
{
    struct buffer value = {0};

    buffer_add_literal(out, "# meta: !!omap\n");
    for (size_t field = 0; field < sdm_param_count; field++) {
        buffer_clear(&value);
        if (!sdm_frame_value(document, field, &value))
            continue;
        buffer_add_char(&value, '\0');
        buffer_format(out, "# - {%s: ", sdm_params[field].name);
        add_value(out, sdm_params[field].kind, (char *)value.bytes);
        buffer_add_literal(out, "}\n");
    }
    buffer_finish(&value);
}

void sdm_ecsv_write(const struct sdm_document *document, struct buffer *out)
{
    buffer_add_literal(out, "# %ECSV 1.0\n# ---\n# delimiter: ','\n# datatype:\n");
    for (size_t i = 0; i < SDM_COLUMN_COUNT; i++)
        add_column(out, &sdm_column_table[i]);
    add_fields(document, out);
    buffer_add_literal(out, "# schema: astropy-2.0\n");
    write_table(document, ',', out);
}
