/* Any text: a configuration that is accepted has collections with an archive, numbers
 * within their bounds, and what is refused names the file. */
#include "config.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct config *config)
{
    assert(config->collection_count > 0);
    assert(config->service.collection_count == config->collection_count);
    assert(config->server.listen && config->service.base_url);
    assert(config->server.threads >= 0 && config->server.threads <= 1024);
    for (size_t i = 0; i < config->collection_count; i++) {
        assert(config->collections[i].archive_folder);
        assert(config->collections[i].cache_folder);
        assert(strspn(config->collections[i].settings.name, "/.%") == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    FILE *file = size ? fmemopen((void *)(uintptr_t)data, size, "r") : NULL;
    struct config *config;
    struct failure failure;

    if (!file)
        return 0;
    if (config_read(file, "some.conf", &config, &failure)) {
        assert(strncmp(failure.message, "some.conf:", 10) == 0);
    } else {
        check(config);
        config_close(config);
    }
    fclose(file);
    return 0;
}
