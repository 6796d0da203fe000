#include "protocol/endpoints.h"

#include "bulk/bulk.h"
#include "protocol/jobs.h"
#include "service/service.h"

static enum status write_ids(void *state, int fd, struct failure *failure)
{
    return bulk_ids_write(state, fd, failure);
}

/* SODA 1.0, {async}: a list of jobs for each collection. */
enum status async_serve(void *context, const struct request *request,
                        struct response *response, struct failure *failure)
{
    const struct service *service = context;
    const struct service_collection *collection;
    enum status status = service_collection(service, request, &collection, failure);
    struct uws_input input = {write_ids, bulk_ids_of_body(request)};
    struct job_list list;

    if (status)
        return status;
    list = (struct job_list){
        .uws = service->jobs,
        .name = collection->settings->name,
        .url = arena_format(request->arena, "%s/%s/async", service->settings->base_url,
                            collection->settings->name),
        .names_jobs = service->settings->names_jobs,
        .input = input.state ? &input : NULL,
    };
    return job_list_serve(&list, request, response, failure);
}

/* A list of IDs as a file, for the job that is made. */
enum status async_open_body(void *context, struct request *request,
                            struct body_reader *out, struct failure *failure)
{
    return bulk_open_body(context, request, out, failure);
}
