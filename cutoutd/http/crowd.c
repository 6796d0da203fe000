#include "http/crowd.h"

#include "base/checksum.h"
#include "base/memory.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { BUCKETS = 4096 };

struct network {
    uint8_t key[16];
    int connections;
    struct network *next;
};

struct crowd {
    pthread_mutex_t lock;
    struct network *buckets[BUCKETS];
};

struct crowd *crowd_open(void)
{
    struct crowd *crowd = memory_new(crowd);

    pthread_mutex_init(&crowd->lock, NULL);
    return crowd;
}

void crowd_close(struct crowd *crowd)
{
    if (!crowd)
        return;
    for (size_t i = 0; i < BUCKETS; i++) {
        while (crowd->buckets[i]) {
            struct network *network = crowd->buckets[i];

            crowd->buckets[i] = network->next;
            free(network);
        }
    }
    pthread_mutex_destroy(&crowd->lock);
    free(crowd);
}

/* Where the pointer to a network is, or would be. */
static struct network **find(struct crowd *crowd, const uint8_t key[16])
{
    struct network **at = &crowd->buckets[checksum_of(key, 16) % BUCKETS];

    while (*at && memcmp((*at)->key, key, 16) != 0)
        at = &(*at)->next;
    return at;
}

int crowd_join(struct crowd *crowd, const struct address *address)
{
    struct network **at;
    uint8_t key[16];
    int connections;

    address_network(address, key);
    pthread_mutex_lock(&crowd->lock);
    at = find(crowd, key);
    if (!*at) {
        memory_new(*at);
        memcpy((*at)->key, key, sizeof(key));
    }
    connections = ++(*at)->connections;
    pthread_mutex_unlock(&crowd->lock);
    return connections;
}

void crowd_leave(struct crowd *crowd, const struct address *address)
{
    struct network **at;
    uint8_t key[16];

    address_network(address, key);
    pthread_mutex_lock(&crowd->lock);
    at = find(crowd, key);
    if (--(*at)->connections == 0) {
        struct network *gone = *at;

        *at = gone->next;
        free(gone);
    }
    pthread_mutex_unlock(&crowd->lock);
}
