#include "sdm/sdm_frame.h"

#include "base/memory.h"
#include "format/votable.h"
#include "format/xml.h"
#include "sdm/sdm.h"
#include "sdm/sdm_table.h"
#include "sdm/sdm_values.h"

#include <stdlib.h>

/* A PARAM whose value is not written yet: where it lies in its template's text. */
struct slot {
    size_t field;
    size_t begin;
    size_t value; /* where the value belongs */
    size_t end;
};

struct template
{
    struct buffer text;
    struct slot *slots; /* in the order of the text */
    size_t slot_count;
};

/* A row whose values were written into a template of its own; the first time that it is
   asked for only its key is noted, so that what is asked for once costs nothing. */
struct memo {
    uint64_t row;
    struct template template; /* without slots before the second time */
};

enum { MEMOS = 256 }; /* about 20 kB each */

struct sdm_frame {
    const struct service_settings *service;
    const struct collection_settings *collection;
    struct template shared;
    struct memo *memos;
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

/* At rest or not, documents are of one frame. */
static bool is_shared(size_t field)
{
    return sdm_value_is_shared(field) && !sdm_value_is_of_frame(field);
}

static void add_slot(struct template *template, size_t field)
{
    struct slot *slot = &template->slots[template->slot_count++];

    slot->field = field;
    slot->begin = template->text.length;
    add(&template->text, &sdm_params[field].head);
    slot->value = template->text.length;
    add(&template->text, &sdm_params[field].tail);
    slot->end = template->text.length;
}

static void template_finish(struct template *template)
{
    buffer_finish(&template->text);
    free(template->slots);
    *template = (struct template){0};
}

struct sdm_frame *sdm_frame_open(const struct service_settings *service,
                                 const struct collection_settings *collection)
{
    struct sdm_frame *frame = memory_new(frame);
    struct template *shared = &frame->shared;

    frame->service = service;
    frame->collection = collection;
    frame->memos = memory_take_zeroed(MEMOS, sizeof(*frame->memos));
    shared->slots = memory_take_zeroed(sdm_param_count, sizeof(*shared->slots));
    add_opening(&shared->text, service, collection);
    for (size_t field = 0; field < sdm_param_count; field++) {
        add(&shared->text, &sdm_params[field].groups);
        if (is_shared(field))
            add_shared_param(&shared->text, service, collection, field);
        else
            add_slot(shared, field);
    }
    add(&shared->text, &sdm_columns);
    return frame;
}

void sdm_frame_close(struct sdm_frame *frame)
{
    if (!frame)
        return;
    for (size_t i = 0; i < MEMOS; i++)
        template_finish(&frame->memos[i].template);
    free(frame->memos);
    template_finish(&frame->shared);
    free(frame);
}

bool sdm_frame_value(const struct sdm_document *document, size_t field,
                     struct buffer *out)
{
    const struct sdm_frame *frame = document->frame;

    return is_shared(field)
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

/* Go on from `done` in the template's text to behind the slot's value; a PARAM that turns
   out to have none is taken back, or says so. Returns where the text goes on. */
static size_t fill(const struct template *template, const struct slot *slot, size_t done,
                   const struct sdm_document *document, struct buffer *out)
{
    const struct sdm_param *param = &sdm_params[slot->field];

    buffer_add(out, template->text.bytes + done, slot->value - done);
    if (add_value(document, slot->field, out))
        return slot->value;
    if (!param->is_optional) {
        add(out, &param->absent);
        return slot->value;
    }
    out->length -= slot->value - slot->begin;
    return slot->end;
}

/* The same up to the value, which stays open in the new template. */
static size_t leave_open(const struct template *from, const struct slot *slot,
                         size_t done, struct template *to)
{
    size_t value;

    buffer_add(&to->text, from->text.bytes + done, slot->value - done);
    value = to->text.length;
    to->slots[to->slot_count++] = (struct slot){
        .field = slot->field,
        .begin = value - (slot->value - slot->begin),
        .value = value,
        .end = value + (slot->end - slot->value),
    };
    return slot->value;
}

/* Write the values of the document's row, and leave open those of its slice. */
static void specialise(const struct template *shared, const struct sdm_document *document,
                       struct template *out)
{
    size_t done = 0;

    out->slots = memory_take_zeroed(shared->slot_count, sizeof(*out->slots));
    for (size_t i = 0; i < shared->slot_count; i++) {
        const struct slot *slot = &shared->slots[i];

        done = sdm_value_is_of_slice(slot->field)
                   ? leave_open(shared, slot, done, out)
                   : fill(shared, slot, done, document, &out->text);
    }
    buffer_add(&out->text, shared->text.bytes + done, shared->text.length - done);
}

/* The template with the fewest slots that the document can be written from. */
static const struct template *template_of(const struct sdm_document *document)
{
    const struct sdm_frame *frame = document->frame;
    struct memo *memo = &frame->memos[document->row % MEMOS];

    if (!document->row)
        return &frame->shared;
    if (memo->row != document->row) {
        template_finish(&memo->template);
        memo->row = document->row;
        return &frame->shared;
    }
    if (!memo->template.slots)
        specialise(&frame->shared, document, &memo->template);
    return &memo->template;
}

void sdm_frame_write(const struct sdm_document *document, struct buffer *out)
{
    const struct template *template = template_of(document);
    size_t done = 0;

    for (size_t i = 0; i < template->slot_count; i++)
        done = fill(template, &template->slots[i], done, document, out);
    buffer_add(out, template->text.bytes + done, template->text.length - done);
}
