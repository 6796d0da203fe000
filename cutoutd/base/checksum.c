#include "base/checksum.h"

#include "base/memory.h"

#include <stdlib.h>
#include <xxhash.h>

struct checksum {
    XXH3_state_t *state;
};

uint64_t checksum_of(const void *bytes, size_t size)
{
    return XXH3_64bits(bytes, size);
}

struct checksum *checksum_open(void)
{
    struct checksum *checksum = memory_new(checksum);

    checksum->state = XXH3_createState();
    XXH3_64bits_reset(checksum->state);
    return checksum;
}

void checksum_add(struct checksum *checksum, const void *bytes, size_t size)
{
    XXH3_64bits_update(checksum->state, bytes, size);
}

uint64_t checksum_value(const struct checksum *checksum)
{
    return XXH3_64bits_digest(checksum->state);
}

void checksum_close(struct checksum *checksum)
{
    if (!checksum)
        return;
    XXH3_freeState(checksum->state);
    free(checksum);
}
