#include "bulk/bulk_form.h"

#include "base/number.h"
#include "bulk/bulk_bytes.h"
#include "format/base64.h"
#include "format/votable.h"

#include <stdio.h>
#include <string.h>

/* Bytes of null flags before each row of BINARY2: nothing is null, numbers are NaN. */
static size_t flag_bytes(const struct bulk_writer *writer)
{
    return (writer->query->column_count + 7) / 8;
}

/* ---- around the rows ---- */

static void write_field(const struct bulk_writer *writer, enum bulk_column column,
                        struct buffer *out)
{
    const struct bulk_column_facts *facts = &bulk_columns[column];
    char samples[16];
    struct votable_field field = {
        .name = facts->name,
        .datatype = facts->datatype,
        .unit = facts->unit,
        .ucd = facts->ucd,
        .utype = facts->utype,
        .description = facts->description,
    };

    snprintf(samples, sizeof(samples), "%u", writer->totals->longest);
    if (column == BULK_STATUS)
        field.arraysize = "7";
    else if (facts->kind == BULK_TEXT)
        field.arraysize = "*";
    else if (facts->kind == BULK_PAIR)
        field.arraysize = "2", field.xtype = "interval";
    else if (facts->kind == BULK_ARRAY)
        field.arraysize = writer->is_fixed ? samples : "*";
    votable_field(out, &field);
}

static void write_head(const struct bulk_writer *writer, struct buffer *out)
{
    votable_open(out);
    votable_resource_open(out, "results", NULL, NULL, NULL);
    votable_info(out, "QUERY_STATUS", "OK", NULL);
    votable_info(out, "FRAME", writer->query->at_rest ? "rest" : "observed",
                 writer->query->at_rest
                     ? "bands and wavelengths are at rest with each object: divided by "
                       "1 + ssa_redshift; those without a redshift are empty"
                     : NULL);
    votable_table_open(out, "cutouts", NULL);
    for (size_t i = 0; i < writer->query->column_count; i++)
        write_field(writer, writer->query->columns[i], out);
}

/* The ledger has one length, whatever the numbers are. */
static void write_count(const char *name, int64_t value, const char *sentence,
                        struct buffer *out)
{
    static const char blanks[NUMBER_LENGTH] = "                               ";
    char number[NUMBER_LENGTH];
    size_t written = number_write_integer(number, value);

    votable_info(out, name, number, sentence);
    buffer_add(out, blanks, NUMBER_LENGTH - 1 - written);
    buffer_add_char(out, '\n');
}

static void write_ledger(const struct bulk_writer *writer, struct buffer *out)
{
    write_count("requested", writer->totals->rows, "rows: an ID and a band each", out);
    write_count("ok", writer->ledger[BULK_OK], "with samples", out);
    write_count("empty", writer->ledger[BULK_EMPTY], "no sample in the band", out);
    if (writer->totals->without_redshift)
        write_count("no_redshift", writer->totals->without_redshift,
                    "of the empty ones: the object has no redshift", out);
    write_count("unknown", writer->ledger[BULK_UNKNOWN], "the ID means no spectrum", out);
    write_count("damaged", writer->ledger[BULK_DAMAGED], "the record cannot be read",
                out);
}

static void write_tail(const struct bulk_writer *writer, struct buffer *out)
{
    votable_table_close(out);
    write_ledger(writer, out);
    votable_resource_close(out);
    votable_close(out);
}

/* ---- BINARY2 ---- */

static void binary_begin(struct bulk_writer *writer, struct buffer *out)
{
    write_head(writer, out);
    votable_stream_open(out, VOTABLE_BINARY2);
    writer->passes = 1;
}

static void add_text(struct buffer *out, const char *text)
{
    size_t size = strlen(text);

    bulk_add_integer(out, (int32_t)size);
    buffer_add(out, text, size);
}

static void add_bytes(const struct bulk_writer *writer, const struct bulk_row *row,
                      enum bulk_column column, struct buffer *out)
{
    enum bulk_kind kind = bulk_columns[column].kind;

    if (column == BULK_STATUS) {
        bulk_add_padded(out, bulk_text(row, column), sizeof("unknown") - 1);
    } else if (kind == BULK_TEXT) {
        add_text(out, bulk_text(row, column));
    } else if (kind == BULK_ARRAY) {
        if (!writer->is_fixed)
            bulk_add_integer(out, (int32_t)row->reserved);
        bulk_add_array(out, row, column);
    } else {
        bulk_add_numbers(out, row, column);
    }
}

/* Encode what makes whole groups of three bytes; at the end all. */
static void encode(struct bulk_writer *writer, bool is_end, struct buffer *out)
{
    struct buffer *pending = &writer->pending;
    size_t whole = is_end ? pending->length : pending->length / 3 * 3;

    base64_add(out, pending->bytes, whole);
    pending->length -= whole;
    if (pending->length)
        memmove(pending->bytes, pending->bytes + whole, pending->length);
}

static void binary_row(struct bulk_writer *writer, const struct bulk_row *row,
                       struct buffer *out)
{
    static const uint8_t not_null[(BULK_COLUMNS + 7) / 8];

    buffer_add(&writer->pending, not_null, flag_bytes(writer));
    for (size_t i = 0; i < writer->query->column_count; i++)
        add_bytes(writer, row, writer->query->columns[i], &writer->pending);
    encode(writer, false, out);
}

static void binary_end(struct bulk_writer *writer, struct buffer *out)
{
    if (writer->pending.length)
        encode(writer, true, out);
    votable_stream_close(out, VOTABLE_BINARY2);
    write_tail(writer, out);
}

/* Of a column in all rows. */
static int64_t column_bytes(const struct bulk_writer *writer, enum bulk_column column)
{
    const struct bulk_totals *totals = writer->totals;
    int64_t counts = totals->rows * (int64_t)sizeof(int32_t);
    int64_t size = (int64_t)bulk_value_size(column);

    if (column == BULK_STATUS)
        return totals->rows * (int64_t)(sizeof("unknown") - 1);
    switch (bulk_columns[column].kind) {
    case BULK_TEXT:
        return counts + (column == BULK_PUBLISHER_DID ? totals->did_bytes
                         : column == BULK_CLASS       ? totals->class_bytes
                                                      : totals->subclass_bytes);
    case BULK_PAIR:
        return totals->rows * 2 * size;
    case BULK_ARRAY:
        return (writer->is_fixed ? 0 : counts) + totals->samples * size;
    case BULK_SCALAR:
        break;
    }
    return totals->rows * size;
}

static int64_t binary_length(const struct bulk_writer *writer)
{
    int64_t rows = writer->totals->rows * (int64_t)flag_bytes(writer);
    struct buffer texts = {0};

    for (size_t i = 0; i < writer->query->column_count; i++)
        rows += column_bytes(writer, writer->query->columns[i]);
    write_head(writer, &texts);
    votable_stream_open(&texts, VOTABLE_BINARY2);
    votable_stream_close(&texts, VOTABLE_BINARY2);
    write_tail(writer, &texts);
    rows = (int64_t)(base64_length((size_t)rows) + texts.length);
    buffer_finish(&texts);
    return rows;
}

/* ---- TABLEDATA ---- */

static void text_begin(struct bulk_writer *writer, struct buffer *out)
{
    write_head(writer, out);
    votable_tabledata_open(out);
    writer->passes = 1;
}

static void add_number(struct buffer *out, size_t length)
{
    buffer_added(out, length);
    buffer_add_char(out, ' ');
}

static void add_sample(const struct bulk_row *row, enum bulk_column column, size_t i,
                       struct buffer *out)
{
    const struct spectrum *spectrum = &row->spectrum;
    char *room = (char *)buffer_room(out, NUMBER_LENGTH);

    if (column == BULK_SPECTRAL)
        add_number(out, number_write_double(room, bulk_wavelength(row, i)));
    else if (column == BULK_FLUX)
        add_number(out, number_write_float(room, spectrum->flux[row->first + i]));
    else if (column == BULK_FLUX_ERROR)
        add_number(out, number_write_float(room, spectrum->flux_error[row->first + i]));
    else
        add_number(out, number_write_integer(
                            room, mask_at(column == BULK_AND_MASK ? spectrum->and_mask
                                                                  : spectrum->or_mask,
                                          spectrum->mask_width, row->first + i)));
}

/* Numbers between blanks; what is damaged has none. */
static void add_array_cell(const struct bulk_row *row, enum bulk_column column,
                           struct buffer *out)
{
    buffer_add_literal(out, "<TD>");
    for (size_t i = 0; i < row->count; i++)
        add_sample(row, column, i, out);
    if (row->count)
        out->length--;
    buffer_add_literal(out, "</TD>");
}

static void add_band_cell(const struct band *band, struct buffer *out)
{
    const double metre = 1e10; /* in Angstrom */
    char lower[NUMBER_LENGTH], upper[NUMBER_LENGTH];

    number_write_double(lower, band->lower / metre);
    number_write_double(upper, band->upper / metre);
    buffer_format(out, "<TD>%s %s</TD>", lower, upper);
}

static void add_cell(const struct bulk_row *row, enum bulk_column column,
                     struct buffer *out)
{
    if (bulk_columns[column].kind == BULK_TEXT)
        votable_cell_text(out, bulk_text(row, column));
    else if (bulk_columns[column].kind == BULK_ARRAY)
        add_array_cell(row, column, out);
    else if (column == BULK_BAND)
        add_band_cell(&row->band, out);
    else if (column == BULK_SAMPLES)
        votable_cell_integer(out, row->count);
    else
        votable_cell_double(out, bulk_real(row, column));
}

static void text_row(struct bulk_writer *writer, const struct bulk_row *row,
                     struct buffer *out)
{
    votable_row_open(out);
    for (size_t i = 0; i < writer->query->column_count; i++)
        add_cell(row, writer->query->columns[i], out);
    votable_row_close(out);
}

static void text_end(struct bulk_writer *writer, struct buffer *out)
{
    votable_tabledata_close(out);
    write_tail(writer, out);
}

const struct bulk_form bulk_votable = {.name = "votable",
                                       .suffix = ".vot",
                                       .begin = binary_begin,
                                       .row = binary_row,
                                       .end = binary_end,
                                       .length = binary_length};
const struct bulk_form bulk_tabledata = {.name = "tabledata",
                                         .suffix = ".vot",
                                         .begin = text_begin,
                                         .row = text_row,
                                         .end = text_end};
