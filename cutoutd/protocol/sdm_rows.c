#include "protocol/sdm_rows.h"

#include "base/number.h"
#include "format/base64.h"
#include "format/votable.h"

#include <endian.h>
#include <string.h>

static uint8_t *put_double(uint8_t *out, double value)
{
    uint64_t bits;

    memcpy(&bits, &value, sizeof(bits));
    bits = htobe64(bits);
    memcpy(out, &bits, sizeof(bits));
    return out + sizeof(bits);
}

static uint8_t *put_float(uint8_t *out, float value)
{
    uint32_t bits;

    memcpy(&bits, &value, sizeof(bits));
    bits = htobe32(bits);
    memcpy(out, &bits, sizeof(bits));
    return out + sizeof(bits);
}

static uint8_t *put_short(uint8_t *out, int16_t value)
{
    uint16_t bits = htobe16((uint16_t)value);

    memcpy(out, &bits, sizeof(bits));
    return out + sizeof(bits);
}

static uint8_t *put_row(uint8_t *out, const struct spectrum *spectrum, size_t i)
{
    out = put_double(out, axis_at(&spectrum->axis, i));
    out = put_float(out, spectrum->flux[i]);
    out = put_float(out, spectrum->flux_error[i]);
    out = put_short(out, mask_at(spectrum->and_mask, spectrum->mask_width, i));
    return put_short(out, mask_at(spectrum->or_mask, spectrum->mask_width, i));
}

/* Rows are encoded in pieces of so many that they make a multiple of three bytes: no
 * padding falls between. */
enum { PIECE = 63 };
_Static_assert(PIECE % 3 == 0, "base64 would pad inside the stream");

void sdm_rows_binary2(const struct slice *slice, struct buffer *out)
{
    uint8_t rows[PIECE * SDM_BINARY2_ROW_BYTES];
    size_t end = slice->first + slice->count;

    for (size_t i = slice->first; i < end;) {
        uint8_t *next = rows;

        for (size_t last = i + PIECE < end ? i + PIECE : end; i < last; i++) {
            *next++ = 0; /* null flags */
            next = put_row(next, slice->spectrum, i);
        }
        base64_add(out, rows, (size_t)(next - rows));
    }
}

void sdm_rows_binary(const struct slice *slice, struct buffer *out)
{
    uint8_t rows[PIECE * SDM_ROW_BYTES];
    size_t end = slice->first + slice->count;

    for (size_t i = slice->first; i < end;) {
        uint8_t *next = rows;

        for (size_t last = i + PIECE < end ? i + PIECE : end; i < last; i++)
            next = put_row(next, slice->spectrum, i);
        base64_add(out, rows, (size_t)(next - rows));
    }
}

void sdm_rows_bytes(const struct slice *slice, struct buffer *out)
{
    uint8_t *next = buffer_room(out, slice->count * SDM_ROW_BYTES);

    for (size_t i = slice->first; i < slice->first + slice->count; i++)
        next = put_row(next, slice->spectrum, i);
    buffer_added(out, slice->count * SDM_ROW_BYTES);
}

void sdm_rows_tabledata(const struct slice *slice, struct buffer *out)
{
    const struct spectrum *spectrum = slice->spectrum;

    for (size_t i = slice->first; i < slice->first + slice->count; i++) {
        votable_row_open(out);
        votable_cell_double(out, axis_at(&spectrum->axis, i));
        votable_cell_float(out, spectrum->flux[i]);
        votable_cell_float(out, spectrum->flux_error[i]);
        votable_cell_integer(out, mask_at(spectrum->and_mask, spectrum->mask_width, i));
        votable_cell_integer(out, mask_at(spectrum->or_mask, spectrum->mask_width, i));
        votable_row_close(out);
    }
}

static char *put_mask(char *out, const struct spectrum *spectrum, const void *mask,
                      size_t i)
{
    return out + number_write_integer(out, mask_at(mask, spectrum->mask_width, i));
}

static char *put_line(char *out, const struct spectrum *spectrum, size_t i,
                      char separator)
{
    out += number_write_double(out, axis_at(&spectrum->axis, i));
    *out++ = separator;
    out += number_write_float(out, spectrum->flux[i]);
    *out++ = separator;
    out += number_write_float(out, spectrum->flux_error[i]);
    *out++ = separator;
    out = put_mask(out, spectrum, spectrum->and_mask, i);
    *out++ = separator;
    out = put_mask(out, spectrum, spectrum->or_mask, i);
    *out++ = '\n';
    return out;
}

void sdm_rows_text(const struct slice *slice, char separator, struct buffer *out)
{
    enum { LONGEST_LINE = 5 * (NUMBER_LENGTH + 1) };

    for (size_t i = slice->first; i < slice->first + slice->count; i++) {
        char *line = (char *)buffer_room(out, LONGEST_LINE);
        const char *end = put_line(line, slice->spectrum, i, separator);

        buffer_added(out, (size_t)(end - line));
    }
}
