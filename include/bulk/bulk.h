/*
 * bulk.h - many cut-outs by one request: every ID with every BAND (SODA 1.0,
 * section 3.1), as one table.
 *
 * IDs are resolved some at a time, between other requests of the thread; then the length
 * is known, and the rows are made as the socket takes them.
 */
#pragma once

#include "bulk/bulk_ids.h"
#include "dali/endpoint.h"
#include "service/service.h"

#include <stdbool.h>

/* Whether a request is for a table and not for one document. */
bool bulk_is_asked(const struct request *request);

enum status bulk_serve(const struct service *service,
                       const struct service_collection *collection,
                       const struct request *request, struct response *response,
                       struct failure *failure);

/* The IDs of the body that was read; NULL: there was none. */
struct bulk_ids *bulk_ids_of_body(const struct request *request);

/* The body with a list of IDs: bulk_upload.h. */
enum status bulk_open_body(const struct service *service, struct request *request,
                           struct body_reader *out, struct failure *failure);
