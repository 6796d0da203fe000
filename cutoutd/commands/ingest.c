#include "commands.h"

#include "config.h"
#include "ingest/ingest.h"
#include "ingest/verify.h"

/* What the configuration says of a collection's ingest, and the command line over it. */
static enum status read_settings(const struct options *options,
                                 const struct config *config, struct ingest_settings *out,
                                 struct failure *failure)
{
    const struct config_collection *collection;
    enum status status = config_find(config, options->arguments[0], &collection, failure);

    if (status)
        return status;
    *out = (struct ingest_settings){
        .archive_folder = collection->archive_folder,
        .cache_folder = collection->cache_folder,
        .workers = options->workers < 0 ? collection->ingest_workers : options->workers,
        .shard_bytes = collection->shard_bytes,
        .compact = options->compact,
        .allow_network_folder = collection->allow_network_folder,
        .quiet = options->quiet,
        .paths = options->arguments + 1,
        .path_count = options->argument_count - 1,
    };
    return STATUS_OK;
}

enum status ingest_command(const struct options *options, int *exit_status,
                           struct failure *failure)
{
    AUTO(config_close) struct config *config = NULL;
    struct ingest_settings settings;
    struct ingest_summary summary;
    enum status status;

    if ((status = config_open(options_config_path(options), &config, failure)) ||
        (status = read_settings(options, config, &settings, failure)))
        return status;
    printf("%s: %s\n", options->arguments[0], settings.archive_folder);
    fflush(stdout);
    if ((status = ingest_run(&settings, &summary, failure)))
        return status;
    *exit_status = summary.failed    ? EXIT_FAILED
                   : summary.refused ? EXIT_FOUND_WRONG
                                     : EXIT_DONE;
    return STATUS_OK;
}

enum status verify_command(const struct options *options, int *exit_status,
                           struct failure *failure)
{
    AUTO(config_close) struct config *config = NULL;
    struct ingest_settings settings;
    struct verify_summary summary;
    enum status status;

    if ((status = config_open(options_config_path(options), &config, failure)) ||
        (status = read_settings(options, config, &settings, failure)) ||
        (status = verify_run(&settings, &summary, failure)))
        return status;
    *exit_status = summary.wrong ? EXIT_FOUND_WRONG : EXIT_DONE;
    return STATUS_OK;
}
