/* buffer.h - bytes that grow at the end: what documents are written into. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct buffer {
    uint8_t *bytes;
    size_t length;   /* bytes in use */
    size_t capacity; /* bytes allocated */
};

void buffer_init(struct buffer *buffer); /* allocates nothing */
void buffer_finish(struct buffer *buffer);
void buffer_clear(struct buffer *buffer); /* keeps the allocation */

void buffer_grow(struct buffer *buffer, size_t size); /* by so many bytes at least */

/* Make room for `size` more bytes and return where they begin; buffer_added() then counts
 * them. */
static inline uint8_t *buffer_room(struct buffer *buffer, size_t size)
{
    if (buffer->capacity - buffer->length < size)
        buffer_grow(buffer, size);
    return buffer->bytes + buffer->length;
}

static inline void buffer_added(struct buffer *buffer, size_t size)
{
    buffer->length += size;
}

static inline void buffer_add(struct buffer *buffer, const void *bytes, size_t size)
{
    if (!size)
        return;
    memcpy(buffer_room(buffer, size), bytes, size);
    buffer->length += size;
}

static inline void buffer_add_char(struct buffer *buffer, char character)
{
    *buffer_room(buffer, 1) = (uint8_t)character;
    buffer->length++;
}

static inline void buffer_add_string(struct buffer *buffer, const char *text)
{
    buffer_add(buffer, text, strlen(text));
}

void buffer_format(struct buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Append a literal without counting it at run time. */
#define buffer_add_literal(buffer, literal)                                              \
    buffer_add((buffer), "" literal, sizeof(literal) - 1)
