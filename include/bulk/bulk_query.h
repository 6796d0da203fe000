/*
 * bulk_query.h - what a request for many cut-outs asks besides its IDs: windows, columns,
 * frame and form.
 */
#pragma once

#include "base/arena.h"
#include "base/status.h"
#include "cutout/soda_filters.h"
#include "dali/params.h"
#include "spectrum/band.h"

#include <stdbool.h>
#include <stddef.h>

enum { BULK_BANDS = 64 }; /* windows of one request */

enum bulk_column {
    BULK_PUBLISHER_DID,
    BULK_BAND, /* as asked for, in metres */
    BULK_STATUS,
    BULK_SAMPLES,
    BULK_RA,
    BULK_DEC,
    BULK_REDSHIFT,
    BULK_CLASS,
    BULK_SUBCLASS,
    BULK_SNR,
    BULK_SPECTRAL,
    BULK_FLUX,
    BULK_FLUX_ERROR,
    BULK_AND_MASK,
    BULK_OR_MASK,
    BULK_COLUMNS
};

struct bulk_form; /* bulk_form.h */

struct bulk_query {
    struct band bands[BULK_BANDS]; /* in the order given; one, if none is given */
    size_t band_count;
    bool has_band;                          /* some were given */
    enum bulk_column columns[BULK_COLUMNS]; /* in the order of the enum */
    size_t column_count;
    bool has_samples; /* of the columns some are arrays */
    bool is_sorted;   /* SORT: by the column below, whole IDs */
    enum bulk_column sort_column;
    bool sort_descends;
    bool at_rest; /* FRAME=rest: bands and wavelengths are those of the object */
    struct soda_filters filters;
    int width, height; /* of a picture, pixels; height 0: as suits it */
    const struct bulk_form *form;
    const char *content_type;
};

/* A bad value is STATUS_BAD_PARAMETER and names its parameter. */
enum status bulk_query_read(const struct params *params, struct arena *arena,
                            struct bulk_query *out, struct failure *failure);
