#include "archive/reading.h"

#include "archive/wire.h"

void reading_init(struct reading *reading)
{
    *reading = (struct reading){.outcome = READING_FAILED};
    arena_init(&reading->arena);
}

void reading_finish(struct reading *reading)
{
    arena_finish(&reading->arena);
    reading_init(reading);
}

void reading_pack(const struct reading *reading, struct buffer *out)
{
    wire_put_integer(out, reading->outcome);
    wire_put_text(out, reading->reason);
    wire_put_text(out, reading->file);
    wire_put_integer(out, reading->file_size);
    wire_put_integer(out, reading->file_mtime);
    wire_put_integer(out, (int64_t)reading->file_checksum);
    wire_put_integer(out, (int64_t)reading->count);
    for (size_t i = 0; i < reading->count; i++) {
        const struct reading_spectrum *spectrum = &reading->spectra[i];

        entry_pack(&spectrum->entry, out);
        wire_put_bytes(out, spectrum->axis, spectrum->axis_size);
        wire_put_bytes(out, spectrum->record, spectrum->record_size);
    }
}

/* An entry needs 4 bytes a column at least: more spectra than that cannot follow. */
static bool count_is_possible(const struct wire *wire, int64_t count)
{
    return count >= 0 && (uint64_t)count <= wire->left / (4 * entry_column_count);
}

static bool take_head(struct wire *wire, struct reading *out)
{
    int64_t outcome = wire_take_integer(wire);
    int64_t count;

    out->reason = wire_take_text(wire, &out->arena);
    out->file = wire_take_text(wire, &out->arena);
    out->file_size = wire_take_integer(wire);
    out->file_mtime = wire_take_integer(wire);
    out->file_checksum = (uint64_t)wire_take_integer(wire);
    count = wire_take_integer(wire);
    if (wire->damaged || outcome < READING_SPECTRA || outcome > READING_FAILED ||
        !count_is_possible(wire, count) || (count > 0) != (outcome == READING_SPECTRA))
        return false;
    out->outcome = (enum reading_outcome)outcome;
    out->count = (size_t)count;
    return true;
}

static bool take_spectrum(struct wire *wire, struct arena *arena,
                          struct reading_spectrum *out)
{
    struct failure ignored;
    size_t used;

    if (entry_unpack(wire->next, wire->left, &used, arena, &out->entry, &ignored))
        return false;
    *wire = wire_of(wire->next + used, wire->left - used);
    out->axis = wire_take_bytes(wire, arena, &out->axis_size);
    out->record = wire_take_bytes(wire, arena, &out->record_size);
    return !wire->damaged;
}

static bool take_reading(struct wire *wire, struct reading *out)
{
    if (!take_head(wire, out))
        return false;
    out->spectra = arena_take(&out->arena, out->count * sizeof(*out->spectra));
    for (size_t i = 0; i < out->count; i++)
        if (!take_spectrum(wire, &out->arena, &out->spectra[i]))
            return false;
    return wire->left == 0;
}

enum status reading_unpack(const void *bytes, size_t size, struct reading *out,
                           struct failure *failure)
{
    struct wire wire = wire_of(bytes, size);
    struct reading reading;

    reading_init(&reading);
    if (!take_reading(&wire, &reading)) {
        reading_finish(&reading);
        return failure_set(failure, STATUS_SYSTEM, "a worker's answer makes no sense");
    }
    reading_finish(out);
    *out = reading;
    return STATUS_OK;
}
