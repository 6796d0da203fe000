/* inflate.h - the one door to zlib: a gzip file inflated piece by piece, in constant
 * memory. */
#pragma once

#include "base/buffer.h"
#include "base/pager.h"
#include "base/status.h"
#include "base/waker.h"

struct inflate;

/* Takes over the descriptor, and reads it from its beginning. The pager may be NULL. */
struct inflate *inflate_open(int fd, struct pager *pager, struct waker waker);
void inflate_close(struct inflate *file); /* NULL is fine */

/* Append the next piece (64 kB or less); nothing appended is the end. STATUS_PENDING,
   with what there is: the rest is not in memory, and the waker will be called. Bytes that
   are no gzip, or are cut short, are STATUS_DAMAGED. Members follow each other as one
   stream (RFC 1952, section 2.2). */
enum status inflate_next(struct inflate *file, struct buffer *out,
                         struct failure *failure);
