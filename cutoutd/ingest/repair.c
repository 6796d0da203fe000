#include "ingest/repair.h"

#include "archive/catalogue.h"
#include "archive/shard.h"
#include "base/arena.h"
#include "base/number.h"
#include "ingest/leftovers.h"

#include <stdint.h>
#include <string.h>

/* ---- before the walk ---- */

static enum status check(const struct repair *repair, int64_t number,
                         struct failure *damage)
{
    struct shard shard;
    enum status status = shard_open(repair->folder, number, &shard, damage);

    if (status)
        return status;
    if (repair->thorough)
        status = shard_check(&shard, damage);
    shard_close(&shard);
    return status;
}

static enum status lose_files(const struct repair *repair, int64_t shard,
                              struct arena *arena, struct failure *failure)
{
    struct entry *entries;
    char number[NUMBER_LENGTH];
    size_t count;
    enum status status;

    number_write_integer(number, shard);
    if ((status = catalogue_list(store_catalogue(repair->store), CATALOGUE_BY_SHARD,
                                 number, SIZE_MAX, arena, &entries, &count, failure)))
        return status;
    for (size_t i = 0; i < count && !status; i++)
        status = store_lose_file(repair->store, entries[i].file, arena, failure);
    return status;
}

static enum status look_at(struct repair *repair, int64_t number, struct arena *arena,
                           struct failure *failure)
{
    struct failure damage;
    char name[SHARD_NAME_LENGTH];

    if (check(repair, number, &damage) == STATUS_OK)
        return STATUS_OK;
    shard_name(number, name);
    report_damaged(repair->report, name, damage.message);
    buffer_add(&repair->broken, &number, sizeof(number));
    return lose_files(repair, number, arena, failure);
}

enum status repair_begin(struct repair *repair, struct failure *failure)
{
    struct catalogue_shard *shards;
    struct arena arena, arena_of_one;
    size_t count;
    enum status status;

    buffer_init(&repair->broken);
    arena_init(&arena);
    arena_init(&arena_of_one);
    status = catalogue_list_shards(store_catalogue(repair->store), &arena, &shards,
                                   &count, failure);
    for (size_t i = 0; !status && i < count && !interruption_came(repair->interruption);
         i++) {
        arena_reset(&arena_of_one);
        status = look_at(repair, shards[i].number, &arena_of_one, failure);
    }
    arena_finish(&arena_of_one);
    arena_finish(&arena);
    return status;
}

/* ---- after it ---- */

static bool is_broken(const struct repair *repair, int64_t number)
{
    const struct buffer *broken = &repair->broken;

    for (size_t at = 0; at < broken->length; at += sizeof(number))
        if (memcmp(broken->bytes + at, &number, sizeof(number)) == 0)
            return true;
    return false;
}

/* One that has living spectra yet, of files that could not be read now, stays. */
static enum status forget_broken(const struct repair *repair, struct failure *failure)
{
    struct catalogue *catalogue = store_catalogue(repair->store);
    struct catalogue_shard *shards;
    struct arena arena;
    size_t count;
    enum status status;

    arena_init(&arena);
    if (!(status = catalogue_list_shards(catalogue, &arena, &shards, &count, failure)))
        status = store_change(repair->store, failure);
    for (size_t i = 0; !status && i < count; i++)
        if (shards[i].live == 0 && is_broken(repair, shards[i].number))
            status = catalogue_forget_shard(catalogue, shards[i].number, failure);
    arena_finish(&arena);
    return status ? status : store_commit(repair->store, failure);
}

enum status repair_end(const struct repair *repair, struct failure *failure)
{
    enum status status;

    if (repair->broken.length == 0)
        return STATUS_OK;
    if ((status = forget_broken(repair, failure)))
        return status;
    return leftovers_remove(repair->folder, store_catalogue(repair->store), failure);
}

void repair_finish(struct repair *repair)
{
    buffer_finish(&repair->broken);
}
