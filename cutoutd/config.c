#include "config_parts.h"

#include "base/memory.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static enum status set_defaults(struct config *config, const char *section, void *base,
                                struct failure *failure)
{
    for (size_t i = 0; i < config_setting_count; i++) {
        const struct config_setting *setting = &config_settings[i];
        enum status status;

        if (strcmp(setting->section, section) == 0 && setting->fallback &&
            (status = config_value_set(setting, setting->fallback, "", &config->arena,
                                       base, failure)))
            return status;
    }
    return STATUS_OK;
}

enum status config_add_collection(struct config *config, const char *name, void **out,
                                  struct failure *failure)
{
    size_t size = (config->collection_count + 1) * sizeof(*config->collections);
    struct config_collection *added;

    config->collections = memory_resize(config->collections, size);
    added = &config->collections[config->collection_count++];
    *added = (struct config_collection){.settings.name =
                                            arena_copy_string(&config->arena, name)};
    *out = added;
    return set_defaults(config, "collection", added, failure);
}

/* Clients cannot reach "every address": the machine's name stands for it. */
static const char *url_of_address(struct arena *arena, const char *address)
{
    char host[HOST_NAME_MAX + 1] = "localhost";

    if (strncmp(address, "*:", 2) && strncmp(address, "0.0.0.0:", 8) &&
        strncmp(address, "[::]:", 5))
        return arena_format(arena, "http://%s", address);
    if (gethostname(host, sizeof(host)) < 0)
        host[0] = '\0';
    host[sizeof(host) - 1] = '\0';
    return arena_format(arena, "http://%s%s", host[0] ? host : "localhost",
                        strrchr(address, ':'));
}

static const char *without_last_slash(struct arena *arena, const char *url)
{
    size_t length = strlen(url);

    while (length && url[length - 1] == '/')
        length--;
    return arena_copy(arena, url, length);
}

/* What one setting takes from another. */
static void complete(struct config *config)
{
    struct service_settings *service = &config->service;
    struct collection_settings *settings =
        arena_take(&config->arena, (config->collection_count + 1) * sizeof(*settings));

    service->base_url = service->base_url
                            ? without_last_slash(&config->arena, service->base_url)
                            : url_of_address(&config->arena, config->server.listen);
    for (size_t i = 0; i < config->collection_count; i++) {
        struct config_collection *collection = &config->collections[i];

        if (!collection->cache_folder)
            collection->cache_folder = arena_format(
                &config->arena, "/var/cache/cutoutd/%s", collection->settings.name);
        if (!collection->settings.title)
            collection->settings.title = collection->settings.name;
        settings[i] = collection->settings;
    }
    if (!config->jobs.folder && config->collection_count)
        config->jobs.folder =
            arena_format(&config->arena, "%s/jobs", config->collections[0].cache_folder);
    service->collections = settings;
    service->collection_count = config->collection_count;
}

static enum status make(struct config **out, struct failure *failure)
{
    struct config *config = memory_new(config);
    enum status status;

    arena_init(&config->arena);
    if ((status = set_defaults(config, "server", config, failure)) ||
        (status = set_defaults(config, "jobs", config, failure)) ||
        (status = set_defaults(config, "publisher", config, failure))) {
        config_close(config);
        return status;
    }
    *out = config;
    return STATUS_OK;
}

enum status config_read(FILE *file, const char *path, struct config **out,
                        struct failure *failure)
{
    AUTO(config_close) struct config *config = NULL;
    enum status status;

    if ((status = make(&config, failure)) ||
        (status = config_file_read(file, path, config, failure)))
        return status;
    complete(config);
    *out = config;
    config = NULL;
    return STATUS_OK;
}

enum status config_open(const char *path, struct config **out, struct failure *failure)
{
    FILE *file = fopen(path, "re");
    enum status status;

    if (!file) {
        failure_system(failure, "%s", path);
        return failure->status = STATUS_BAD_SETTING;
    }
    status = config_read(file, path, out, failure);
    fclose(file);
    return status;
}

enum status config_of_folder(const char *collection, const char *folder,
                             struct config **out, struct failure *failure)
{
    AUTO(config_close) struct config *config = NULL;
    void *added;
    enum status status;

    if ((status = make(&config, failure)) ||
        (status = config_add_collection(config, collection, &added, failure)))
        return status;
    config->collections[0].archive_folder = arena_copy_string(&config->arena, folder);
    complete(config);
    *out = config;
    config = NULL;
    return STATUS_OK;
}

void config_close(struct config *config)
{
    if (!config)
        return;
    arena_finish(&config->arena);
    free(config->collections);
    free(config);
}

enum status config_find(const struct config *config, const char *name,
                        const struct config_collection **out, struct failure *failure)
{
    for (size_t i = 0; i < config->collection_count; i++)
        if (strcmp(config->collections[i].settings.name, name) == 0) {
            *out = &config->collections[i];
            return STATUS_OK;
        }
    failure_set(failure, STATUS_NOT_FOUND, "no collection %s; there %s", name,
                config->collection_count == 1 ? "is" : "are");
    for (size_t i = 0; i < config->collection_count; i++) {
        size_t length = strlen(failure->message);

        snprintf(failure->message + length, sizeof(failure->message) - length, "%s %s",
                 i ? "," : "", config->collections[i].settings.name);
    }
    return STATUS_NOT_FOUND;
}
