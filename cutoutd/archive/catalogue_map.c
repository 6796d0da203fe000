/*
 * SQLite maps 2 GB of a file and no more; a survey's catalogue has 9, and a page behind
 * that takes a system call and a copy. So a layer over SQLite's own access to files gives
 * out pages from a map of ours, which all connections of the process share. It is longer
 * than the file: what ingest appends appears in it.
 *
 * A process that closes any descriptor of a file loses its locks on that file: ours is
 * closed after the last connection.
 */
#include "archive/catalogue_database.h"
#include "base/memory.h"

#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const size_t MAP_SIZE = (size_t)1
                               << 36; /* of addresses; of memory it takes none */

/* ---- maps, one for each catalogue ---- */

struct shared_map {
    dev_t device;
    ino_t inode;
    int fd;
    const uint8_t *bytes; /* NULL: cannot be mapped */
    unsigned connections;
    struct shared_map *next;
};

static struct shared_map *shared_maps;
static pthread_mutex_t shared_maps_lock = PTHREAD_MUTEX_INITIALIZER;

static struct shared_map **find_map(const struct stat *facts)
{
    struct shared_map **at = &shared_maps;

    while (*at && ((*at)->device != facts->st_dev || (*at)->inode != facts->st_ino))
        at = &(*at)->next;
    return at;
}

static struct shared_map *make_map(const char *path, const struct stat *facts)
{
    struct shared_map *map = memory_new(map);
    void *bytes = MAP_FAILED;

    map->device = facts->st_dev;
    map->inode = facts->st_ino;
    map->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (map->fd >= 0)
        bytes = mmap(NULL, MAP_SIZE, PROT_READ, MAP_SHARED, map->fd, 0);
    map->bytes = bytes == MAP_FAILED ? NULL : bytes;
    return map;
}

/* NULL if the file went. */
static struct shared_map *take_map(const char *path)
{
    struct shared_map **at, *map;
    struct stat facts;

    if (stat(path, &facts) < 0)
        return NULL;
    pthread_mutex_lock(&shared_maps_lock);
    at = find_map(&facts);
    if (!*at)
        *at = make_map(path, &facts);
    map = *at;
    map->connections++;
    pthread_mutex_unlock(&shared_maps_lock);
    return map;
}

static void give_back_map(struct shared_map *map)
{
    struct shared_map **at = &shared_maps;

    if (!map)
        return;
    pthread_mutex_lock(&shared_maps_lock);
    if (--map->connections == 0) {
        while (*at != map)
            at = &(*at)->next;
        *at = map->next;
        if (map->bytes)
            munmap((void *)(uintptr_t)map->bytes, MAP_SIZE);
        if (map->fd >= 0)
            close(map->fd);
        free(map);
    }
    pthread_mutex_unlock(&shared_maps_lock);
}

/* ---- the layer ---- */

/* Behind SQLite's own struct of an open file, which begins with its methods. */
struct extension {
    struct shared_map *map;
    sqlite3_int64 size; /* of the file when it was last asked for */
};

static sqlite3_vfs *below, layer;
static const sqlite3_io_methods *plain; /* of each file that `below` opens */
static sqlite3_io_methods mapped;

static struct extension *extension_of(sqlite3_file *file)
{
    return (void *)((char *)file + below->szOsFile);
}

static int close_mapped(sqlite3_file *file)
{
    struct shared_map *map = extension_of(file)->map;
    int result = plain->xClose(file);

    give_back_map(map);
    return result;
}

/* NULL in *out has SQLite read the page. */
static int fetch(sqlite3_file *file, sqlite3_int64 offset, int amount, void **out)
{
    struct extension *extension = extension_of(file);
    sqlite3_int64 end = offset + amount;
    int result = SQLITE_OK;

    *out = NULL;
    if (!extension->map || !extension->map->bytes || end > (sqlite3_int64)MAP_SIZE)
        return SQLITE_OK;
    if (end > extension->size)
        result = plain->xFileSize(file, &extension->size);
    if (result == SQLITE_OK && end <= extension->size)
        *out = (void *)(uintptr_t)(extension->map->bytes + offset);
    return result;
}

/* Without a page: the file has changed, and may be another size. */
static int unfetch(sqlite3_file *file, sqlite3_int64 offset, void *page)
{
    (void)offset;
    if (!page)
        extension_of(file)->size = 0;
    return SQLITE_OK;
}

static void learn_methods(const sqlite3_io_methods *methods)
{
    pthread_mutex_lock(&shared_maps_lock);
    if (!plain) {
        mapped = *methods;
        mapped.xClose = close_mapped;
        mapped.xFetch = fetch;
        mapped.xUnfetch = unfetch;
        plain = methods;
    }
    pthread_mutex_unlock(&shared_maps_lock);
}

static int open_file(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags,
                     int *out_flags)
{
    int result = below->xOpen(below, path, file, flags, out_flags);

    (void)vfs;
    if (result != SQLITE_OK || !(flags & SQLITE_OPEN_MAIN_DB))
        return result;
    learn_methods(file->pMethods);
    if (file->pMethods != plain)
        return SQLITE_OK; /* a way of locking that nobody asks for */
    *extension_of(file) = (struct extension){.map = take_map(path)};
    file->pMethods = &mapped;
    return SQLITE_OK;
}

void catalogue_register_layer(void)
{
    below = sqlite3_vfs_find("unix");
    layer = *below;
    layer.pNext = NULL;
    layer.zName = CATALOGUE_LAYER;
    layer.szOsFile += (int)sizeof(struct extension);
    layer.xOpen = open_file;
    sqlite3_vfs_register(&layer, 0);
}
