/*
 * record.h - the bytes of one spectrum, and of one axis, as a shard holds them.
 *
 * Native byte order, every array aligned to 8 bytes, each block a multiple of 8 bytes
 * long:
 *
 *   axis:    struct axis_head, values[samples] (float32 or float64)
 *   record:  struct record_head, flux[samples], flux_error[samples] (float32),
 *            and_mask[samples], or_mask[samples] (mask_width bytes each); each array
 * padded to 8
 *
 * A record names its axis by the axis' checksum, never by a place, so both can lie in a
 * map, in a buffer, or come by a ranged read from elsewhere.
 */
#pragma once

#include "base/buffer.h"
#include "base/status.h"
#include "spectrum/spectrum.h"

#include <stdbool.h>
#include <stdint.h>

#define RECORD_MAGIC 0x43455053u /* "SPEC" */
#define AXIS_MAGIC 0x53495841u   /* "AXIS" */

struct axis_head {
    uint32_t magic;
    uint32_t samples;
    uint32_t type; /* enum axis_type */
    uint32_t zero;
    uint64_t checksum; /* of the whole block with this field 0 */
};

struct record_head {
    uint32_t magic;
    uint32_t samples;
    uint32_t mask_width; /* enum mask_width */
    uint32_t zero;
    uint64_t axis_checksum; /* axis_head.checksum of its axis */
    uint64_t checksum;      /* of the whole block with this field 0 */
};

/* Append the block of an axis, or of a spectrum's samples. Returns its checksum. */
uint64_t axis_encode(const struct axis *axis, struct buffer *out);
uint64_t record_encode(const struct spectrum *spectrum, uint64_t axis_checksum,
                       struct buffer *out);

/*
 * View a record and its axis as a spectrum that borrows both. Checks sizes, magic numbers
 * and that the axis is the record's own; the checksums of the contents only if
 * `thorough`. Wrong bytes are STATUS_DAMAGED.
 */
enum status record_view(const void *record, size_t record_size, const void *axis,
                        size_t axis_size, bool thorough, struct spectrum *out,
                        struct failure *failure);

/* The same for an axis alone, whose contents are not checked. */
enum status axis_view(const void *block, size_t size, struct axis *out,
                      struct failure *failure);

/* Have the processor fetch the samples of a slice, or the record's head where count is 0,
 * before they are used. */
void record_prefetch(const void *record, size_t record_size, size_t first, size_t count);
