/*
 * How long the archive takes to find spectra that it was not asked for before.
 *
 *   find_spectra CACHE < ids
 *
 * An ID a line, of collection lamost5 and authority test.example. All are asked for
 * twice: the second time the pages of the catalogue that they lie on are mapped, as they
 * are in a server that runs for a while; but the IDs should be many more than the archive
 * keeps in mind. Shards that rows point to and that are missing are made, of nothing but
 * holes: no sample is read. Writes the times to standard error.
 */
#include "archive/archive.h"
#include "archive/shard.h"
#include "base/checksum.h"
#include "base/memory.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 1 << 20 };
static const int64_t SHARD_SIZE = INT64_C(2) << 30;

static _Noreturn void give_up(const char *message)
{
    fprintf(stderr, "find_spectra: %s\n", message);
    exit(1);
}

static void make_shard(const char *path, int64_t number)
{
    struct shard_head head = {
        .version = SHARD_VERSION, .byte_order = SHARD_BYTE_ORDER, .number = number};
    struct shard_seal seal = {.size = (uint64_t)SHARD_SIZE - sizeof(seal)};
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

    memcpy(head.magic, SHARD_MAGIC, sizeof(head.magic));
    memcpy(seal.magic, SHARD_SEAL_MAGIC, sizeof(seal.magic));
    seal.own_checksum = checksum_of(&seal, offsetof(struct shard_seal, own_checksum));
    if (fd < 0 || pwrite(fd, &head, sizeof(head), 0) != sizeof(head) ||
        pwrite(fd, &seal, sizeof(seal), SHARD_SIZE - (off_t)sizeof(seal)) != sizeof(seal))
        give_up(path);
    close(fd);
}

static void make_missing_shards(const char *cache)
{
    struct catalogue *catalogue;
    struct failure failure;

    if (catalogue_open(cache, CATALOGUE_READ, &catalogue, &failure))
        give_up(failure.message);
    for (int64_t number = 1; number < catalogue_next_shard(catalogue); number++) {
        char name[SHARD_NAME_LENGTH], path[PATH_MAX];

        shard_name(number, name);
        snprintf(path, sizeof(path), "%s/%s", cache, name);
        if (access(path, F_OK) < 0)
            make_shard(path, number);
    }
    catalogue_close(catalogue);
}

static int64_t nanoseconds_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static int64_t find(struct archive_reader *reader, const char *id)
{
    struct holding holding = {0};
    struct failure failure;
    int64_t start = nanoseconds_now(), took;

    if (archive_find(reader, id, (struct waker){0}, &holding, &failure))
        give_up(failure.message);
    took = nanoseconds_now() - start;
    archive_release(&holding);
    return took;
}

static int compare(const void *a, const void *b)
{
    const int64_t *first = a, *second = b;

    return (*first > *second) - (*first < *second);
}

static void find_all(struct archive_reader *reader, char *const *ids, size_t count,
                     const char *what)
{
    static int64_t times[MOST];

    for (size_t i = 0; i < count; i++)
        times[i] = find(reader, ids[i]);
    qsort(times, count, sizeof(*times), compare);
    fprintf(stderr, "%s: median %.1f us, 99th percentile %.1f us\n", what,
            (double)times[count / 2] / 1e3, (double)times[count * 99 / 100] / 1e3);
}

static size_t read_ids(char *ids[MOST])
{
    char id[4096];
    size_t count = 0;

    while (count < MOST && fgets(id, sizeof(id), stdin)) {
        id[strcspn(id, "\n")] = '\0';
        ids[count++] = memory_copy_string(id);
    }
    return count;
}

int main(int argc, char **argv)
{
    static char *ids[MOST];
    struct archive_settings settings = {.collection = "lamost5",
                                        .authority = "test.example"};
    struct archive_reader *reader;
    struct archive *archive;
    struct failure failure;
    size_t count;

    if (argc != 2 || (count = read_ids(ids)) == 0)
        give_up("usage: find_spectra CACHE < ids");
    make_missing_shards(argv[1]);
    settings.archive_folder = settings.cache_folder = argv[1];
    if (archive_open(&settings, &archive, &failure) ||
        archive_reader_open(archive, &reader, &failure))
        give_up(failure.message);
    find_all(reader, ids, count, "first");
    find_all(reader, ids, count, "again");
    archive_reader_close(reader);
    archive_close(archive);
    return 0;
}
