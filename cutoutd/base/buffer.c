#include "base/buffer.h"

#include "base/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

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

void buffer_grow(struct buffer *buffer, size_t size)
{
    size_t needed = buffer->length + size;
    size_t capacity = buffer->capacity ? buffer->capacity : SMALLEST;

    while (capacity < needed)
        capacity *= 2;
    buffer->bytes = memory_resize(buffer->bytes, capacity);
    buffer->capacity = capacity;
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
