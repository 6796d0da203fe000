/*
 * fits_writer.h - FITS files built in memory by tests: cards as text, numbers in FITS'
 * byte order, blocks filled up. Whatever it is told to write it writes, wrong or not.
 */
#pragma once

#include "base/buffer.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { FITS_BLOCK = 2880, FITS_CARD = 80 };

static inline void fits_fill_block(struct buffer *fits, char with)
{
    while (fits->length % FITS_BLOCK)
        buffer_add_char(fits, with);
}

/* A card as it is given, blanks after it. */
static inline void __attribute__((format(printf, 2, 3)))
fits_add_card(struct buffer *fits, const char *format, ...)
{
    char card[FITS_CARD + 1];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(card, sizeof(card), format, arguments);
    va_end(arguments);
    buffer_add_string(fits, card);
    for (size_t i = strlen(card); i < FITS_CARD; i++)
        buffer_add_char(fits, ' ');
}

/* A NULL-ended list of cards. */
static inline void fits_add_cards(struct buffer *fits, const char *const *cards)
{
    for (; cards && *cards; cards++)
        fits_add_card(fits, "%s", *cards);
}

static inline void fits_end_header(struct buffer *fits)
{
    fits_add_card(fits, "END");
    fits_fill_block(fits, ' ');
}

static inline void fits_end_data(struct buffer *fits)
{
    fits_fill_block(fits, 0);
}

static inline void fits_add_big_endian(struct buffer *fits, uint64_t bits, int bytes)
{
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
        buffer_add_char(fits, (char)(bits >> shift));
}

/* A number as a TFORM letter has it. */
static inline void fits_add_number(struct buffer *fits, char type, double value)
{
    float single = (float)value;
    uint64_t bits = 0;
    uint32_t single_bits = 0;

    memcpy(&bits, &value, sizeof(bits));
    memcpy(&single_bits, &single, sizeof(single_bits));
    switch (type) {
    case 'D':
        fits_add_big_endian(fits, bits, 8);
        break;
    case 'E':
        fits_add_big_endian(fits, single_bits, 4);
        break;
    case 'J':
        fits_add_big_endian(fits, (uint64_t)(int64_t)value, 4);
        break;
    case 'I':
        fits_add_big_endian(fits, (uint64_t)(int64_t)value, 2);
        break;
    default:
        fits_add_big_endian(fits, (uint64_t)(int64_t)value, 1);
    }
}

static inline int fits_type_size(char type)
{
    return type == 'D' ? 8 : type == 'E' || type == 'J' ? 4 : type == 'I' ? 2 : 1;
}

static inline void fits_add_image_head(struct buffer *fits, int bitpix, int columns,
                                       int rows)
{
    fits_add_card(fits, "SIMPLE  =                    T");
    fits_add_card(fits, "BITPIX  = %20d", bitpix);
    fits_add_card(fits, "NAXIS   =                    2");
    fits_add_card(fits, "NAXIS1  = %20d", columns);
    fits_add_card(fits, "NAXIS2  = %20d", rows);
}

static inline void fits_add_empty_head(struct buffer *fits)
{
    fits_add_card(fits, "SIMPLE  =                    T");
    fits_add_card(fits, "BITPIX  =                   16");
    fits_add_card(fits, "NAXIS   =                    0");
}

/* A column of a table of tests. */
struct fits_field {
    const char *name;
    char type;
    const double *values;
};

/* `count` values a column: as so many rows, or as one row of vectors. `cards` end with
 * NULL, or are NULL. */
static inline void fits_add_table(struct buffer *fits, const char *name,
                                  const struct fits_field *fields, int columns, int count,
                                  bool vectors, const char *const *cards)
{
    int repeat = vectors ? count : 1, rows = vectors ? 1 : count, row_size = 0;

    for (int i = 0; i < columns; i++)
        row_size += repeat * fits_type_size(fields[i].type);
    fits_add_card(fits, "XTENSION= 'BINTABLE'");
    fits_add_card(fits, "BITPIX  =                    8");
    fits_add_card(fits, "NAXIS   =                    2");
    fits_add_card(fits, "NAXIS1  = %20d", row_size);
    fits_add_card(fits, "NAXIS2  = %20d", rows);
    fits_add_card(fits, "PCOUNT  =                    0");
    fits_add_card(fits, "GCOUNT  =                    1");
    fits_add_card(fits, "TFIELDS = %20d", columns);
    fits_add_cards(fits, cards);
    fits_add_card(fits, "EXTNAME = '%-8s'", name);
    for (int i = 0; i < columns; i++)
        fits_add_card(fits, "TTYPE%d  = '%-8s'", i + 1, fields[i].name);
    for (int i = 0; i < columns; i++)
        fits_add_card(fits, "TFORM%d  = '%d%c'", i + 1, repeat, fields[i].type);
    fits_end_header(fits);
    for (int row = 0; row < rows; row++)
        for (int i = 0; i < columns; i++)
            for (int element = 0; element < repeat; element++)
                fits_add_number(fits, fields[i].type,
                                fields[i].values[row * repeat + element]);
    fits_end_data(fits);
}
