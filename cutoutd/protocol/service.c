#include "protocol/service.h"

#include "archive/identifier.h"
#include "base/memory.h"
#include "dali/error.h"
#include "protocol/endpoints.h"

#include <stdlib.h>
#include <string.h>

const struct endpoint service_endpoints[] = {
    {"/healthz", METHOD_GET, healthz_serve, error_write_text},
    {"/{c}/links", METHOD_GET | METHOD_POST, links_serve, error_write_votable},
    {"/{c}/sync", METHOD_GET | METHOD_POST, soda_serve, error_write_text},
    {"/{c}/spectra/*", METHOD_GET, spectra_serve, error_write_text},
    {.pattern = NULL},
};

enum status service_open(void *shared, void **context, struct failure *failure)
{
    const struct service_shared *all = shared;
    struct service *service = memory_new(service);

    service->settings = all->settings;
    service->readers = memory_take_zeroed(all->settings->collection_count,
                                          sizeof(struct archive_reader *));
    for (size_t i = 0; i < all->settings->collection_count; i++) {
        enum status status =
            archive_reader_open(all->archives[i], &service->readers[i], failure);

        if (status) {
            service_close(service);
            return status;
        }
    }
    *context = service;
    return STATUS_OK;
}

void service_close(void *context)
{
    struct service *service = context;

    if (!service)
        return;
    for (size_t i = 0; i < service->settings->collection_count; i++)
        archive_reader_close(service->readers[i]);
    free(service->readers);
    free(service);
}

enum status service_collection(const struct service *service,
                               const struct request *request,
                               const struct collection_settings **out,
                               struct archive_reader **reader, struct failure *failure)
{
    const struct service_settings *settings = service->settings;

    for (size_t i = 0; i < settings->collection_count; i++) {
        if (strcmp(settings->collections[i].name, request->collection) != 0)
            continue;
        *out = &settings->collections[i];
        *reader = service->readers[i];
        return STATUS_OK;
    }
    return failure_set(failure, STATUS_NOT_FOUND, "there is no collection '%.80s' here",
                       request->collection);
}

const char *service_publisher_did(const struct service_settings *settings,
                                  const struct collection_settings *collection,
                                  const struct entry *entry, struct arena *arena)
{
    struct buffer text = {0};
    const char *did;

    identifier_write(&text, settings->authority, collection->name, entry->path);
    did = arena_copy(arena, (const char *)text.bytes, text.length);
    buffer_finish(&text);
    return did;
}
