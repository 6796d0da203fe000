#include "ingest/difference.h"

#include "archive/record.h"
#include "base/number.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* ---- columns ---- */

static void write_value(const struct entry *entry, const struct entry_column *column,
                        struct buffer *out)
{
    const char *text = column->type == ENTRY_TEXT ? entry_text(entry, column) : NULL;
    char number[NUMBER_LENGTH];

    if (column->type == ENTRY_TEXT) {
        buffer_format(out, text ? "'%s'" : "nothing", text);
    } else if (column->type == ENTRY_INTEGER) {
        if (entry_integer(entry, column) == ENTRY_NO_INTEGER)
            buffer_add_literal(out, "nothing");
        else
            buffer_format(out, "%" PRId64, entry_integer(entry, column));
    } else {
        number_write_double(number, entry_real(entry, column));
        buffer_add_string(out, number);
    }
}

static bool find_in_columns(const struct entry *cached, const struct entry *fresh,
                            struct buffer *out)
{
    const struct entry_column *column = entry_difference(cached, fresh);

    if (!column)
        return false;
    buffer_format(out, "%s: cache ", column->name);
    write_value(cached, column, out);
    buffer_add_literal(out, ", file ");
    write_value(fresh, column, out);
    return true;
}

/* ---- samples ---- */

static bool is_same_real(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

enum array { WAVELENGTH, FLUX, FLUX_ERROR, AND_MASK, OR_MASK, ARRAYS };

static double value_at(const struct spectrum *spectrum, enum array array, size_t i)
{
    switch (array) {
    case WAVELENGTH:
        return axis_at(&spectrum->axis, i);
    case FLUX:
        return (double)spectrum->flux[i];
    case FLUX_ERROR:
        return (double)spectrum->flux_error[i];
    case AND_MASK:
        return mask_at(spectrum->and_mask, spectrum->mask_width, i);
    case OR_MASK:
    case ARRAYS:
    default:
        return mask_at(spectrum->or_mask, spectrum->mask_width, i);
    }
}

/* The bytes differ: say where, in words of the spectrum where there are any. */
static void write_sample(const struct spectrum *cached, const struct spectrum *fresh,
                         struct buffer *out)
{
    static const char *const names[] = {"spectral", "flux", "flux_error", "and_mask",
                                        "or_mask"};
    char a[NUMBER_LENGTH], b[NUMBER_LENGTH];

    if (cached->axis.samples != fresh->axis.samples) {
        buffer_format(out, "samples: cache %u, file %u", cached->axis.samples,
                      fresh->axis.samples);
        return;
    }
    for (int array = WAVELENGTH; array < ARRAYS; array++)
        for (size_t i = 0; i < cached->axis.samples; i++) {
            double ours = value_at(cached, (enum array)array, i);
            double its = value_at(fresh, (enum array)array, i);

            if (is_same_real(ours, its))
                continue;
            number_write_double(a, ours);
            number_write_double(b, its);
            buffer_format(out, "%s of sample %zu: cache %s, file %s", names[array], i, a,
                          b);
            return;
        }
    buffer_add_literal(out, "record: cache and file differ in the bits of equal values");
}

static bool is_same_block(const void *a, size_t a_size, const void *b, size_t b_size)
{
    return a_size == b_size && memcmp(a, b, a_size) == 0;
}

static bool find_in_samples(const struct cached_spectrum *cached,
                            const struct reading_spectrum *fresh, struct buffer *out)
{
    struct spectrum ours, its;
    struct failure damage;

    if (!cached->axis || !cached->record) {
        buffer_add_literal(out, "record: cache has none at the place of its row");
        return true;
    }
    if (record_view(cached->record, cached->record_size, cached->axis, cached->axis_size,
                    true, &ours, &damage)) {
        buffer_format(out, "record: cache has %s", damage.message);
        return true;
    }
    if (is_same_block(cached->axis, cached->axis_size, fresh->axis, fresh->axis_size) &&
        is_same_block(cached->record, cached->record_size, fresh->record,
                      fresh->record_size))
        return false;
    if (record_view(fresh->record, fresh->record_size, fresh->axis, fresh->axis_size,
                    true, &its, &damage))
        buffer_format(out, "record: the reader process gave %s", damage.message);
    else
        write_sample(&ours, &its, out);
    return true;
}

bool difference_find(const struct cached_spectrum *cached,
                     const struct reading_spectrum *fresh, struct buffer *out)
{
    return find_in_columns(cached->entry, &fresh->entry, out) ||
           find_in_samples(cached, fresh, out);
}
