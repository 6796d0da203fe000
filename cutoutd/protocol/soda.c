#include "protocol/endpoints.h"

#include "bulk/bulk.h"
#include "cutout/cutout_response.h"
#include "service/service.h"

/* SODA 1.0, {sync}: one cut-out as a document, or several as one table, tar or
 * picture. */
enum status soda_serve(void *context, const struct request *request,
                       struct response *response, struct failure *failure)
{
    const struct service *service = context;
    const struct service_collection *collection;
    AUTO_CUTOUT cutout = {0};
    struct cutout_query query;
    enum status status;

    if ((status = service_collection(service, request, &collection, failure)))
        return status;
    if (bulk_is_asked(request))
        return bulk_serve(service, collection, request, response, failure);
    if ((status = cutout_query_read(&request->params, request->arena, &query, failure)))
        return status;
    if (!query.choice.form->write)
        return bulk_serve(service, collection, request, response, failure);
    if ((status = cutout_open(service, collection, &query, request->waker, request->arena,
                              &cutout, failure)))
        return status;
    if (cutout.empty_because) {
        response->code = 204; /* SODA 1.0, section 5.1 */
        response_header_add(response, "Cutoutd-Reason", cutout.empty_because);
        return STATUS_OK;
    }
    return cutout_respond(collection, &cutout, request, response, failure);
}

/* A list of IDs as a file. */
enum status soda_open_body(void *context, struct request *request,
                           struct body_reader *out, struct failure *failure)
{
    return bulk_open_body(context, request, out, failure);
}
