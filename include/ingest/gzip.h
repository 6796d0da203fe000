/* gzip.h - gzip in memory (RFC 1952), the whole of it at once. */
#pragma once

#include "base/buffer.h"
#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

/* Told by the first two bytes, whatever the file is called. */
bool gzip_is(const void *bytes, size_t size);

/*
 * Append what all members inflate to, their checksums and lengths checked. Damaged, cut
 * short, followed by anything that is no member, or more than `limit` bytes:
 * STATUS_REFUSED, and *out is as long as it was.
 */
enum status gzip_inflate(const void *bytes, size_t size, size_t limit, struct buffer *out,
                         struct failure *failure);
