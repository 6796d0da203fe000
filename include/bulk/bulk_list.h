/*
 * bulk_list.h - the cut-outs of one request once their IDs are resolved: a record of
 * fixed size for each ID, in the order given, so that the length of an answer is
 * arithmetic.
 */
#pragma once

#include "archive/selection.h"
#include "bulk/bulk_query.h"
#include "service/service.h"

#include <stdint.h>

enum bulk_status { BULK_OK, BULK_EMPTY, BULK_UNKNOWN, BULK_DAMAGED, BULK_STATUSES };
extern const char *const bulk_status_names[BULK_STATUSES];

/* Of all rows, a row being an ID and a band. */
struct bulk_totals {
    int64_t rows;
    int64_t by_status[BULK_STATUSES];
    int64_t without_redshift; /* of the empty ones, because their frame is at rest */
    int64_t with_samples;     /* IDs that have some in any band */
    int64_t samples;
    uint32_t shortest, longest; /* in samples */
    /* Texts, without their ends: in all rows, and the longest of each kind. */
    int64_t did_bytes, class_bytes, subclass_bytes;
    size_t did_width, class_width, subclass_width;
    struct band extents[BULK_BANDS]; /* of the samples in each band, for pictures only */
};

struct bulk_list;

/* The query is borrowed. */
struct bulk_list *bulk_list_open(const struct service *service,
                                 const struct service_collection *collection,
                                 const struct bulk_query *query);
void bulk_list_close(struct bulk_list *list); /* NULL is fine */

/* Who is woken when it is worth asking again for what was STATUS_PENDING: an ID that is
 * to be added, or the next row. Without one, whoever asks waits for the disk. */
void bulk_list_set_waker(struct bulk_list *list, struct waker waker);

/* Around some IDs that are resolved in one go: they all see one state of the catalogue,
 * and cost less. */
void bulk_list_begin(struct bulk_list *list);
void bulk_list_end(struct bulk_list *list);

/* Resolve one ID and put its rows behind the others. IDs that mean nothing, or several
 * spectra, give rows too. */
enum status bulk_list_add(struct bulk_list *list, const char *id,
                          struct failure *failure);

const struct bulk_totals *bulk_list_totals(const struct bulk_list *list);

/* Of all IDs and what they mean: the same only where the answer is. */
uint64_t bulk_list_checksum(const struct bulk_list *list);

/* One row. Texts live until the next row; absent ones are empty. */
struct bulk_row {
    const char *did, *target_class, *target_subclass;
    struct band band; /* as asked for, Angstrom */
    enum bulk_status status;
    uint32_t reserved; /* samples that its arrays have */
    uint32_t count;    /* that are there: 0 where the record is damaged */
    double ra, dec, redshift, snr;
    uint64_t checksum;        /* of what its document says, as resolved */
    struct spectrum spectrum; /* where count is not 0 */
    size_t first;
    double stretch; /* wavelengths are divided by it */
};

/* From the first row on again. */
void bulk_list_rewind(struct bulk_list *list);

/* The next row; false behind the last one. Records that turn out to be damaged change the
   row. */
enum status bulk_list_next(struct bulk_list *list, bool *is_row, struct bulk_row *out,
                           struct failure *failure);

/* Asked when all that is needed of the row's samples was read: whether they were there
   all the time (archive_check()). */
enum status bulk_list_check(const struct bulk_list *list, const struct bulk_row *row,
                            struct failure *failure);
