#include "archive/entry.h"

#include "archive/wire.h"
#include "base/checksum.h"

#include <math.h>
#include <string.h>

#define TYPE_OF(member)                                                                  \
    _Generic(((struct entry *)0)->member,                                                \
        const char *: ENTRY_TEXT,                                                        \
        int64_t: ENTRY_INTEGER,                                                          \
        double: ENTRY_REAL)

#define COLUMN(origin, name, member)                                                     \
    {                                                                                    \
        name, TYPE_OF(member), ENTRY_FROM_##origin, offsetof(struct entry, member)       \
    }

/* Names: those of the DaCHS community where they have one in the same unit, else LAMOST's
 * card in lower case. */
const struct entry_column entry_columns[] = {
    COLUMN(FITS, "path", path),
    COLUMN(FITS, "name", name),
    COLUMN(FITS, "spectrum", spectrum),
    COLUMN(FITS, "filename", filename),
    COLUMN(FITS, "obsid", obsid),
    COLUMN(FITS, "ssa_collection", release),
    COLUMN(FITS, "survey", survey),

    COLUMN(FITS, "ssa_dstitle", title),
    COLUMN(FITS, "ssa_creator", creator),
    COLUMN(FITS, "ssa_creatorDID", creator_did),
    COLUMN(FITS, "ssa_cdate", date),
    COLUMN(FITS, "ssa_cversion", version),
    COLUMN(FITS, "ssa_instrument", instrument),
    COLUMN(FITS, "ssa_bandpass", bandpass),
    COLUMN(FITS, "ssa_targname", target_name),
    COLUMN(FITS, "ssa_targdesc", target_description),
    COLUMN(FITS, "ssa_targclass", target_class),
    COLUMN(FITS, "ssa_targsubclass", target_subclass),
    COLUMN(FITS, "ssa_redshift", redshift),
    COLUMN(FITS, "ssa_derredshifterr", redshift_error),
    COLUMN(FITS, "ssa_snr", snr),
    COLUMN(FITS, "snru", snr_u),
    COLUMN(FITS, "snrr", snr_r),
    COLUMN(FITS, "snri", snr_i),
    COLUMN(FITS, "snrz", snr_z),

    COLUMN(FITS, "raj2000", ra),
    COLUMN(FITS, "dej2000", dec),
    COLUMN(FITS, "ra_obs", ra_obs),
    COLUMN(FITS, "dec_obs", dec_obs),

    COLUMN(FITS, "ssa_dateObs", date_obs),
    COLUMN(FITS, "ssa_timestart", time_start),
    COLUMN(FITS, "ssa_timestop", time_stop),
    COLUMN(FITS, "ssa_timeExt", time_extent),
    COLUMN(FITS, "ssa_exptime", exposure),

    COLUMN(FITS, "spectral_start", spectral_start),
    COLUMN(FITS, "spectral_end", spectral_end),
    COLUMN(FITS, "bin_size", bin_size),
    COLUMN(FITS, "ssa_resppower", resolving_power),
    COLUMN(FITS, "ssa_length", length),
    COLUMN(FITS, "helio", heliocentric),
    COLUMN(FITS, "helio_rv", helio_rv),
    COLUMN(FITS, "ssa_fluxStatError", flux_error_median),
    COLUMN(FITS, "samples_masked", samples_masked),

    COLUMN(FITS, "lmjd", lmjd),
    COLUMN(FITS, "spid", spid),
    COLUMN(FITS, "fiberid", fiberid),
    COLUMN(FITS, "planid", planid),
    COLUMN(FITS, "seeing", seeing),
    COLUMN(FITS, "ssa_csysequinox", equinox),

    COLUMN(CACHE, "shard", shard),
    COLUMN(CACHE, "record_offset", record_offset),
    COLUMN(CACHE, "record_size", record_size),
    COLUMN(CACHE, "axis_offset", axis_offset),
    COLUMN(CACHE, "axis_size", axis_size),
    COLUMN(CACHE, "record_checksum", record_checksum),

    COLUMN(FILE, "file", file),
    COLUMN(FILE, "file_size", file_size),
    COLUMN(FILE, "file_raw_size", file_raw_size),
    COLUMN(FILE, "file_is_gzip", file_is_gzip),
    COLUMN(FILE, "file_mtime", file_mtime),

    COLUMN(CACHE, "ssa_deleted", deleted),
};

const size_t entry_column_count = sizeof(entry_columns) / sizeof(entry_columns[0]);

static const struct entry_column *const columns_end =
    entry_columns + sizeof(entry_columns) / sizeof(entry_columns[0]);

static const void *member(const struct entry *entry, const struct entry_column *column)
{
    return (const char *)entry + column->offset;
}

static void *own_member(struct entry *entry, const struct entry_column *column)
{
    return (char *)entry + column->offset;
}

const char *entry_text(const struct entry *entry, const struct entry_column *column)
{
    return *(const char *const *)member(entry, column);
}

int64_t entry_integer(const struct entry *entry, const struct entry_column *column)
{
    return *(const int64_t *)member(entry, column);
}

double entry_real(const struct entry *entry, const struct entry_column *column)
{
    return *(const double *)member(entry, column);
}

void entry_set_text(struct entry *entry, const struct entry_column *column,
                    const char *value)
{
    *(const char **)own_member(entry, column) = value;
}

void entry_set_integer(struct entry *entry, const struct entry_column *column,
                       int64_t value)
{
    *(int64_t *)own_member(entry, column) = value;
}

void entry_set_real(struct entry *entry, const struct entry_column *column, double value)
{
    *(double *)own_member(entry, column) = value;
}

void entry_init(struct entry *entry)
{
    for (const struct entry_column *column = entry_columns; column < columns_end;
         column++)
        switch (column->type) {
        case ENTRY_TEXT:
            entry_set_text(entry, column, NULL);
            break;
        case ENTRY_INTEGER:
            entry_set_integer(entry, column, ENTRY_NO_INTEGER);
            break;
        case ENTRY_REAL:
            entry_set_real(entry, column, (double)NAN);
            break;
        }
}

void entry_copy(const struct entry *entry, struct arena *arena, struct entry *out)
{
    *out = *entry;
    for (const struct entry_column *column = entry_columns; column < columns_end;
         column++)
        if (column->type == ENTRY_TEXT)
            entry_set_text(out, column,
                           arena_copy_string(arena, entry_text(entry, column)));
}

void entry_pack(const struct entry *entry, struct buffer *out)
{
    for (const struct entry_column *column = entry_columns; column < columns_end;
         column++)
        switch (column->type) {
        case ENTRY_TEXT:
            wire_put_text(out, entry_text(entry, column));
            break;
        case ENTRY_INTEGER:
            wire_put_integer(out, entry_integer(entry, column));
            break;
        case ENTRY_REAL:
            wire_put_real(out, entry_real(entry, column));
            break;
        }
}

static void take_column(struct wire *wire, const struct entry_column *column,
                        struct arena *arena, struct entry *out)
{
    switch (column->type) {
    case ENTRY_TEXT:
        entry_set_text(out, column, wire_take_text(wire, arena));
        break;
    case ENTRY_INTEGER:
        entry_set_integer(out, column, wire_take_integer(wire));
        break;
    case ENTRY_REAL:
        entry_set_real(out, column, wire_take_real(wire));
        break;
    }
}

enum status entry_unpack(const void *bytes, size_t size, size_t *used,
                         struct arena *arena, struct entry *out, struct failure *failure)
{
    struct wire wire = wire_of(bytes, size);
    struct entry entry;

    for (const struct entry_column *column = entry_columns; column < columns_end;
         column++) {
        take_column(&wire, column, arena, &entry);
        if (wire.damaged)
            return failure_set(failure, STATUS_SYSTEM, "a packed entry breaks off at %s",
                               column->name);
    }
    *out = entry;
    *used = size - wire.left;
    return STATUS_OK;
}

static bool same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool same_real(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

static bool same_column(const struct entry *a, const struct entry *b,
                        const struct entry_column *column)
{
    switch (column->type) {
    case ENTRY_TEXT:
        return same_text(entry_text(a, column), entry_text(b, column));
    case ENTRY_INTEGER:
        return entry_integer(a, column) == entry_integer(b, column);
    case ENTRY_REAL:
        return same_real(entry_real(a, column), entry_real(b, column));
    }
    return false;
}

static uint64_t chain_column(uint64_t before, const struct entry *entry,
                             const struct entry_column *column)
{
    const void *value = member(entry, column);

    if (column->type == ENTRY_TEXT)
        return checksum_chain_text(before, entry_text(entry, column));
    if (column->type == ENTRY_REAL && isnan(entry_real(entry, column)))
        return checksum_chain(before, NULL, 0); /* whichever of the many NaN */
    return checksum_chain(before, value, sizeof(int64_t));
}

uint64_t entry_checksum(const struct entry *entry)
{
    uint64_t checksum = 0;

    for (size_t i = 0; i < entry_column_count; i++)
        if (entry_columns[i].origin != ENTRY_FROM_CACHE)
            checksum = chain_column(checksum, entry, &entry_columns[i]);
    return checksum;
}

const struct entry_column *entry_difference(const struct entry *a, const struct entry *b)
{
    for (const struct entry_column *column = entry_columns; column < columns_end;
         column++)
        if (column->origin != ENTRY_FROM_CACHE && !same_column(a, b, column))
            return column;
    return NULL;
}
