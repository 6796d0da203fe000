#include "archive/source.h"

#include "archive/record.h"
#include "base/checksum.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

/* A source of a row, its entry and the texts are one block of memory. */
struct row_source {
    struct holding_source source;
    struct entry entry;
    char texts[];
};

/* Bytes of the text with its end, 0 where it is absent. */
static size_t text_size(const struct entry *entry, const struct entry_column *column)
{
    const char *text = column->type == ENTRY_TEXT ? entry_text(entry, column) : NULL;

    return text ? strlen(text) + 1 : 0;
}

/* Worked out once for all that ask for the source. */
static uint64_t checksum_of_source(const struct entry *entry, uint64_t record_checksum)
{
    return checksum_chain(entry_checksum(entry), &record_checksum,
                          sizeof(record_checksum));
}

struct holding_source *source_of_row(const struct entry *entry, struct held_shard *shard)
{
    struct row_source *row;
    size_t size = 0;
    char *next;

    for (size_t i = 0; i < entry_column_count; i++)
        size += text_size(entry, &entry_columns[i]);
    row = memory_take(sizeof(*row) + size);
    row->source =
        (struct holding_source){.entry = &row->entry, .shard = shard, .holds = 1};
    row->entry = *entry;
    next = row->texts;
    for (size_t i = 0; i < entry_column_count; i++) {
        const struct entry_column *column = &entry_columns[i];

        size = text_size(entry, column);
        if (size == 0)
            continue;
        entry_set_text(&row->entry, column,
                       memcpy(next, entry_text(entry, column), size));
        next += size;
    }
    row->source.checksum =
        checksum_of_source(&row->entry, (uint64_t)row->entry.record_checksum);
    return &row->source;
}

static uint64_t checksum_in(const struct reading_spectrum *read)
{
    struct record_head head = {0};

    if (read->record_size >= sizeof(head))
        memcpy(&head, read->record, sizeof(head));
    return head.checksum;
}

struct holding_source *source_of_reading(const struct reading_spectrum *read,
                                         struct read_through_file *file)
{
    struct holding_source *source = memory_take(sizeof(*source));

    *source = (struct holding_source){
        .entry = &read->entry,
        .checksum = checksum_of_source(&read->entry, checksum_in(read)),
        .file = file,
        .read = read,
        .holds = 1,
    };
    return source;
}

void source_hold(struct holding_source *source)
{
    source->holds++;
}

void source_release(struct holding_source *source)
{
    if (!source || --source->holds > 0)
        return;
    if (source->shard)
        held_shard_give_back(source->shard);
    read_through_release(source->file);
    free(source);
}

/* ---- samples ---- */

bool source_is_in_memory(struct holding_source *source, struct pager *pager,
                         struct waker waker)
{
    const struct entry *entry = source->entry;
    struct record_place place = {entry->record_offset, entry->record_size,
                                 entry->axis_offset, entry->axis_size};

    return !source->shard ||
           residence_has(&source->residence, held_shard_view(source->shard), place, pager,
                         waker);
}

static unsigned losses_of(const struct holding_source *source)
{
    return source->shard ? map_losses(held_shard_view(source->shard)->watch) : 0;
}

/* The row may say that another record lies there than does. */
static bool is_of_row(const struct record_head *record, const struct entry *entry)
{
    return record->checksum == (uint64_t)entry->record_checksum;
}

static enum status view_record(struct holding_source *source, struct failure *failure)
{
    const struct entry *entry = source->entry;
    const struct shard *shard = held_shard_view(source->shard);
    const void *record = shard_at(shard, entry->record_offset, entry->record_size);
    const void *axis = shard_at(shard, entry->axis_offset, entry->axis_size);
    bool is_small = entry->record_size < SHARD_SET_CELL;
    bool thorough = is_small || source->losses > 0 ||
                    !held_shard_is_checked(source->shard, entry->record_offset);
    enum status status;

    if (!record || !axis)
        return failure_set(failure, STATUS_DAMAGED, "a record that lies outside");
    if ((status =
             record_view(record, (size_t)entry->record_size, axis,
                         (size_t)entry->axis_size, thorough, &source->spectrum, failure)))
        return status;
    if (!is_of_row(record, entry))
        return failure_set(failure, STATUS_DAMAGED, "the record of another spectrum");
    if (!is_small)
        held_shard_set_checked(source->shard, entry->record_offset);
    return STATUS_OK;
}

static enum status view_row(struct holding_source *source, struct failure *failure)
{
    enum status status =
        source->shard ? view_record(source, failure)
                      : failure_set(failure, STATUS_DAMAGED, "the shard is missing");

    return status ? failure_prefix(failure, "%s: in shard %lld: ", source->entry->path,
                                   (long long)source->entry->shard)
                  : STATUS_OK;
}

static enum status view_reading(struct holding_source *source, struct failure *failure)
{
    const struct reading_spectrum *read = source->read;

    if (record_view(read->record, read->record_size, read->axis, read->axis_size, false,
                    &source->spectrum, failure))
        return failure_prefix(failure, "%s: ", source->entry->path);
    return STATUS_OK;
}

enum status source_view(struct holding_source *source, struct spectrum *out,
                        struct failure *failure)
{
    unsigned losses = losses_of(source);
    enum status status = STATUS_OK;

    source->is_viewed &= source->losses == losses;
    source->losses = losses;
    if (!source->is_viewed)
        status = source->read ? view_reading(source, failure) : view_row(source, failure);
    if (status)
        return status;
    source->is_viewed = true;
    *out = source->spectrum;
    return source_check(source, failure);
}

enum status source_check(const struct holding_source *source, struct failure *failure)
{
    if (source->losses == losses_of(source))
        return STATUS_OK;
    return failure_set(failure, STATUS_DAMAGED,
                       "%s: in shard %lld: a part that cannot be read",
                       source->entry->path, (long long)source->entry->shard);
}
