#include "archive/source_cache.h"

#include "base/checksum.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

enum {
    SETS = 512,
    WAYS = 8, /* places that one ID may take; their hashes fill a cache line */
};

struct place {
    char *id;
    struct holding_source *source; /* NULL: empty */
};

struct source_set {
    uint64_t hashes[WAYS];
    struct place places[WAYS];
    unsigned next; /* place to be taken, the oldest */
};

struct source_cache {
    size_t count;
    struct source_set sets[SETS];
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
    const struct source_set *set = &cache->sets[hash % SETS];

    for (int way = 0; way < WAYS; way++) {
        const struct place *place = &set->places[way];

        if (set->hashes[way] == hash && place->source && strcmp(place->id, id) == 0)
            return place->source;
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
    struct source_set *set = &cache->sets[hash % SETS];
    unsigned way = set->next++ % WAYS;

    empty(cache, &set->places[way]);
    source_hold(source);
    set->hashes[way] = hash;
    set->places[way] = (struct place){.id = memory_copy_string(id), .source = source};
    cache->count++;
}

void source_cache_clear(struct source_cache *cache)
{
    for (int set = 0; set < SETS && cache->count; set++) {
        for (int way = 0; way < WAYS; way++)
            empty(cache, &cache->sets[set].places[way]);
    }
}
