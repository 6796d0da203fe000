#include "protocol/sdm_rows.h"

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
    *out++ = 0; /* null flags */
    out = put_double(out, axis_at(&spectrum->axis, i));
    out = put_float(out, spectrum->flux[i]);
    out = put_float(out, spectrum->flux_error[i]);
    out = put_short(out, mask_at(spectrum->and_mask, spectrum->mask_width, i));
    return put_short(out, mask_at(spectrum->or_mask, spectrum->mask_width, i));
}

/* A row is a multiple of three bytes, so pieces of whole rows can be encoded one by one:
 * no padding falls between. */
void sdm_rows_binary2(const struct slice *slice, struct buffer *out)
{
    enum { PIECE = 64 };
    uint8_t rows[PIECE * SDM_ROW_BYTES];
    size_t end = slice->first + slice->count;

    _Static_assert(SDM_ROW_BYTES % 3 == 0, "base64 would pad inside the stream");
    for (size_t i = slice->first; i < end;) {
        uint8_t *next = rows;

        for (size_t last = i + PIECE < end ? i + PIECE : end; i < last; i++)
            next = put_row(next, slice->spectrum, i);
        base64_add(out, rows, (size_t)(next - rows));
    }
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
