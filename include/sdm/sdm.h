/*
 * sdm.h - a slice of a spectrum as a document of the Spectral Data Model (SpectrumDM 1.2,
 * VOTable serialisation).
 *
 * Columns spectral, flux, flux_error, and_mask, or_mask; every mandatory and recommended
 * field of sdm_fields.tsv as a PARAM in its GROUP. For a cut-out, coverage, length and
 * creation type are those of the cut-out.
 */
#pragma once

#include "archive/entry.h"
#include "base/buffer.h"
#include "spectrum/slice.h"

#include <stdbool.h>
#include <stdint.h>

enum sdm_format { SDM_BINARY2, SDM_BINARY, SDM_TABLEDATA };

struct sdm_frame; /* sdm_frame.h */

struct sdm_document {
    const struct sdm_frame *frame; /* of its collection */
    const char *publisher_did;
    const struct entry *entry;
    uint64_t row; /* holding.checksum, by which the frame knows the entry again; 0: not */
    struct slice slice; /* at least one sample */
    bool is_cutout;     /* false: the whole spectrum, as it was observed */
    bool at_rest;       /* the slice's wavelengths are divided by 1 + entry's redshift */
    enum sdm_format format;
    double
        scale; /* what flux and errors were multiplied by; 0 where they are the file's */
};

void sdm_write(const struct sdm_document *document, struct buffer *out);

/* Length of a document in BINARY2 or BINARY, worked out without its samples: the slice's
   count and, of a whole spectrum, the entry are enough. */
int64_t sdm_length(const struct sdm_document *document);
