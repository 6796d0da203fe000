/*
 * wire.h - numbers and texts as bytes between two processes of this program on one
 * machine.
 *
 * Native byte order, nothing aligned: an integer or a real takes 8 bytes; a text its
 * length plus one (0: absent) in 4 bytes, then its bytes; a run of bytes its length in 8
 * bytes, then the bytes.
 */
#pragma once

#include "base/arena.h"
#include "base/buffer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void wire_put_integer(struct buffer *out, int64_t value);
void wire_put_real(struct buffer *out, double value);
void wire_put_text(struct buffer *out, const char *text); /* NULL: absent */
void wire_put_bytes(struct buffer *out, const void *bytes, size_t size);

/* What is still to be taken. Once something did not fit, it is damaged and gives zeros.
 */
struct wire {
    const uint8_t *next;
    size_t left;
    bool damaged;
};

struct wire wire_of(const void *bytes, size_t size);
int64_t wire_take_integer(struct wire *wire);
double wire_take_real(struct wire *wire);

/* Copies in the arena. A text with a NUL inside is damage. */
const char *wire_take_text(struct wire *wire, struct arena *arena);
const void *wire_take_bytes(struct wire *wire, struct arena *arena, size_t *size);
