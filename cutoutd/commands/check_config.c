#include "commands.h"

#include "base/log.h"
#include "config.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static bool is_readable(const struct config_collection *collection)
{
    if (access(collection->archive_folder, R_OK | X_OK) == 0)
        return true;
    log_error("%s: archive: %s: %s", collection->settings.name,
              collection->archive_folder, strerror(errno));
    return false;
}

enum status check_config_command(const struct options *options, int *exit_status,
                                 struct failure *failure)
{
    AUTO(config_close) struct config *config = NULL;
    enum status status = config_open(options_config_path(options), &config, failure);

    if (status)
        return status;
    printf("%s: %s on %s\n", options_config_path(options), config->service.base_url,
           config->server.listen);
    for (size_t i = 0; i < config->collection_count; i++) {
        const struct config_collection *collection = &config->collections[i];

        printf("%s: %s, cache %s\n", collection->settings.name,
               collection->archive_folder, collection->cache_folder);
        if (!is_readable(collection))
            *exit_status = EXIT_FOUND_WRONG;
    }
    return STATUS_OK;
}
