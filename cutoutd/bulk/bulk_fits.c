#include "bulk/bulk_form.h"

#include "bulk/bulk_bytes.h"
#include "format/fits_table.h"

#include <stdio.h>

/*
 * A binary table. Where all arrays have one length they lie in the rows; else the rows
 * hold descriptors (FITS 4.0, section 7.3.5), and the arrays follow in a second pass, row
 * by row. What is damaged keeps its place, so the first pass tells all lengths.
 */

enum { FORM = 24 };

static size_t at_least_one(size_t width)
{
    return width ? width : 1;
}

static size_t width_of(const struct bulk_totals *totals, enum bulk_column column)
{
    return column == BULK_PUBLISHER_DID ? at_least_one(totals->did_width)
           : column == BULK_CLASS       ? at_least_one(totals->class_width)
           : column == BULK_SUBCLASS    ? at_least_one(totals->subclass_width)
                                        : sizeof("unknown") - 1;
}

static void write_form(const struct bulk_writer *writer, enum bulk_column column,
                       char out[FORM])
{
    const struct bulk_column_facts *facts = &bulk_columns[column];
    unsigned longest = writer->totals->longest;

    switch (facts->kind) {
    case BULK_TEXT:
        snprintf(out, FORM, "%zuA", width_of(writer->totals, column));
        break;
    case BULK_PAIR:
        snprintf(out, FORM, "2%c", facts->fits_type);
        break;
    case BULK_SCALAR:
        snprintf(out, FORM, "1%c", facts->fits_type);
        break;
    case BULK_ARRAY:
        if (writer->is_fixed)
            snprintf(out, FORM, "%u%c", longest, facts->fits_type);
        else
            snprintf(out, FORM, "1Q%c(%u)", facts->fits_type, longest);
        break;
    }
}

static int64_t heap_size(const struct bulk_writer *writer)
{
    int64_t size = 0;

    for (size_t i = 0; i < writer->query->column_count && !writer->is_fixed; i++) {
        enum bulk_column column = writer->query->columns[i];

        if (bulk_columns[column].kind == BULK_ARRAY)
            size += writer->totals->samples * (int64_t)bulk_value_size(column);
    }
    return size;
}

static void write_frame(const struct bulk_writer *writer, struct buffer *out)
{
    if (writer->query->at_rest)
        fits_write_text(out, "SPECSYS", "SOURCE",
                        "bands and wavelengths are at rest with the object");
}

/* Its header; returns the bytes of rows and heap that follow. */
static int64_t write_header(const struct bulk_writer *writer, struct buffer *out)
{
    const struct bulk_query *query = writer->query;
    struct fits_column columns[BULK_COLUMNS];
    char forms[BULK_COLUMNS][FORM];
    size_t begin = out->length;
    int64_t heap = heap_size(writer);

    for (size_t i = 0; i < query->column_count; i++) {
        const struct bulk_column_facts *facts = &bulk_columns[query->columns[i]];

        write_form(writer, query->columns[i], forms[i]);
        columns[i] = (struct fits_column){facts->name, forms[i],     facts->unit,
                                          facts->ucd,  facts->utype, facts->description};
    }
    fits_heap_table_open(out, "CUTOUTS", columns, query->column_count,
                         (size_t)writer->totals->rows, heap);
    write_frame(writer, out);
    fits_header_close(out, begin);
    return writer->totals->rows * (int64_t)fits_row_size(columns, query->column_count) +
           heap;
}

static void begin(struct bulk_writer *writer, struct buffer *out)
{
    fits_primary(out);
    write_header(writer, out);
    writer->passes = heap_size(writer) ? 2 : 1;
}

static void add_descriptor(struct bulk_writer *writer, const struct bulk_row *row,
                           enum bulk_column column, struct buffer *out)
{
    bulk_add_long(out, row->reserved);
    bulk_add_long(out, writer->heap);
    writer->heap += (int64_t)(row->reserved * bulk_value_size(column));
}

static void add_array(struct bulk_writer *writer, const struct bulk_row *row,
                      enum bulk_column column, struct buffer *out)
{
    if (writer->is_fixed || writer->pass > 0)
        bulk_add_array(out, row, column);
    else
        add_descriptor(writer, row, column, out);
}

static void write_row(struct bulk_writer *writer, const struct bulk_row *row,
                      struct buffer *out)
{
    for (size_t i = 0; i < writer->query->column_count; i++) {
        enum bulk_column column = writer->query->columns[i];
        enum bulk_kind kind = bulk_columns[column].kind;

        if (kind == BULK_ARRAY)
            add_array(writer, row, column, out);
        else if (writer->pass == 0 && kind == BULK_TEXT)
            bulk_add_padded(out, bulk_text(row, column),
                            width_of(writer->totals, column));
        else if (writer->pass == 0)
            bulk_add_numbers(out, row, column);
    }
}

/* ---- the ledger: one row that adds up ---- */

static void write_ledger(const struct bulk_writer *writer, struct buffer *out)
{
    static const struct fits_column columns[] = {
        {"requested", "1K", NULL, "meta.number", NULL, "rows: an ID and a band each"},
        {"ok", "1K", NULL, "meta.number", NULL, "with samples"},
        {"empty", "1K", NULL, "meta.number", NULL, "no sample in the band"},
        {"unknown", "1K", NULL, "meta.number", NULL, "the ID means no spectrum"},
        {"damaged", "1K", NULL, "meta.number", NULL, "the record cannot be read"},
    };
    size_t begin_of_header = out->length, begin_of_data;

    fits_table_open(out, "LEDGER", columns, sizeof(columns) / sizeof(columns[0]), 1);
    fits_header_close(out, begin_of_header);
    begin_of_data = out->length;
    bulk_add_long(out, writer->totals->rows);
    for (int i = 0; i < BULK_STATUSES; i++)
        bulk_add_long(out, writer->ledger[i]);
    fits_data_close(out, begin_of_data);
}

static int64_t data_size(const struct bulk_writer *writer)
{
    struct buffer header = {0};
    int64_t size = write_header(writer, &header);

    buffer_finish(&header);
    return size;
}

static void end(struct bulk_writer *writer, struct buffer *out)
{
    size_t size = (size_t)data_size(writer), missing = fits_blocks(size) - size;
    static const uint8_t zeros[FITS_BLOCK];

    buffer_add(out, zeros, missing);
    write_ledger(writer, out);
}

static int64_t length(const struct bulk_writer *writer)
{
    struct buffer texts = {0};
    int64_t size;

    fits_primary(&texts);
    size = write_header(writer, &texts);
    write_ledger(writer, &texts);
    size = (int64_t)(texts.length + fits_blocks((size_t)size));
    buffer_finish(&texts);
    return size;
}

const struct bulk_form bulk_fits = {.name = "fits",
                                    .suffix = ".fits",
                                    .begin = begin,
                                    .row = write_row,
                                    .end = end,
                                    .length = length};
