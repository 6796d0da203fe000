#include "base/buffer.h"

#include "base/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SMALLEST = 512 };

void buffer_init(struct buffer *buffer)
{
    *buffer = (struct buffer){0};
}

void buffer_finish(struct buffer *buffer)
{
    free(buffer->bytes);
    buffer_init(buffer);
}

void buffer_clear(struct buffer *buffer)
{
    buffer->length = 0;
}

uint8_t *buffer_room(struct buffer *buffer, size_t size)
{
    size_t needed = buffer->length + size;

    if (needed > buffer->capacity) {
        size_t capacity = buffer->capacity ? buffer->capacity : SMALLEST;

        while (capacity < needed)
            capacity *= 2;
        buffer->bytes = memory_resize(buffer->bytes, capacity);
        buffer->capacity = capacity;
    }
    return buffer->bytes + buffer->length;
}

void buffer_added(struct buffer *buffer, size_t size)
{
    buffer->length += size;
}

void buffer_add(struct buffer *buffer, const void *bytes, size_t size)
{
    if (size)
        memcpy(buffer_room(buffer, size), bytes, size);
    buffer->length += size;
}

void buffer_add_string(struct buffer *buffer, const char *text)
{
    buffer_add(buffer, text, strlen(text));
}

void buffer_add_char(struct buffer *buffer, char character)
{
    *buffer_room(buffer, 1) = (uint8_t)character;
    buffer->length++;
}

void buffer_format(struct buffer *buffer, const char *format, ...)
{
    va_list arguments, again;
    int length;

    va_start(arguments, format);
    va_copy(again, arguments);
    length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    vsnprintf((char *)buffer_room(buffer, (size_t)length + 1), (size_t)length + 1, format,
              again);
    va_end(again);
    buffer->length += (size_t)length;
}
