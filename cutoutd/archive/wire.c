#include "archive/wire.h"

#include <string.h>

void wire_put_integer(struct buffer *out, int64_t value)
{
    buffer_add(out, &value, sizeof(value));
}

void wire_put_real(struct buffer *out, double value)
{
    buffer_add(out, &value, sizeof(value));
}

void wire_put_text(struct buffer *out, const char *text)
{
    uint32_t length = text ? (uint32_t)strlen(text) + 1 : 0;

    buffer_add(out, &length, sizeof(length));
    if (text)
        buffer_add(out, text, length - 1);
}

void wire_put_bytes(struct buffer *out, const void *bytes, size_t size)
{
    wire_put_integer(out, (int64_t)size);
    buffer_add(out, bytes, size);
}

struct wire wire_of(const void *bytes, size_t size)
{
    return (struct wire){.next = bytes, .left = size};
}

/* The next bytes, or NULL if there are not so many. */
static const uint8_t *take(struct wire *wire, uint64_t size)
{
    const uint8_t *taken = wire->next;

    if (wire->damaged || size > wire->left) {
        wire->damaged = true;
        return NULL;
    }
    wire->next += size;
    wire->left -= size;
    return taken;
}

static void take_into(struct wire *wire, void *out, size_t size)
{
    const uint8_t *taken = take(wire, size);

    if (taken)
        memcpy(out, taken, size);
    else
        memset(out, 0, size);
}

int64_t wire_take_integer(struct wire *wire)
{
    int64_t value;

    take_into(wire, &value, sizeof(value));
    return value;
}

double wire_take_real(struct wire *wire)
{
    double value;

    take_into(wire, &value, sizeof(value));
    return value;
}

const char *wire_take_text(struct wire *wire, struct arena *arena)
{
    uint32_t length;
    const uint8_t *text;

    take_into(wire, &length, sizeof(length));
    if (length == 0)
        return NULL;
    text = take(wire, length - 1);
    if (!text)
        return NULL;
    if (memchr(text, '\0', length - 1)) {
        wire->damaged = true;
        return NULL;
    }
    return arena_copy(arena, (const char *)text, length - 1);
}

const void *wire_take_bytes(struct wire *wire, struct arena *arena, size_t *size)
{
    uint64_t length = (uint64_t)wire_take_integer(wire);
    const uint8_t *bytes = take(wire, length);
    void *copy;

    *size = bytes ? length : 0;
    if (!bytes)
        return NULL;
    copy = arena_take(arena, length);
    if (length)
        memcpy(copy, bytes, length);
    return copy;
}
