#include "protocol/endpoints.h"

#include "format/markup.h"
#include "protocol/capabilities.h"
#include "service/freshness.h"
#include "service/service.h"

#include <time.h>

/* VOSI 1.1: capabilities and availability of one collection. */

enum status capabilities_serve(void *context, const struct request *request,
                               struct response *response, struct failure *failure)
{
    const struct service *service = context;
    const struct service_collection *collection;
    struct validators validators;
    enum status status = service_collection(service, request, &collection, failure);

    if (status)
        return status;
    validators = freshness_of(collection, request);
    if (conditional_answer(request, &validators, response))
        return STATUS_OK;
    capabilities_write(service->settings, collection->settings,
                       response_bytes(response, 200, "text/xml"));
    return STATUS_OK;
}

static const char *spell_time(int64_t seconds, char out[32])
{
    time_t time = seconds;
    struct tm date;

    gmtime_r(&time, &date);
    strftime(out, 32, "%Y-%m-%dT%H:%M:%SZ", &date);
    return out;
}

/* What answers is available. */
enum status availability_serve(void *context, const struct request *request,
                               struct response *response, struct failure *failure)
{
    const struct service_collection *collection;
    char since[32];
    enum status status = service_collection(context, request, &collection, failure);

    if (status)
        return status;
    response_header_add(response, "Cache-Control", "no-store");
    markup_add(response_bytes(response, 200, "text/xml"),
               "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
               "<vosi:availability "
               "xmlns:vosi=\"http://www.ivoa.net/xml/VOSIAvailability/v1.0\">\n"
               "  <vosi:available>true</vosi:available>\n"
               "  <vosi:upSince>{}</vosi:upSince>\n"
               "</vosi:availability>\n",
               spell_time(collection->since, since));
    return STATUS_OK;
}
