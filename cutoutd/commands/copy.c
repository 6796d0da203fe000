#include "commands.h"

#include "archive/catalogue.h"
#include "config.h"

enum status copy_command(const struct options *options, int *exit_status,
                         struct failure *failure)
{
    AUTO(config_close) struct config *config = NULL;
    const struct config_collection *collection;
    struct catalogue *catalogue;
    enum status status;

    (void)exit_status;
    if ((status = config_open(options_config_path(options), &config, failure)) ||
        (status = config_find(config, options->arguments[0], &collection, failure)) ||
        (status = catalogue_open(collection->cache_folder, CATALOGUE_READ, &catalogue,
                                 failure)))
        return status;
    status = catalogue_copy(catalogue, options->arguments[1], failure);
    catalogue_close(catalogue);
    return status;
}
