#include "protocol/endpoints.h"

enum status healthz_serve(void *context, const struct request *request,
                          struct response *response, struct failure *failure)
{
    (void)context;
    (void)request;
    (void)failure;
    buffer_add_literal(response_bytes(response, 200, "text/plain"), "ok\n");
    return STATUS_OK;
}
