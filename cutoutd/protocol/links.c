#include "protocol/endpoints.h"

#include "archive/identifier.h"
#include "cutout/window.h"
#include "dali/error.h"
#include "dali/percent.h"
#include "format/votable.h"
#include "protocol/links_descriptor.h"
#include "protocol/links_table.h"
#include "protocol/soda_descriptor.h"
#include "sdm/sdm.h"
#include "service/answer_memo.h"
#include "service/freshness.h"
#include "service/service.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* DataLink 1.1: what belongs to a spectrum, for many IDs at once. */

static const char DATALINK_TYPE[] = "application/x-votable+xml;content=datalink";
static const char VOTABLE_TYPE[] = "application/x-votable+xml";
static const char TEXT_XML[] = "text/xml";

/* With fewer an answer fits into the first round trip of a connection as it is (ten
 * segments, RFC 6928); with a hundred, gzip leaves a twentieth of it. */
enum { IDS_WORTH_GZIP = 5 };
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

    links->targets =
        arena_take(links->arena, (params->count < limit ? params->count : limit) *
                                     sizeof(*links->targets));
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

/* Whether the media type is meant, whatever its parameters; a blank stands for a plus
 * sign that was not encoded. */
static bool is_type(const char *asked, const char *type)
{
    for (; *type; type++, asked++)
        if (tolower((unsigned char)*asked) != *type && !(*asked == ' ' && *type == '+'))
            return false;
    return !*asked || strchr("; \t", *asked);
}

/* RESPONSEFORMAT says how the answer is labelled; its form is always the same
 * (DataLink 1.1, section 2.1.2). */
static enum status read_format(struct links *links, const struct params *params,
                               struct failure *failure)
{
    const char *asked = NULL;
    enum status status = params_single(params, "RESPONSEFORMAT", &asked, failure);

    if (status)
        return status;
    if (!asked || strcasecmp(asked, "votable") == 0 || is_type(asked, VOTABLE_TYPE))
        links->content_type = DATALINK_TYPE;
    else if (is_type(asked, TEXT_XML))
        links->content_type = TEXT_XML;
    else
        return failure_set(
            failure, STATUS_BAD_PARAMETER,
            "RESPONSEFORMAT: links come as votable, application/x-votable+xml or "
            "text/xml, not as '%.80s'",
            asked);
    return STATUS_OK;
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

/* ---- the rows ---- */

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

/* `row` as struct sdm_document has it. */
static int64_t document_length(const struct links *links, const struct entry *entry,
                               uint64_t row)
{
    struct sdm_document document = {
        .frame = links->collection->frame,
        .publisher_did = service_publisher_did(
            links->settings, links->collection->settings, entry, links->arena),
        .entry = entry,
        .row = row,
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

    links_table_row(
        out,
        &(struct link){
            .id = target->id,
            .access_url = spectra_url(links, entry->path, ".vot"),
            .description = "The spectrum as a Spectral Data Model VOTable",
            .semantics = "#this",
            .content_type = VOTABLE_TYPE,
            .content_length = document_length(links, entry, target->holding.checksum),
            .content_qualifier = "#spectrum",
            .local_semantics = "#sdm",
        });
}

static void add_file_row(const struct links *links, const struct target *target,
                         struct buffer *out)
{
    const struct entry *entry = target->holding.entry;

    links_table_row(
        out, &(struct link){
                 .id = target->id,
                 .access_url = spectra_url(links, file_path(links, entry), ".fits"),
                 .description = "The archive's FITS file as the survey made it",
                 .semantics = "#progenitor",
                 .content_type = "application/fits",
                 .content_length = entry->file_raw_size,
                 .content_qualifier = "#spectrum",
                 .local_semantics = "#archived",
             });
}

static void add_picture_rows(const struct links *links, const struct target *target,
                             struct buffer *out)
{
    static const struct {
        const char *suffix, *semantics, *content_type, *description;
    } pictures[] = {
        {".png", "#preview", "image/png", "Plot of the spectrum"},
        {".svg", "#preview-plot", "image/svg+xml",
         "Plot of the spectrum, as sharp as wanted"},
    };

    for (size_t i = 0; i < sizeof(pictures) / sizeof(pictures[0]); i++)
        links_table_row(out,
                        &(struct link){
                            .id = target->id,
                            .access_url = spectra_url(links, target->holding.entry->path,
                                                      pictures[i].suffix),
                            .description = pictures[i].description,
                            .semantics = pictures[i].semantics,
                            .content_type = pictures[i].content_type,
                            .content_length = LINK_LENGTH_UNKNOWN,
                            .local_semantics = "#plot",
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
        links_table_row(
            out,
            &(struct link){
                .id = target->id,
                .access_url = spectra_url(links, siblings[i].path, ".vot"),
                .description = arena_format(links->arena, "Spectrum %s of the same file",
                                            siblings[i].spectrum),
                .semantics = "#coderived",
                .content_type = VOTABLE_TYPE,
                .content_length = document_length(links, &siblings[i], 0),
                .content_qualifier = "#spectrum",
                .local_semantics = "#same-file",
            });
    return STATUS_OK;
}

static void add_documentation_row(const struct links *links, const struct target *target,
                                  struct buffer *out)
{
    const char *url = links->collection->settings->documentation_url;

    if (url)
        links_table_row(out, &(struct link){
                                 .id = target->id,
                                 .access_url = url,
                                 .description = "About the data release",
                                 .semantics = "#documentation",
                                 .content_length = LINK_LENGTH_UNKNOWN,
                                 .local_semantics = "#release",
                             });
}

static void add_service_row(const struct target *target, struct buffer *out)
{
    links_table_row(out, &(struct link){
                             .id = target->id,
                             .service_def = SODA_ID,
                             .description = "A part of the spectrum, by wavelength",
                             .semantics = "#cutout",
                             .content_type = VOTABLE_TYPE,
                             .content_length = LINK_LENGTH_UNKNOWN,
                             .content_qualifier = "#spectrum",
                             .local_semantics = "#cutout",
                         });
}

static void add_error_row(const struct target *target, struct buffer *out)
{
    links_table_row(out, &(struct link){
                             .id = target->id,
                             .error_message = target->error,
                             .semantics = "#this", /* the link that is missing */
                             .content_length = LINK_LENGTH_UNKNOWN,
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
    add_picture_rows(links, target, out);
    if (target->holding.entry->spectrum &&
        (status = add_sibling_rows(links, target, out, failure)))
        return status;
    add_documentation_row(links, target, out);
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
    links_table_fields(out);
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

/* ---- the services ---- */

static const char *service_url(const struct links *links, const char *name)
{
    const char *base = links->settings->base_url;
    const char *collection = links->collection->settings->name;
    char *url =
        arena_take(links->arena, strlen(base) + strlen(collection) + strlen(name) + 3);

    stpcpy(stpcpy(stpcpy(stpcpy(stpcpy(url, base), "/"), collection), "/"), name);
    return url;
}

/* The first that has links; NULL if none has. */
static const struct target *first_found(const struct links *links)
{
    for (size_t i = 0; i < links->count; i++)
        if (links->targets[i].holding.entry)
            return &links->targets[i];
    return NULL;
}

/* A request about the spectrum, of a window of it if there is a band. */
static const char *example_url(const struct links *links, const char *name,
                               const struct target *target, const char *band)
{
    struct buffer text = {0};
    const char *url;

    buffer_add_string(&text, service_url(links, name));
    buffer_add_literal(&text, "?ID=");
    percent_encode(target->id, &text);
    if (band) {
        buffer_add_literal(&text, "&BAND=");
        percent_encode(band, &text);
    }
    url = arena_copy(links->arena, (const char *)text.bytes, text.length);
    buffer_finish(&text);
    return url;
}

static const char *example_band(const struct links *links, const struct target *target)
{
    const struct entry *entry = target->holding.entry;

    return window_band(window_clamped(window_for_example(entry), entry), links->arena);
}

/* Of the cut-out service, where there is a spectrum to cut. */
static void add_descriptor(const struct links *links, const struct target *first,
                           struct buffer *out)
{
    struct soda_descriptor descriptor = {
        .id = SODA_ID,
        .access_url = service_url(links, "sync"),
        .id_ref = LINKS_ID_FIELD,
        .example_url = example_url(links, "sync", first, example_band(links, first)),
    };

    soda_coverage_init(&descriptor.coverage);
    for (size_t i = 0; i < links->count; i++)
        if (links->targets[i].holding.entry)
            soda_coverage_add(&descriptor.coverage, links->targets[i].holding.entry);
    soda_descriptor_write(&descriptor, out);
}

static void add_services(const struct links *links, struct buffer *out)
{
    const struct target *first = first_found(links);

    if (first)
        add_descriptor(links, first, out);
    links_self_description_write(service_url(links, "links"),
                                 first ? example_url(links, "links", first, NULL) : NULL,
                                 out);
}

static enum status add_document(const struct links *links, struct buffer *out,
                                struct failure *failure)
{
    enum status status;

    votable_open(out);
    if ((status = add_results(links, out, failure)))
        return status;
    add_services(links, out);
    votable_close(out);
    return STATUS_OK;
}

static struct validators validators_of(const struct links *links,
                                       const struct request *request)
{
    struct validators validators = freshness_of(links->collection, request);

    for (size_t i = 0; i < links->count; i++) {
        const struct target *target = &links->targets[i];

        if (target->error)
            freshness_add_text(&validators, target->error);
        else
            freshness_add(&validators, &target->holding);
    }
    if (links->count >= IDS_WORTH_GZIP)
        freshness_may_gzip(&validators, request);
    return validators;
}

/* Answers about one spectrum, which are most. Those that tell of others of its file are
 * made of their rows, too, which the tag does not name. */
static struct answer_memo *memo_of(const struct links *links)
{
    const struct entry *entry = links->count == 1 ? links->targets->holding.entry : NULL;

    return entry && !entry->spectrum ? links->collection->links : NULL;
}

static enum status answer(const struct links *links, const struct request *request,
                          struct response *response, struct failure *failure)
{
    struct validators validators = validators_of(links, request);
    struct answer_memo *memo = memo_of(links);
    struct buffer *out;
    enum status status;

    if (conditional_answer(request, &validators, response))
        return STATUS_OK;
    out = response_bytes(response, 200, links->content_type);
    if (answer_memo_add(memo, validators.tag, out))
        return STATUS_OK;
    if ((status = add_document(links, out, failure)))
        return status;
    answer_memo_keep(memo, validators.tag, out);
    freshness_encode(&validators, response);
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
        status = answer(&links, request, response, failure);
    release_targets(&links);
    return status;
}
