#include "sdm/sdm_fits.h"

#include "base/number.h"
#include "format/fits_table.h"
#include "sdm/sdm_frame.h"
#include "sdm/sdm_rows.h"
#include "sdm/sdm_table.h"

#include <stdlib.h>
#include <string.h>

/* "ra dec" as two cards. */
static void add_position(struct buffer *out, const struct sdm_param *param, char *value)
{
    char *second = strchr(value, ' ');

    if (!second)
        return;
    *second++ = '\0';
    fits_write_real(out, param->keywords[0], value, param->comment);
    fits_write_real(out, param->keywords[1], second, param->comment);
}

/* HELIOCENTER is HELIOCEN to FITS, TOPOCENTER is TOPOCENT (FITS 4.0, table 27). */
static void shorten_frame(char *value)
{
    enum { LONGEST = 8 };

    value[strnlen(value, LONGEST)] = '\0';
}

static void add_field(struct buffer *out, const struct sdm_param *param, char *value)
{
    switch (param->kind) {
    case SDM_KIND_TEXT:
        if (strcmp(param->keywords[0], "SPECSYS") == 0)
            shorten_frame(value);
        fits_write_text(out, param->keywords[0], value, param->comment);
        break;
    case SDM_KIND_INTEGER:
        fits_write_integer(out, param->keywords[0], strtoll(value, NULL, 10),
                           param->comment);
        break;
    case SDM_KIND_REAL:
        fits_write_real(out, param->keywords[0], value, param->comment);
        break;
    case SDM_KIND_POSITION:
        add_position(out, param, value);
        break;
    }
}

static void add_fields(const struct sdm_document *document, struct buffer *out)
{
    struct buffer value = {0};

    for (size_t field = 0; field < sdm_param_count; field++) {
        buffer_clear(&value);
        if (!sdm_params[field].keywords[0] || !sdm_frame_value(document, field, &value))
            continue;
        buffer_add_char(&value, '\0');
        add_field(out, &sdm_params[field], (char *)value.bytes);
    }
    buffer_finish(&value);
}

static void write_header(const struct sdm_document *document, struct buffer *out)
{
    struct fits_column columns[SDM_COLUMN_COUNT];
    size_t begin = out->length;

    for (size_t i = 0; i < SDM_COLUMN_COUNT; i++) {
        const struct sdm_column *column = &sdm_column_table[i];

        columns[i] =
            (struct fits_column){column->name, column->fits_form, column->unit,
                                 column->ucd,  column->utype,     column->description};
    }
    fits_table_open(out, "SPECTRUM", columns, SDM_COLUMN_COUNT, document->slice.count);
    add_fields(document, out);
    fits_header_close(out, begin);
}

void sdm_fits_write(const struct sdm_document *document, struct buffer *out)
{
    size_t begin = out->length;

    fits_primary(out);
    write_header(document, out);
    sdm_rows_bytes(&document->slice, out);
    fits_data_close(out, begin);
}

int64_t sdm_fits_length(const struct sdm_document *document)
{
    struct buffer header = {0};
    size_t length;

    fits_primary(&header);
    write_header(document, &header);
    length = header.length + fits_blocks(document->slice.count * SDM_ROW_BYTES);
    buffer_finish(&header);
    return (int64_t)length;
}
