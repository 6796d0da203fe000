#include "protocol/bulk_list.h"

#include "archive/identifier.h"
#include "base/buffer.h"
#include "base/checksum.h"
#include "base/memory.h"
#include "base/spool.h"
#include "protocol/bulk_bytes.h"
#include "protocol/bulk_order.h"
#include "spectrum/slice.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* IDs whose records are asked for at a time. */
enum { AHEAD = 64 };

const char *const bulk_status_names[BULK_STATUSES] = {"ok", "empty", "unknown",
                                                      "damaged"};

/* A run of samples. */
struct run {
    uint32_t first, count;
};

/* One ID. */
struct target {
    struct selected where;
    int64_t texts; /* offset of DID, class and subclass, each with its end */
    double ra, dec, redshift, snr;
    uint64_t checksum; /* of row and samples */
    uint32_t texts_size;
    uint32_t status; /* of its rows that have no samples */
    struct run runs[BULK_BANDS];
};

struct bulk_list {
    const struct service *service;
    const struct service_collection *collection;
    const struct bulk_query *query;
    struct selection *selection;
    struct spool *targets, *texts;
    struct bulk_order *order; /* NULL: as asked for */
    size_t target_size;       /* with as many runs as there are bands */
    struct bulk_totals totals;
    uint64_t checksum;
    struct buffer text; /* of one target */

    /* Where reading is. */
    int64_t next_target; /* to be read */
    size_t ahead_count, ahead_next;
    size_t band;
    struct target target;
    uint8_t ahead[AHEAD * sizeof(struct target)];
};

struct bulk_list *bulk_list_open(const struct service *service,
                                 const struct service_collection *collection,
                                 const struct bulk_query *query)
{
    struct bulk_list *list = memory_new(list);

    list->service = service;
    list->collection = collection;
    list->query = query;
    list->selection = selection_open(collection->reader);
    list->targets = spool_open();
    list->texts = spool_open();
    list->order = query->is_sorted ? bulk_order_open(query->sort_descends) : NULL;
    list->target_size =
        offsetof(struct target, runs) + query->band_count * sizeof(struct run);
    list->totals.shortest = UINT32_MAX;
    return list;
}

void bulk_list_set_waker(struct bulk_list *list, struct waker waker)
{
    selection_set_waker(list->selection, waker);
}

void bulk_list_close(struct bulk_list *list)
{
    if (!list)
        return;
    selection_close(list->selection);
    spool_close(list->targets);
    spool_close(list->texts);
    bulk_order_close(list->order);
    buffer_finish(&list->text);
    free(list);
}

const struct bulk_totals *bulk_list_totals(const struct bulk_list *list)
{
    return &list->totals;
}

uint64_t bulk_list_checksum(const struct bulk_list *list)
{
    return list->checksum;
}

/* ---- resolving ---- */

/* What wavelengths of the object are multiplied by to be those observed. */
static double stretch_of(const struct bulk_query *query, double redshift)
{
    return query->at_rest ? 1 + redshift : 1;
}

static void cut(const struct bulk_query *query, const struct axis *axis,
                struct target *target, int64_t *without_redshift)
{
    struct spectrum spectrum = {.axis = *axis};
    double stretch = stretch_of(query, target->redshift);

    if (!(stretch > 0)) /* no redshift, or none that can be */
        *without_redshift += (int64_t)query->band_count;
    for (size_t i = 0; stretch > 0 && i < query->band_count; i++) {
        struct band band = {query->bands[i].lower * stretch,
                            query->bands[i].upper * stretch};
        struct slice slice = slice_by_band(&spectrum, band);

        target->runs[i] = (struct run){(uint32_t)slice.first, (uint32_t)slice.count};
    }
}

/* Where the texts of one target are being put together. */
struct resolving {
    struct bulk_list *list;
    struct target target;
};

static void add_text(struct bulk_list *list, const char *text, size_t *width,
                     int64_t *bytes)
{
    size_t length = text ? strlen(text) : 0;

    buffer_add(&list->text, text ? text : "", length + 1);
    *width = length > *width ? length : *width;
    *bytes += (int64_t)(length * list->query->band_count);
}

static void add_class(struct bulk_list *list, const char *class, const char *subclass)
{
    add_text(list, class, &list->totals.class_width, &list->totals.class_bytes);
    add_text(list, subclass, &list->totals.subclass_width, &list->totals.subclass_bytes);
}

/* The row is there: what is wanted of it. */
static enum status take_row(void *context, const struct entry *entry, uint64_t checksum,
                            const struct selected *where, struct failure *failure)
{
    struct resolving *resolving = context;
    struct bulk_list *list = resolving->list;
    struct target *target = &resolving->target;
    struct axis axis;
    char *did;
    enum status status;

    if ((status = selection_axis(list->selection, where, &axis, failure)))
        return status;
    target->where = *where;
    target->ra = entry->ra;
    target->dec = entry->dec;
    target->redshift = entry->redshift;
    target->snr = entry->snr;
    target->checksum = checksum;
    target->status = BULK_EMPTY;
    if (soda_filters_pass(&list->query->filters, entry))
        cut(list->query, &axis, target, &list->totals.without_redshift);
    list->checksum = checksum_chain(list->checksum, &checksum, sizeof(checksum));
    identifier_write(&list->text, list->service->settings->authority,
                     list->collection->settings->name, entry->path);
    did = memory_take(list->text.length + 1);
    memcpy(did, list->text.bytes, list->text.length);
    did[list->text.length] = '\0';
    buffer_clear(&list->text);
    add_text(list, did, &list->totals.did_width, &list->totals.did_bytes);
    free(did);
    add_class(list, entry->target_class, entry->target_subclass);
    return STATUS_OK;
}

/* What cannot be spelled in a table of ASCII becomes a question mark. */
static void take_nothing(struct resolving *resolving, const char *id, enum status status)
{
    struct bulk_list *list = resolving->list;

    buffer_clear(&list->text);
    add_text(list, id, &list->totals.did_width, &list->totals.did_bytes);
    for (size_t i = 0; i + 1 < list->text.length; i++)
        if (list->text.bytes[i] < ' ' || list->text.bytes[i] > '~')
            list->text.bytes[i] = '?';
    add_class(list, NULL, NULL);
    resolving->target.status = status == STATUS_DAMAGED ? BULK_DAMAGED : BULK_UNKNOWN;
}

static void count(struct bulk_totals *totals, const struct target *target,
                  size_t band_count)
{
    for (size_t i = 0; i < band_count; i++) {
        uint32_t samples = target->runs[i].count;
        uint32_t status = samples ? (uint32_t)BULK_OK : target->status;

        totals->rows++;
        totals->by_status[status]++;
        totals->samples += samples;
        totals->longest = samples > totals->longest ? samples : totals->longest;
        totals->shortest = samples < totals->shortest ? samples : totals->shortest;
    }
}

/* The texts are DID, class and subclass, each with its end. */
static void add_key(struct bulk_list *list, const struct target *target)
{
    const char *did = (const char *)list->text.bytes;
    const char *class = did + strlen(did) + 1;
    const struct bulk_row row = {
        .target_class = class,
        .target_subclass = class + strlen(class) + 1,
        .ra = target->ra,
        .dec = target->dec,
        .redshift = target->redshift,
        .snr = target->snr,
    };
    enum bulk_column column = list->query->sort_column;

    if (bulk_columns[column].kind == BULK_TEXT)
        bulk_order_add_text(list->order, bulk_text(&row, column));
    else
        bulk_order_add_real(list->order, bulk_real(&row, column));
}

/* Failures that are the ID's, not ours. */
static bool is_of_id(enum status status)
{
    return status == STATUS_NOT_FOUND || status == STATUS_BAD_PARAMETER ||
           status == STATUS_REFUSED || status == STATUS_DAMAGED;
}

enum status bulk_list_add(struct bulk_list *list, const char *id, struct failure *failure)
{
    struct resolving resolving = {list,
                                  {.ra = (double)NAN,
                                   .dec = (double)NAN,
                                   .redshift = (double)NAN,
                                   .snr = (double)NAN}};
    struct target *target = &resolving.target;
    enum status status;

    buffer_clear(&list->text);
    status = selection_find(list->selection, id,
                            (struct selection_visitor){take_row, &resolving}, failure);
    if (status && !is_of_id(status))
        return status;
    if (status)
        take_nothing(&resolving, id, status);
    if (list->order)
        add_key(list, target);
    list->checksum = checksum_chain_text(list->checksum, id);
    target->texts = spool_length(list->texts);
    target->texts_size = (uint32_t)list->text.length;
    count(&list->totals, target, list->query->band_count);
    if ((status = spool_add(list->texts, list->text.bytes, list->text.length, failure)))
        return status;
    return spool_add(list->targets, target, list->target_size, failure);
}

/* ---- reading ---- */

void bulk_list_rewind(struct bulk_list *list)
{
    list->next_target = 0;
    list->ahead_count = list->ahead_next = 0;
    list->band = list->query->band_count;
}

static bool has_samples(const struct bulk_list *list, const struct target *target)
{
    for (size_t i = 0; i < list->query->band_count; i++)
        if (target->runs[i].count)
            return list->query->has_samples;
    return false;
}

static void expect(const struct bulk_list *list)
{
    struct target target;

    for (size_t i = 0; i < list->ahead_count; i++) {
        memcpy(&target, list->ahead + i * list->target_size, list->target_size);
        if (has_samples(list, &target))
            selection_expect(list->selection, &target.where);
    }
}

/* The next ahead_count of them. */
static enum status read_targets(struct bulk_list *list, struct failure *failure)
{
    int64_t size = (int64_t)list->target_size;
    enum status status = STATUS_OK;

    if (!list->order)
        return spool_read(list->targets, list->next_target * size, list->ahead,
                          list->ahead_count * list->target_size, failure);
    for (size_t i = 0; i < list->ahead_count && !status; i++) {
        int64_t number = bulk_order_at(list->order, list->next_target + (int64_t)i);

        status =
            spool_read(list->targets, number * size, list->ahead + i * list->target_size,
                       list->target_size, failure);
    }
    return status;
}

/* Read some more targets; none are left where *ahead_count is 0 then. */
static enum status look_ahead(struct bulk_list *list, struct failure *failure)
{
    int64_t all = spool_length(list->targets) / (int64_t)list->target_size;
    int64_t left = all - list->next_target;
    enum status status;

    list->ahead_count = left < AHEAD ? (size_t)left : AHEAD;
    list->ahead_next = 0;
    if ((status = read_targets(list, failure)))
        return status;
    list->next_target += (int64_t)list->ahead_count;
    expect(list);
    return STATUS_OK;
}

static enum status next_target(struct bulk_list *list, bool *is_target,
                               struct failure *failure)
{
    struct target *target = &list->target;
    enum status status;

    if (list->ahead_next == list->ahead_count && (status = look_ahead(list, failure)))
        return status;
    *is_target = list->ahead_count > 0;
    if (!*is_target)
        return STATUS_OK;
    memcpy(target, list->ahead + list->ahead_next++ * list->target_size,
           list->target_size);
    list->band = 0;
    buffer_clear(&list->text);
    if ((status = spool_read(list->texts, target->texts,
                             buffer_room(&list->text, target->texts_size),
                             target->texts_size, failure)))
        return status;
    buffer_added(&list->text, target->texts_size);
    return STATUS_OK;
}

static void fill(const struct bulk_list *list, struct bulk_row *row)
{
    const struct target *target = &list->target;
    const struct run *run = &target->runs[list->band];

    row->did = (const char *)list->text.bytes;
    row->target_class = row->did + strlen(row->did) + 1;
    row->target_subclass = row->target_class + strlen(row->target_class) + 1;
    row->band = list->query->bands[list->band];
    row->status = run->count ? BULK_OK : (enum bulk_status)target->status;
    row->reserved = row->count = run->count;
    row->first = run->first;
    row->ra = target->ra;
    row->dec = target->dec;
    row->redshift = target->redshift;
    row->snr = target->snr;
    row->checksum = target->checksum;
    row->stretch = stretch_of(list->query, target->redshift);
}

enum status bulk_list_next(struct bulk_list *list, bool *is_row, struct bulk_row *out,
                           struct failure *failure)
{
    bool is_target = true;
    struct failure ignored; /* a row says that its record is damaged, not how */
    enum status status = STATUS_OK;

    if (list->band == list->query->band_count &&
        (status = next_target(list, &is_target, failure)))
        return status;
    *is_row = is_target;
    if (!is_target)
        return STATUS_OK;
    fill(list, out);
    if (out->count && list->query->has_samples)
        status = selection_view(list->selection, &list->target.where, &out->spectrum,
                                &ignored);
    if (status == STATUS_PENDING)
        return status;
    if (status) {
        out->status = BULK_DAMAGED;
        out->count = 0;
    }
    list->band++;
    return STATUS_OK;
}

enum status bulk_list_check(const struct bulk_list *list, const struct bulk_row *row,
                            struct failure *failure)
{
    return row->count && list->query->has_samples
               ? selection_check(list->selection, &list->target.where, failure)
               : STATUS_OK;
}
