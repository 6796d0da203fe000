#include "protocol/endpoints.h"

#include "base/memory.h"
#include "dali/error.h"
#include "page/assets.h"
#include "page/page.h"
#include "sdm/sdm_frame.h"
#include "service/answer_memo.h"
#include "service/freshness.h"

#include <stdlib.h>

const struct endpoint service_endpoints[] = {
    {"/healthz", METHOD_GET, healthz_serve, error_write_text, NULL},
    {"/", METHOD_GET, page_home_serve, error_write_text, NULL},
    {"/assets/*", METHOD_GET, assets_serve, error_write_text, NULL},
    {"/{c}", METHOD_GET, page_collection_serve, error_write_text, NULL},
    {"/{c}/capabilities", METHOD_GET, capabilities_serve, error_write_votable, NULL},
    {"/{c}/availability", METHOD_GET, availability_serve, error_write_votable, NULL},
    {"/{c}/examples", METHOD_GET, examples_serve, error_write_text, NULL},
    {"/{c}/coverage", METHOD_GET, coverage_serve, error_write_text, NULL},
    {"/{c}/coverage.png", METHOD_GET, coverage_picture_serve, error_write_text, NULL},
    {"/{c}/links", METHOD_GET | METHOD_POST, links_serve, error_write_votable, NULL},
    {"/{c}/ssa", METHOD_GET | METHOD_POST, ssa_serve, error_write_votable, NULL},
    {"/{c}/sync", METHOD_GET | METHOD_POST, soda_serve, error_write_text, soda_open_body},
    {"/{c}/async", METHOD_GET | METHOD_POST, async_serve, error_write_text,
     async_open_body},
    {"/{c}/async/*", METHOD_GET | METHOD_POST | METHOD_DELETE, async_serve,
     error_write_text, NULL},
    {"/{c}/spectra/*", METHOD_GET, spectra_serve, error_write_text, NULL},
    {.pattern = NULL},
};

enum status service_open(void *shared, void **context, struct failure *failure)
{
    const struct service_shared *all = shared;
    const struct service_settings *settings = all->settings;
    struct service *service = memory_new(service);

    service->settings = settings;
    service->jobs = all->jobs;
    service->collections =
        memory_take_zeroed(settings->collection_count, sizeof(*service->collections));
    for (size_t i = 0; i < settings->collection_count; i++) {
        struct service_collection *collection = &service->collections[i];
        enum status status =
            archive_reader_open(all->archives[i], &collection->reader, failure);

        if (status) {
            service_close(service);
            return status;
        }
        collection->settings = &settings->collections[i];
        collection->frame = sdm_frame_open(settings, collection->settings);
        collection->links = answer_memo_open();
        collection->configuration =
            freshness_configuration(settings, collection->settings);
        collection->since = all->since;
    }
    *context = service;
    return STATUS_OK;
}

void service_close(void *context)
{
    struct service *service = context;

    if (!service)
        return;
    for (size_t i = 0; i < service->settings->collection_count; i++) {
        archive_reader_close(service->collections[i].reader);
        sdm_frame_close(service->collections[i].frame);
        answer_memo_close(service->collections[i].links);
    }
    free(service->collections);
    free(service);
}
