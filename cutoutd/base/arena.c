#include "base/arena.h"

#include "base/memory.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* AddressSanitizer sees a read past one allocation only if the rest of its block is
 * poisoned. */
#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#define POISON(memory, size) ASAN_POISON_MEMORY_REGION(memory, size)
#define UNPOISON(memory, size) ASAN_UNPOISON_MEMORY_REGION(memory, size)
#else
#define POISON(memory, size) ((void)0)
#define UNPOISON(memory, size) ((void)0)
#endif

enum { BLOCK_SIZE = 16 * 1024 };

struct arena_block {
    struct arena_block *older;
    size_t size;
    alignas(max_align_t) uint8_t bytes[];
};

static void add_block(struct arena *arena, size_t size)
{
    struct arena_block *block = memory_take(sizeof(*block) + size);

    block->older = arena->blocks;
    block->size = size;
    POISON(block->bytes, size);
    arena->blocks = block;
    arena->used = 0;
}

static void free_blocks(struct arena_block *block)
{
    while (block) {
        struct arena_block *older = block->older;

        UNPOISON(block->bytes, block->size);
        free(block);
        block = older;
    }
}

void arena_init(struct arena *arena)
{
    *arena = (struct arena){0};
}

void arena_finish(struct arena *arena)
{
    free_blocks(arena->blocks);
    arena_init(arena);
}

void arena_reset(struct arena *arena)
{
    struct arena_block *kept = arena->blocks;

    if (!kept)
        return;
    if (kept->size > BLOCK_SIZE) {
        arena_finish(arena);
        return;
    }
    free_blocks(kept->older);
    kept->older = NULL;
    POISON(kept->bytes, kept->size);
    arena->used = 0;
}

void *arena_take(struct arena *arena, size_t size)
{
    size_t step = (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
    void *taken;

    if (!arena->blocks || arena->blocks->size - arena->used < step)
        add_block(arena, step > BLOCK_SIZE ? step : BLOCK_SIZE);
    taken = arena->blocks->bytes + arena->used;
    arena->used += step;
    UNPOISON(taken, size);
    return taken;
}

char *arena_copy(struct arena *arena, const char *bytes, size_t length)
{
    char *copy = arena_take(arena, length + 1);

    if (length)
        memcpy(copy, bytes, length);
    copy[length] = '\0';
    return copy;
}

char *arena_copy_string(struct arena *arena, const char *text)
{
    return text ? arena_copy(arena, text, strlen(text)) : NULL;
}

char *arena_format(struct arena *arena, const char *format, ...)
{
    va_list arguments, again;
    char *text;
    int length;

    va_start(arguments, format);
    va_copy(again, arguments);
    length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    text = arena_take(arena, (size_t)length + 1);
    vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}
