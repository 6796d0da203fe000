/*
 * spool.h - bytes that are appended and later read, however many: a few MB in memory, the
 * rest in a file without a name that ends with the process.
 */
#pragma once

#include "base/status.h"

#include <stddef.h>
#include <stdint.h>

struct spool;

struct spool *spool_open(void);
void spool_close(struct spool *spool); /* NULL is fine */

/* Append. The file is made in TMPDIR, else in /tmp, when the first few MB are full; after
 * a failure the spool is good for spool_close() only. */
enum status spool_add(struct spool *spool, const void *bytes, size_t size,
                      struct failure *failure);
int64_t spool_length(const struct spool *spool);

/* Copy what lies at an offset and has been added. Quick where offsets rise. */
enum status spool_read(struct spool *spool, int64_t offset, void *out, size_t size,
                       struct failure *failure);
