#include "cutout/cutout_response.h"

#include "service/file_name.h"
#include "service/freshness.h"

#include <string.h>

/* Samples are noise: gzip takes half off them at best, and slower than a network would
 * take them as they are. A drawing is a third of itself. */
static bool is_worth_gzip(const struct cutout *cutout)
{
    return cutout->form->is_picture && strcmp(cutout->form->name, "svg") == 0;
}

enum status cutout_respond(const struct service_collection *collection,
                           const struct cutout *cutout, const struct request *request,
                           struct response *response, struct failure *failure)
{
    struct validators validators = freshness_of(collection, request);

    enum status status;

    freshness_add(&validators, &cutout->holding);
    if (is_worth_gzip(cutout))
        freshness_may_gzip(&validators, request);
    if (conditional_answer(request, &validators, response))
        return STATUS_OK;
    file_name_offer(response, cutout->file_name, cutout->form->is_picture);
    status = cutout_write(cutout, response_bytes(response, 200, cutout->content_type),
                          failure);
    if (!status)
        freshness_encode(&validators, response);
    return status;
}
