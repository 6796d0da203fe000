#include "bulk/bulk_bytes.h"

#include "format/big_endian.h"

#include <endian.h>
#include <math.h>
#include <string.h>

static const double ANGSTROM_PER_METRE = 1e10;

void bulk_add_integer(struct buffer *out, int32_t value)
{
    put_integer(buffer_room(out, sizeof(value)), value);
    buffer_added(out, sizeof(value));
}

void bulk_add_long(struct buffer *out, int64_t value)
{
    put_long(buffer_room(out, sizeof(value)), value);
    buffer_added(out, sizeof(value));
}

void bulk_add_double(struct buffer *out, double value)
{
    put_double(buffer_room(out, sizeof(value)), value);
    buffer_added(out, sizeof(value));
}

double bulk_real(const struct bulk_row *row, enum bulk_column column)
{
    return column == BULK_RA         ? row->ra
           : column == BULK_DEC      ? row->dec
           : column == BULK_REDSHIFT ? row->redshift
                                     : row->snr;
}

void bulk_add_numbers(struct buffer *out, const struct bulk_row *row,
                      enum bulk_column column)
{
    if (column == BULK_SAMPLES) {
        bulk_add_integer(out, (int32_t)row->count);
    } else if (column == BULK_BAND) {
        bulk_add_double(out, row->band.lower / ANGSTROM_PER_METRE);
        bulk_add_double(out, row->band.upper / ANGSTROM_PER_METRE);
    } else {
        bulk_add_double(out, bulk_real(row, column));
    }
}

const char *bulk_text(const struct bulk_row *row, enum bulk_column column)
{
    return column == BULK_PUBLISHER_DID ? row->did
           : column == BULK_STATUS      ? bulk_status_names[row->status]
           : column == BULK_CLASS       ? row->target_class
                                        : row->target_subclass;
}

void bulk_add_padded(struct buffer *out, const char *text, size_t width)
{
    size_t length = strnlen(text, width);

    memset(buffer_room(out, width), 0, width);
    memcpy(buffer_room(out, width), text, length);
    buffer_added(out, width);
}

/* ---- arrays ---- */

double bulk_wavelength(const struct bulk_row *row, size_t i)
{
    double wavelength = axis_at(&row->spectrum.axis, row->first + i);

    return row->stretch == 1 ? wavelength : wavelength / row->stretch;
}

static void put_floats(uint8_t *out, const float *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        out = put_float(out, values[i]);
}

/* Most are of one axis of floats, as they were observed: no question in the loop. */
static void put_wavelengths(uint8_t *out, const struct bulk_row *row)
{
    const struct axis *axis = &row->spectrum.axis;
    const float *floats = (const float *)axis->values + row->first;

    if (axis->type == AXIS_FLOAT32 && row->stretch == 1)
        for (size_t i = 0; i < row->reserved; i++)
            put_double(out + i * sizeof(double), (double)floats[i]);
    else
        for (size_t i = 0; i < row->reserved; i++)
            put_double(out + i * sizeof(double), bulk_wavelength(row, i));
}

/* Four at a time, as one word. */
static void put_mask_bytes(uint8_t *out, const uint8_t *masks, size_t count)
{
    size_t i = 0;

    for (; i + 4 <= count; i += 4) {
        uint64_t four = htobe64((uint64_t)masks[i] << 48 | (uint64_t)masks[i + 1] << 32 |
                                (uint64_t)masks[i + 2] << 16 | masks[i + 3]);

        memcpy(out + i * sizeof(int16_t), &four, sizeof(four));
    }
    for (; i < count; i++)
        put_short(out + i * sizeof(int16_t), masks[i]);
}

static void put_masks(uint8_t *out, const struct bulk_row *row, const void *mask)
{
    if (row->spectrum.mask_width == MASK_BYTE)
        put_mask_bytes(out, (const uint8_t *)mask + row->first, row->reserved);
    else
        for (size_t i = 0; i < row->reserved; i++)
            put_short(out + i * sizeof(int16_t),
                      mask_at(mask, MASK_SHORT, row->first + i));
}

static void put_samples(uint8_t *out, const struct bulk_row *row, enum bulk_column column)
{
    if (column == BULK_SPECTRAL)
        put_wavelengths(out, row);
    else if (column == BULK_FLUX)
        put_floats(out, row->spectrum.flux + row->first, row->reserved);
    else if (column == BULK_FLUX_ERROR)
        put_floats(out, row->spectrum.flux_error + row->first, row->reserved);
    else if (column == BULK_AND_MASK)
        put_masks(out, row, row->spectrum.and_mask);
    else
        put_masks(out, row, row->spectrum.or_mask);
}

static void put_nothing(uint8_t *out, const struct bulk_row *row, enum bulk_column column)
{
    static const float nan = NAN;

    if (column == BULK_SPECTRAL)
        for (size_t i = 0; i < row->reserved; i++, out += sizeof(double))
            put_double(out, (double)nan);
    else if (column == BULK_FLUX || column == BULK_FLUX_ERROR)
        for (size_t i = 0; i < row->reserved; i++, out += sizeof(float))
            put_floats(out, &nan, 1);
    else
        memset(out, 0, row->reserved * sizeof(int16_t));
}

void bulk_add_array(struct buffer *out, const struct bulk_row *row,
                    enum bulk_column column)
{
    size_t size = row->reserved * bulk_value_size(column);

    if (size == 0) /* room for nothing may be nowhere */
        return;
    (row->count ? put_samples : put_nothing)(buffer_room(out, size), row, column);
    buffer_added(out, size);
}
