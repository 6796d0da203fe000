/* departed.h - files that the catalogue has and the archive has no more. */
#pragma once

#include "base/status.h"
#include "ingest/report.h"
#include "ingest/scope.h"
#include "ingest/seen.h"
#include "ingest/store.h"
#include "ingest/walk.h"

struct departed {
    struct store *store;
    const struct seen *seen;
    const struct scope *scope;
    struct walk
        *walk; /* at its end; looks once more for each file before it is called gone */
    struct report *report;
};

/*
 * After a walk that came to its end: mark the files that it must have met and did not,
 * and withdraw their spectra. When the walk met no file at all although some are known,
 * the archive is more likely not mounted than emptied: STATUS_UNAVAILABLE, and nothing is
 * marked.
 */
enum status departed_mark(const struct departed *departed, struct failure *failure);
