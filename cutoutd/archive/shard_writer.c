#include "archive/shard.h"

#include "base/checksum.h"
#include "base/file.h"
#include "base/memory.h"

#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct shard_writer {
    char folder[PATH_MAX];
    char growing[PATH_MAX]; /* path while it grows */
    char sealed[PATH_MAX];  /* path afterwards */
    int fd;
    int64_t size;
    uint64_t blocks;
    struct checksum *checksum;
    bool is_closed; /* nothing more goes in: it is sealed, or a write failed */
    bool is_sealed;
};

static enum status append(struct shard_writer *writer, const void *bytes, size_t size,
                          struct failure *failure)
{
    if (file_write(writer->fd, bytes, size, failure)) {
        writer->is_closed = true;
        return failure_prefix(failure, "%s: ", writer->growing);
    }
    writer->size += (int64_t)size;
    return STATUS_OK;
}

static enum status append_counted(struct shard_writer *writer, const void *bytes,
                                  size_t size, struct failure *failure)
{
    checksum_add(writer->checksum, bytes, size);
    return append(writer, bytes, size, failure);
}

static enum status begin_file(struct shard_writer *writer, int64_t number,
                              struct failure *failure)
{
    struct shard_head head = {
        .version = SHARD_VERSION, .byte_order = SHARD_BYTE_ORDER, .number = number};

    memcpy(head.magic, SHARD_MAGIC, sizeof(head.magic));
    writer->fd = open(writer->growing, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (writer->fd < 0)
        return failure_system(failure, "%s", writer->growing);
    return append_counted(writer, &head, sizeof(head), failure);
}

enum status shard_writer_open(const char *folder, int64_t number,
                              struct shard_writer **out, struct failure *failure)
{
    struct shard_writer *writer;
    char name[SHARD_NAME_LENGTH];
    enum status status;

    if (number < 0)
        return failure_set(failure, STATUS_SYSTEM, "%s: no number for a shard", folder);
    memory_new(writer);
    shard_name(number, name);
    snprintf(writer->folder, PATH_MAX, "%s", folder);
    snprintf(writer->growing, PATH_MAX, "%s/%s%s", folder, name, SHARD_GROWING);
    snprintf(writer->sealed, PATH_MAX, "%s/%s", folder, name);
    writer->checksum = checksum_open();
    status = begin_file(writer, number, failure);
    if (status) {
        shard_writer_close(writer);
        return status;
    }
    *out = writer;
    return STATUS_OK;
}

static enum status expect_open(const struct shard_writer *writer, struct failure *failure)
{
    if (writer->is_closed)
        return failure_set(failure, STATUS_SYSTEM,
                           "%s: sealed already, or a write failed", writer->sealed);
    return STATUS_OK;
}

enum status shard_writer_add(struct shard_writer *writer, const void *block, size_t size,
                             int64_t *offset, struct failure *failure)
{
    int64_t begin = writer->size;
    enum status status;

    if (size % 8 != 0)
        return failure_set(failure, STATUS_SYSTEM,
                           "%s: a block of %zu bytes is not aligned", writer->growing,
                           size);
    if ((status = expect_open(writer, failure)) ||
        (status = append_counted(writer, block, size, failure)))
        return status;
    writer->blocks++;
    *offset = begin;
    return STATUS_OK;
}

int64_t shard_writer_size(const struct shard_writer *writer)
{
    return writer->size;
}

static enum status append_seal(struct shard_writer *writer, struct failure *failure)
{
    struct shard_seal seal = {.blocks = writer->blocks,
                              .size = (uint64_t)writer->size,
                              .checksum = checksum_value(writer->checksum)};

    memcpy(seal.magic, SHARD_SEAL_MAGIC, sizeof(seal.magic));
    seal.own_checksum = checksum_of(&seal, offsetof(struct shard_seal, own_checksum));
    return append(writer, &seal, sizeof(seal), failure);
}

/* The name comes last: whoever sees it finds the whole shard on the disk. */
static enum status make_lasting(struct shard_writer *writer, struct failure *failure)
{
    if (fsync(writer->fd) < 0)
        return failure_system(failure, "%s: sync", writer->growing);
    if (rename(writer->growing, writer->sealed) < 0)
        return failure_system(failure, "%s: rename", writer->growing);
    writer->is_sealed = true;
    return file_sync_folder(writer->folder, failure);
}

enum status shard_writer_seal(struct shard_writer *writer, struct failure *failure)
{
    enum status status;

    if ((status = expect_open(writer, failure)) ||
        (status = append_seal(writer, failure)))
        return status;
    writer->is_closed = true;
    return make_lasting(writer, failure);
}

void shard_writer_close(struct shard_writer *writer)
{
    if (!writer)
        return;
    if (writer->fd >= 0)
        close(writer->fd);
    if (!writer->is_sealed)
        unlink(writer->growing);
    checksum_close(writer->checksum);
    free(writer);
}
