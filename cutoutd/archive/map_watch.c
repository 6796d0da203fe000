#include "archive/map_watch.h"

#include "base/memory.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

/* The handler walks the list at any moment, so a node is never freed, but used again; one
 * that watches nothing ends at 0. */
struct watched_map {
    struct watched_map *next;
    _Atomic(uintptr_t) start;
    _Atomic(uintptr_t) end;
    atomic_uint losses;
};

static _Atomic(struct watched_map *) maps;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of those who change it */
static uintptr_t page_size;

/* ---- the signal ---- */

static struct watched_map *find_map(uintptr_t address)
{
    struct watched_map *map = atomic_load(&maps);

    while (map &&
           (address < atomic_load(&map->start) || address >= atomic_load(&map->end)))
        map = map->next;
    return map;
}

/* Counted first: who sees the zeros must see the count too. */
static bool replace_page(uintptr_t address)
{
    struct watched_map *map = find_map(address);
    void *page = (void *)(address - address % page_size);

    if (!map)
        return false;
    atomic_fetch_add(&map->losses, 1);
    return mmap(page, page_size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
                0) != MAP_FAILED;
}

/* What cannot be helped happens again on return, and then ends the process. */
static void on_bus_error(int number, siginfo_t *info, void *context)
{
    int error = errno;

    (void)context;
    if (!replace_page((uintptr_t)info->si_addr))
        signal(number, SIG_DFL);
    errno = error;
}

/* For each map anew: a library or a test may have taken the signal meanwhile. */
static void catch_bus_errors(void)
{
    struct sigaction action = {.sa_sigaction = on_bus_error, .sa_flags = SA_SIGINFO};

    page_size = (uintptr_t)sysconf(_SC_PAGESIZE);
    sigaction(SIGBUS, &action, NULL);
}

/* ---- maps ---- */

static struct watched_map *free_node(void)
{
    struct watched_map *map = atomic_load(&maps);

    while (map && atomic_load(&map->end) != 0)
        map = map->next;
    if (map)
        return map;
    memory_new(map);
    map->next = atomic_load(&maps);
    atomic_store(&maps, map);
    return map;
}

struct watched_map *map_watch(const void *bytes, size_t size)
{
    struct watched_map *map;

    pthread_mutex_lock(&lock);
    catch_bus_errors();
    map = free_node();
    atomic_store(&map->losses, 0);
    atomic_store(&map->start, (uintptr_t)bytes);
    atomic_store(&map->end, (uintptr_t)bytes + size);
    pthread_mutex_unlock(&lock);
    return map;
}

void map_unwatch(struct watched_map *map)
{
    if (map)
        atomic_store(&map->end, 0);
}

unsigned map_losses(const struct watched_map *map)
{
    return atomic_load(&map->losses);
}
