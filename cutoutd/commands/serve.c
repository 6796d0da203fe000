#include "commands.h"

#include "archive/archive.h"
#include "base/log.h"
#include "base/memory.h"
#include "config.h"
#include "http/server.h"
#include "keeper.h"
#include "protocol/service.h"

#include <stdlib.h>
#include <time.h>

DEFINE_AUTO(struct server, server_close)

/* Of all collections, in their order. */
struct archives {
    struct archive **opened;
    size_t count;
};

static void archives_close_at(struct archives *archives)
{
    while (archives->count)
        archive_close(archives->opened[--archives->count]);
    free(archives->opened);
}

static enum status open_archive(const struct config *config,
                                const struct config_collection *collection,
                                struct archive **out, struct failure *failure)
{
    struct archive_settings settings = {
        .collection = collection->settings.name,
        .authority = config->service.authority,
        .archive_folder = collection->archive_folder,
        .cache_folder = collection->cache_folder,
        .read_through_workers = collection->read_through_workers,
        .unknown_seconds = collection->unknown_seconds,
    };

    return archive_open(&settings, out, failure);
}

static enum status open_archives(const struct config *config, struct archives *out,
                                 struct failure *failure)
{
    out->opened = memory_take_zeroed(config->collection_count, sizeof(*out->opened));
    for (size_t i = 0; i < config->collection_count; i++) {
        const struct config_collection *collection = &config->collections[i];

        if (open_archive(config, collection, &out->opened[i], failure))
            return failure_prefix(failure, "%s: ", collection->settings.name);
        out->count++;
    }
    return STATUS_OK;
}

enum status serve_command(const struct options *options, int *exit_status,
                          struct failure *failure)
{
    AUTO(config_close) struct config *config = NULL;
    AUTO(archives_close) struct archives archives = {0};
    AUTO(keeper_close) struct keeper *keeper = NULL;
    AUTO(server_close) struct server *server = NULL;
    struct service_shared shared;
    struct server_context context = {service_open, service_close, &shared};
    enum status status;

    (void)exit_status;
    if ((status = config_open(options_config_path(options), &config, failure)) ||
        (status = open_archives(config, &archives, failure)))
        return status;
    shared = (struct service_shared){&config->service, archives.opened, time(NULL)};
    if ((status =
             server_open(&config->server, service_endpoints, context, &server, failure)))
        return status;
    log_notice("serving %s on %s", config->service.base_url, config->server.listen);
    keeper = keeper_open(config, "/proc/self/exe", options_config_path(options));
    return server_run(server, keeper_events(keeper), failure);
}
