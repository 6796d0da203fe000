/*
 * Any bytes of a shard: a spectrum that is viewed lies inside its blocks, and survives
 * being encoded and viewed again. The input is the size of the axis in 2 bytes, the axis,
 * and the record.
 */
#include "archive/record.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Where a sanitizer sees a read beyond it. */
static void *copy_of(const uint8_t *bytes, size_t size)
{
    void *copy = malloc(size ? size : 1);

    assert(copy);
    memcpy(copy, bytes, size);
    return copy;
}

static volatile double sink; /* keeps the reads from being left out */

static void touch(const struct spectrum *spectrum)
{
    for (size_t i = 0; i < spectrum->axis.samples; i++)
        sink = axis_at(&spectrum->axis, i) + (double)spectrum->flux[i] +
               (double)spectrum->flux_error[i] +
               mask_at(spectrum->and_mask, spectrum->mask_width, i) +
               mask_at(spectrum->or_mask, spectrum->mask_width, i);
}

static void expect_same_samples(const struct spectrum *a, const struct spectrum *b)
{
    size_t samples = a->axis.samples;

    assert(samples == b->axis.samples && a->axis.type == b->axis.type);
    assert(a->mask_width == b->mask_width);
    assert(memcmp(a->axis.values, b->axis.values, samples * a->axis.type) == 0);
    assert(memcmp(a->flux, b->flux, samples * sizeof(float)) == 0);
    assert(memcmp(a->flux_error, b->flux_error, samples * sizeof(float)) == 0);
    assert(memcmp(a->and_mask, b->and_mask, samples * a->mask_width) == 0);
    assert(memcmp(a->or_mask, b->or_mask, samples * a->mask_width) == 0);
}

static void expect_to_survive(const struct spectrum *spectrum)
{
    struct spectrum second;
    struct failure failure;
    struct buffer axis, record;

    buffer_init(&axis);
    buffer_init(&record);
    record_encode(spectrum, axis_encode(&spectrum->axis, &axis), &record);
    assert(!record_view(record.bytes, record.length, axis.bytes, axis.length, true,
                        &second, &failure));
    expect_same_samples(spectrum, &second);
    buffer_finish(&axis);
    buffer_finish(&record);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct spectrum spectrum;
    struct failure failure;
    size_t axis_size, record_size;
    void *axis, *record;

    if (size < 2)
        return 0;
    axis_size = data[0] | (size_t)data[1] << 8;
    if (axis_size > size - 2)
        return 0;
    record_size = size - 2 - axis_size;
    axis = copy_of(data + 2, axis_size);
    record = copy_of(data + 2 + axis_size, record_size);
    if (!record_view(record, record_size, axis, axis_size, false, &spectrum, &failure))
        touch(&spectrum);
    if (!record_view(record, record_size, axis, axis_size, true, &spectrum, &failure))
        expect_to_survive(&spectrum);
    free(axis);
    free(record);
    return 0;
}
