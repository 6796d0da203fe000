#include "commands.h"

#include "archive/archive.h"
#include "base/log.h"
#include "base/memory.h"
#include "config.h"
#include "http/server.h"
#include "keeper.h"
#include "protocol/async_job.h"
#include "protocol/endpoints.h"
#include "service/service.h"

#include <stdlib.h>
#include <time.h>

DEFINE_AUTO(struct server, server_close)
DEFINE_AUTO(struct pager, pager_close)

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
                                struct pager *pager, struct archive **out,
                                struct failure *failure)
{
    struct archive_settings settings = {
        .collection = collection->settings.name,
        .authority = config->service.authority,
        .archive_folder = collection->archive_folder,
        .cache_folder = collection->cache_folder,
        .read_through_workers = collection->read_through_workers,
        .unknown_seconds = collection->unknown_seconds,
        .pager = pager,
    };

    return archive_open(&settings, out, failure);
}

static enum status open_archives(const struct config *config, struct pager *pager,
                                 struct archives *out, struct failure *failure)
{
    out->opened = memory_take_zeroed(config->collection_count, sizeof(*out->opened));
    for (size_t i = 0; i < config->collection_count; i++) {
        const struct config_collection *collection = &config->collections[i];

        if (open_archive(config, collection, pager, &out->opened[i], failure))
            return failure_prefix(failure, "%s: ", collection->settings.name);
        out->count++;
    }
    return STATUS_OK;
}

static enum status open_pager(const struct config *config, struct pager **out,
                              struct failure *failure)
{
    return config->disk_threads
               ? pager_open(config->disk_threads, &pager_disk, out, failure)
               : STATUS_OK;
}

/* The threads of jobs work with what those of requests work with. */
struct job_room {
    struct uws_service *lists; /* one a collection */
    struct service_shared shared;
    struct uws *uws;
};

static void job_room_close_at(struct job_room *room)
{
    uws_close(room->uws);
    free(room->lists);
}

/* Without jobs there is still the service: what is asked for at once. */
static void open_jobs(const struct config *config, struct service_shared *shared,
                      struct job_room *room)
{
    struct uws_context context = {service_open, service_close, &room->shared};
    size_t count = config->collection_count;
    struct failure failure;

    room->shared = *shared;
    room->lists = memory_take_zeroed(count + 1, sizeof(*room->lists));
    for (size_t i = 0; i < count; i++)
        room->lists[i] =
            (struct uws_service){config->collections[i].settings.name, async_job_run};
    if (uws_open(&config->jobs, room->lists, context, &room->uws, &failure))
        log_warning("no jobs in the background: %s", failure.message);
    shared->jobs = room->uws;
}

/* ---- while it serves ---- */

struct tenants {
    struct keeper *keeper;
    struct uws *jobs;
};

static void on_tick(void *context)
{
    keeper_tick(((struct tenants *)context)->keeper);
}

static void on_hangup(void *context)
{
    keeper_start_all(((struct tenants *)context)->keeper);
}

/* Who waits for a job is answered now, or the end would wait for them. */
static void on_end(void *context)
{
    const struct tenants *tenants = context;

    if (tenants->jobs)
        uws_end_waiting(tenants->jobs);
}

static enum status run(struct server *server, struct tenants tenants,
                       struct failure *failure)
{
    struct server_events events = {on_hangup, on_tick, on_end, &tenants};

    return server_run(server, events, failure);
}

enum status serve_command(const struct options *options, int *exit_status,
                          struct failure *failure)
{
    AUTO(config_close) struct config *config = NULL;
    AUTO(pager_close) struct pager *pager = NULL;
    AUTO(archives_close) struct archives archives = {0};
    AUTO(job_room_close) struct job_room jobs = {0};
    AUTO(keeper_close) struct keeper *keeper = NULL;
    AUTO(server_close) struct server *server = NULL;
    struct service_shared shared;
    struct server_context context = {service_open, service_close, &shared};
    enum status status;

    (void)exit_status;
    if ((status = config_open(options_config_path(options), &config, failure)) ||
        (status = open_pager(config, &pager, failure)) ||
        (status = open_archives(config, pager, &archives, failure)))
        return status;
    config->server.pager = pager;
    shared = (struct service_shared){
        .settings = &config->service, .archives = archives.opened, .since = time(NULL)};
    if ((status =
             server_open(&config->server, service_endpoints, context, &server, failure)))
        return status;
    open_jobs(config, &shared, &jobs);
    log_notice("serving %s on %s", config->service.base_url, config->server.listen);
    keeper = keeper_open(config, "/proc/self/exe", options_config_path(options));
    return run(server, (struct tenants){keeper, jobs.uws}, failure);
}
