#include "bulk/bulk_list.h"

#include "archive/identifier.h"
#include "base/buffer.h"
#include "base/checksum.h"
#include "base/memory.h"
#include "base/spool.h"
#include "bulk/bulk_bytes.h"
#include "bulk/bulk_form.h"
#include "bulk/bulk_order.h"
#include "spectrum/rest.h"
#include "spectrum/slice.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    AHEAD = 256, /* IDs whose records the disk is asked for at a time */
    FAR = 8,     /* IDs ahead of the one being written: where the processor is asked */
    NEAR = 4,    /* for the head of the record, and where for the samples */
};

const char *const bulk_status_names[BULK_STATUSES] = {"ok", "empty", "unknown",
                                                      "damaged"};

/* A run of samples. */
struct run {
    uint32_t first, count;
};

/* One ID; with as many runs as there are bands. */
struct target {
    struct selected where;
    int64_t texts; /* offset of DID, class and subclass, each with its end */
    double ra, dec, redshift, snr;
    uint64_t checksum; /* of row and samples */
    uint32_t texts_size;
    uint32_t status; /* of its rows that have no samples */
    struct run runs[];
};

struct bulk_list {
    const struct service *service;
    const struct service_collection *collection;
    const struct bulk_query *query;
    struct selection *selection;
    struct spool *targets, *texts;
    struct bulk_order *order; /* NULL: as asked for */
    size_t target_size;
    struct bulk_totals totals;
    uint64_t checksum;
    struct target *found; /* being resolved */
    bool is_passed;       /* by the filters */
    struct buffer text;   /* of one target */

    /* Where reading is. */
    int64_t next_target; /* to be read */
    uint8_t *ahead;      /* AHEAD targets */
    size_t ahead_count, ahead_next;
    const struct target *target; /* of them, and its texts */
    const char *did, *target_class, *target_subclass;
    struct spectrum spectrum; /* its samples */
    size_t band;
    bool is_damaged; /* its record, so that there is none */
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
    list->found = memory_take(list->target_size);
    list->ahead = memory_take(AHEAD * list->target_size);
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
    free(list->found);
    free(list->ahead);
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

static void extend(struct band *extent, const struct axis *axis,
                   const struct slice *slice, double stretch)
{
    double first = axis_at(axis, slice->first) / stretch;
    double last = axis_at(axis, slice->first + slice->count - 1) / stretch;
    bool is_new = !(extent->upper > 0);

    extent->lower = is_new ? first : fmin(extent->lower, first);
    extent->upper = is_new ? last : fmax(extent->upper, last);
}

static void cut(struct bulk_list *list, const struct axis *axis)
{
    const struct bulk_query *query = list->query;
    struct target *target = list->found;
    struct spectrum spectrum = {.axis = *axis};
    double stretch = stretch_of(query, target->redshift);

    if (!(stretch > 0)) /* no redshift, or none that can be */
        list->totals.without_redshift += (int64_t)query->band_count;
    for (size_t i = 0; stretch > 0 && i < query->band_count; i++) {
        struct band band = query->at_rest
                               ? rest_band_observed(query->bands[i], target->redshift)
                               : query->bands[i];
        struct slice slice = slice_by_band(&spectrum, band);

        target->runs[i] = (struct run){(uint32_t)slice.first, (uint32_t)slice.count};
        if (query->form->is_picture && slice.count)
            extend(&list->totals.extents[i], axis, &slice, stretch);
    }
}

/* A text of the target is all there: give it an end, and note how long it is. */
static void end_text(struct bulk_list *list, size_t begin, size_t *width, int64_t *bytes)
{
    size_t length = list->text.length - begin;

    buffer_add_char(&list->text, '\0');
    *width = length > *width ? length : *width;
    *bytes += (int64_t)(length * list->query->band_count);
}

static void add_text(struct bulk_list *list, const char *text, size_t *width,
                     int64_t *bytes)
{
    size_t begin = list->text.length;

    buffer_add_string(&list->text, text ? text : "");
    end_text(list, begin, width, bytes);
}

static void add_class(struct bulk_list *list, const char *class, const char *subclass)
{
    add_text(list, class, &list->totals.class_width, &list->totals.class_bytes);
    add_text(list, subclass, &list->totals.subclass_width, &list->totals.subclass_bytes);
}

/* Of all that a table can tell of the spectrum. */
static void note_facts(struct bulk_list *list, const struct target *target)
{
    const struct {
        double ra, dec, redshift, snr;
        uint64_t record_checksum;
    } facts = {target->ra, target->dec, target->redshift, target->snr,
               target->where.record_checksum};

    list->checksum = checksum_chain(list->checksum, &facts, sizeof(facts));
    list->checksum = checksum_chain(list->checksum, list->text.bytes, list->text.length);
}

/* The spectrum is there: what is wanted of it. */
static enum status take_outline(void *context, const struct outline *outline,
                                const struct selected *where, struct failure *failure)
{
    struct bulk_list *list = context;
    struct target *target = list->found;
    struct axis axis;
    enum status status;

    if ((status = selection_axis(list->selection, where, &axis, failure)))
        return status;
    target->where = *where;
    target->ra = outline->ra;
    target->dec = outline->dec;
    target->redshift = outline->redshift;
    target->snr = outline->snr;
    target->status = BULK_EMPTY;
    if (list->is_passed)
        cut(list, &axis);
    identifier_write(&list->text, list->service->settings->authority,
                     list->collection->settings->name, outline->path);
    end_text(list, 0, &list->totals.did_width, &list->totals.did_bytes);
    add_class(list, outline->target_class, outline->target_subclass);
    note_facts(list, target);
    return STATUS_OK;
}

/* The same where more is asked of the row than a table tells. */
static enum status take_row(void *context, const struct entry *entry, uint64_t checksum,
                            const struct selected *where, struct failure *failure)
{
    struct bulk_list *list = context;
    struct outline outline = outline_of(entry);
    enum status status;

    list->is_passed = soda_filters_pass(&list->query->filters, entry);
    if ((status = take_outline(list, &outline, where, failure)))
        return status;
    list->found->checksum = checksum;
    list->checksum = checksum_chain(list->checksum, &checksum, sizeof(checksum));
    return STATUS_OK;
}

static enum status find(struct bulk_list *list, const char *id, struct failure *failure)
{
    const struct soda_filters *filters = &list->query->filters;
    const struct bulk_form *form = list->query->form;
    bool suffices = !form->open || form->is_picture; /* documents tell all of a row */

    list->is_passed = true;
    return suffices && filters->region_count == 0 && !filters->has_time
               ? selection_find_outline(list->selection, id,
                                        (struct outline_visitor){take_outline, list},
                                        failure)
               : selection_find(list->selection, id,
                                (struct selection_visitor){take_row, list}, failure);
}

/* What cannot be spelled in a table of ASCII becomes a question mark. */
static void take_nothing(struct bulk_list *list, const char *id, enum status status)
{
    add_text(list, id, &list->totals.did_width, &list->totals.did_bytes);
    for (size_t i = 0; i + 1 < list->text.length; i++)
        if (list->text.bytes[i] < ' ' || list->text.bytes[i] > '~')
            list->text.bytes[i] = '?';
    add_class(list, NULL, NULL);
    list->found->status = status == STATUS_DAMAGED ? BULK_DAMAGED : BULK_UNKNOWN;
}

static void forget_found(struct bulk_list *list)
{
    struct target *target = list->found;

    memset(target, 0, list->target_size);
    target->ra = target->dec = target->redshift = target->snr = (double)NAN;
    buffer_clear(&list->text);
}

static void count(struct bulk_totals *totals, const struct target *target,
                  size_t band_count)
{
    bool has_samples = false;

    for (size_t i = 0; i < band_count; i++) {
        uint32_t samples = target->runs[i].count;
        uint32_t status = samples ? (uint32_t)BULK_OK : target->status;

        totals->rows++;
        totals->by_status[status]++;
        totals->samples += samples;
        has_samples |= samples > 0;
        totals->longest = samples > totals->longest ? samples : totals->longest;
        totals->shortest = samples < totals->shortest ? samples : totals->shortest;
    }
    totals->with_samples += has_samples;
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

void bulk_list_begin(struct bulk_list *list)
{
    selection_begin(list->selection);
}

void bulk_list_end(struct bulk_list *list)
{
    selection_end(list->selection);
}

enum status bulk_list_add(struct bulk_list *list, const char *id, struct failure *failure)
{
    struct target *target = list->found;
    enum status status;

    forget_found(list);
    status = find(list, id, failure);
    if (status && !is_of_id(status))
        return status;
    if (status)
        take_nothing(list, id, status);
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

static const struct target *target_ahead(const struct bulk_list *list, size_t i)
{
    return (const struct target *)(const void *)(list->ahead + i * list->target_size);
}

static bool has_samples(const struct bulk_list *list, const struct target *target)
{
    for (size_t i = 0; i < list->query->band_count; i++)
        if (target->runs[i].count)
            return list->query->has_samples;
    return false;
}

static int compare_places(const void *a, const void *b)
{
    const struct selected *first = *(const struct selected *const *)a;
    const struct selected *second = *(const struct selected *const *)b;

    if (first->shard != second->shard)
        return first->shard < second->shard ? -1 : 1;
    return (first->record_offset > second->record_offset) -
           (first->record_offset < second->record_offset);
}

/* Have the disk read what is not in memory, in the order in which it lies there. */
static void expect(const struct bulk_list *list)
{
    const struct selected *places[AHEAD];
    size_t count = 0;

    for (size_t i = 0; i < list->ahead_count; i++) {
        const struct target *target = target_ahead(list, i);

        if (has_samples(list, target) &&
            !selection_is_warm(list->selection, &target->where))
            places[count++] = &target->where;
    }
    qsort(places, count, sizeof(places[0]), compare_places);
    for (size_t i = 0; i < count; i++)
        selection_expect(list->selection, places[i]);
}

static void prefetch_runs(const struct bulk_list *list, const struct target *target)
{
    if (!selection_is_warm(list->selection, &target->where))
        return;
    for (size_t i = 0; i < list->query->band_count; i++)
        if (target->runs[i].count)
            selection_prefetch(list->selection, &target->where, target->runs[i].first,
                               target->runs[i].count);
}

/* Memory is slow, too: have the processor fetch what the next targets need. */
static void prefetch(const struct bulk_list *list)
{
    size_t far = list->ahead_next + FAR, near = list->ahead_next + NEAR;

    if (far < list->ahead_count && has_samples(list, target_ahead(list, far)))
        selection_prefetch(list->selection, &target_ahead(list, far)->where, 0, 0);
    if (near < list->ahead_count && has_samples(list, target_ahead(list, near)))
        prefetch_runs(list, target_ahead(list, near));
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

static enum status read_texts(struct bulk_list *list, struct failure *failure)
{
    const struct target *target = list->target;
    enum status status;

    buffer_clear(&list->text);
    if ((status = spool_read(list->texts, target->texts,
                             buffer_room(&list->text, target->texts_size),
                             target->texts_size, failure)))
        return status;
    list->did = (const char *)list->text.bytes;
    list->target_class = list->did + strlen(list->did) + 1;
    list->target_subclass = list->target_class + strlen(list->target_class) + 1;
    return STATUS_OK;
}

/* A row says that its record is damaged, not how. */
static enum status view(struct bulk_list *list)
{
    struct failure ignored;
    enum status status = STATUS_OK;

    if (has_samples(list, list->target))
        status = selection_view(list->selection, &list->target->where, &list->spectrum,
                                &ignored);
    list->is_damaged = status != STATUS_OK;
    return status == STATUS_PENDING ? status : STATUS_OK;
}

static enum status next_target(struct bulk_list *list, bool *is_target,
                               struct failure *failure)
{
    enum status status;

    if (list->ahead_next == list->ahead_count && (status = look_ahead(list, failure)))
        return status;
    *is_target = list->ahead_count > 0;
    if (!*is_target)
        return STATUS_OK;
    prefetch(list);
    list->target = target_ahead(list, list->ahead_next);
    if ((status = view(list)) || (status = read_texts(list, failure)))
        return status;
    list->ahead_next++;
    list->band = 0;
    return STATUS_OK;
}

static void fill(const struct bulk_list *list, struct bulk_row *row)
{
    const struct target *target = list->target;
    const struct run *run = &target->runs[list->band];
    bool is_lost = run->count && list->is_damaged;

    *row = (struct bulk_row){
        .did = list->did,
        .target_class = list->target_class,
        .target_subclass = list->target_subclass,
        .band = list->query->bands[list->band],
        .status = is_lost      ? BULK_DAMAGED
                  : run->count ? BULK_OK
                               : (enum bulk_status)target->status,
        .reserved = run->count,
        .count = is_lost ? 0 : run->count,
        .ra = target->ra,
        .dec = target->dec,
        .redshift = target->redshift,
        .snr = target->snr,
        .checksum = target->checksum,
        .spectrum = list->spectrum,
        .first = run->first,
        .stretch = stretch_of(list->query, target->redshift),
    };
}

enum status bulk_list_next(struct bulk_list *list, bool *is_row, struct bulk_row *out,
                           struct failure *failure)
{
    bool is_target = true;
    enum status status;

    if (list->band == list->query->band_count &&
        (status = next_target(list, &is_target, failure)))
        return status;
    *is_row = is_target;
    if (!is_target)
        return STATUS_OK;
    fill(list, out);
    list->band++;
    return STATUS_OK;
}

enum status bulk_list_check(const struct bulk_list *list, const struct bulk_row *row,
                            struct failure *failure)
{
    return row->count && list->query->has_samples
               ? selection_check(list->selection, &list->target->where, failure)
               : STATUS_OK;
}
