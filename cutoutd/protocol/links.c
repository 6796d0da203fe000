#include "protocol/endpoints.h"

#include "archive/identifier.h"
#include "dali/error.h"
#include "format/votable.h"
#include "protocol/sdm.h"
#include "protocol/service.h"
#include "protocol/soda_descriptor.h"

#include <string.h>
#include <strings.h>

/* DataLink 1.1: what belongs to a spectrum, for many IDs at once. */

static const char DATALINK_TYPE[] = "application/x-votable+xml;content=datalink";
static const char VOTABLE_TYPE[] = "application/x-votable+xml";
static const char SODA_ID[] = "soda"; /* XML ID of the service descriptor */

/* One ID that was asked for, and what it means. */
struct target {
    const char *id;         /* as asked */
    const char *error;      /* instead of links */
    struct holding holding; /* without an error */
};

struct links {
    const struct service_settings *settings;
    const struct service_collection *collection;
    struct arena *arena;
    const char *content_type;
    struct target *targets; /* distinct, in the order given */
    size_t count;
    bool has_overflow; /* there were more than the service answers at once */
};

/* ---- the request ---- */

static bool is_known(const struct links *links, const char *id)
{
    for (size_t i = 0; i < links->count; i++)
        if (strcmp(links->targets[i].id, id) == 0)
            return true;
    return false;
}

static void collect_ids(struct links *links, const struct params *params)
{
    size_t limit = (size_t)links->settings->max_ids;

    links->targets = arena_take(links->arena, limit * sizeof(*links->targets));
    for (const struct param *id = params_next(params, "ID", NULL); id;
         id = params_next(params, "ID", id)) {
        if (!*id->value || is_known(links, id->value))
            continue;
        links->has_overflow = links->count == limit;
        if (links->has_overflow)
            return;
        links->targets[links->count++] = (struct target){.id = id->value};
    }
}

/* RESPONSEFORMAT says how the answer is labelled; its form is always the same
 * (DataLink 1.1, section 2.1.2). */
static enum status read_format(struct links *links, const struct params *params,
                               struct failure *failure)
{
    const char *asked = NULL;
    enum status status = params_single(params, "RESPONSEFORMAT", &asked, failure);
    size_t length;

    if (status)
        return status;
    links->content_type = DATALINK_TYPE;
    if (!asked)
        return STATUS_OK;
    length = strcspn(asked, "; ");
    if (strcasecmp(asked, "votable") == 0 ||
        (length == strlen(VOTABLE_TYPE) && strncasecmp(asked, VOTABLE_TYPE, length) == 0))
        return STATUS_OK;
    if (length == strlen("text/xml") && strncasecmp(asked, "text/xml", length) == 0) {
        links->content_type = "text/xml";
        return STATUS_OK;
    }
    return failure_set(
        failure, STATUS_BAD_PARAMETER,
        "RESPONSEFORMAT: links come as votable, application/x-votable+xml or "
        "text/xml, not as '%.80s'",
        asked);
}

/* ---- looking up ---- */

/* Whether a failure is the answer to one ID, and not the end of the request. */
static bool concerns_one_id(enum status status)
{
    return error_code(status) != 500;
}

/*
 * Look all IDs up. Of those that are being read through all are asked for before the
 * first is waited for, so that they are read side by side.
 */
static enum status find_targets(struct links *links, struct waker waker,
                                struct failure *failure)
{
    bool is_pending = false;

    for (size_t i = 0; i < links->count; i++) {
        struct target *target = &links->targets[i];
        enum status status = archive_find(links->collection->reader, target->id, waker,
                                          &target->holding, failure);

        if (status == STATUS_PENDING)
            is_pending = true;
        else if (status && !concerns_one_id(status))
            return status;
        else if (status)
            target->error = arena_format(links->arena, "%s: %s",
                                         error_datalink_fault(status), failure->message);
    }
    return is_pending ? STATUS_PENDING : STATUS_OK;
}

static void release_targets(struct links *links)
{
    for (size_t i = 0; i < links->count; i++)
        archive_release(&links->targets[i].holding);
}

/* ---- the table ---- */

static const struct votable_field fields[] = {
    {.id = "ID",
     .name = "ID",
     .datatype = "char",
     .arraysize = "*",
     .ucd = "meta.id;meta.main",
     .description = "The identifier as it was asked for"},
    {.name = "access_url",
     .datatype = "char",
     .arraysize = "*",
     .ucd = "meta.ref.url",
     .description = "Where to get it"},
    {.name = "service_def",
     .datatype = "char",
     .arraysize = "*",
     .ucd = "meta.ref",
     .description = "XML ID of the service's descriptor in this document"},
    {.name = "error_message",
     .datatype = "char",
     .arraysize = "*",
     .ucd = "meta.code.error",
     .description = "Why there is no link"},
    {.name = "description",
     .datatype = "char",
     .arraysize = "*",
     .ucd = "meta.note",
     .description = "What it is"},
    {.name = "semantics",
     .datatype = "char",
     .arraysize = "*",
     .ucd = "meta.code",
     .description = "How it relates to the identifier"},
    {.name = "content_type",
     .datatype = "char",
     .arraysize = "*",
     .ucd = "meta.code.mime",
     .description = "Its media type"},
    {.name = "content_length",
     .datatype = "long",
     .unit = "byte",
     .ucd = "phys.size;meta.file",
     .null = "-1",
     .description = "Its size"},
};

static const int64_t UNKNOWN_LENGTH = -1;

struct link {
    const char *id;
    const char *access_url;  /* or */
    const char *service_def; /* or */
    const char *error_message;
    const char *description;
    const char *semantics;
    const char *content_type;
    int64_t content_length;
};

static void add_row(struct buffer *out, const struct link *link)
{
    votable_row_open(out);
    votable_cell_text(out, link->id);
    votable_cell_text(out, link->access_url);
    votable_cell_text(out, link->service_def);
    votable_cell_text(out, link->error_message);
    votable_cell_text(out, link->description);
    votable_cell_text(out, link->semantics);
    votable_cell_text(out, link->content_type);
    if (link->content_length == UNKNOWN_LENGTH)
        votable_cell_text(out, NULL);
    else
        votable_cell_integer(out, link->content_length);
    votable_row_close(out);
}

static const char *spectra_url(const struct links *links, const char *path,
                               const char *suffix)
{
    struct buffer text = {0};
    const char *url;

    buffer_add_string(&text, links->settings->base_url);
    buffer_add_char(&text, '/');
    buffer_add_string(&text, links->collection->settings->name);
    buffer_add_literal(&text, "/spectra/");
    identifier_write_url_path(&text, path);
    buffer_add_string(&text, suffix);
    url = arena_copy(links->arena, (const char *)text.bytes, text.length);
    buffer_finish(&text);
    return url;
}

static int64_t document_length(const struct links *links, const struct entry *entry)
{
    struct sdm_document document = {
        .frame = links->collection->frame,
        .publisher_did = service_publisher_did(
            links->settings, links->collection->settings, entry, links->arena),
        .entry = entry,
        .slice = {.count = (size_t)entry->length},
    };

    return sdm_length(&document);
}

/* Path of the archive's file without its suffix. */
static const char *file_path(const struct links *links, const struct entry *entry)
{
    size_t length = strlen(entry->path);

    if (entry->spectrum)
        length -= strlen(entry->spectrum) + 1;
    return arena_copy(links->arena, entry->path, length);
}

static void add_spectrum_row(const struct links *links, const struct target *target,
                             struct buffer *out)
{
    const struct entry *entry = target->holding.entry;

    add_row(out, &(struct link){
                     .id = target->id,
                     .access_url = spectra_url(links, entry->path, ".vot"),
                     .description = "The spectrum as a Spectral Data Model VOTable",
                     .semantics = "#this",
                     .content_type = VOTABLE_TYPE,
                     .content_length = document_length(links, entry),
                 });
}

static void add_file_row(const struct links *links, const struct target *target,
                         struct buffer *out)
{
    const struct entry *entry = target->holding.entry;

    add_row(out, &(struct link){
                     .id = target->id,
                     .access_url = spectra_url(links, file_path(links, entry), ".fits"),
                     .description = "The archive's FITS file as the survey made it",
                     .semantics = "#progenitor",
                     .content_type = "application/fits",
                     .content_length = entry->file_raw_size,
                 });
}

static enum status add_sibling_rows(const struct links *links,
                                    const struct target *target, struct buffer *out,
                                    struct failure *failure)
{
    struct entry *siblings;
    size_t count;
    enum status status =
        archive_siblings(&target->holding, links->arena, &siblings, &count, failure);

    if (status)
        return status;
    for (size_t i = 0; i < count; i++)
        add_row(out, &(struct link){
                         .id = target->id,
                         .access_url = spectra_url(links, siblings[i].path, ".vot"),
                         .description =
                             arena_format(links->arena, "Spectrum %s of the same file",
                                          siblings[i].spectrum),
                         .semantics = "#coderived",
                         .content_type = VOTABLE_TYPE,
                         .content_length = UNKNOWN_LENGTH,
                     });
    return STATUS_OK;
}

static void add_service_row(const struct target *target, struct buffer *out)
{
    add_row(out, &(struct link){
                     .id = target->id,
                     .service_def = SODA_ID,
                     .description = "A part of the spectrum, by wavelength",
                     .semantics = "#cutout",
                     .content_type = VOTABLE_TYPE,
                     .content_length = UNKNOWN_LENGTH,
                 });
}

static void add_error_row(const struct target *target, struct buffer *out)
{
    add_row(out, &(struct link){
                     .id = target->id,
                     .error_message = target->error,
                     .semantics = "#this", /* the link that is missing */
                     .content_length = UNKNOWN_LENGTH,
                 });
}

static enum status add_target(const struct links *links, const struct target *target,
                              struct buffer *out, struct failure *failure)
{
    enum status status;

    if (target->error) {
        add_error_row(target, out);
        return STATUS_OK;
    }
    add_spectrum_row(links, target, out);
    add_file_row(links, target, out);
    if (target->holding.entry->spectrum &&
        (status = add_sibling_rows(links, target, out, failure)))
        return status;
    add_service_row(target, out);
    return STATUS_OK;
}

static enum status add_results(const struct links *links, struct buffer *out,
                               struct failure *failure)
{
    votable_resource_open(out, "results", NULL, NULL, NULL);
    votable_info(out, "QUERY_STATUS", "OK", NULL);
    votable_info(out, "standardID", "ivo://ivoa.net/std/DataLink#links-1.1", NULL);
    votable_table_open(out, "links", NULL);
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        votable_field(out, &fields[i]);
    votable_tabledata_open(out);
    for (size_t i = 0; i < links->count; i++) {
        enum status status = add_target(links, &links->targets[i], out, failure);

        if (status)
            return status;
    }
    votable_tabledata_close(out);
    votable_table_close(out);
    if (links->has_overflow)
        votable_info(out, "QUERY_STATUS", "OVERFLOW",
                     arena_format(links->arena,
                                  "answered the first %d IDs; ask again for the others",
                                  links->settings->max_ids));
    votable_resource_close(out);
    return STATUS_OK;
}

/* The descriptor of the cut-out service, where there is a spectrum to cut. */
static void add_descriptor(const struct links *links, struct buffer *out)
{
    struct soda_descriptor descriptor = {
        .id = SODA_ID,
        .access_url = arena_format(links->arena, "%s/%s/sync", links->settings->base_url,
                                   links->collection->settings->name),
        .id_ref = "ID",
    };

    soda_coverage_init(&descriptor.coverage);
    for (size_t i = 0; i < links->count; i++)
        if (links->targets[i].holding.entry)
            soda_coverage_add(&descriptor.coverage, links->targets[i].holding.entry);
    if (!soda_coverage_is_empty(&descriptor.coverage))
        soda_descriptor_write(&descriptor, out);
}

static enum status respond(const struct links *links, struct response *response,
                           struct failure *failure)
{
    struct buffer *out = response_bytes(response, 200, links->content_type);
    enum status status;

    votable_open(out);
    if ((status = add_results(links, out, failure)))
        return status;
    add_descriptor(links, out);
    votable_close(out);
    return STATUS_OK;
}

enum status links_serve(void *context, const struct request *request,
                        struct response *response, struct failure *failure)
{
    const struct service *service = context;
    struct links links = {.settings = service->settings, .arena = request->arena};
    enum status status;

    if ((status = service_collection(service, request, &links.collection, failure)) ||
        (status = read_format(&links, &request->params, failure)))
        return status;
    collect_ids(&links, &request->params);
    status = find_targets(&links, request->waker, failure);
    if (!status)
        status = respond(&links, response, failure);
    release_targets(&links);
    return status;
}
