#include "bulk/bulk.h"

#include "base/clock.h"
#include "base/memory.h"
#include "bulk/bulk_form.h"
#include "bulk/bulk_ids.h"
#include "bulk/bulk_upload.h"
#include "service/file_name.h"
#include "service/freshness.h"

#include <stdlib.h>
#include <string.h>

/* IDs are resolved for so long before others of the thread have their turn. */
enum {
    TURN = 500 * 1000,  /* nanoseconds */
    BETWEEN_LOOKS = 16, /* IDs between two looks at the clock */
};

/* Kept between the calls for one request. */
struct bulk {
    struct bulk_ids *ids;
    const char *id;             /* to be resolved; NULL: the next one */
    struct bulk_list *list;     /* NULL: nothing is resolved yet */
    struct bulk_query *query;   /* in the request's arena */
    struct bulk_upload *upload; /* NULL: none */
};

static void close_bulk(void *state)
{
    struct bulk *bulk = state;

    bulk_upload_close(bulk->upload);
    bulk_ids_close(bulk->ids);
    bulk_list_close(bulk->list);
    free(bulk);
}

static bool has_several(const struct params *params, const char *name)
{
    const struct param *param = NULL;
    int count = 0;

    while ((param = params_next(params, name, param)))
        count += *param->value != '\0';
    return count > 1;
}

bool bulk_is_asked(const struct request *request)
{
    const struct params *params = &request->params;

    return (request->work && request->work->state) || has_several(params, "ID") ||
           has_several(params, "BAND") || params_next(params, "COLUMNS", NULL);
}

static enum status add_params(const struct request *request, struct bulk *bulk,
                              struct failure *failure)
{
    const struct param *param = NULL;
    enum status status;

    while ((param = params_next(&request->params, "ID", param)))
        if ((status =
                 bulk_ids_add(bulk->ids, param->value, strlen(param->value), failure)))
            return status;
    if (bulk_ids_count(bulk->ids) == 0)
        return failure_set(failure, STATUS_BAD_PARAMETER,
                           "ID: say which spectra, by any number of ID=<publisher DID>, "
                           "or by a file of IDs, one a line, in the field IDS of "
                           "multipart/form-data");
    return STATUS_OK;
}

static enum status begin(const struct service *service,
                         const struct service_collection *collection,
                         const struct request *request, struct bulk *bulk,
                         struct failure *failure)
{
    enum status status;

    bulk->query = arena_take(request->arena, sizeof(*bulk->query));
    if ((status =
             bulk_query_read(&request->params, request->arena, bulk->query, failure)) ||
        (status = add_params(request, bulk, failure)))
        return status;
    bulk->list = bulk_list_open(service, collection, bulk->query);
    bulk_list_set_waker(bulk->list, request->waker);
    return STATUS_OK;
}

/* Some IDs; *is_over says whether they were the last. */
static enum status resolve_some(struct bulk *bulk, bool *is_over, struct failure *failure)
{
    for (int i = 0; i < BETWEEN_LOOKS; i++) {
        enum status status;

        if (!bulk->id && (status = bulk_ids_next(bulk->ids, &bulk->id, failure)))
            return status;
        *is_over = bulk->id == NULL;
        if (*is_over)
            return STATUS_OK;
        if ((status = bulk_list_add(bulk->list, bulk->id, failure)))
            return status;
        bulk->id = NULL;
    }
    return STATUS_OK;
}

/* STATUS_PENDING: some are left, and others have their turn; or the disk is waited
 * for. */
static enum status resolve(struct bulk *bulk, const struct request *request,
                           struct failure *failure)
{
    int64_t end = clock_nanoseconds() + TURN;
    bool is_over = false;
    enum status status = STATUS_OK;

    bulk_list_begin(bulk->list);
    while (!status && !is_over && clock_nanoseconds() < end)
        status = resolve_some(bulk, &is_over, failure);
    bulk_list_end(bulk->list);
    if (status || is_over)
        return status;
    waker_call(request->waker);
    return STATUS_PENDING;
}

static enum status answer(const struct service *service,
                          const struct service_collection *collection, struct bulk *bulk,
                          const struct request *request, struct response *response)
{
    struct validators validators = freshness_of(collection, request);
    uint64_t checksum = bulk_list_checksum(bulk->list);
    const char *name;

    validators.tag += checksum;
    validators.modified = -1;
    if (conditional_answer(request, &validators, response))
        return STATUS_OK;
    name = file_name_safe(collection->settings->name, bulk->query->form->suffix,
                          request->arena);
    file_name_offer(response, name, bulk->query->form->is_picture);
    response_produce(
        response, bulk->query->content_type,
        bulk_form_open(service, collection, bulk->list, bulk->query, request->waker));
    bulk->list = NULL;
    return STATUS_OK;
}

static struct bulk *bulk_of(const struct service *service, const struct request *request)
{
    struct bulk *bulk = request->work->state;

    if (bulk)
        return bulk;
    memory_new(bulk);
    bulk->ids = bulk_ids_open(service->settings->max_bulk_ids);
    *request->work = (struct request_work){bulk, close_bulk};
    return bulk;
}

enum status bulk_serve(const struct service *service,
                       const struct service_collection *collection,
                       const struct request *request, struct response *response,
                       struct failure *failure)
{
    struct bulk *bulk = bulk_of(service, request);
    enum status status;

    if (!bulk->list && (status = begin(service, collection, request, bulk, failure)))
        return status;
    if ((status = resolve(bulk, request, failure)))
        return status;
    return answer(service, collection, bulk, request, response);
}

struct bulk_ids *bulk_ids_of_body(const struct request *request)
{
    const struct bulk *bulk = request->work ? request->work->state : NULL;

    return bulk ? bulk->ids : NULL;
}

static enum status take_body(void *state, const char *piece, size_t length,
                             struct failure *failure)
{
    return bulk_upload_add(state, piece, length, failure);
}

static enum status end_body(void *state, struct failure *failure)
{
    return bulk_upload_end(state, failure);
}

enum status bulk_open_body(const struct service *service, struct request *request,
                           struct body_reader *out, struct failure *failure)
{
    struct bulk *bulk = bulk_of(service, request);
    enum status status =
        bulk_upload_open(request_header(request, "Content-Type"), &request->params,
                         bulk->ids, &bulk->upload, failure);

    if (status)
        return status;
    *out = (struct body_reader){take_body, end_body, bulk->upload};
    return STATUS_OK;
}
