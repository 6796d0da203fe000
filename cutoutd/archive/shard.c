#include "archive/shard.h"

#include "base/checksum.h"
#include "base/file.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static_assert(sizeof(struct shard_head) == 64 && sizeof(struct shard_seal) == 64,
              "head and seal are as long as shard.h says");

void shard_name(int64_t number, char out[SHARD_NAME_LENGTH])
{
    snprintf(out, SHARD_NAME_LENGTH, "%06lld.shard", (long long)number);
}

/* ---- opening ---- */

static enum status map_file(const char *path, struct shard *out, struct failure *failure)
{
    AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat facts;
    void *bytes;

    if (fd < 0 && errno == ENOENT)
        return failure_set(failure, STATUS_DAMAGED, "%s: missing", path);
    if (fd < 0 || fstat(fd, &facts) < 0)
        return failure_system(failure, "%s", path);
    if (facts.st_size < (off_t)(sizeof(struct shard_head) + sizeof(struct shard_seal)))
        return failure_set(failure, STATUS_DAMAGED, "%s: too short for a shard", path);
    bytes = mmap(NULL, (size_t)facts.st_size, PROT_READ, MAP_SHARED, fd, 0);
    if (bytes == MAP_FAILED)
        return failure_system(failure, "%s: map", path);
    out->bytes = bytes;
    out->size = (size_t)facts.st_size;
    out->may_look = pager_may_look(fd, path);
    out->watch = map_watch(bytes, out->size);
    out->fd = fd;
    fd = -1;
    return STATUS_OK;
}

static size_t blocks_end(const struct shard *shard)
{
    return shard->size - sizeof(struct shard_seal);
}

static const struct shard_seal *seal_of(const struct shard *shard)
{
    return (const void *)(shard->bytes + blocks_end(shard));
}

/* Says what is wrong, or NULL. */
static const char *head_fault(const struct shard_head *head, int64_t number)
{
    if (memcmp(head->magic, SHARD_MAGIC, sizeof(head->magic)) != 0)
        return "not a shard";
    if (head->byte_order != SHARD_BYTE_ORDER)
        return "written on a machine of another byte order: run cutoutd ingest with an "
               "empty cache folder";
    if (head->version != SHARD_VERSION)
        return "of another format version: run cutoutd ingest with an empty cache folder";
    return head->number == number ? NULL : "a shard under the name of another";
}

static const char *seal_fault(const struct shard *shard)
{
    const struct shard_seal *seal = seal_of(shard);

    /* Sizes first: an odd one would put the seal where no 8-byte field may lie. */
    if (shard->size % 8 != 0 ||
        memcmp(seal->magic, SHARD_SEAL_MAGIC, sizeof(seal->magic)) != 0 ||
        seal->size != blocks_end(shard))
        return "cut short or not sealed";
    if (seal->own_checksum !=
        checksum_of(seal, offsetof(struct shard_seal, own_checksum)))
        return "its seal is not what was written";
    return NULL;
}

enum status shard_open(const char *folder, int64_t number, struct shard *out,
                       struct failure *failure)
{
    struct shard shard = {.number = number};
    char name[SHARD_NAME_LENGTH], path[PATH_MAX];
    const char *fault;
    enum status status;

    shard_name(number, name);
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    status = map_file(path, &shard, failure);
    if (status)
        return status;
    if ((fault = head_fault((const void *)shard.bytes, number)) ||
        (fault = seal_fault(&shard))) {
        shard_close(&shard);
        return failure_set(failure, STATUS_DAMAGED, "%s: %s", path, fault);
    }
    *out = shard;
    return STATUS_OK;
}

void shard_close(struct shard *shard)
{
    map_unwatch(shard->watch);
    if (shard->bytes)
        munmap((void *)(uintptr_t)shard->bytes, shard->size);
    if (shard->bytes)
        close(shard->fd);
    *shard = (struct shard){0};
}

/* ---- contents ---- */

enum status shard_check(const struct shard *shard, struct failure *failure)
{
    if (checksum_of(shard->bytes, blocks_end(shard)) != seal_of(shard)->checksum)
        return failure_set(failure, STATUS_DAMAGED,
                           "shard %lld: its contents are not what was written",
                           (long long)shard->number);
    return STATUS_OK;
}

const void *shard_at(const struct shard *shard, int64_t offset, int64_t size)
{
    int64_t end = (int64_t)blocks_end(shard);

    if (offset < (int64_t)sizeof(struct shard_head) || size < 0 || offset > end ||
        size > end - offset)
        return NULL;
    return shard->bytes + offset;
}

struct file_part shard_part(const struct shard *shard, int64_t offset, int64_t size)
{
    const void *bytes = shard_at(shard, offset, size);

    return (struct file_part){
        .fd = shard->fd,
        .mapped = shard->may_look ? bytes : NULL,
        .offset = offset,
        .size = bytes ? (size_t)size : 0,
    };
}

/* ---- removing ---- */

enum status shard_remove(const char *folder, int64_t number, struct failure *failure)
{
    char name[SHARD_NAME_LENGTH], path[PATH_MAX];

    shard_name(number, name);
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    if (unlink(path) < 0 && errno != ENOENT)
        return failure_system(failure, "%s: remove", path);
    return STATUS_OK;
}

static bool is_growing(const char *name)
{
    size_t length = strlen(name), suffix = strlen(SHARD_GROWING);

    return length > suffix && strcmp(name + length - suffix, SHARD_GROWING) == 0;
}

enum status shard_remove_unsealed(const char *folder, struct failure *failure)
{
    enum status status = STATUS_OK;
    DIR *entries = opendir(folder);
    struct dirent *entry;

    if (!entries)
        return failure_system(failure, "%s", folder);
    while (!status && (entry = readdir(entries)))
        if (is_growing(entry->d_name) && unlinkat(dirfd(entries), entry->d_name, 0) < 0)
            status = failure_system(failure, "%s/%s: remove", folder, entry->d_name);
    closedir(entries);
    return status;
}
