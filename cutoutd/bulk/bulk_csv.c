#include "bulk/bulk_csv.h"

#include "base/number.h"
#include "bulk/bulk_bytes.h"
#include "bulk/bulk_form.h"

#include <math.h>
#include <string.h>

/* The long form: a line for each sample, and one for each row that has none. */

static void write_header(const struct bulk_query *query, struct buffer *out)
{
    for (size_t i = 0; i < query->column_count; i++) {
        buffer_add_string(out, i ? "," : "");
        buffer_add_string(out, query->columns[i] == BULK_BAND
                                   ? "band_lower,band_upper"
                                   : bulk_columns[query->columns[i]].name);
    }
    buffer_add_char(out, '\n');
}

static void begin(struct bulk_writer *writer, struct buffer *out)
{
    write_header(writer->query, out);
    writer->passes = 1;
}

/* One that begins as a comment does is quoted, too. */
void bulk_csv_text(struct buffer *out, const char *text)
{
    if (!text[strcspn(text, ",\"\r\n")] && *text != '#') {
        buffer_add_string(out, text);
        return;
    }
    buffer_add_char(out, '"');
    for (; *text; text++) {
        if (*text == '"')
            buffer_add_char(out, '"');
        buffer_add_char(out, *text);
    }
    buffer_add_char(out, '"');
}

static void add_real(struct buffer *out, double value)
{
    if (!isnan(value))
        buffer_added(out,
                     number_write_double((char *)buffer_room(out, NUMBER_LENGTH), value));
}

static void add_float(struct buffer *out, float value)
{
    buffer_added(out, number_write_float((char *)buffer_room(out, NUMBER_LENGTH), value));
}

static void add_integer(struct buffer *out, int64_t value)
{
    buffer_added(out,
                 number_write_integer((char *)buffer_room(out, NUMBER_LENGTH), value));
}

void bulk_csv_band(struct buffer *out, const struct band *band)
{
    const double metre = 1e10; /* in Angstrom */

    add_real(out, band->lower / metre);
    buffer_add_char(out, ',');
    add_real(out, band->upper / metre);
}

static void add_sample(struct buffer *out, const struct bulk_row *row,
                       enum bulk_column column, size_t i)
{
    const struct spectrum *spectrum = &row->spectrum;

    if (i >= row->count)
        return;
    if (column == BULK_SPECTRAL)
        add_real(out, bulk_wavelength(row, i));
    else if (column == BULK_FLUX)
        add_float(out, spectrum->flux[row->first + i]);
    else if (column == BULK_FLUX_ERROR)
        add_float(out, spectrum->flux_error[row->first + i]);
    else
        add_integer(
            out, mask_at(column == BULK_AND_MASK ? spectrum->and_mask : spectrum->or_mask,
                         spectrum->mask_width, row->first + i));
}

static void add_value(struct buffer *out, const struct bulk_row *row,
                      enum bulk_column column, size_t i)
{
    if (bulk_columns[column].kind == BULK_TEXT)
        bulk_csv_text(out, bulk_text(row, column));
    else if (bulk_columns[column].kind == BULK_ARRAY)
        add_sample(out, row, column, i);
    else if (column == BULK_BAND)
        bulk_csv_band(out, &row->band);
    else if (column == BULK_SAMPLES)
        add_integer(out, row->count);
    else
        add_real(out, bulk_real(row, column));
}

static void write_row(struct bulk_writer *writer, const struct bulk_row *row,
                      struct buffer *out)
{
    const struct bulk_query *query = writer->query;
    size_t lines = query->has_samples && row->count ? row->count : 1;

    for (size_t line = 0; line < lines; line++) {
        for (size_t i = 0; i < query->column_count; i++) {
            buffer_add_string(out, i ? "," : "");
            add_value(out, row, query->columns[i], line);
        }
        buffer_add_char(out, '\n');
    }
}

void bulk_csv_ledger(struct buffer *out, const int64_t ledger[BULK_STATUSES])
{
    int64_t rows = 0;

    for (int i = 0; i < BULK_STATUSES; i++)
        rows += ledger[i];
    buffer_add_literal(out, "# requested=");
    add_integer(out, rows);
    for (int i = 0; i < BULK_STATUSES; i++) {
        buffer_format(out, " %s=", bulk_status_names[i]);
        add_integer(out, ledger[i]);
    }
    buffer_add_char(out, '\n');
}

static void end(struct bulk_writer *writer, struct buffer *out)
{
    bulk_csv_ledger(out, writer->ledger);
}

const struct bulk_form bulk_csv = {
    .name = "csv", .suffix = ".csv", .begin = begin, .row = write_row, .end = end};
