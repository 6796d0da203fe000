/* big_endian.h - numbers as the big-endian bytes that FITS (4.0, section 5) and VOTable's
 * binary forms (1.4, section 2.1) share; each put returns where the next one goes. */
#pragma once

#include <endian.h>
#include <stdint.h>
#include <string.h>

static inline uint8_t *put_short(uint8_t *out, int16_t value)
{
    uint16_t bits = htobe16((uint16_t)value);

    memcpy(out, &bits, sizeof(bits));
    return out + sizeof(bits);
}

static inline uint8_t *put_integer(uint8_t *out, int32_t value)
{
    uint32_t bits = htobe32((uint32_t)value);

    memcpy(out, &bits, sizeof(bits));
    return out + sizeof(bits);
}

static inline uint8_t *put_long(uint8_t *out, int64_t value)
{
    uint64_t bits = htobe64((uint64_t)value);

    memcpy(out, &bits, sizeof(bits));
    return out + sizeof(bits);
}

static inline uint8_t *put_float(uint8_t *out, float value)
{
    int32_t bits;

    memcpy(&bits, &value, sizeof(bits));
    return put_integer(out, bits);
}

static inline uint8_t *put_double(uint8_t *out, double value)
{
    int64_t bits;

    memcpy(&bits, &value, sizeof(bits));
    return put_long(out, bits);
}
