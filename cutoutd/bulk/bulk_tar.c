#include "bulk/bulk_form.h"

#include "base/memory.h"
#include "base/spool.h"
#include "bulk/bulk_csv.h"
#include "bulk/bulk_names.h"
#include "cutout/cutout.h"
#include "format/tar.h"

#include <stdlib.h>
#include <string.h>

/* A turn ends with so many bytes, or rows, whichever come first. */
enum { PIECE = 64 * 1024, ROWS = 128 };

static const int64_t NANOSECONDS = 1000000000;

/* What an ID means, looked up again: a document says more than a list keeps. */
struct target {
    struct arena arena; /* of one ID */
    struct entry entry;
    uint64_t checksum; /* 0: none */
    bool is_looked_up;
    struct failure failure;
};

struct bulk_tar {
    const struct service *service;
    const struct service_collection *collection;
    const struct bulk_query *query;
    struct waker waker;
    struct bulk_list *list;
    struct selection *selection;
    struct bulk_names *names;
    struct target target; /* of the last row */
    int64_t rows;         /* done */
    int64_t newest;       /* of the files, seconds since 1970 */
    int64_t ledger[BULK_STATUSES];
    struct spool *lines; /* of the ledger's file */
    int64_t lines_sent;
    enum { TAR_BEGINS, TAR_HAS_ROWS, TAR_HAS_LEDGER, TAR_IS_OVER } stage;
};

/* ---- what the rows mean ---- */

static enum status take_row(void *context, const struct entry *entry, uint64_t checksum,
                            const struct selected *where, struct failure *failure)
{
    struct target *target = context;

    (void)where, (void)failure;
    entry_copy(entry, &target->arena, &target->entry);
    target->checksum = checksum;
    return STATUS_OK;
}

/* Rows of one ID follow each other; those that are empty need no looking up. */
static void look_up(struct bulk_tar *tar, const struct bulk_row *row)
{
    struct target *target = &tar->target;
    const struct selection_visitor visitor = {take_row, target};

    if (tar->rows % (int64_t)tar->query->band_count == 0) {
        arena_reset(&target->arena);
        target->is_looked_up = false;
    }
    if (target->is_looked_up || row->status == BULK_EMPTY)
        return;
    target->is_looked_up = true;
    target->checksum = 0;
    target->failure.message[0] = '\0';
    (void)selection_find(tar->selection, row->did, visitor, &target->failure);
}

/* The row as a document. What was replaced since the IDs were resolved is another answer
 * than the one whose ETag was sent. */
static enum status cut(struct bulk_tar *tar, const struct bulk_row *row,
                       struct cutout *out, struct failure *failure)
{
    const struct form *form = form_named("votable");
    const struct cutout_query query = {
        .has_band = tar->query->has_band,
        .band = row->band,
        .at_rest = tar->query->at_rest,
        .filters = tar->query->filters,
        .choice = {form, form->content_type},
    };
    struct target *target = &tar->target;

    if (target->checksum != row->checksum)
        return failure_set(failure, STATUS_UNAVAILABLE,
                           "%s was replaced while it was sent", row->did);
    return cutout_make(tar->service, tar->collection, &query, &target->entry,
                       target->checksum, &row->spectrum, &target->arena, out, failure);
}

/* ---- files ---- */

/* "~17", which no name of ours has, where the name was given before. */
static const char *unique_name(struct bulk_tar *tar, const struct cutout *cutout)
{
    int stem = (int)(strlen(cutout->file_name) - strlen(cutout->suffix));

    return bulk_names_take(tar->names, cutout->file_name)
               ? cutout->file_name
               : arena_format(&tar->target.arena, "%.*s~%lld%s", stem, cutout->file_name,
                              (long long)tar->rows, cutout->suffix);
}

static enum status add_file(struct bulk_tar *tar, const struct cutout *cutout,
                            const char *name, struct buffer *out, struct failure *failure)
{
    int64_t modified = cutout->holding.entry->file_mtime / NANOSECONDS;
    struct buffer document = {0};
    enum status status = cutout->form->write(&cutout->subject, &document, failure);

    if (!status) {
        tar_file_open(out, name, (int64_t)document.length, modified);
        buffer_add(out, document.bytes, document.length);
        tar_file_close(out, (int64_t)document.length);
    }
    if (modified > tar->newest)
        tar->newest = modified;
    buffer_finish(&document);
    return status;
}

/* ---- the ledger ---- */

static const char *reason_of(const struct bulk_tar *tar, const struct bulk_row *row)
{
    const char *message = tar->target.failure.message;

    if (row->status == BULK_EMPTY)
        return tar->query->at_rest && !(row->stretch > 0)
                   ? "the object has no redshift"
                   : "nothing of it lies within what was asked for";
    if (row->status == BULK_UNKNOWN)
        return *message ? message : "the ID means no spectrum";
    return row->status == BULK_DAMAGED ? "the record cannot be read" : "";
}

static enum status add_line(struct bulk_tar *tar, const struct bulk_row *row,
                            const char *file, struct failure *failure)
{
    struct buffer line = {0};
    enum status status;

    bulk_csv_text(&line, row->did);
    buffer_add_char(&line, ',');
    bulk_csv_band(&line, &row->band);
    buffer_format(&line, ",%s,%u,%s,", bulk_status_names[row->status], row->count, file);
    bulk_csv_text(&line, reason_of(tar, row));
    buffer_add_char(&line, '\n');
    tar->ledger[row->status]++;
    status = spool_add(tar->lines, line.bytes, line.length, failure);
    buffer_finish(&line);
    return status;
}

static enum status begin(struct bulk_tar *tar, struct failure *failure)
{
    static const char head[] = "ssa_pubDID,band_lower,band_upper,status,n,file,reason\n";

    bulk_list_rewind(tar->list);
    tar->stage = TAR_HAS_ROWS;
    return spool_add(tar->lines, head, sizeof(head) - 1, failure);
}

static enum status begin_ledger(struct bulk_tar *tar, struct buffer *out,
                                struct failure *failure)
{
    struct buffer sums = {0};
    enum status status;

    bulk_csv_ledger(&sums, tar->ledger);
    status = spool_add(tar->lines, sums.bytes, sums.length, failure);
    buffer_finish(&sums);
    tar_file_open(out, "ledger.csv", spool_length(tar->lines), tar->newest);
    tar->stage = TAR_HAS_LEDGER;
    return status;
}

static enum status copy_ledger(struct bulk_tar *tar, struct buffer *out,
                               struct failure *failure)
{
    int64_t length = spool_length(tar->lines), left = length - tar->lines_sent;
    size_t size = left < PIECE ? (size_t)left : PIECE;
    enum status status =
        spool_read(tar->lines, tar->lines_sent, buffer_room(out, size), size, failure);

    if (status)
        return status;
    buffer_added(out, size);
    tar->lines_sent += (int64_t)size;
    if (tar->lines_sent < length)
        return STATUS_OK;
    tar_file_close(out, length);
    tar_close(out);
    tar->stage = TAR_IS_OVER;
    return STATUS_OK;
}

/* ---- rows ---- */

/* A file, or none, and in any case its line. */
static enum status add_row(struct bulk_tar *tar, struct bulk_row *row, struct buffer *out,
                           struct failure *failure)
{
    const char *name = "";
    struct cutout cutout;
    size_t before = out->length;
    struct failure lost;
    enum status status;

    look_up(tar, row);
    tar->rows++;
    if (row->count) {
        if ((status = cut(tar, row, &cutout, failure)))
            return status;
        name = unique_name(tar, &cutout);
        if ((status = add_file(tar, &cutout, name, out, failure)))
            return status;
    }
    if (bulk_list_check(tar->list, row, &lost)) {
        out->length = before;
        name = "";
        row->status = BULK_DAMAGED;
        row->count = 0;
    }
    return add_line(tar, row, name, failure);
}

static enum status add_rows(struct bulk_tar *tar, struct buffer *out,
                            struct failure *failure)
{
    bool is_row = true;
    enum status status;

    for (int i = 0; i < ROWS && out->length < PIECE; i++) {
        struct bulk_row row;

        if ((status = bulk_list_next(tar->list, &is_row, &row, failure)))
            return status;
        if (!is_row)
            return begin_ledger(tar, out, failure);
        if ((status = add_row(tar, &row, out, failure)))
            return status;
    }
    if (out->length)
        return STATUS_OK;
    waker_call(tar->waker); /* no file yet; others have their turn */
    return STATUS_PENDING;
}

/* ---- the body ---- */

static enum status produce(void *state, struct buffer *out, struct failure *failure)
{
    struct bulk_tar *tar = state;
    enum status status = STATUS_OK;

    if (tar->stage == TAR_BEGINS)
        status = begin(tar, failure);
    if (!status && tar->stage == TAR_HAS_ROWS)
        status = add_rows(tar, out, failure);
    else if (!status && tar->stage == TAR_HAS_LEDGER)
        status = copy_ledger(tar, out, failure);
    return status;
}

static void close_tar(void *state)
{
    struct bulk_tar *tar = state;

    bulk_list_close(tar->list);
    selection_close(tar->selection);
    bulk_names_close(tar->names);
    arena_finish(&tar->target.arena);
    spool_close(tar->lines);
    free(tar);
}

static struct producer open_tar(const struct service *service,
                                const struct service_collection *collection,
                                struct bulk_list *list, const struct bulk_query *query,
                                struct waker waker)
{
    struct bulk_tar *tar = memory_new(tar);

    tar->service = service;
    tar->collection = collection;
    tar->query = query;
    tar->waker = waker;
    tar->list = list;
    tar->selection = selection_open(collection->reader);
    tar->names = bulk_names_open(bulk_list_totals(list)->rows);
    arena_init(&tar->target.arena);
    tar->lines = spool_open();
    return (struct producer){produce, close_tar, tar, -1};
}

const struct bulk_form bulk_tar = {.name = "tar", .suffix = ".tar", .open = open_tar};
