#include "base/checksum.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

struct checksum {
    XXH3_state_t *state;
};

uint64_t checksum_of(const void *bytes, size_t size)
{
    return XXH3_64bits(bytes, size);
}

uint64_t checksum_chain(uint64_t before, const void *bytes, size_t size)
{
    return XXH3_64bits_withSeed(bytes, size, before);
}

uint64_t checksum_chain_text(uint64_t before, const char *text)
{
    return checksum_chain(before, text, text ? strlen(text) + 1 : 0);
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
