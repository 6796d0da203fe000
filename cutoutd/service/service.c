#include "service/service.h"

#include "archive/identifier.h"

#include <string.h>

enum status service_collection(const struct service *service,
                               const struct request *request,
                               const struct service_collection **out,
                               struct failure *failure)
{
    for (size_t i = 0; i < service->settings->collection_count; i++) {
        *out = &service->collections[i];
        if (strcmp((*out)->settings->name, request->collection) == 0)
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
