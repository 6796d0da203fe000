/* inflate.h - the one door to zlib: a gzip file inflated piece by piece, in constant
 * memory. */
#pragma once

#include "base/buffer.h"
#include "base/status.h"

struct inflate;

/* Takes over the descriptor, and reads it from its beginning. */
struct inflate *inflate_open(int fd);
void inflate_close(struct inflate *file); /* NULL is fine */

/* Append the next piece (64 kB or less); nothing appended is the end. Bytes that are no
   gzip, or are cut short, are STATUS_DAMAGED. Members follow each other as one stream
   (RFC 1952, section 2.2). */
enum status inflate_next(struct inflate *file, struct buffer *out,
                         struct failure *failure);
