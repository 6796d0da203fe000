/*
 * cutout.h - one cut-out, from parameters to bytes: what the SODA endpoints, the spectra
 * and jobs in the background have in common. No request and no response in it.
 *
 *   cutout_query_read    parameters to a query; nothing is looked up
 *   cutout_open          find the spectrum, apply the filters, cut; nothing is copied
 *   cutout_make          cut one that was found otherwise
 *   cutout_write         its bytes
 */
#pragma once

#include "archive/archive.h"
#include "base/arena.h"
#include "base/buffer.h"
#include "base/status.h"
#include "base/waker.h"
#include "cutout/form.h"
#include "cutout/soda_filters.h"
#include "dali/params.h"
#include "service/service.h"
#include "spectrum/band.h"

#include <stdbool.h>

/* What SODA's parameters ask for. */
struct cutout_query {
    const char *id;
    bool has_band;
    struct band band; /* BAND_ALL without one; at rest where at_rest says so */
    bool is_relative; /* FLUXCALIB=RELATIVE */
    bool at_rest;     /* FRAME=rest; of pictures plot.frame says it */
    struct soda_filters filters;
    struct form_choice choice;
    struct plot_settings plot; /* of pictures; its band is the one above */
};

/* The whole of a spectrum in a form. */
void cutout_query_init(struct cutout_query *query, const char *id,
                       const struct form *form);

/*
 * Read ID, BAND, POS, CIRCLE, POLYGON, TIME, FLUXCALIB, FRAME, RESPONSEFORMAT or FORMAT,
 * and for pictures their parameters (picture.h). Each at most once (SODA 1.0,
 * section 3.1: STATUS_MULTIPLE_VALUES), ID at least once; others are ignored. POL among
 * them: these spectra have no polarisation to be told apart by.
 */
enum status cutout_query_read(const struct params *params, struct arena *arena,
                              struct cutout_query *out, struct failure *failure);

/* A cut-out that has been found. Texts live in the arena it was opened with. */
struct cutout {
    struct holding holding;
    struct spectrum spectrum;
    struct form_subject subject;
    const struct form *form;
    const char *empty_because; /* in words; NULL: it has samples, and may be written */
    const char *content_type;
    const char *suffix;    /* of the next */
    const char *file_name; /* safe in headers and shells; says object and window */
};

/* Fails as archive_find() does; STATUS_PENDING: call again when woken. The query must
 * live as long as the cut-out. */
enum status cutout_open(const struct service *service,
                        const struct service_collection *collection,
                        const struct cutout_query *query, struct waker waker,
                        struct arena *arena, struct cutout *out, struct failure *failure);

/* The same of a spectrum that somebody else holds: row and samples are borrowed, and it
 * needs no closing. */
enum status cutout_make(const struct service *service,
                        const struct service_collection *collection,
                        const struct cutout_query *query, const struct entry *entry,
                        uint64_t checksum, const struct spectrum *spectrum,
                        struct arena *arena, struct cutout *out, struct failure *failure);

void cutout_close(struct cutout *cutout); /* a zero one is fine */
#define AUTO_CUTOUT __attribute__((cleanup(cutout_close))) struct cutout

enum status cutout_write(const struct cutout *cutout, struct buffer *out,
                         struct failure *failure);
