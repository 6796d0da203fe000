#include "protocol/endpoints.h"

#include "protocol/jobs.h"
#include "protocol/service.h"

/* SODA 1.0, {async}: a list of jobs for each collection. */
enum status async_serve(void *context, const struct request *request,
                        struct response *response, struct failure *failure)
{
    const struct service *service = context;
    const struct service_collection *collection;
    enum status status = service_collection(service, request, &collection, failure);
    struct job_list list;

    if (status)
        return status;
    list = (struct job_list){
        .uws = service->jobs,
        .name = collection->settings->name,
        .url = arena_format(request->arena, "%s/%s/async", service->settings->base_url,
                            collection->settings->name),
        .names_jobs = service->settings->names_jobs,
    };
    return job_list_serve(&list, request, response, failure);
}
