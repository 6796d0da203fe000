#include "protocol/cutout_response.h"

#include "protocol/file_name.h"
#include "protocol/freshness.h"

enum status cutout_respond(const struct service_collection *collection,
                           const struct cutout *cutout, const struct request *request,
                           struct response *response, struct failure *failure)
{
    struct validators validators = freshness_of(collection, request);

    freshness_add(&validators, &cutout->holding);
    if (conditional_answer(request, &validators, response))
        return STATUS_OK;
    file_name_offer(response, cutout->file_name, cutout->form->is_picture);
    return cutout_write(cutout, response_bytes(response, 200, cutout->content_type),
                        failure);
}
