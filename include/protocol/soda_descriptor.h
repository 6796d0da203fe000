/*
 * soda_descriptor.h - the service descriptor of cut-outs (SODA 1.0, section 4; DataLink
 * 1.1, section 4), for every document whose rows have IDs: links, SSA and TAP answers.
 *
 * One descriptor serves all rows of a document. Its ID comes from the row (a fixed one
 * would be taken for every row by some clients), and its limits are the union of what the
 * spectra cover. Every numeric parameter has MIN and MAX or OPTIONs, which some clients
 * read unasked; of shapes MIN is the one that has shrunk to a point.
 */
#pragma once

#include "archive/entry.h"
#include "base/buffer.h"
#include "sky/region.h"
#include "spectrum/band.h"

#include <stdbool.h>

/* What the spectra of a document cover; take the union by adding them one by one. */
struct soda_coverage {
    struct band band;             /* Angstrom; lower > upper: no spectrum yet */
    double time_start, time_stop; /* MJD; start > stop: not known */
    struct sky_circle circle;     /* around all fibres; radius below 0: not known */
};

void soda_coverage_init(struct soda_coverage *coverage);
void soda_coverage_add(struct soda_coverage *coverage, const struct entry *entry);
bool soda_coverage_is_empty(const struct soda_coverage *coverage);

struct soda_descriptor {
    const char *id;         /* XML ID of the RESOURCE; NULL where nothing refers to it */
    const char *access_url; /* .../sync */
    const char *id_ref;     /* XML ID of the FIELD with the publisher DIDs */
    struct soda_coverage coverage; /* not empty */
    const char *example_url;       /* a request that works; NULL: none */
};

/* A sibling of the results RESOURCE. */
void soda_descriptor_write(const struct soda_descriptor *descriptor, struct buffer *out);
