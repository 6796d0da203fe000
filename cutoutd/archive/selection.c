#include "archive/selection.h"

#include "archive/archive_reader.h"
#include "archive/catalogue_search.h"
#include "archive/map_watch.h"
#include "archive/record.h"
#include "archive/residence.h"
#include "base/memory.h"

#include <stdlib.h>

/* Records after which it is looked again whether care is called for. */
enum { CARE = 64, KNOWN = 256 };

/* Which of the selection's shards has a number, in a state of the catalogue: another may
 * have given it to another shard. */
struct known_shard {
    int64_t number;
    uint64_t generation;
    uint32_t i;
};

struct selection {
    struct archive_reader *reader;
    struct held_shard **shards; /* lent, each once */
    uint32_t count;
    struct known_shard known[KNOWN]; /* by the last bits of the number */
    struct waker waker;
    struct residence residence;
    unsigned asked;  /* how often */
    bool is_careful; /* as of lately */
    unsigned losses; /* of the shard's map when a record was last viewed */
};

struct selection *selection_open(struct archive_reader *reader)
{
    struct selection *selection = memory_new(selection);

    selection->reader = reader;
    for (size_t i = 0; i < KNOWN; i++)
        selection->known[i].number = -1;
    return selection;
}

void selection_set_waker(struct selection *selection, struct waker waker)
{
    selection->waker = waker;
}

void selection_close(struct selection *selection)
{
    if (!selection)
        return;
    for (uint32_t i = 0; i < selection->count; i++)
        held_shard_give_back(selection->shards[i]);
    free(selection->shards);
    free(selection);
}

void selection_begin(struct selection *selection)
{
    struct archive_reader *reader = selection->reader;

    archive_reader_keep_up(reader);
    if (reader->catalogue)
        catalogue_hold(reader->catalogue);
}

void selection_end(struct selection *selection)
{
    struct archive_reader *reader = selection->reader;

    if (reader->catalogue)
        catalogue_release(reader->catalogue);
}

/* ---- finding ---- */

/* Number of a shard among the selection's, which takes the loan over. */
static uint32_t number_of(struct selection *selection, struct held_shard *shard)
{
    for (uint32_t i = 0; i < selection->count; i++) {
        if (selection->shards[i] == shard) {
            held_shard_give_back(shard);
            return i;
        }
    }
    selection->shards = memory_resize(selection->shards, (selection->count + 1) *
                                                             sizeof(struct held_shard *));
    selection->shards[selection->count] = shard;
    return selection->count++;
}

static struct selected place_of_outline(const struct outline *outline, uint32_t shard)
{
    return (struct selected){.record_offset = outline->record_offset,
                             .record_size = outline->record_size,
                             .axis_offset = outline->axis_offset,
                             .axis_size = outline->axis_size,
                             .record_checksum = outline->record_checksum,
                             .shard = shard};
}

static enum status visit(struct selection *selection, struct holding_source *source,
                         struct selection_visitor visitor, struct failure *failure)
{
    const struct entry *entry = source->entry;
    struct outline outline = outline_of(entry);
    struct selected where;

    if (!source->shard)
        return failure_set(failure, STATUS_DAMAGED, "%s: the shard is missing",
                           entry->path);
    where = place_of_outline(&outline, number_of(selection, source->shard));
    source->shard = NULL;
    return visitor.visit(visitor.context, entry, source->checksum, &where, failure);
}

enum status selection_find(struct selection *selection, const char *id,
                           struct selection_visitor visitor, struct failure *failure)
{
    struct archive_reader *reader = selection->reader;
    struct holding_source *source;
    enum status status;

    archive_reader_keep_up(reader);
    if ((status = archive_look_up_row(reader, id, selection->waker, &source, failure)))
        return status;
    status = visit(selection, source, visitor, failure);
    source_release(source);
    return status;
}

/* ---- finding outlines ---- */

/* The shard that the catalogue knows by a number; false if it cannot be had. */
static bool has_shard(struct selection *selection, int64_t number, uint32_t *out)
{
    struct known_shard *known = &selection->known[(uint64_t)number % KNOWN];
    struct held_shard *shard;
    struct failure ignored; /* the catalogue may say more */

    if (known->number != number || known->generation != selection->reader->generation) {
        if (shard_holder_lend(selection->reader->shards, number, selection->waker, &shard,
                              &ignored))
            return false;
        *known = (struct known_shard){number, selection->reader->generation,
                                      number_of(selection, shard)};
    }
    *out = known->i;
    return true;
}

static enum status visit_row(void *context, const struct entry *entry, uint64_t checksum,
                             const struct selected *where, struct failure *failure)
{
    const struct outline_visitor *visitor = context;
    struct outline outline = outline_of(entry);

    (void)checksum;
    return visitor->visit(visitor->context, &outline, where, failure);
}

enum status selection_find_outline(struct selection *selection, const char *id,
                                   struct outline_visitor visitor,
                                   struct failure *failure)
{
    struct selected where;
    struct outline outline;
    uint32_t shard;
    enum status status;

    archive_reader_keep_up(selection->reader);
    status = archive_look_up_outline(selection->reader, id, &outline, failure);
    if (status == STATUS_NOT_FOUND)
        return status;
    if (status || !has_shard(selection, outline.shard, &shard))
        return selection_find(selection, id,
                              (struct selection_visitor){visit_row, &visitor}, failure);
    where = place_of_outline(&outline, shard);
    return visitor.visit(visitor.context, &outline, &where, failure);
}

static const struct shard *shard_of(const struct selection *selection,
                                    const struct selected *where)
{
    return held_shard_view(selection->shards[where->shard]);
}

static enum status outside(struct failure *failure)
{
    return failure_set(failure, STATUS_DAMAGED, "a record that lies outside");
}

/* ---- what is in memory ---- */

/* A record that lies nowhere has no place among those that were. */
static bool is_checked(const struct selection *selection, const struct selected *where)
{
    return where->record_size >= SHARD_SET_CELL &&
           shard_at(shard_of(selection, where), where->record_offset,
                    where->record_size) &&
           held_shard_is_checked(selection->shards[where->shard], where->record_offset);
}

/* A record that was read before is there, where memory suffices. */
bool selection_is_warm(struct selection *selection, const struct selected *where)
{
    if (selection->asked++ % CARE == 0)
        selection->is_careful = archive_reader_is_careful(selection->reader);
    return !selection->is_careful && is_checked(selection, where);
}

static struct pager *pager_of(const struct selection *selection)
{
    return selection->reader->archive->settings.pager;
}

static struct record_place place_of(const struct selected *where)
{
    return (struct record_place){where->record_offset, where->record_size,
                                 where->axis_offset, where->axis_size};
}

static bool is_in_memory(struct selection *selection, const struct selected *where)
{
    return !selection->waker.wake || selection_is_warm(selection, where) ||
           residence_has(&selection->residence, shard_of(selection, where),
                         place_of(where), pager_of(selection), selection->waker);
}

void selection_expect(struct selection *selection, const struct selected *where)
{
    residence_expect(shard_of(selection, where), place_of(where), pager_of(selection));
}

/* ---- viewing ---- */

/* The axes of many records are one; what was looked up is mostly in memory. */
static bool has_axis(struct selection *selection, const struct selected *where)
{
    struct file_part axis =
        shard_part(shard_of(selection, where), where->axis_offset, where->axis_size);

    return !selection->waker.wake || selection_is_warm(selection, where) ||
           pager_has(pager_of(selection), &axis, selection->waker,
                     &selection->residence.asked_axis);
}

enum status selection_axis(struct selection *selection, const struct selected *where,
                           struct axis *out, struct failure *failure)
{
    const void *axis =
        shard_at(shard_of(selection, where), where->axis_offset, where->axis_size);

    if (!has_axis(selection, where))
        return STATUS_PENDING;
    return axis ? axis_view(axis, (size_t)where->axis_size, out, failure)
                : outside(failure);
}

void selection_prefetch(const struct selection *selection, const struct selected *where,
                        size_t first, size_t count)
{
    const void *record =
        shard_at(shard_of(selection, where), where->record_offset, where->record_size);

    if (record)
        record_prefetch(record, (size_t)where->record_size, first, count);
}

static unsigned losses_of(const struct selection *selection, const struct selected *where)
{
    return map_losses(shard_of(selection, where)->watch);
}

enum status selection_check(const struct selection *selection,
                            const struct selected *where, struct failure *failure)
{
    return selection->losses == losses_of(selection, where)
               ? STATUS_OK
               : failure_set(failure, STATUS_DAMAGED, "a record that cannot be read");
}

enum status selection_view(struct selection *selection, const struct selected *where,
                           struct spectrum *out, struct failure *failure)
{
    const struct shard *shard = shard_of(selection, where);
    const void *axis = shard_at(shard, where->axis_offset, where->axis_size);
    const void *record = shard_at(shard, where->record_offset, where->record_size);
    bool thorough;
    enum status status;

    if (!is_in_memory(selection, where))
        return STATUS_PENDING;
    if (!record || !axis)
        return outside(failure);
    selection->losses = losses_of(selection, where);
    thorough = selection->losses > 0 || !is_checked(selection, where);
    if ((status = record_view(record, (size_t)where->record_size, axis,
                              (size_t)where->axis_size, thorough, out, failure)))
        return status;
    if (((const struct record_head *)record)->checksum != where->record_checksum)
        return failure_set(failure, STATUS_DAMAGED, "the record of another spectrum");
    if ((status = selection_check(selection, where, failure)))
        return status;
    if (thorough && where->record_size >= SHARD_SET_CELL)
        held_shard_set_checked(selection->shards[where->shard], where->record_offset);
    return STATUS_OK;
}
