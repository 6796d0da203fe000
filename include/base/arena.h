/*
 * arena.h - everything that dies with one request.
 *
 * Allocations are carved from blocks and given back all at once. Contents are aligned for
 * any type and uninitialised. One thread at a time.
 */
#pragma once

#include <stddef.h>

struct arena_block;

struct arena {
    struct arena_block *blocks; /* newest first */
    size_t used;                /* bytes taken of the newest block */
};

void arena_init(struct arena *arena); /* allocates nothing */
void arena_finish(struct arena *arena);

/* Give back every allocation but keep one block, for the next request. */
void arena_reset(struct arena *arena);

void *arena_take(struct arena *arena, size_t size);
char *arena_copy(struct arena *arena, const char *bytes,
                 size_t length);                                /* ends it with NUL */
char *arena_copy_string(struct arena *arena, const char *text); /* NULL gives NULL */
char *arena_format(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
