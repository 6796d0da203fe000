/*
 * outline.h - what a table of many spectra tells of each, and where its record lies: a
 * small part of its row (entry.h).
 */
#pragma once

#include "archive/entry.h"

#include <stdint.h>

struct outline {
    const char *path, *target_class, *target_subclass; /* absent ones are empty */
    double ra, dec, redshift, snr;                     /* absent ones are NaN */
    int64_t shard, record_offset, record_size, axis_offset, axis_size;
    uint64_t record_checksum;
};

/* Of a row, whose texts it borrows. */
static inline struct outline outline_of(const struct entry *entry)
{
    return (struct outline){
        .path = entry->path,
        .target_class = entry->target_class ? entry->target_class : "",
        .target_subclass = entry->target_subclass ? entry->target_subclass : "",
        .ra = entry->ra,
        .dec = entry->dec,
        .redshift = entry->redshift,
        .snr = entry->snr,
        .shard = entry->shard,
        .record_offset = entry->record_offset,
        .record_size = entry->record_size,
        .axis_offset = entry->axis_offset,
        .axis_size = entry->axis_size,
        .record_checksum = (uint64_t)entry->record_checksum,
    };
}
