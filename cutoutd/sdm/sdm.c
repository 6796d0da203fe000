#include "sdm/sdm.h"

#include "format/base64.h"
#include "format/votable.h"
#include "sdm/sdm_frame.h"
#include "sdm/sdm_rows.h"

/* The fields of the model have the redshift; a reader may want words. */
static void add_frame(struct buffer *out)
{
    votable_info(out, "FRAME", "rest",
                 "wavelengths are at rest with the object: those observed, divided by "
                 "1 + ssa_redshift; flux is as observed");
}

static void add_end(const struct sdm_document *document, struct buffer *out)
{
    votable_table_close(out);
    if (document->at_rest)
        add_frame(out);
    votable_resource_close(out);
    votable_close(out);
}

static size_t stream_length(const struct sdm_document *document)
{
    size_t row = document->format == SDM_BINARY2 ? SDM_BINARY2_ROW_BYTES : SDM_ROW_BYTES;

    return base64_length(document->slice.count * row);
}

static void write_stream(const struct sdm_document *document, bool with_rows,
                         struct buffer *out)
{
    enum { HEAD_AND_END = 24 * 1024 }; /* a little more than they take, to grow once */
    enum votable_binary binary =
        document->format == SDM_BINARY2 ? VOTABLE_BINARY2 : VOTABLE_BINARY;

    buffer_room(out, HEAD_AND_END + (with_rows ? stream_length(document) : 0));
    sdm_frame_write(document, out);
    votable_stream_open(out, binary);
    if (with_rows && binary == VOTABLE_BINARY2)
        sdm_rows_binary2(&document->slice, out);
    else if (with_rows)
        sdm_rows_binary(&document->slice, out);
    votable_stream_close(out, binary);
    add_end(document, out);
}

static void write_tabledata(const struct sdm_document *document, struct buffer *out)
{
    sdm_frame_write(document, out);
    votable_tabledata_open(out);
    sdm_rows_tabledata(&document->slice, out);
    votable_tabledata_close(out);
    add_end(document, out);
}

void sdm_write(const struct sdm_document *document, struct buffer *out)
{
    if (document->format == SDM_TABLEDATA)
        write_tabledata(document, out);
    else
        write_stream(document, true, out);
}

int64_t sdm_length(const struct sdm_document *document)
{
    struct buffer scratch;
    size_t length;

    buffer_init(&scratch);
    write_stream(document, false, &scratch);
    length = scratch.length + stream_length(document);
    buffer_finish(&scratch);
    return (int64_t)length;
}
