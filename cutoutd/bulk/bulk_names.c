#include "bulk/bulk_names.h"

#include "base/checksum.h"
#include "base/memory.h"

#include <stdlib.h>

enum {
    PLACES = 4,                    /* bits that a name sets */
    BITS_A_NAME = 128,             /* as long as there are not too many */
    MOST_BITS = 128 * 1024 * 1024, /* 16 MB */
    LEAST_BITS = 1024,
};

struct bulk_names {
    uint64_t bits; /* a power of two */
    uint8_t map[];
};

struct bulk_names *bulk_names_open(int64_t count)
{
    uint64_t bits = LEAST_BITS;
    struct bulk_names *names;

    while (bits < MOST_BITS && bits / BITS_A_NAME < (uint64_t)count)
        bits *= 2;
    names = memory_take_zeroed(1, sizeof(*names) + bits / 8);
    names->bits = bits;
    return names;
}

void bulk_names_close(struct bulk_names *names)
{
    free(names);
}

bool bulk_names_take(struct bulk_names *names, const char *name)
{
    uint64_t place = checksum_chain_text(0, name);
    uint64_t step = checksum_chain_text(1, name) | 1; /* odd: goes through all places */
    bool is_free = false;

    for (int i = 0; i < PLACES; i++, place += step) {
        uint8_t *byte = &names->map[place % names->bits / 8];
        uint8_t bit = (uint8_t)(1u << place % 8);

        is_free |= !(*byte & bit);
        *byte |= bit;
    }
    return is_free;
}
