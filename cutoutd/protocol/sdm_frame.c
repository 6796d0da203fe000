#include "protocol/sdm_frame.h"

#include "base/memory.h"
#include "format/votable.h"
#include "format/xml.h"
#include "protocol/sdm.h"
#include "protocol/sdm_table.h"
#include "protocol/sdm_values.h"

#include <stdlib.h>

/* A PARAM whose value differs between documents: where it lies in the frame's text. */
struct slot {
    size_t field;
    size_t begin;
    size_t value; /* where the value belongs */
    size_t end;
};

struct sdm_frame {
    const struct service_settings *service;
    const struct collection_settings *collection;
    struct buffer text;
    struct slot *slots; /* in the order of the text */
    size_t slot_count;
};

static void add(struct buffer *out, const struct sdm_text *text)
{
    buffer_add(out, text->text, text->length);
}

static void add_info(struct buffer *out, const char *name, const char *value)
{
    if (value && *value)
        votable_info(out, name, value, NULL);
}

/* Who made the data and what their users owe them. */
static void add_origin(struct buffer *out, const struct service_settings *service,
                       const struct collection_settings *collection)
{
    add_info(out, "publisher", service->publisher);
    add_info(out, "citation", collection->reference);
    add_info(out, "rights", collection->rights);
    add_info(out, "acknowledgement", collection->acknowledgement);
    add_info(out, "reference_url", collection->documentation_url);
}

/* The frames of reference have the names that sdm_fields.py refers to. */
static void add_reference_frames(struct buffer *out)
{
    buffer_add_literal(out,
                       "<COOSYS ID=\"cs\" system=\"ICRS\"/>\n"
                       "<TIMESYS ID=\"ts\" timeorigin=\"MJD-origin\" timescale=\"UTC\" "
                       "refposition=\"TOPOCENTER\"/>\n");
}

static void add_opening(struct buffer *out, const struct service_settings *service,
                        const struct collection_settings *collection)
{
    votable_open(out);
    votable_resource_open(out, "results", NULL, NULL, "spec:Spectrum");
    votable_info(out, "QUERY_STATUS", "OK", NULL);
    add_origin(out, service, collection);
    add_reference_frames(out);
    votable_table_open(out, "spectrum", "spec:Spectrum");
    if (collection->title)
        votable_description(out, collection->title);
}

/* A PARAM with its value; one that has none is left out, or says so where the model
 * demands the field. */
static void add_shared_param(struct buffer *out, const struct service_settings *service,
                             const struct collection_settings *collection, size_t field)
{
    const struct sdm_param *param = &sdm_params[field];
    size_t before = out->length, value;

    add(out, &param->head);
    value = out->length;
    if (sdm_value_add_shared(service, collection, field, out)) {
        xml_escape_tail(out, value);
    } else if (param->is_optional) {
        out->length = before;
        return;
    } else {
        add(out, &param->absent);
    }
    add(out, &param->tail);
}

static void add_slot(struct sdm_frame *frame, size_t field)
{
    struct slot *slot = &frame->slots[frame->slot_count++];

    slot->field = field;
    slot->begin = frame->text.length;
    add(&frame->text, &sdm_params[field].head);
    slot->value = frame->text.length;
    add(&frame->text, &sdm_params[field].tail);
    slot->end = frame->text.length;
}

struct sdm_frame *sdm_frame_open(const struct service_settings *service,
                                 const struct collection_settings *collection)
{
    struct sdm_frame *frame = memory_new(frame);

    frame->service = service;
    frame->collection = collection;
    frame->slots = memory_take_zeroed(sdm_param_count, sizeof(*frame->slots));
    add_opening(&frame->text, service, collection);
    for (size_t field = 0; field < sdm_param_count; field++) {
        add(&frame->text, &sdm_params[field].groups);
        if (sdm_value_is_shared(field))
            add_shared_param(&frame->text, service, collection, field);
        else
            add_slot(frame, field);
    }
    add(&frame->text, &sdm_columns);
    return frame;
}

void sdm_frame_close(struct sdm_frame *frame)
{
    if (!frame)
        return;
    buffer_finish(&frame->text);
    free(frame->slots);
    free(frame);
}

bool sdm_frame_value(const struct sdm_document *document, size_t field,
                     struct buffer *out)
{
    const struct sdm_frame *frame = document->frame;

    return sdm_value_is_shared(field)
               ? sdm_value_add_shared(frame->service, frame->collection, field, out)
               : sdm_value_add(document, field, out);
}

static bool add_value(const struct sdm_document *document, size_t field,
                      struct buffer *out)
{
    size_t before = out->length;

    if (!sdm_value_add(document, field, out))
        return false;
    if (sdm_value_is_text(field))
        xml_escape_tail(out, before);
    return true;
}

/* A PARAM that turns out to have no value is taken back. */
void sdm_frame_write(const struct sdm_document *document, struct buffer *out)
{
    const struct sdm_frame *frame = document->frame;
    const uint8_t *text = frame->text.bytes;
    size_t done = 0;

    for (size_t i = 0; i < frame->slot_count; i++) {
        const struct slot *slot = &frame->slots[i];
        const struct sdm_param *param = &sdm_params[slot->field];

        buffer_add(out, text + done, slot->value - done);
        done = slot->value;
        if (add_value(document, slot->field, out))
            continue;
        if (param->is_optional) {
            out->length -= slot->value - slot->begin;
            done = slot->end;
        } else {
            add(out, &param->absent);
        }
    }
    buffer_add(out, text + done, frame->text.length - done);
}
