/* base64.h - the encoding of VOTable streams (RFC 4648, section 4), without line ends. */
#pragma once

#include "base/buffer.h"

#include <stddef.h>
#include <stdint.h>

/* Bytes of text that `size` bytes make. */
static inline size_t base64_length(size_t size)
{
    return (size + 2) / 3 * 4;
}

/* Append the text of all the bytes, padded at the end. */
void base64_add(struct buffer *out, const uint8_t *bytes, size_t size);
