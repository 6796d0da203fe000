#include "archive/unknown_names.h"

#include "archive/identifier.h"
#include "base/checksum.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum {
    SETS = 16 * 1024, /* a power of two */
    WAYS = 4,         /* places that one name may take */
    KEY_LENGTH = 32,
};

struct unknown_name {
    uint64_t key;  /* 0: empty */
    int64_t since; /* milliseconds */
};

struct unknown_names {
    uint8_t secret[KEY_LENGTH];
    int64_t lifetime;  /* milliseconds */
    int64_t forgotten; /* what was added before is not remembered */
    struct unknown_name sets[SETS][WAYS];
};

struct unknown_names *unknown_names_open(int seconds)
{
    struct unknown_names *names = memory_new(names);

    if (getrandom(names->secret, sizeof(names->secret), 0) < 0)
        abort(); /* Linux has had it since 3.17 */
    names->lifetime = (int64_t)seconds * 1000;
    names->forgotten = INT64_MIN;
    return names;
}

void unknown_names_close(struct unknown_names *names)
{
    free(names);
}

static uint64_t key_of(const struct unknown_names *names, const char *name)
{
    uint8_t keyed[KEY_LENGTH + IDENTIFIER_LENGTH];
    size_t length = strnlen(name, IDENTIFIER_LENGTH);
    uint64_t key;

    memcpy(keyed, names->secret, KEY_LENGTH);
    memcpy(keyed + KEY_LENGTH, name, length);
    key = checksum_of(keyed, KEY_LENGTH + length);
    return key ? key : 1;
}

static bool is_fresh(const struct unknown_names *names, const struct unknown_name *name,
                     int64_t now)
{
    return name->key && name->since >= names->forgotten &&
           now - name->since < names->lifetime;
}

void unknown_names_add(struct unknown_names *names, const char *name, int64_t now)
{
    uint64_t key = key_of(names, name);
    struct unknown_name *set = names->sets[key % SETS];
    struct unknown_name *place = &set[0];

    for (int way = 0; way < WAYS; way++) {
        if (set[way].key == key || !set[way].key) {
            place = &set[way];
            break;
        }
        if (set[way].since < place->since)
            place = &set[way];
    }
    *place = (struct unknown_name){.key = key, .since = now};
}

bool unknown_names_has(const struct unknown_names *names, const char *name, int64_t now)
{
    uint64_t key = key_of(names, name);
    const struct unknown_name *set = names->sets[key % SETS];

    for (int way = 0; way < WAYS; way++) {
        if (set[way].key == key)
            return is_fresh(names, &set[way], now);
    }
    return false;
}

void unknown_names_forget(struct unknown_names *names, int64_t when)
{
    names->forgotten = when;
}

uint64_t unknown_names_count(const struct unknown_names *names, int64_t now)
{
    uint64_t count = 0;

    for (int set = 0; set < SETS; set++) {
        for (int way = 0; way < WAYS; way++)
            count += is_fresh(names, &names->sets[set][way], now);
    }
    return count;
}
