#include "ingest/samples.h"

#include "archive/record.h"
#include "spectrum/spectrum.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum status samples_take(struct samples *samples, int64_t count, struct arena *arena,
                         struct failure *failure)
{
    size_t size = (size_t)count * sizeof(double);

    if (count < 1 || count > SAMPLES_MOST)
        return failure_set(failure, STATUS_REFUSED, "a spectrum of %lld samples",
                           (long long)count);
    *samples = (struct samples){
        .count = (size_t)count,
        .axis_type = AXIS_FLOAT64,
        .wavelength = arena_take(arena, size),
        .flux = arena_take(arena, size),
        .ivar = arena_take(arena, size),
        .and_mask = arena_take(arena, size),
        .or_mask = arena_take(arena, size),
    };
    return STATUS_OK;
}

static enum status check_wavelengths(const double *wavelength, size_t count,
                                     struct failure *failure)
{
    double sign = count > 1 && wavelength[1] < wavelength[0] ? -1 : 1;

    for (size_t i = 0; i < count; i++) {
        if (!isfinite(wavelength[i]) || !(wavelength[i] > 0))
            return failure_set(failure, STATUS_REFUSED, "sample %zu: wavelength %g", i,
                               wavelength[i]);
        if (i && !(sign * wavelength[i] > sign * wavelength[i - 1]))
            return failure_set(failure, STATUS_REFUSED,
                               "sample %zu: wavelength %.9g after %.9g, out of order", i,
                               wavelength[i], wavelength[i - 1]);
    }
    return STATUS_OK;
}

static enum status check_mask(const double *mask, size_t count, const char *name,
                              struct failure *failure)
{
    for (size_t i = 0; i < count; i++)
        if (!(mask[i] >= INT16_MIN && mask[i] <= INT16_MAX) || mask[i] != rint(mask[i]))
            return failure_set(failure, STATUS_REFUSED,
                               "sample %zu: %s %g is no integer of 16 bits", i, name,
                               mask[i]);
    return STATUS_OK;
}

static enum status check(const struct samples *samples, struct failure *failure)
{
    enum status status;

    if ((status = check_wavelengths(samples->wavelength, samples->count, failure)) ||
        (status = check_mask(samples->and_mask, samples->count, "and-mask", failure)))
        return status;
    return check_mask(samples->or_mask, samples->count, "or-mask", failure);
}

static void reverse(double *values, size_t count)
{
    for (size_t i = 0; i < count / 2; i++) {
        double value = values[i];

        values[i] = values[count - 1 - i];
        values[count - 1 - i] = value;
    }
}

static void make_rising(struct samples *samples)
{
    double *const arrays[] = {samples->wavelength, samples->flux, samples->ivar,
                              samples->and_mask, samples->or_mask};

    if (samples->count < 2 || samples->wavelength[1] > samples->wavelength[0])
        return;
    for (size_t i = 0; i < sizeof(arrays) / sizeof(arrays[0]); i++)
        reverse(arrays[i], samples->count);
}

static const float *to_floats(const double *values, size_t count, struct arena *arena)
{
    float *floats = arena_take(arena, count * sizeof(*floats));

    for (size_t i = 0; i < count; i++)
        floats[i] = (float)values[i];
    return floats;
}

static const float *to_errors(const double *ivar, size_t count, struct arena *arena)
{
    float *errors = arena_take(arena, count * sizeof(*errors));

    for (size_t i = 0; i < count; i++)
        errors[i] = ivar[i] > 0 && isfinite(ivar[i]) ? (float)(1 / sqrt(ivar[i])) : NAN;
    return errors;
}

static bool fits_byte(const double *mask, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (mask[i] < 0 || mask[i] > UINT8_MAX)
            return false;
    return true;
}

static const void *to_mask(const double *mask, size_t count, enum mask_width width,
                           struct arena *arena)
{
    uint8_t *bytes = arena_take(arena, count * width);
    int16_t *shorts = (int16_t *)(void *)bytes;

    for (size_t i = 0; i < count; i++)
        if (width == MASK_BYTE)
            bytes[i] = (uint8_t)mask[i];
        else
            shorts[i] = (int16_t)mask[i];
    return bytes;
}

static struct spectrum to_spectrum(const struct samples *samples, struct arena *arena)
{
    size_t count = samples->count;
    enum mask_width width =
        fits_byte(samples->and_mask, count) && fits_byte(samples->or_mask, count)
            ? MASK_BYTE
            : MASK_SHORT;

    return (struct spectrum){
        .axis = {.values =
                     samples->axis_type == AXIS_FLOAT32
                         ? (const void *)to_floats(samples->wavelength, count, arena)
                         : samples->wavelength,
                 .samples = (uint32_t)count,
                 .type = samples->axis_type},
        .flux = to_floats(samples->flux, count, arena),
        .flux_error = to_errors(samples->ivar, count, arena),
        .and_mask = to_mask(samples->and_mask, count, width, arena),
        .or_mask = to_mask(samples->or_mask, count, width, arena),
        .mask_width = width,
    };
}

/* Order the values so far that none before the one of rank `rank` is above it (Hoare's
 * FIND). */
static void order_around(float *values, ptrdiff_t count, ptrdiff_t rank)
{
    ptrdiff_t first = 0, last = count - 1;

    while (first < last) {
        float pivot = values[rank];
        ptrdiff_t up = first, down = last;

        while (up <= down) {
            while (values[up] < pivot)
                up++;
            while (values[down] > pivot)
                down--;
            if (up > down)
                break;
            float value = values[up];
            values[up++] = values[down];
            values[down--] = value;
        }
        if (down < rank)
            first = up;
        if (rank < up)
            last = down;
    }
}

static double median(float *values, size_t count)
{
    size_t middle = count / 2;
    float below;

    if (count == 0)
        return (double)NAN;
    order_around(values, (ptrdiff_t)count, (ptrdiff_t)middle);
    if (count % 2)
        return (double)values[middle];
    below = values[0];
    for (size_t i = 1; i < middle; i++)
        below = fmaxf(below, values[i]);
    return ((double)below + (double)values[middle]) / 2;
}

/* The columns that the samples tell. */
static void describe(const struct spectrum *spectrum, struct arena *arena,
                     struct entry *entry)
{
    const struct axis *axis = &spectrum->axis;
    float *known = arena_take(arena, axis->samples * sizeof(*known));
    size_t known_count = 0;

    for (size_t i = 0; i < axis->samples; i++)
        if (!isnan(spectrum->flux_error[i]))
            known[known_count++] = spectrum->flux_error[i];
    entry->length = axis->samples;
    entry->samples_masked = (int64_t)(axis->samples - known_count);
    entry->flux_error_median = median(known, known_count);
    entry->spectral_start = axis_at(axis, 0);
    entry->spectral_end = axis_at(axis, axis->samples - 1);
    if (axis->samples > 1)
        entry->bin_size =
            axis_at(axis, axis->samples / 2) - axis_at(axis, axis->samples / 2 - 1);
}

/* Blocks are encoded into a buffer; the reading wants them in its arena. */
static const void *move_block(struct buffer *block, struct arena *arena, size_t *size)
{
    void *copy = arena_take(arena, block->length);

    memcpy(copy, block->bytes, block->length);
    *size = block->length;
    buffer_clear(block);
    return copy;
}

static void encode(const struct spectrum *spectrum, struct arena *arena,
                   struct reading_spectrum *out)
{
    struct buffer block;
    uint64_t axis_checksum;

    buffer_init(&block);
    axis_checksum = axis_encode(&spectrum->axis, &block);
    out->axis = move_block(&block, arena, &out->axis_size);
    record_encode(spectrum, axis_checksum, &block);
    out->record = move_block(&block, arena, &out->record_size);
    buffer_finish(&block);
}

enum status samples_store(struct samples *samples, struct arena *scratch,
                          struct arena *arena, struct reading_spectrum *out,
                          struct failure *failure)
{
    struct spectrum spectrum;
    enum status status;

    if ((status = check(samples, failure)))
        return status;
    make_rising(samples);
    spectrum = to_spectrum(samples, scratch);
    describe(&spectrum, scratch, &out->entry);
    encode(&spectrum, arena, out);
    return STATUS_OK;
}
