/* bulk_form.h - the forms that a table of cut-outs comes in, written row by row. */
#pragma once

#include "base/buffer.h"
#include "bulk/bulk_list.h"
#include "dali/response.h"
#include "service/service.h"

#include <stdbool.h>

/* One answer being written. */
struct bulk_writer {
    const struct bulk_query *query;
    const struct bulk_totals *totals; /* as resolved */
    bool is_fixed;                    /* all rows have arrays of one length */
    int passes;                       /* over the rows; begin says how many */
    int pass;                         /* from 0 */
    int64_t heap;                     /* bytes that rows have taken of it so far */
    struct buffer pending;         /* bytes of rows that are no multiple of three yet */
    int64_t ledger[BULK_STATUSES]; /* of the rows written */
};

struct bulk_form {
    const char *name; /* of a form of form.h */
    bool is_picture;
    const char *suffix;
    /* Append what comes before the rows, a row, and what comes behind them. */
    void (*begin)(struct bulk_writer *writer, struct buffer *out);
    void (*row)(struct bulk_writer *writer, const struct bulk_row *row,
                struct buffer *out);
    void (*end)(struct bulk_writer *writer, struct buffer *out);
    /* Exact length of all; NULL where only writing tells. */
    int64_t (*length)(const struct bulk_writer *writer);
    /* Instead of the above, for a form that is no table. Takes the list over. */
    struct producer (*open)(const struct service *service,
                            const struct service_collection *collection,
                            struct bulk_list *list, const struct bulk_query *query,
                            struct waker waker);
};

/* The body in the form of the query. Takes the list over, resolved whole; the rest is
 * borrowed until the body ends. The waker is called when a body that was STATUS_PENDING
 * goes on. */
struct producer bulk_form_open(const struct service *service,
                               const struct service_collection *collection,
                               struct bulk_list *list, const struct bulk_query *query,
                               struct waker waker);

/* NULL if there is none of that name. */
const struct bulk_form *bulk_form_named(const char *name);

extern const struct bulk_form bulk_fits, bulk_votable, bulk_tabledata, bulk_csv, bulk_tar,
    bulk_png;
