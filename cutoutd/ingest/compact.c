#include "ingest/compact.h"

#include "archive/record.h"
#include "archive/shard.h"
#include "base/arena.h"
#include "base/buffer.h"
#include "base/number.h"

#include <stdbool.h>
#include <string.h>

enum { SMALL_PART = 4 }; /* below a quarter of a full shard is small */
static const int64_t USUAL_BYTES = 256 * 1024 * 1024;

struct compaction {
    const struct compact_settings *settings;
    struct store *store;
    struct report *report;
    struct buffer
        emptied; /* int64_t: shards to remove once their rows' moves are committed */
    struct arena arena; /* of one shard */
};

/* ---- which shards ---- */

static bool is_small(const struct compaction *compaction,
                     const struct catalogue_shard *shard)
{
    int64_t full = compaction->settings->shard_bytes ? compaction->settings->shard_bytes
                                                     : USUAL_BYTES;

    return shard->size < full / SMALL_PART;
}

static bool is_mostly_dead(const struct catalogue_shard *shard)
{
    return shard->live < shard->size / 2;
}

static bool are_several_small(const struct compaction *compaction,
                              const struct catalogue_shard *shards, size_t count)
{
    size_t small = 0;

    for (size_t i = 0; i < count; i++)
        small += is_small(compaction, &shards[i]);
    return small > 1;
}

/* ---- one record ---- */

/* *moved is false if the record is damaged. */
static enum status move_record(struct compaction *compaction, const struct shard *shard,
                               const struct entry *entry, bool *moved,
                               struct failure *failure)
{
    struct reading_spectrum spectrum = {
        .entry = *entry,
        .axis = shard_at(shard, entry->axis_offset, entry->axis_size),
        .axis_size = (size_t)entry->axis_size,
        .record = shard_at(shard, entry->record_offset, entry->record_size),
        .record_size = (size_t)entry->record_size,
    };
    struct catalogue_file file;
    struct spectrum view;
    struct failure damage;
    enum status status;

    if ((status = catalogue_find_file(store_catalogue(compaction->store), entry->file,
                                      &compaction->arena, &file, failure)))
        return status;
    *moved = spectrum.axis && spectrum.record &&
             record_view(spectrum.record, spectrum.record_size, spectrum.axis,
                         spectrum.axis_size, true, &view, &damage) == STATUS_OK;
    if (*moved)
        return store_put_spectrum(compaction->store, &spectrum, file.number, failure);
    report_failed(compaction->report, entry->path, "its record in the cache is damaged");
    return store_lose_file(compaction->store, entry->file, &compaction->arena, failure);
}

/* ---- one shard ---- */

static enum status remove_emptied(struct compaction *compaction, struct failure *failure)
{
    struct buffer *emptied = &compaction->emptied;
    enum status status;

    for (size_t at = 0; at < emptied->length; at += sizeof(int64_t)) {
        int64_t number;

        memcpy(&number, emptied->bytes + at, sizeof(number));
        if ((status = shard_remove(compaction->settings->folder, number, failure)))
            return status;
        compaction->report->compacted++;
    }
    buffer_clear(emptied);
    return STATUS_OK;
}

static enum status commit(struct compaction *compaction, struct failure *failure)
{
    enum status status = store_commit(compaction->store, failure);

    return status ? status : remove_emptied(compaction, failure);
}

static enum status move_records(struct compaction *compaction, const struct shard *shard,
                                const struct entry *entries, size_t count,
                                bool *all_moved, struct failure *failure)
{
    enum status status;
    bool moved;

    *all_moved = true;
    for (size_t i = 0; i < count; i++) {
        if ((status = move_record(compaction, shard, &entries[i], &moved, failure)) ||
            (store_is_due(compaction->store) && (status = commit(compaction, failure))))
            return status;
        *all_moved = *all_moved && moved;
    }
    return STATUS_OK;
}

static enum status forget(struct compaction *compaction, int64_t number,
                          struct failure *failure)
{
    enum status status;

    if ((status = store_change(compaction->store, failure)) ||
        (status =
             catalogue_forget_shard(store_catalogue(compaction->store), number, failure)))
        return status;
    buffer_add(&compaction->emptied, &number, sizeof(number));
    return STATUS_OK;
}

static enum status empty_shard(struct compaction *compaction, const struct shard *shard,
                               struct failure *failure)
{
    struct entry *entries;
    char number[NUMBER_LENGTH];
    bool all_moved;
    size_t count;
    enum status status;

    arena_reset(&compaction->arena);
    number_write_integer(number, shard->number);
    if ((status = catalogue_list(store_catalogue(compaction->store), CATALOGUE_BY_SHARD,
                                 number, SIZE_MAX, &compaction->arena, &entries, &count,
                                 failure)) ||
        (status = move_records(compaction, shard, entries, count, &all_moved, failure)))
        return status;
    return all_moved ? forget(compaction, shard->number, failure) : STATUS_OK;
}

static enum status compact_shard(struct compaction *compaction, int64_t number,
                                 struct failure *failure)
{
    struct shard shard;
    struct failure damage;
    char name[SHARD_NAME_LENGTH];
    enum status status;

    if (shard_open(compaction->settings->folder, number, &shard, &damage)) {
        shard_name(number, name);
        report_failed(compaction->report, name, damage.message);
        return STATUS_OK;
    }
    status = empty_shard(compaction, &shard, failure);
    shard_close(&shard);
    return status;
}

/* ---- all of them ---- */

static enum status compact_shards(struct compaction *compaction,
                                  const struct catalogue_shard *shards, size_t count,
                                  struct failure *failure)
{
    bool small_too = are_several_small(compaction, shards, count);
    enum status status;

    for (size_t i = 0; i < count; i++) {
        if (interruption_came(compaction->settings->interruption))
            break;
        if (!is_mostly_dead(&shards[i]) &&
            !(small_too && is_small(compaction, &shards[i])))
            continue;
        if ((status = compact_shard(compaction, shards[i].number, failure)))
            return status;
    }
    return commit(compaction, failure);
}

enum status compact_run(const struct compact_settings *settings, struct store *store,
                        struct report *report, struct failure *failure)
{
    struct compaction compaction = {
        .settings = settings, .store = store, .report = report};
    struct catalogue_shard *shards;
    struct arena arena;
    size_t count;
    enum status status;

    arena_init(&arena);
    arena_init(&compaction.arena);
    buffer_init(&compaction.emptied);
    status =
        catalogue_list_shards(store_catalogue(store), &arena, &shards, &count, failure);
    if (!status)
        status = compact_shards(&compaction, shards, count, failure);
    buffer_finish(&compaction.emptied);
    arena_finish(&compaction.arena);
    arena_finish(&arena);
    return status;
}
