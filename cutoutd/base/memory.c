#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *there(void *memory)
{
    if (!memory) {
        fputs("cutoutd: out of memory\n", stderr);
        abort();
    }
    return memory;
}

void *memory_take(size_t size)
{
    return there(malloc(size ? size : 1));
}

void *memory_take_zeroed(size_t count, size_t size)
{
    return there(calloc(count ? count : 1, size ? size : 1));
}

void *memory_resize(void *memory, size_t size)
{
    return there(realloc(memory, size ? size : 1));
}

char *memory_copy_string(const char *text)
{
    return text ? there(strdup(text)) : NULL;
}
