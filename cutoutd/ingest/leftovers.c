#include "ingest/leftovers.h"

#include "archive/shard.h"
#include "base/arena.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* The number of a sealed shard by its file's name, or -1 for another file. */
static int64_t number_of(const char *name)
{
    char as_it_would_be[SHARD_NAME_LENGTH];
    char *end;
    int64_t number;

    errno = 0;
    number = strtoll(name, &end, 10);
    if (end == name || errno || number < 0)
        return -1;
    shard_name(number, as_it_would_be);
    return strcmp(name, as_it_would_be) == 0 ? number : -1;
}

static bool is_listed(const struct catalogue_shard *shards, size_t count, int64_t number)
{
    for (size_t i = 0; i < count; i++)
        if (shards[i].number == number)
            return true;
    return false;
}

static enum status remove_unlisted(const char *folder,
                                   const struct catalogue_shard *shards, size_t count,
                                   struct failure *failure)
{
    enum status status = STATUS_OK;
    const struct dirent *entry;
    DIR *entries = opendir(folder);

    if (!entries)
        return failure_system(failure, "%s", folder);
    while (!status && (entry = readdir(entries))) {
        int64_t number = number_of(entry->d_name);

        if (number >= 0 && !is_listed(shards, count, number))
            status = shard_remove(folder, number, failure);
    }
    closedir(entries);
    return status;
}

enum status leftovers_remove(const char *folder, struct catalogue *catalogue,
                             struct failure *failure)
{
    struct catalogue_shard *shards;
    struct arena arena;
    size_t count;
    enum status status;

    arena_init(&arena);
    status = shard_remove_unsealed(folder, failure);
    if (!status)
        status = catalogue_list_shards(catalogue, &arena, &shards, &count, failure);
    if (!status)
        status = remove_unlisted(folder, shards, count, failure);
    arena_finish(&arena);
    return status;
}
