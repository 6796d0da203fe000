#include "ingest/departed.h"

#include "base/arena.h"
#include "base/buffer.h"
#include "ingest/intake.h"

#include <string.h>

/* Paths are gathered first, for the catalogue is not written while it is listed; in
 * batches, for they may be many. */
enum { BATCH_BYTES = 8 * 1024 * 1024 };

struct batch {
    const struct departed *departed;
    struct buffer paths; /* each ended by NUL */
    bool is_full;
};

static bool is_gone(const struct departed *departed, const struct catalogue_file *file)
{
    return !seen_has(departed->seen, file->number) &&
           scope_could_see(departed->scope, file->path) &&
           !walk_has(departed->walk, file->path);
}

/* STATUS_PENDING ends the listing. */
static enum status gather(void *context, const struct catalogue_file *file,
                          struct failure *failure)
{
    struct batch *batch = context;

    (void)failure;
    if (!is_gone(batch->departed, file))
        return STATUS_OK;
    buffer_add(&batch->paths, file->path, strlen(file->path) + 1);
    batch->is_full = batch->paths.length >= BATCH_BYTES;
    return batch->is_full ? STATUS_PENDING : STATUS_OK;
}

static enum status mark(const struct departed *departed, const char *path,
                        struct arena *arena, struct failure *failure)
{
    struct catalogue *catalogue = store_catalogue(departed->store);
    struct catalogue_file file;
    int64_t count;
    enum status status;

    if ((status = catalogue_find_file(catalogue, path, arena, &file, failure)))
        return status;
    file.gone = true;
    if ((status = store_change(departed->store, failure)) ||
        (status = catalogue_put_file(catalogue, &file, &file.number, failure)) ||
        (status = catalogue_delete_spectra(catalogue, file.number, NULL, 0,
                                           intake_now(arena), &count, failure)))
        return status;
    departed->report->summary.gone++;
    return STATUS_OK;
}

static enum status mark_batch(const struct batch *batch, struct failure *failure)
{
    enum status status = STATUS_OK;
    size_t at = 0;
    struct arena arena;

    arena_init(&arena);
    while (!status && at < batch->paths.length) {
        const char *path = (const char *)batch->paths.bytes + at;

        at += strlen(path) + 1;
        status = mark(batch->departed, path, &arena, failure);
        arena_reset(&arena);
    }
    arena_finish(&arena);
    return status;
}

static bool looks_unmounted(const struct batch *batch)
{
    return batch->paths.length > 0 && scope_is_all(batch->departed->scope) &&
           batch->departed->report->summary.files == 0;
}

static enum status next_batch(struct batch *batch, struct failure *failure)
{
    struct catalogue *catalogue = store_catalogue(batch->departed->store);
    enum status status;

    buffer_clear(&batch->paths);
    batch->is_full = false;
    status = catalogue_each_file(catalogue, gather, batch, failure);
    if (status && !batch->is_full)
        return status;
    if (looks_unmounted(batch))
        return failure_set(
            failure, STATUS_UNAVAILABLE,
            "the archive has no FITS file at all, but the cache knows some: nothing "
            "is called gone (is the archive mounted? else remove the cache folder)");
    return mark_batch(batch, failure);
}

enum status departed_mark(const struct departed *departed, struct failure *failure)
{
    struct batch batch = {.departed = departed};
    enum status status;

    buffer_init(&batch.paths);
    do
        status = next_batch(&batch, failure);
    while (!status && batch.is_full);
    buffer_finish(&batch.paths);
    return status;
}
