#include "ingest/seen.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

enum { SMALLEST = 4096 };

void seen_init(struct seen *seen)
{
    *seen = (struct seen){0};
}

void seen_finish(struct seen *seen)
{
    free(seen->bits);
    seen_init(seen);
}

static void make_room(struct seen *seen, size_t byte)
{
    size_t size = seen->size ? seen->size : SMALLEST;

    while (size <= byte)
        size *= 2;
    if (size == seen->size)
        return;
    seen->bits = memory_resize(seen->bits, size);
    memset(seen->bits + seen->size, 0, size - seen->size);
    seen->size = size;
}

void seen_add(struct seen *seen, int64_t number)
{
    size_t byte = (size_t)number / 8;

    make_room(seen, byte);
    seen->bits[byte] |= (uint8_t)(1u << (number % 8));
}

bool seen_has(const struct seen *seen, int64_t number)
{
    size_t byte = (size_t)number / 8;

    return byte < seen->size && (seen->bits[byte] >> (number % 8) & 1);
}
