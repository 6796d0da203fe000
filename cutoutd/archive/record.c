#include "archive/record.h"

#include "base/checksum.h"

#include <stddef.h>
#include <string.h>

enum { ALIGNMENT = 8 };

static uint64_t padded(uint64_t size)
{
    return (size + ALIGNMENT - 1) & ~(uint64_t)(ALIGNMENT - 1);
}

/* ---- writing ---- */

static void add_padded(struct buffer *out, const void *bytes, uint64_t size)
{
    static const uint8_t zeros[ALIGNMENT];

    buffer_add(out, bytes, size);
    buffer_add(out, zeros, padded(size) - size);
}

/* Checksum the block that begins at `start` and store it in its head. */
static uint64_t seal_block(struct buffer *out, size_t start, size_t checksum_offset)
{
    uint64_t checksum = checksum_of(out->bytes + start, out->length - start);

    memcpy(out->bytes + start + checksum_offset, &checksum, sizeof(checksum));
    return checksum;
}

uint64_t axis_encode(const struct axis *axis, struct buffer *out)
{
    size_t start = out->length;
    struct axis_head head = {
        .magic = AXIS_MAGIC, .samples = axis->samples, .type = axis->type};

    buffer_add(out, &head, sizeof(head));
    add_padded(out, axis->values, (uint64_t)axis->samples * axis->type);
    return seal_block(out, start, offsetof(struct axis_head, checksum));
}

uint64_t record_encode(const struct spectrum *spectrum, uint64_t axis_checksum,
                       struct buffer *out)
{
    uint64_t samples = spectrum->axis.samples;
    size_t start = out->length;
    struct record_head head = {.magic = RECORD_MAGIC,
                               .samples = spectrum->axis.samples,
                               .mask_width = spectrum->mask_width,
                               .axis_checksum = axis_checksum};

    buffer_add(out, &head, sizeof(head));
    add_padded(out, spectrum->flux, samples * sizeof(float));
    add_padded(out, spectrum->flux_error, samples * sizeof(float));
    add_padded(out, spectrum->and_mask, samples * spectrum->mask_width);
    add_padded(out, spectrum->or_mask, samples * spectrum->mask_width);
    return seal_block(out, start, offsetof(struct record_head, checksum));
}

/* ---- viewing ---- */

static enum status damaged(struct failure *failure, const char *what)
{
    return failure_set(failure, STATUS_DAMAGED, "%s", what);
}

static bool is_aligned(const void *block)
{
    return (uintptr_t)block % ALIGNMENT == 0;
}

static bool is_axis(const void *block, size_t size)
{
    const struct axis_head *head = block;

    return size >= sizeof(*head) && is_aligned(block) && head->magic == AXIS_MAGIC &&
           head->samples > 0 &&
           (head->type == AXIS_FLOAT32 || head->type == AXIS_FLOAT64) &&
           head->zero == 0 &&
           size == sizeof(*head) + padded((uint64_t)head->samples * head->type);
}

static bool is_record(const void *block, size_t size)
{
    const struct record_head *head = block;

    return size >= sizeof(*head) && is_aligned(block) && head->magic == RECORD_MAGIC &&
           head->samples > 0 &&
           (head->mask_width == MASK_BYTE || head->mask_width == MASK_SHORT) &&
           head->zero == 0 &&
           size == sizeof(*head) + 2 * padded((uint64_t)head->samples * sizeof(float)) +
                       2 * padded((uint64_t)head->samples * head->mask_width);
}

/* Whether the checksum in the head is that of the block with this field 0. */
static bool is_intact(const void *block, size_t size, size_t checksum_offset)
{
    static const uint64_t zero;
    const uint8_t *bytes = block;
    size_t after = checksum_offset + sizeof(zero);
    struct checksum *sum = checksum_open();
    uint64_t found;

    checksum_add(sum, bytes, checksum_offset);
    checksum_add(sum, &zero, sizeof(zero));
    checksum_add(sum, bytes + after, size - after);
    found = checksum_value(sum);
    checksum_close(sum);
    return memcmp(&found, bytes + checksum_offset, sizeof(found)) == 0;
}

/* Both blocks have been checked. */
static struct spectrum spectrum_of(const struct record_head *record,
                                   const struct axis_head *axis)
{
    uint64_t values = padded((uint64_t)record->samples * sizeof(float));
    uint64_t masks = padded((uint64_t)record->samples * record->mask_width);
    const uint8_t *next = (const uint8_t *)(record + 1);

    return (struct spectrum){
        .axis = {.values = axis + 1, .samples = axis->samples, .type = axis->type},
        .flux = (const float *)(const void *)next,
        .flux_error = (const float *)(const void *)(next + values),
        .and_mask = next + 2 * values,
        .or_mask = next + 2 * values + masks,
        .mask_width = record->mask_width,
    };
}

enum status record_view(const void *record, size_t record_size, const void *axis,
                        size_t axis_size, bool thorough, struct spectrum *out,
                        struct failure *failure)
{
    const struct record_head *record_head = record;
    const struct axis_head *axis_head = axis;

    if (!is_record(record, record_size))
        return damaged(failure, "no record where one should be");
    if (!is_axis(axis, axis_size))
        return damaged(failure, "no axis where one should be");
    if (axis_head->samples != record_head->samples ||
        axis_head->checksum != record_head->axis_checksum)
        return damaged(failure, "a record with the axis of another");
    if (thorough &&
        !is_intact(record, record_size, offsetof(struct record_head, checksum)))
        return damaged(failure, "a record that is not what was written");
    if (thorough && !is_intact(axis, axis_size, offsetof(struct axis_head, checksum)))
        return damaged(failure, "an axis that is not what was written");
    *out = spectrum_of(record_head, axis_head);
    return STATUS_OK;
}

enum status axis_view(const void *block, size_t size, struct axis *out,
                      struct failure *failure)
{
    const struct axis_head *head = block;

    if (!is_axis(block, size))
        return damaged(failure, "no axis where one should be");
    *out =
        (struct axis){.values = head + 1, .samples = head->samples, .type = head->type};
    return STATUS_OK;
}

/* ---- ahead of use ---- */

static void prefetch(const void *bytes, size_t size)
{
    enum { LINE = 64 };
    const char *first = bytes;

    for (size_t at = 0; at < size + LINE; at += LINE)
        __builtin_prefetch(first + at);
}

void record_prefetch(const void *record, size_t record_size, size_t first, size_t count)
{
    const struct record_head *head = record;
    const struct axis_head no_axis = {0};
    struct spectrum spectrum;

    if (count == 0) {
        prefetch(head, sizeof(*head));
    } else if (is_record(record, record_size) && first + count <= head->samples) {
        spectrum = spectrum_of(head, &no_axis);
        prefetch(spectrum.flux + first, count * sizeof(float));
        prefetch(spectrum.flux_error + first, count * sizeof(float));
        prefetch((const char *)spectrum.and_mask + first * head->mask_width,
                 count * head->mask_width);
        prefetch((const char *)spectrum.or_mask + first * head->mask_width,
                 count * head->mask_width);
    }
}
