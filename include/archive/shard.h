/*
 * shard.h - a file of axes and records that is written once, sealed, and never changes
 * again.
 *
 *   struct shard_head
 *   axis and record blocks (record.h), one behind the other, multiples of 8 bytes
 *   struct shard_seal
 *
 * It is written with write(), never through a map, so that a full disk is an error and
 * not a signal; while it grows it is named so that no server looks at it. It names no
 * path of its machine.
 */
#pragma once

#include "archive/map_watch.h"
#include "base/pager.h"
#include "base/status.h"

#include <stddef.h>
#include <stdint.h>

#define SHARD_MAGIC "CUTSHARD"
#define SHARD_SEAL_MAGIC "CUTSEALS"
#define SHARD_VERSION 1
#define SHARD_BYTE_ORDER 0x01020304u

/* 64 bytes each; reserved ones are 0. */
struct shard_head {
    char magic[8];
    uint32_t version;
    uint32_t byte_order; /* SHARD_BYTE_ORDER as the writing machine has it */
    int64_t number;
    uint64_t reserved[5];
};

struct shard_seal {
    char magic[8];
    uint64_t blocks;   /* how many */
    uint64_t size;     /* of all before the seal */
    uint64_t checksum; /* of all before the seal */
    uint64_t reserved[3];
    uint64_t own_checksum; /* of the seal up to here */
};

/* Write one. */
struct shard_writer;

/* Begin shard `number` in the cache folder, under a temporary name. */
enum status shard_writer_open(const char *folder, int64_t number,
                              struct shard_writer **out, struct failure *failure);
/* Append a block as record.h encodes it; *offset says where it lies. After a failure
 * nothing more can be added. */
enum status shard_writer_add(struct shard_writer *writer, const void *block, size_t size,
                             int64_t *offset, struct failure *failure);
int64_t shard_writer_size(const struct shard_writer *writer); /* bytes so far */
/* Write the seal, sync the file, give it its name, sync the folder. */
enum status shard_writer_seal(struct shard_writer *writer, struct failure *failure);
/* Closes; a shard that was not sealed is removed. NULL is fine. */
void shard_writer_close(struct shard_writer *writer);

/* Read one: a read-only map of a sealed shard. */
struct shard {
    int64_t number;
    const uint8_t *bytes;
    size_t size;
    int fd;
    bool may_look; /* pager_may_look() */
    struct watched_map *watch;
};

/* Map it, check head, version, byte order and the seal (not the contents). A shard that
   is missing or wrong is STATUS_DAMAGED: nothing but a row of the catalogue asks for one.
 */
enum status shard_open(const char *folder, int64_t number, struct shard *out,
                       struct failure *failure);
void shard_close(struct shard *shard);
/* Read all of it and compare with the checksum of the seal. */
enum status shard_check(const struct shard *shard, struct failure *failure);
/* `size` bytes at `offset`, or NULL when that is not inside the blocks. */
const void *shard_at(const struct shard *shard, int64_t offset, int64_t size);
/* The same as a part of the file; of no size when that is not inside. */
struct file_part shard_part(const struct shard *shard, int64_t offset, int64_t size);

/* File name of a shard in its folder, e.g. "000012.shard". */
enum { SHARD_NAME_LENGTH = 40 };
#define SHARD_GROWING ".growing" /* behind the name until it is sealed */
void shard_name(int64_t number, char out[SHARD_NAME_LENGTH]);
/* Remove what an interrupted ingest left: growing shards. */
enum status shard_remove_unsealed(const char *folder, struct failure *failure);
/* Remove a sealed one; those who have it mapped keep it. */
enum status shard_remove(const char *folder, int64_t number, struct failure *failure);
