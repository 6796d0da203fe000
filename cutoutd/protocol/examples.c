#include "protocol/endpoints.h"

#include "cutout/window.h"
#include "dali/percent.h"
#include "format/markup.h"
#include "service/service.h"

/*
 * DALI 1.1, section 2.3: examples that work here, with an ID of this collection. The
 * attributes are RDFa, which clients read; the rest is for people.
 */

struct example {
    const char *id; /* of the element */
    const char *title;
    const char *path; /* of the endpoint, behind /{c}/ */
    const char *capability;
    bool has_band;
    const char *text;
};

static const struct example examples[] = {
    {"links", "What belongs to a spectrum", "links",
     "ivo://ivoa.net/std/DataLink#links-1.1", false,
     "The spectrum as a table, the archive's file, pictures, and the cut-out service."},
    {"cutout", "A window of a spectrum", "sync", "ivo://ivoa.net/std/SODA#sync-1.0", true,
     "A part of a spectrum by wavelengths in vacuum, in metres."},
    {"whole", "A whole spectrum", "sync", "ivo://ivoa.net/std/SODA#sync-1.0", false,
     "All samples of a spectrum, with its description."},
};

static const char *encoded(const char *text, struct arena *arena)
{
    struct buffer out = {0};
    const char *copy;

    percent_encode(text, &out);
    copy = arena_copy(arena, (const char *)out.bytes, out.length);
    buffer_finish(&out);
    return copy;
}

static void add_parameter(struct buffer *out, const char *name, const char *value)
{
    markup_add(out,
               "    <p property=\"generic-parameter\" typeof=\"keyval\">"
               "<span property=\"key\">{}</span> = "
               "<code property=\"value\">{}</code></p>\n",
               name, value);
}

static void add_example(struct buffer *out, const struct example *example,
                        const char *service_url, const char *did, const char *band,
                        struct arena *arena)
{
    const char *url = arena_format(arena, "%s/%s?ID=%s", service_url, example->path,
                                   encoded(did, arena));

    if (example->has_band)
        url = arena_format(arena, "%s&BAND=%s", url, encoded(band, arena));
    markup_add(out,
               "  <div typeof=\"example\" id=\"{}\" resource=\"#{}\">\n"
               "    <h2 property=\"name\">{}</h2>\n"
               "    <p>{}</p>\n"
               "    <p>Service: <code property=\"capability\">{}</code></p>\n",
               example->id, example->id, example->title, example->text,
               example->capability);
    add_parameter(out, "ID", did);
    if (example->has_band)
        add_parameter(out, "BAND", band);
    markup_add(out, "    <p><a href=\"{}\">{}</a></p>\n  </div>\n", url, url);
}

static void write_examples(const struct service *service,
                           const struct collection_settings *collection,
                           const struct entry *entry, struct arena *arena,
                           struct buffer *out)
{
    const char *did, *band, *url;

    if (!entry) {
        buffer_add_literal(out, "  <p>There is no spectrum here yet.</p>\n");
        return;
    }
    did = service_publisher_did(service->settings, collection, entry, arena);
    band = window_band(window_clamped(window_for_example(entry), entry), arena);
    url = arena_format(arena, "%s/%s", service->settings->base_url, collection->name);
    for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++)
        add_example(out, &examples[i], url, did, band, arena);
}

enum status examples_serve(void *context, const struct request *request,
                           struct response *response, struct failure *failure)
{
    const struct service *service = context;
    const struct service_collection *collection;
    struct buffer *out;
    struct entry entry;
    enum status status = service_collection(service, request, &collection, failure);
    bool is_empty;

    if (status)
        return status;
    status = archive_first(collection->reader, request->arena, &entry, failure);
    is_empty = status == STATUS_NOT_FOUND;
    if (status && !is_empty)
        return status;
    out = response_bytes(response, 200, "application/xhtml+xml");
    markup_add(out,
               "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE html>\n"
               "<html xmlns=\"http://www.w3.org/1999/xhtml\">\n"
               "<head><title>Examples: {}</title></head>\n"
               "<body vocab=\"http://www.ivoa.net/rdf/examples#\">\n"
               "  <h1>Examples: {}</h1>\n",
               collection->settings->title, collection->settings->title);
    write_examples(service, collection->settings, is_empty ? NULL : &entry,
                   request->arena, out);
    buffer_add_literal(out, "</body>\n</html>\n");
    return STATUS_OK;
}
