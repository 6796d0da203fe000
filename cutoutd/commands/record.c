#include "commands.h"

#include "archive/archive.h"
#include "config.h"
#include "protocol/coverage.h"
#include "protocol/record.h"

#include <time.h>

static enum status print_record(const struct config *config,
                                const struct service_collection *collection,
                                struct failure *failure)
{
    struct catalogue_summary summary;
    struct buffer out = {0};
    struct arena arena;
    struct moc moc;
    enum status status;

    if ((status = archive_summarise(collection->reader, &summary, failure)) ||
        (status = coverage_moc(collection, RECORD_MOC_ORDER, &moc, failure)))
        return status;
    arena_init(&arena);
    record_write(
        &(struct record){
            .settings = &config->service,
            .collection = collection->settings,
            .summary = &summary,
            .moc = &moc,
            .time = time(NULL),
            .arena = &arena,
        },
        &out);
    if (fwrite(out.bytes, 1, out.length, stdout) != out.length || fflush(stdout))
        status = failure_system(failure, "standard output");
    moc_finish(&moc);
    arena_finish(&arena);
    buffer_finish(&out);
    return status;
}

enum status record_command(const struct options *options, int *exit_status,
                           struct failure *failure)
{
    AUTO(config_close) struct config *config = NULL;
    const struct config_collection *configured;
    struct service_collection collection = {0};
    struct archive *archive;
    enum status status;

    (void)exit_status;
    if ((status = config_open(options_config_path(options), &config, failure)) ||
        (status = config_find(config, options->arguments[0], &configured, failure)) ||
        (status = archive_open(
             &(struct archive_settings){
                 .collection = configured->settings.name,
                 .authority = config->service.authority,
                 .archive_folder = configured->archive_folder,
                 .cache_folder = configured->cache_folder,
             },
             &archive, failure)))
        return status;
    collection.settings = &configured->settings;
    status = archive_reader_open(archive, &collection.reader, failure);
    if (!status)
        status = print_record(config, &collection, failure);
    archive_reader_close(collection.reader);
    archive_close(archive);
    return status;
}
