#include "protocol/endpoints.h"

#include "base/checksum.h"
#include "cutout/cutout_response.h"
#include "cutout/picture.h"
#include "dali/range.h"
#include "page/page_spectrum.h"
#include "protocol/inflate.h"
#include "service/file_name.h"
#include "service/freshness.h"
#include "service/service.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * What lies below /{c}/spectra/: the whole spectrum as a table, its plot, and the
 * archive's file, inflated or as it lies.
 */

struct place {
    const char *form; /* short name that the suffix stands for */
    const struct service *service;
    const struct service_collection *collection;
    const char *path; /* without the suffix that chose the form */
};

static enum status respond(const struct place *place, const struct cutout_query *query,
                           const struct request *request, struct response *response,
                           struct failure *failure)
{
    AUTO_CUTOUT cutout = {0};
    enum status status = cutout_open(place->service, place->collection, query,
                                     request->waker, request->arena, &cutout, failure);

    return status
               ? status
               : cutout_respond(place->collection, &cutout, request, response, failure);
}

/* The whole spectrum as a table; a VOTable may be asked for in another form. */
static enum status serve_document(const struct place *place,
                                  const struct request *request,
                                  struct response *response, struct failure *failure)
{
    struct cutout_query query;
    enum status status;

    cutout_query_init(&query, place->path, form_named(place->form));
    if (strcmp(place->form, "votable") == 0 &&
        (status = form_read(&request->params, &query.choice, failure)))
        return status;
    return respond(place, &query, request, response, failure);
}

static enum status refuse_unknown(const struct params *params, struct failure *failure)
{
    for (const struct param *param = params->first; param; param = param->next)
        if (!picture_knows(param->name))
            return failure_set(
                failure, STATUS_BAD_PARAMETER,
                "%.40s: a picture takes BAND, WIDTH, HEIGHT, STYLE, SMOOTH, "
                "LINES, FRAME, MEDIUM, ERR, MASK and SKY",
                param->name);
    return STATUS_OK;
}

/* The plot, of a window if BAND says so. One without samples says that in the picture. */
static enum status serve_picture(const struct place *place, const struct request *request,
                                 struct response *response, struct failure *failure)
{
    const struct params *params = &request->params;
    struct cutout_query query;
    const char *band;
    enum status status;

    cutout_query_init(&query, place->path, form_named(place->form));
    if ((status = refuse_unknown(params, failure)) ||
        (status = params_single(params, "BAND", &band, failure)) ||
        (band && (status = band_parse(band, &query.band, failure))) ||
        (status = picture_settings_read(params, &query.plot, failure)))
        return status;
    query.has_band = band != NULL;
    query.plot.band = query.band;
    return respond(place, &query, request, response, failure);
}

/* An archived file, open. */
struct archived {
    int fd;
    int64_t size;     /* bytes as it lies */
    int64_t raw_size; /* bytes when inflated; -1: not known */
    bool is_gzip;
};

static bool begins_as_gzip(int fd)
{
    uint8_t magic[2];

    return pread(fd, magic, sizeof(magic), 0) == sizeof(magic) && magic[0] == 0x1f &&
           magic[1] == 0x8b;
}

/* What the catalogue knows of the file holds only while it is the file that was ingested.
 */
static enum status open_archived(const struct holding *holding, struct archived *out,
                                 struct failure *failure)
{
    const struct entry *entry = holding->entry;
    enum status status = archive_open_file(holding, &out->fd, &out->size, failure);

    if (status)
        return status;
    out->is_gzip = begins_as_gzip(out->fd);
    out->raw_size = out->size == entry->file_size ? entry->file_raw_size : -1;
    return STATUS_OK;
}

/* Of the file as it lies now: it may have been replaced since it was ingested. */
static struct validators file_validators(const struct archived *file)
{
    struct stat facts = {0};

    fstat(file->fd, &facts);
    return (struct validators){
        .tag = checksum_chain(checksum_of(&facts.st_mtim, sizeof(facts.st_mtim)),
                              &facts.st_size, sizeof(facts.st_size)),
        .modified = facts.st_mtim.tv_sec,
    };
}

static enum status produce_inflated(void *state, struct buffer *out,
                                    struct failure *failure)
{
    return inflate_next(state, out, failure);
}

static void close_inflated(void *state)
{
    inflate_close(state);
}

static void respond_inflated(const struct place *place, const struct archived *file,
                             const struct request *request, struct response *response)
{
    struct pager *pager = archive_pager(place->collection->reader);

    response_produce(response, "application/fits",
                     (struct producer){
                         .produce = produce_inflated,
                         .close = close_inflated,
                         .state = inflate_open(file->fd, pager, request->waker),
                         .length = file->raw_size,
                     });
}

static void respond_as_it_lies(const struct archived *file, const char *content_type,
                               const struct request *request,
                               const struct validators *validators,
                               struct response *response)
{
    response_file(response, content_type, file->fd, 0, file->size);
    range_answer(request, validators, response);
}

static void offer_archived(struct response *response, const struct entry *entry,
                           const char *suffix)
{
    file_name_offer(response, file_name_safe(entry->name, suffix, response->arena),
                    false);
}

/* The file inflated; a gzip travels as it lies to those who inflate it themselves. */
static enum status serve_file(const struct place *place, const struct request *request,
                              struct response *response, struct failure *failure)
{
    AUTO_HOLDING holding = {0};
    struct validators validators;
    struct archived file;
    enum status status;

    if ((status = archive_find_file(place->collection->reader, place->path,
                                    request->waker, &holding, failure)) ||
        (status = open_archived(&holding, &file, failure)))
        return status;
    validators = file_validators(&file);
    if (file.is_gzip)
        freshness_may_gzip(&validators, request);
    if (conditional_answer(request, &validators, response)) {
        close(file.fd);
        return STATUS_OK;
    }
    offer_archived(response, holding.entry, ".fits");
    if (file.is_gzip && !validators.is_gzip) {
        respond_inflated(place, &file, request, response);
        return STATUS_OK;
    }
    if (file.is_gzip)
        response_header_add(response, "Content-Encoding", "gzip");
    respond_as_it_lies(&file, "application/fits", request, &validators, response);
    return STATUS_OK;
}

static enum status serve_gzip(const struct place *place, const struct request *request,
                              struct response *response, struct failure *failure)
{
    AUTO_HOLDING holding = {0};
    struct validators validators;
    struct archived file;
    enum status status;

    if ((status = archive_find_file(place->collection->reader, place->path,
                                    request->waker, &holding, failure)) ||
        (status = open_archived(&holding, &file, failure)))
        return status;
    if (!file.is_gzip) {
        close(file.fd);
        return failure_set(failure, STATUS_NOT_FOUND,
                           "this file is not kept as gzip: ask for it without .gz");
    }
    validators = file_validators(&file);
    if (conditional_answer(request, &validators, response)) {
        close(file.fd);
        return STATUS_OK;
    }
    offer_archived(response, holding.entry, ".fits.gz");
    respond_as_it_lies(&file, "application/gzip", request, &validators, response);
    return STATUS_OK;
}

static const struct suffix {
    const char *text;
    const char *form; /* short name; NULL: the archive's file */
    enum status (*serve)(const struct place *place, const struct request *request,
                         struct response *response, struct failure *failure);
} suffixes[] = {
    {".vot", "votable", serve_document}, {".csv", "csv", serve_document},
    {".tsv", "tsv", serve_document},     {".ecsv", "ecsv", serve_document},
    {".png", "png", serve_picture},      {".svg", "svg", serve_picture},
    {".fits", NULL, serve_file},         {".fits.gz", NULL, serve_gzip},
};

/* The suffix of a path; *length becomes that of the path without it. */
static const struct suffix *find_suffix(const char *path, size_t *length)
{
    size_t whole = strlen(path);

    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
        size_t suffix = strlen(suffixes[i].text);

        if (whole > suffix && strcmp(path + whole - suffix, suffixes[i].text) == 0) {
            *length = whole - suffix;
            return &suffixes[i];
        }
    }
    return NULL;
}

enum status spectra_serve(void *context, const struct request *request,
                          struct response *response, struct failure *failure)
{
    struct place place = {.service = context};
    size_t length;
    const struct suffix *suffix = find_suffix(request->rest, &length);
    enum status status =
        service_collection(place.service, request, &place.collection, failure);

    if (status)
        return status;
    if (!suffix)
        return page_spectrum_serve(place.service, place.collection, request->rest,
                                   request, response, failure);
    place.form = suffix->form;
    place.path = arena_copy(request->arena, request->rest, length);
    return suffix->serve(&place, request, response, failure);
}
