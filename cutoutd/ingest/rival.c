#include "ingest/rival.h"

#include "ingest/walk.h"

#include <stdbool.h>
#include <string.h>

static bool is_same_file(const char *a, const char *b)
{
    return walk_stem(a) == walk_stem(b) && strncmp(a, b, walk_stem(a)) == 0;
}

static enum status look_at(struct catalogue *catalogue, const char *identifier,
                           const char *path, struct arena *arena, const char **why,
                           struct failure *failure)
{
    struct entry other;
    enum status status = catalogue_find(catalogue, identifier, arena, &other, failure);

    if (status)
        return status == STATUS_NOT_FOUND ? STATUS_OK : status;
    if (!other.deleted && !is_same_file(other.file, path))
        *why = arena_format(arena, "%s is the identifier of a spectrum of %s", identifier,
                            other.file);
    return STATUS_OK;
}

enum status rival_find(struct catalogue *catalogue, const struct reading *reading,
                       const char *path, struct arena *arena, const char **why,
                       struct failure *failure)
{
    enum status status = STATUS_OK;

    *why = NULL;
    for (size_t i = 0; i < reading->count && !*why && !status; i++)
        if (reading->spectra[i].entry.path)
            status = look_at(catalogue, reading->spectra[i].entry.path, path, arena, why,
                             failure);
    return status;
}
