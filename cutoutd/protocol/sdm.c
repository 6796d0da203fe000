#include "protocol/sdm.h"

#include "format/base64.h"
#include "format/votable.h"
#include "protocol/sdm_rows.h"
#include "protocol/sdm_table.h"
#include "protocol/sdm_values.h"

#include <string.h>

static void add(struct buffer *out, const struct sdm_text *text)
{
    buffer_add(out, text->text, text->length);
}

/* A head whose value turns out not to be there is taken back, unless the field has to be
 * in every document. */
static void add_param(const struct sdm_document *document, size_t field,
                      struct buffer *out)
{
    const struct sdm_param *param = &sdm_params[field];
    size_t before;

    add(out, &param->groups);
    before = out->length;
    add(out, &param->head);
    if (!sdm_value_add(document, field, out)) {
        if (param->is_optional) {
            out->length = before;
            return;
        }
        add(out, &param->absent);
    }
    add(out, &param->tail);
}

static void add_info(struct buffer *out, const char *name, const char *value)
{
    if (value && *value)
        votable_info(out, name, value, NULL);
}

/* Who made the data and what their users owe them. */
static void add_origin(const struct sdm_document *document, struct buffer *out)
{
    const struct collection_settings *collection = document->collection;

    add_info(out, "publisher", document->service->publisher);
    add_info(out, "citation", collection->reference);
    add_info(out, "rights", collection->rights);
    add_info(out, "acknowledgement", collection->acknowledgement);
    add_info(out, "reference_url", collection->documentation_url);
}

/* The frames have the names that sdm_fields.py refers to. */
static void add_frames(struct buffer *out)
{
    buffer_add_literal(out,
                       "<COOSYS ID=\"cs\" system=\"ICRS\"/>\n"
                       "<TIMESYS ID=\"ts\" timeorigin=\"MJD-origin\" timescale=\"UTC\" "
                       "refposition=\"TOPOCENTER\"/>\n");
}

static void add_head(const struct sdm_document *document, struct buffer *out)
{
    votable_open(out);
    votable_resource_open(out, "results", NULL, NULL, "spec:Spectrum");
    votable_info(out, "QUERY_STATUS", "OK", NULL);
    add_origin(document, out);
    add_frames(out);
    votable_table_open(out, "spectrum", "spec:Spectrum");
    if (document->entry->title)
        votable_description(out, document->entry->title);
    for (size_t field = 0; field < sdm_param_count; field++)
        add_param(document, field, out);
    add(out, &sdm_columns);
}

static void add_end(struct buffer *out)
{
    votable_table_close(out);
    votable_resource_close(out);
    votable_close(out);
}

static size_t stream_length(const struct sdm_document *document)
{
    return base64_length(document->slice.count * SDM_ROW_BYTES);
}

static void write_binary2(const struct sdm_document *document, bool with_rows,
                          struct buffer *out)
{
    enum { HEAD_AND_END = 24 * 1024 }; /* a little more than they take, to grow once */

    buffer_room(out, HEAD_AND_END + (with_rows ? stream_length(document) : 0));
    add_head(document, out);
    votable_stream_open(out, VOTABLE_BINARY2);
    if (with_rows)
        sdm_rows_binary2(&document->slice, out);
    votable_stream_close(out, VOTABLE_BINARY2);
    add_end(out);
}

static void write_tabledata(const struct sdm_document *document, struct buffer *out)
{
    add_head(document, out);
    votable_tabledata_open(out);
    sdm_rows_tabledata(&document->slice, out);
    votable_tabledata_close(out);
    add_end(out);
}

void sdm_write(const struct sdm_document *document, struct buffer *out)
{
    if (document->format == SDM_BINARY2)
        write_binary2(document, true, out);
    else
        write_tabledata(document, out);
}

const char *sdm_content_type(enum sdm_format format)
{
    return format == SDM_BINARY2 ? "application/x-votable+xml;serialization=BINARY2"
                                 : "application/x-votable+xml;serialization=TABLEDATA";
}

int64_t sdm_length(const struct sdm_document *document)
{
    struct buffer scratch;
    size_t length;

    buffer_init(&scratch);
    write_binary2(document, false, &scratch);
    length = scratch.length + stream_length(document);
    buffer_finish(&scratch);
    return (int64_t)length;
}
