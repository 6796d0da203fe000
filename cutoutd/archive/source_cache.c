#include "archive/source_cache.h"

#include "base/checksum.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

enum {
    SETS = 2048,
    WAYS = 2, /* the newest first */
};

struct place {
    uint64_t hash;
    char *id;
    struct holding_source *source; /* NULL: empty */
};

struct source_cache {
    size_t count;
    struct place sets[SETS][WAYS];
};

struct source_cache *source_cache_open(void)
{
    struct source_cache *cache = memory_new(cache);

    return cache;
}

void source_cache_close(struct source_cache *cache)
{
    if (!cache)
        return;
    source_cache_clear(cache);
    free(cache);
}

static uint64_t hash_of(const char *id)
{
    return checksum_of(id, strlen(id));
}

struct holding_source *source_cache_find(const struct source_cache *cache, const char *id)
{
    uint64_t hash = hash_of(id);
    const struct place *set = cache->sets[hash % SETS];

    for (int way = 0; way < WAYS; way++) {
        if (set[way].source && set[way].hash == hash && strcmp(set[way].id, id) == 0)
            return set[way].source;
    }
    return NULL;
}

static void empty(struct source_cache *cache, struct place *place)
{
    if (!place->source)
        return;
    source_release(place->source);
    free(place->id);
    *place = (struct place){0};
    cache->count--;
}

void source_cache_add(struct source_cache *cache, const char *id,
                      struct holding_source *source)
{
    uint64_t hash = hash_of(id);
    struct place *set = cache->sets[hash % SETS];

    empty(cache, &set[WAYS - 1]);
    memmove(&set[1], &set[0], (WAYS - 1) * sizeof(*set));
    source_hold(source);
    set[0] = (struct place){.hash = hash, .id = memory_copy_string(id), .source = source};
    cache->count++;
}

void source_cache_clear(struct source_cache *cache)
{
    for (int set = 0; set < SETS && cache->count; set++) {
        for (int way = 0; way < WAYS; way++)
            empty(cache, &cache->sets[set][way]);
    }
}
