#include "ingest/store.h"

#include "archive/outlines.h"
#include "archive/record.h"
#include "archive/shard.h"
#include "base/memory.h"
#include "ingest/axes.h"
#include "ingest/leftovers.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { USUAL_SECONDS = 60 };
static const int64_t USUAL_BYTES = 256 * 1024 * 1024;

struct store {
    const char *folder;
    int64_t shard_bytes;
    int shard_seconds;
    struct catalogue *catalogue;
    struct shard_writer *shard; /* NULL until there is a record for it */
    int64_t shard_number;
    struct axes axes;      /* of the shard */
    bool is_changing;      /* the transaction is open */
    struct timespec since; /* when it was begun */
    int64_t sealed_bytes;
};

enum status store_open(const struct store_settings *settings, struct store **out,
                       struct failure *failure)
{
    struct store *store;
    enum status status;

    memory_new(store);
    store->folder = settings->folder;
    store->shard_bytes = settings->shard_bytes ? settings->shard_bytes : USUAL_BYTES;
    store->shard_seconds =
        settings->shard_seconds ? settings->shard_seconds : USUAL_SECONDS;
    axes_init(&store->axes);
    if ((status = catalogue_open(settings->folder, CATALOGUE_WRITE, &store->catalogue,
                                 failure)) ||
        (status = leftovers_remove(settings->folder, store->catalogue, failure))) {
        store_close(store);
        return status;
    }
    *out = store;
    return STATUS_OK;
}

static void forget_shard(struct store *store)
{
    shard_writer_close(store->shard);
    store->shard = NULL;
    axes_clear(&store->axes);
}

void store_close(struct store *store)
{
    if (!store)
        return;
    forget_shard(store);
    axes_finish(&store->axes);
    catalogue_close(store->catalogue);
    free(store);
}

struct catalogue *store_catalogue(struct store *store)
{
    return store->catalogue;
}

int64_t store_bytes(const struct store *store)
{
    return store->sealed_bytes;
}

enum status store_change(struct store *store, struct failure *failure)
{
    enum status status;

    if (store->is_changing)
        return STATUS_OK;
    if ((status = catalogue_begin(store->catalogue, failure)))
        return status;
    clock_gettime(CLOCK_MONOTONIC, &store->since);
    store->is_changing = true;
    return STATUS_OK;
}

/* ---- records ---- */

static enum status need_shard(struct store *store, struct failure *failure)
{
    if (store->shard)
        return STATUS_OK;
    store->shard_number = catalogue_next_shard(store->catalogue);
    return shard_writer_open(store->folder, store->shard_number, &store->shard, failure);
}

static enum status add_axis(struct store *store, const void *axis, size_t size,
                            int64_t *offset, struct failure *failure)
{
    enum status status;

    if ((*offset = axes_find(&store->axes, axis, size)) >= 0)
        return STATUS_OK;
    if ((status = shard_writer_add(store->shard, axis, size, offset, failure)))
        return status;
    axes_remember(&store->axes, axis, size, *offset);
    return STATUS_OK;
}

static int64_t checksum_in(const void *record)
{
    struct record_head head;

    memcpy(&head, record, sizeof(head));
    return (int64_t)head.checksum;
}

enum status store_put_spectrum(struct store *store,
                               const struct reading_spectrum *spectrum,
                               int64_t file_number, struct failure *failure)
{
    struct entry entry = spectrum->entry;
    enum status status;

    if ((status = store_change(store, failure)) ||
        (status = need_shard(store, failure)) ||
        (status = add_axis(store, spectrum->axis, spectrum->axis_size, &entry.axis_offset,
                           failure)) ||
        (status = shard_writer_add(store->shard, spectrum->record, spectrum->record_size,
                                   &entry.record_offset, failure)))
        return status;
    entry.shard = store->shard_number;
    entry.record_size = (int64_t)spectrum->record_size;
    entry.record_checksum = checksum_in(spectrum->record);
    entry.axis_size = (int64_t)spectrum->axis_size;
    entry.deleted = NULL;
    return catalogue_put_spectrum(store->catalogue, &entry, file_number, failure);
}

/* ---- files ---- */

/* A size that no file has. */
enum { LOST = -1 };

bool store_has_lost(const struct catalogue_file *file)
{
    return file->size == LOST;
}

enum status store_lose_file(struct store *store, const char *path, struct arena *arena,
                            struct failure *failure)
{
    struct catalogue_file file;
    enum status status;

    if ((status = store_change(store, failure)) ||
        (status = catalogue_find_file(store->catalogue, path, arena, &file, failure)) ||
        store_has_lost(&file))
        return status;
    file.size = LOST;
    file.checksum = 0;
    return catalogue_put_file(store->catalogue, &file, &file.number, failure);
}

/* ---- commit ---- */

static double seconds_since(const struct timespec *then)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - then->tv_sec) +
           1e-9 * (double)(now.tv_nsec - then->tv_nsec);
}

bool store_is_due(const struct store *store)
{
    return store->is_changing &&
           ((store->shard && shard_writer_size(store->shard) >= store->shard_bytes) ||
            seconds_since(&store->since) >= store->shard_seconds);
}

static enum status seal(struct store *store, struct failure *failure)
{
    enum status status;

    if (!store->shard)
        return STATUS_OK;
    if ((status = shard_writer_seal(store->shard, failure)))
        return status;
    store->sealed_bytes += shard_writer_size(store->shard);
    return catalogue_put_shard(store->catalogue,
                               &(struct catalogue_shard){
                                   .number = store->shard_number,
                                   .size = shard_writer_size(store->shard),
                               },
                               failure);
}

enum status store_commit(struct store *store, struct failure *failure)
{
    enum status status;

    if (!store->is_changing)
        return STATUS_OK;
    if ((status = seal(store, failure)) ||
        (status = catalogue_commit(store->catalogue, failure)))
        return status;
    store->is_changing = false;
    forget_shard(store);
    return STATUS_OK;
}

enum status store_write_outlines(struct store *store, struct failure *failure)
{
    return outlines_write(store->catalogue, store->folder, failure);
}
