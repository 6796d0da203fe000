/* percent.h - percent escapes of URIs and forms (RFC 3986, section 2.1). */
#pragma once

#include "base/buffer.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * Undo them into out, which has room for `length` bytes and a NUL; in forms a plus sign
 * is a blank. Returns the length of the result, or -1 for an escape that is none, and for
 * NUL, escaped or not.
 */
ssize_t percent_decode(const char *text, size_t length, bool plus_is_blank, char *out);

/* Append a text as a value in a query: all but letters, digits and -._~/:? is
 * escaped. */
void percent_encode(const char *text, struct buffer *out);
