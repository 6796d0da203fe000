/* cutout_response.h - a cut-out as the answer to a request. */
#pragma once

#include "cutout/cutout.h"
#include "dali/request.h"
#include "dali/response.h"

/* One that is not empty; or an empty picture, which says so. */
enum status cutout_respond(const struct service_collection *collection,
                           const struct cutout *cutout, const struct request *request,
                           struct response *response, struct failure *failure);
