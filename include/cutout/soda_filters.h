/*
 * soda_filters.h - POS, CIRCLE, POLYGON and TIME of SODA 1.0 (section 3.3) on spectra: a
 * spectrum has one place and one exposure, so they let it pass whole or not at all.
 */
#pragma once

#include "archive/entry.h"
#include "base/arena.h"
#include "base/status.h"
#include "dali/params.h"
#include "sky/region.h"

#include <stdbool.h>

enum { SODA_REGIONS = 3 }; /* POS, CIRCLE, POLYGON */

struct soda_filters {
    struct region regions[SODA_REGIONS];
    int region_count;
    bool has_time;
    double time_from, time_to; /* MJD, both included; infinite ends are open */
};

/* Each at most once. A bad value is STATUS_BAD_PARAMETER and names its parameter. */
enum status soda_filters_read(const struct params *params, struct arena *arena,
                              struct soda_filters *out, struct failure *failure);

/* Whether the fibre lies in all regions, and the time of exposure overlaps TIME. A
 * spectrum whose place or time is not known passes no filter on it. */
bool soda_filters_pass(const struct soda_filters *filters, const struct entry *entry);
