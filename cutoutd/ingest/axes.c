#include "ingest/axes.h"

#include "archive/record.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

struct axes_kept {
    uint64_t checksum;
    int64_t offset;
    size_t size;
    uint8_t block[];
};

/* As the block itself has it: quick to compare, and the bytes decide. */
static uint64_t checksum_in(const void *block)
{
    struct axis_head head;

    memcpy(&head, block, sizeof(head));
    return head.checksum;
}

void axes_init(struct axes *axes)
{
    axes->count = 0;
}

void axes_finish(struct axes *axes)
{
    axes_clear(axes);
}

void axes_clear(struct axes *axes)
{
    while (axes->count > 0)
        free(axes->kept[--axes->count]);
}

static void put_first(struct axes *axes, struct axes_kept *kept, size_t from)
{
    memmove(axes->kept + 1, axes->kept, from * sizeof(axes->kept[0]));
    axes->kept[0] = kept;
}

int64_t axes_find(struct axes *axes, const void *block, size_t size)
{
    uint64_t checksum = checksum_in(block);

    for (size_t i = 0; i < axes->count; i++) {
        struct axes_kept *kept = axes->kept[i];

        if (kept->checksum == checksum && kept->size == size &&
            memcmp(kept->block, block, size) == 0) {
            put_first(axes, kept, i);
            return kept->offset;
        }
    }
    return -1;
}

void axes_remember(struct axes *axes, const void *block, size_t size, int64_t offset)
{
    struct axes_kept *kept = memory_take(sizeof(*kept) + size);

    kept->checksum = checksum_in(block);
    kept->offset = offset;
    kept->size = size;
    memcpy(kept->block, block, size);
    if (axes->count == AXES_KEPT)
        free(axes->kept[--axes->count]);
    put_first(axes, kept, axes->count++);
}
