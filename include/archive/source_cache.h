/*
 * source_cache.h - what IDs were found to mean lately, for one thread.
 *
 * Bounded: an ID that comes later takes the place of one that fell on the same place.
 */
#pragma once

#include "archive/source.h"

struct source_cache;

struct source_cache *source_cache_open(void);
void source_cache_close(struct source_cache *cache); /* NULL is fine */

/* The source, or NULL; borrowed until the next change of the cache. */
struct holding_source *source_cache_find(const struct source_cache *cache,
                                         const char *id);
/* Takes a hold of its own. The ID must not be there. */
void source_cache_add(struct source_cache *cache, const char *id,
                      struct holding_source *source);
void source_cache_clear(struct source_cache *cache);
