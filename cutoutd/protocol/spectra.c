#include "protocol/endpoints.h"

#include "protocol/inflate.h"
#include "protocol/sdm_response.h"
#include "protocol/service.h"

#include <string.h>
#include <unistd.h>

/*
 * What lies below /{c}/spectra/: the whole spectrum as a document, and the archive's
 * file, inflated or as it lies.
 */

struct place {
    const struct service *service;
    const struct service_collection *collection;
    const char *path; /* without the suffix that chose the form */
};

static enum status serve_document(const struct place *place,
                                  const struct request *request,
                                  struct response *response, struct failure *failure)
{
    AUTO_HOLDING holding = {0};
    struct spectrum spectrum;
    struct sdm_document document;
    struct sdm_form form;
    enum status status;

    if ((status = sdm_form_read(&request->params, &form, failure)) ||
        (status = archive_find(place->collection->reader, place->path, request->waker,
                               &holding, failure)) ||
        (status = archive_spectrum(&holding, &spectrum, failure)))
        return status;
    document = (struct sdm_document){
        .frame = place->collection->frame,
        .publisher_did =
            service_publisher_did(place->service->settings, place->collection->settings,
                                  holding.entry, response->arena),
        .entry = holding.entry,
        .slice = slice_by_band(&spectrum, BAND_ALL),
        .format = form.format,
    };
    sdm_respond(&document, form.content_type, NULL, response);
    return STATUS_OK;
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
static enum status open_archived(const struct place *place, const struct holding *holding,
                                 struct archived *out, struct failure *failure)
{
    const struct entry *entry = holding->entry;
    enum status status = archive_open_file(place->collection->reader, entry, &out->fd,
                                           &out->size, failure);

    if (status)
        return status;
    out->is_gzip = begins_as_gzip(out->fd);
    out->raw_size = out->size == entry->file_size ? entry->file_raw_size : -1;
    return STATUS_OK;
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

static void respond_inflated(const struct archived *file, struct response *response)
{
    response_produce(response, "application/fits",
                     (struct producer){
                         .produce = produce_inflated,
                         .close = close_inflated,
                         .state = inflate_open(file->fd),
                         .length = file->raw_size,
                     });
}

/* The file inflated; a gzip travels as it lies to those who inflate it themselves. */
static enum status serve_file(const struct place *place, const struct request *request,
                              struct response *response, struct failure *failure)
{
    AUTO_HOLDING holding = {0};
    struct archived file;
    enum status status;

    if ((status = archive_find_file(place->collection->reader, place->path,
                                    request->waker, &holding, failure)) ||
        (status = open_archived(place, &holding, &file, failure)))
        return status;
    sdm_respond_as_file(response, holding.entry->name, ".fits");
    if (file.is_gzip)
        response_header_add(response, "Vary", "Accept-Encoding");
    if (file.is_gzip && !request_accepts_gzip(request)) {
        respond_inflated(&file, response);
        return STATUS_OK;
    }
    if (file.is_gzip)
        response_header_add(response, "Content-Encoding", "gzip");
    response_file(response, "application/fits", file.fd, 0, file.size);
    return STATUS_OK;
}

static enum status serve_gzip(const struct place *place, const struct request *request,
                              struct response *response, struct failure *failure)
{
    AUTO_HOLDING holding = {0};
    struct archived file;
    enum status status;

    if ((status = archive_find_file(place->collection->reader, place->path,
                                    request->waker, &holding, failure)) ||
        (status = open_archived(place, &holding, &file, failure)))
        return status;
    if (!file.is_gzip) {
        close(file.fd);
        return failure_set(failure, STATUS_NOT_FOUND,
                           "this file is not kept as gzip: ask for it without .gz");
    }
    sdm_respond_as_file(response, holding.entry->name, ".fits.gz");
    response_file(response, "application/gzip", file.fd, 0, file.size);
    return STATUS_OK;
}

static const struct form {
    const char *suffix;
    enum status (*serve)(const struct place *place, const struct request *request,
                         struct response *response, struct failure *failure);
} forms[] = {
    {".vot", serve_document},
    {".fits", serve_file},
    {".fits.gz", serve_gzip},
};

/* The form that a path asks for; *length becomes that of the path without its suffix. */
static const struct form *find_form(const char *path, size_t *length)
{
    size_t whole = strlen(path);

    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        size_t suffix = strlen(forms[i].suffix);

        if (whole > suffix && strcmp(path + whole - suffix, forms[i].suffix) == 0) {
            *length = whole - suffix;
            return &forms[i];
        }
    }
    return NULL;
}

enum status spectra_serve(void *context, const struct request *request,
                          struct response *response, struct failure *failure)
{
    struct place place = {.service = context};
    size_t length;
    const struct form *form = find_form(request->rest, &length);
    enum status status =
        service_collection(place.service, request, &place.collection, failure);

    if (status)
        return status;
    if (!form)
        return failure_set(failure, STATUS_NOT_FOUND,
                           "'%.200s': a spectrum is at its path with .vot, a file at its "
                           "path with .fits",
                           request->rest);
    place.path = arena_copy(request->arena, request->rest, length);
    return form->serve(&place, request, response, failure);
}
