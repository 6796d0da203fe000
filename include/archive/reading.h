/*
 * reading.h - what reading one FITS file gave: spectra as records, or one clear line why
 * not.
 *
 * Made by a worker process, sent over a socket, taken apart by ingest and by the
 * read-through.
 */
#pragma once

#include "archive/entry.h"
#include "base/arena.h"
#include "base/buffer.h"
#include "base/status.h"

#include <stdint.h>

enum reading_outcome {
    READING_SPECTRA,   /* one or more spectra */
    READING_UNCHANGED, /* the content has the checksum that was expected: nothing was
                          parsed */
    READING_REFUSED,   /* no LAMOST spectrum, damaged or cut short: see `reason` */
    READING_ABSENT,    /* there is no such file */
    READING_FAILED, /* the disk or the machine, not the file: see `reason`; worth another
                       try */
};

struct reading_spectrum {
    struct entry entry; /* all but ENTRY_FROM_CACHE */
    const void *axis;   /* an axis block, aligned to 8 */
    size_t axis_size;
    const void *record; /* a record block, aligned to 8 */
    size_t record_size;
};

/* Everything it points to lives in `arena`. */
struct reading {
    struct arena arena;
    enum reading_outcome outcome;
    const char
        *reason; /* "HDU 2 (COADD_B): ..." for people; NULL unless refused or failed */
    const char *file; /* the file that was read, path in the archive with suffix */
    int64_t file_size;
    int64_t file_mtime;     /* nanoseconds since 1970 */
    uint64_t file_checksum; /* of the bytes as they lie */
    struct reading_spectrum *spectra;
    size_t count;
};

void reading_init(struct reading *reading);
void reading_finish(struct reading *reading);

void reading_pack(const struct reading *reading, struct buffer *out);

/* *out must be initialised. Bytes that make no sense are STATUS_SYSTEM: that worker is
 * not to be trusted again. */
enum status reading_unpack(const void *bytes, size_t size, struct reading *out,
                           struct failure *failure);
