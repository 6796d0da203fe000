#include "sdm/sdm_rows.h"

#include "base/number.h"
#include "format/base64.h"
#include "format/big_endian.h"
#include "format/votable.h"

#include <string.h>

static inline uint8_t *put_row(uint8_t *out, const struct spectrum *spectrum, size_t i)
{
    out = put_double(out, axis_at(&spectrum->axis, i));
    out = put_float(out, spectrum->flux[i]);
    out = put_float(out, spectrum->flux_error[i]);
    out = put_short(out, mask_at(spectrum->and_mask, spectrum->mask_width, i));
    return put_short(out, mask_at(spectrum->or_mask, spectrum->mask_width, i));
}

/* Samples that are to become rows: each behind `flags` bytes of null flags. */
struct stretch {
    const struct spectrum *spectrum;
    size_t first, end, flags;
};

/* Types that are known to the compiler are not asked for at each sample. */
static inline __attribute__((always_inline)) uint8_t *
put_typed(uint8_t *out, const struct stretch *stretch, enum axis_type type,
          enum mask_width width)
{
    struct spectrum spectrum = *stretch->spectrum;
    size_t flags = stretch->flags, end = stretch->end;

    spectrum.axis.type = type;
    spectrum.mask_width = width;
    for (size_t i = stretch->first; i < end; i++) {
        *out = 0;
        out = put_row(out + flags, &spectrum, i);
    }
    return out;
}

static uint8_t *put_rows(uint8_t *out, const struct stretch *stretch)
{
    enum axis_type type = stretch->spectrum->axis.type;
    enum mask_width width = stretch->spectrum->mask_width;

    if (type == AXIS_FLOAT32 && width == MASK_BYTE)
        return put_typed(out, stretch, AXIS_FLOAT32, MASK_BYTE);
    if (type == AXIS_FLOAT64 && width == MASK_BYTE)
        return put_typed(out, stretch, AXIS_FLOAT64, MASK_BYTE);
    return put_typed(out, stretch, type, width);
}

/* Rows are encoded in pieces of so many that they make a multiple of what base64 takes at
 * once: no padding falls between. */
enum { PIECE = 96 };
_Static_assert(PIECE % 24 == 0, "base64 would pad inside the stream");

static void add_base64(const struct slice *slice, size_t flags, struct buffer *out)
{
    uint8_t rows[PIECE * SDM_BINARY2_ROW_BYTES];
    size_t end = slice->first + slice->count;

    for (size_t i = slice->first; i < end; i += PIECE) {
        struct stretch stretch = {slice->spectrum, i, i + PIECE < end ? i + PIECE : end,
                                  flags};

        base64_add(out, rows, (size_t)(put_rows(rows, &stretch) - rows));
    }
}

void sdm_rows_binary2(const struct slice *slice, struct buffer *out)
{
    add_base64(slice, 1, out);
}

void sdm_rows_binary(const struct slice *slice, struct buffer *out)
{
    add_base64(slice, 0, out);
}

void sdm_rows_bytes(const struct slice *slice, struct buffer *out)
{
    struct stretch stretch = {slice->spectrum, slice->first, slice->first + slice->count,
                              0};

    put_rows(buffer_room(out, slice->count * SDM_ROW_BYTES), &stretch);
    buffer_added(out, slice->count * SDM_ROW_BYTES);
}

/* ---- rows as text ---- */

/* What stands between numbers, in a room that is copied at once. */
struct mark {
    char text[16];
    size_t length;
};

#define MARK(literal)                                                                    \
    {                                                                                    \
        literal, sizeof(literal) - 1                                                     \
    }

struct line_form {
    struct mark before, between, after;
};

static char *put_mark(char *out, const struct mark *mark)
{
    memcpy(out, mark->text, sizeof(mark->text));
    return out + mark->length;
}

static char *put_line(char *out, const struct line_form *form,
                      const struct spectrum *spectrum, size_t i)
{
    enum mask_width width = spectrum->mask_width;

    out = put_mark(out, &form->before);
    out += number_write_double(out, axis_at(&spectrum->axis, i));
    out = put_mark(out, &form->between);
    out += number_write_float(out, spectrum->flux[i]);
    out = put_mark(out, &form->between);
    out += number_write_float(out, spectrum->flux_error[i]);
    out = put_mark(out, &form->between);
    out += number_write_integer(out, mask_at(spectrum->and_mask, width, i));
    out = put_mark(out, &form->between);
    out += number_write_integer(out, mask_at(spectrum->or_mask, width, i));
    return put_mark(out, &form->after);
}

static void add_lines(const struct slice *slice, const struct line_form *form,
                      struct buffer *out)
{
    enum {
        COLUMNS = 5,
        LONGEST = COLUMNS * NUMBER_LENGTH + (COLUMNS + 1) * sizeof(form->before.text)
    };

    for (size_t i = slice->first; i < slice->first + slice->count; i++) {
        char *line = (char *)buffer_room(out, LONGEST);
        const char *end = put_line(line, form, slice->spectrum, i);

        buffer_added(out, (size_t)(end - line));
    }
}

void sdm_rows_tabledata(const struct slice *slice, struct buffer *out)
{
    static const struct line_form row = {MARK(VOTABLE_ROW_BEGIN), MARK(VOTABLE_CELL_NEXT),
                                         MARK(VOTABLE_ROW_END)};

    add_lines(slice, &row, out);
}

void sdm_rows_text(const struct slice *slice, char separator, struct buffer *out)
{
    struct line_form line = {MARK(""), {{separator}, 1}, MARK("\n")};

    add_lines(slice, &line, out);
}
