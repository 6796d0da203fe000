/* cache.h - a cache folder of a test's own and questions to it, for the tests that fill
 * one. */
#pragma once

#include "../support/fake_worker.h"
#include "../support/tree.h"
#include "archive/catalogue.h"
#include "archive/shard.h"

static inline int cache_make_folder(void **state)
{
    *state = malloc(FOLDER_LENGTH);
    folder_make(*state);
    return 0;
}

static inline int cache_remove_folder(void **state)
{
    folder_remove(*state);
    free(*state);
    return 0;
}

#define CACHE_TEST(test)                                                                 \
    cmocka_unit_test_setup_teardown(test, cache_make_folder, cache_remove_folder)

/* The row of a spectrum as a reader sees it; false if there is none. Texts live in the
 * arena. */
static inline bool cache_find(const char *folder, const char *path, struct arena *arena,
                              struct entry *out)
{
    struct catalogue *catalogue;
    struct failure failure;
    enum status status;

    if (catalogue_open(folder, CATALOGUE_READ, &catalogue, &failure))
        return false;
    status = catalogue_find(catalogue, path, arena, out, &failure);
    catalogue_close(catalogue);
    return status == STATUS_OK;
}

/* Whether a reader finds the record of `path` with the samples that fake_worker.h made
 * for `made_for`. */
static inline bool cache_serves(const char *folder, const char *path,
                                const char *made_for)
{
    struct spectrum spectrum;
    struct failure failure;
    struct shard shard;
    struct entry entry;
    struct arena arena;
    bool is_right = false;

    arena_init(&arena);
    if (cache_find(folder, path, &arena, &entry) && !entry.deleted &&
        shard_open(folder, entry.shard, &shard, &failure) == STATUS_OK) {
        const void *record = shard_at(&shard, entry.record_offset, entry.record_size);
        const void *axis = shard_at(&shard, entry.axis_offset, entry.axis_size);

        is_right =
            record && axis &&
            record_view(record, (size_t)entry.record_size, axis, (size_t)entry.axis_size,
                        true, &spectrum, &failure) == STATUS_OK &&
            spectrum.axis.samples == FAKE_SAMPLES &&
            spectrum.flux[7] == fake_flux(made_for, 7);
        shard_close(&shard);
    }
    arena_finish(&arena);
    return is_right;
}

static inline bool cache_is_withdrawn(const char *folder, const char *path)
{
    struct entry entry;
    struct arena arena;
    bool is_withdrawn;

    arena_init(&arena);
    is_withdrawn = cache_find(folder, path, &arena, &entry) && entry.deleted;
    arena_finish(&arena);
    return is_withdrawn;
}

/* How many shards the catalogue lists, and their sizes and living bytes in all. */
static inline size_t cache_shards(const char *folder, int64_t *size, int64_t *live)
{
    struct catalogue_shard *shards;
    struct catalogue *catalogue;
    struct failure failure;
    struct arena arena;
    size_t count = 0;

    arena_init(&arena);
    *size = *live = 0;
    if (catalogue_open(folder, CATALOGUE_READ, &catalogue, &failure) == STATUS_OK) {
        if (catalogue_list_shards(catalogue, &arena, &shards, &count, &failure))
            count = 0;
        for (size_t i = 0; i < count; i++) {
            *size += shards[i].size;
            *live += shards[i].live;
        }
        catalogue_close(catalogue);
    }
    arena_finish(&arena);
    return count;
}
