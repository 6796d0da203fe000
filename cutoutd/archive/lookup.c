#include "archive/archive_reader.h"
#include "archive/catalogue_search.h"
#include "archive/identifier.h"
#include "base/buffer.h"
#include "base/number.h"

#include <stdlib.h>
#include <string.h>

enum {
    LISTED_IDS = 20,  /* in a message, if they fit */
    LIST_LIMIT = 200, /* spectra of one name that are counted */
    SHOWN_ID = 200,   /* bytes of an ID in a message */
};

struct lookup {
    struct archive_reader *reader;
    const char *id;   /* as asked */
    const char *path; /* that a DID says, or else the ID itself */
    bool is_did;
    bool may_read; /* what the cache has not, from its file */
    struct waker waker;
    struct holding_source **out;
};

/* What a way of looking up answers that knows no such ID: the next one is tried. */
static enum status nothing(struct failure *failure)
{
    return failure_set(failure, STATUS_NOT_FOUND, "%s", "");
}

static bool is_nothing(enum status status, const struct failure *failure)
{
    return status == STATUS_NOT_FOUND && *failure->message == '\0';
}

/* ---- what is told of an ID that means no spectrum, or many ---- */

/* The ID as one short line. */
static const char *shown(const struct lookup *lookup)
{
    char *text =
        arena_copy(&lookup->reader->arena, lookup->id, strnlen(lookup->id, SHOWN_ID));

    for (char *next = text; *next; next++) {
        if ((unsigned char)*next < ' ' || *next == 127)
            *next = '?';
    }
    return text;
}

static enum status unknown(const struct lookup *lookup, struct failure *failure)
{
    const struct archive_settings *settings = &lookup->reader->archive->settings;

    if (lookup->is_did && !lookup->path)
        return failure_set(failure, STATUS_NOT_FOUND,
                           "unknown ID '%s': identifiers here begin with ivo://%s/~?%s/",
                           shown(lookup), settings->authority, settings->collection);
    return failure_set(failure, STATUS_NOT_FOUND, "unknown ID '%s'", shown(lookup));
}

static enum status withdrawn(const struct lookup *lookup, const char *when,
                             struct failure *failure)
{
    return failure_set(failure, STATUS_NOT_FOUND, "withdrawn on %s: '%s'", when,
                       shown(lookup));
}

/* Append the DIDs of as many paths as there is room for; returns how many. */
static size_t list_dids(const struct lookup *lookup, const char *const *paths,
                        size_t count, size_t room, struct buffer *out)
{
    const struct archive_settings *settings = &lookup->reader->archive->settings;
    size_t listed = 0;

    for (; listed < count && listed < LISTED_IDS; listed++) {
        size_t before = out->length;

        buffer_add_string(out, listed ? ", " : "");
        identifier_write(out, settings->authority, settings->collection, paths[listed]);
        if (out->length > room) {
            out->length = before;
            break;
        }
    }
    return listed;
}

static enum status several(const struct lookup *lookup, const char *const *paths,
                           size_t count, struct failure *failure)
{
    enum { TAIL = sizeof(" and 18446744073709551615 more") };
    struct buffer text;
    size_t listed;

    buffer_init(&text);
    buffer_format(&text,
                  "ID: '%s' is several spectra, ask for one of them: ", shown(lookup));
    listed = list_dids(lookup, paths, count, sizeof(failure->message) - TAIL, &text);
    if (listed < count)
        buffer_format(&text, " and %zu more", count - listed);
    failure_set(failure, STATUS_BAD_PARAMETER, "%.*s", (int)text.length,
                (const char *)text.bytes);
    buffer_finish(&text);
    return failure->status;
}

/* ---- rows ---- */

/* A shard that compaction removed after its row was read: the row has moved to another.
 */
static enum status lend_moved(const struct lookup *lookup, const char *path,
                              struct entry *entry, struct held_shard **out,
                              struct failure *failure)
{
    struct archive_reader *reader = lookup->reader;
    struct entry moved;
    enum status status;

    catalogue_release(reader->catalogue); /* its state is too old */
    if ((status =
             catalogue_find(reader->catalogue, path, &reader->arena, &moved, failure)) ||
        (status =
             shard_holder_lend(reader->shards, moved.shard, lookup->waker, out, failure)))
        return status;
    *entry = moved;
    return STATUS_OK;
}

static enum status by_reading(const struct lookup *lookup, struct failure *failure);

/* Until ingest has repaired what is missing or broken, the file is read. Where that
 * cannot be, the spectrum is found nevertheless, though without samples. */
static enum status found_without_shard(const struct lookup *lookup,
                                       const struct entry *entry, struct failure *failure)
{
    struct lookup of_path = *lookup;
    enum status status;

    of_path.path = entry->path;
    status = lookup->may_read ? by_reading(&of_path, failure) : nothing(failure);
    if (is_nothing(status, failure)) {
        *lookup->out = source_of_row(entry, NULL);
        return STATUS_OK;
    }
    return status;
}

static enum status found_row(const struct lookup *lookup, const struct entry *row,
                             struct failure *failure)
{
    struct archive_reader *reader = lookup->reader;
    struct entry entry = *row;
    struct held_shard *shard = NULL;
    struct failure ignored;
    enum status status;

    status =
        shard_holder_lend(reader->shards, entry.shard, lookup->waker, &shard, &ignored);
    if (status && status != STATUS_PENDING)
        status = lend_moved(lookup, row->path, &entry, &shard, &ignored);
    if (status == STATUS_PENDING)
        return status;
    if (status)
        return found_without_shard(lookup, row, failure);
    *lookup->out = source_of_row(&entry, shard);
    return STATUS_OK;
}

static enum status by_path(const struct lookup *lookup, struct failure *failure)
{
    struct archive_reader *reader = lookup->reader;
    struct entry entry;
    enum status status =
        catalogue_find(reader->catalogue, lookup->path, &reader->arena, &entry, failure);

    if (status == STATUS_NOT_FOUND)
        return nothing(failure);
    if (status)
        return status;
    return entry.deleted ? withdrawn(lookup, entry.deleted, failure)
                         : found_row(lookup, &entry, failure);
}

static enum status several_rows(const struct lookup *lookup, const struct entry *entries,
                                size_t count, struct failure *failure)
{
    const char **paths = arena_take(&lookup->reader->arena, count * sizeof(*paths));

    for (size_t i = 0; i < count; i++)
        paths[i] = entries[i].path;
    return several(lookup, paths, count, failure);
}

static enum status by_key(const struct lookup *lookup, enum catalogue_key key,
                          struct failure *failure)
{
    struct archive_reader *reader = lookup->reader;
    struct entry *entries;
    size_t count;
    enum status status = catalogue_list(reader->catalogue, key, lookup->path, LIST_LIMIT,
                                        &reader->arena, &entries, &count, failure);

    if (status)
        return status;
    if (count == 0)
        return nothing(failure);
    return count == 1 && !lookup->is_did ? found_row(lookup, &entries[0], failure)
                                         : several_rows(lookup, entries, count, failure);
}

static enum status by_name(const struct lookup *lookup, struct failure *failure)
{
    if (lookup->is_did || strchr(lookup->path, '/'))
        return nothing(failure);
    return by_key(lookup, CATALOGUE_BY_NAME, failure);
}

static enum status by_obsid(const struct lookup *lookup, struct failure *failure)
{
    int64_t obsid;

    if (lookup->is_did ||
        !number_read_integer(lookup->path, strlen(lookup->path), &obsid))
        return nothing(failure);
    return by_key(lookup, CATALOGUE_BY_OBSID, failure);
}

static enum status by_file(const struct lookup *lookup, struct failure *failure)
{
    return by_key(lookup, CATALOGUE_BY_FILE, failure);
}

/* ---- files that are not in the cache ---- */

static enum status found_reading(const struct lookup *lookup,
                                 const struct reading_spectrum *read,
                                 struct read_through_file *file)
{
    *lookup->out = source_of_reading(read, file);
    return STATUS_OK;
}

static int compare_paths(const void *a, const void *b)
{
    const char *const *first = a, *const *second = b;

    return strcmp(*first, *second);
}

static enum status several_readings(const struct lookup *lookup,
                                    const struct reading *reading,
                                    struct failure *failure)
{
    const char **paths =
        arena_take(&lookup->reader->arena, reading->count * sizeof(*paths));

    for (size_t i = 0; i < reading->count; i++)
        paths[i] = reading->spectra[i].entry.path;
    qsort(paths, reading->count, sizeof(*paths), compare_paths);
    return several(lookup, paths, reading->count, failure);
}

static const struct reading_spectrum *spectrum_of_path(const struct reading *reading,
                                                       const char *path)
{
    for (size_t i = 0; i < reading->count; i++) {
        if (strcmp(reading->spectra[i].entry.path, path) == 0)
            return &reading->spectra[i];
    }
    return NULL;
}

/* The spectrum of the path in a file that was read; takes over the loan of the file on
 * STATUS_OK. */
static enum status choose(const struct lookup *lookup, const char *stem,
                          struct read_through_file *file, struct failure *failure)
{
    const struct reading *reading = read_through_reading(file);
    const struct reading_spectrum *read = spectrum_of_path(reading, lookup->path);

    if (read)
        return found_reading(lookup, read, file);
    if (strcmp(stem, lookup->path) != 0)
        return nothing(failure);
    return reading->count == 1 && !lookup->is_did
               ? found_reading(lookup, &reading->spectra[0], file)
               : several_readings(lookup, reading, failure);
}

static enum status ask(const struct lookup *lookup, const char *stem,
                       struct read_through_file **out, struct failure *failure)
{
    struct read_through *read_through = lookup->reader->archive->read_through;
    enum status status;

    if (!read_through)
        return nothing(failure);
    status = read_through_ask(read_through, stem, lookup->waker, out, failure);
    return status == STATUS_NOT_FOUND ? nothing(failure) : status;
}

static enum status by_reading_of(const struct lookup *lookup, const char *stem,
                                 struct failure *failure)
{
    struct read_through_file *file;
    enum status status;

    if ((status = ask(lookup, stem, &file, failure)))
        return status;
    status = choose(lookup, stem, file, failure);
    if (status)
        read_through_release(file);
    return status;
}

/* Length of the path without the name of an MRS spectrum: /B, /R, /B-<lmjm>, /R-<lmjm>;
 * 0 if it does not end so. */
static size_t file_length(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *digits;

    if (!slash || (slash[1] != 'B' && slash[1] != 'R'))
        return 0;
    digits = slash + 2;
    if (*digits != '\0' &&
        (*digits != '-' || digits[1 + strspn(digits + 1, "0123456789")] != '\0' ||
         digits[1] == '\0'))
        return 0;
    return (size_t)(slash - path);
}

static enum status by_reading(const struct lookup *lookup, struct failure *failure)
{
    size_t length = file_length(lookup->path);
    enum status status;

    if (!identifier_is_path(lookup->path))
        return nothing(failure);
    if (length) {
        status = by_reading_of(
            lookup, arena_copy(&lookup->reader->arena, lookup->path, length), failure);
        if (!is_nothing(status, failure))
            return status;
    }
    return by_reading_of(lookup, lookup->path, failure);
}

/* ---- looking up ---- */

static bool is_did(const char *id)
{
    return strncmp(id, "ivo://", 6) == 0;
}

/* The ways of a row, and the last one: of a file that is not in the cache. */
static enum status look_up(struct lookup *lookup, struct failure *failure)
{
    static enum status (*const ways[])(const struct lookup *, struct failure *) = {
        by_path, by_name, by_obsid, by_file, by_reading};
    static const size_t last = sizeof(ways) / sizeof(ways[0]) - 1;
    struct archive_reader *reader = lookup->reader;
    const struct archive_settings *settings = &reader->archive->settings;

    arena_reset(&reader->arena);
    if (lookup->is_did)
        lookup->path = identifier_read(lookup->id, settings->authority,
                                       settings->collection, &reader->arena);
    if (!lookup->path || strlen(lookup->path) > IDENTIFIER_LENGTH)
        return unknown(lookup, failure);
    for (size_t i = reader->catalogue ? 0 : last; i < last + lookup->may_read; i++) {
        enum status status = ways[i](lookup, failure);

        if (!is_nothing(status, failure))
            return status;
    }
    return unknown(lookup, failure);
}

enum status archive_look_up(struct archive_reader *reader, const char *id,
                            struct waker waker, struct holding_source **out,
                            struct failure *failure)
{
    struct lookup lookup = {.reader = reader,
                            .id = id,
                            .path = id,
                            .is_did = is_did(id),
                            .may_read = true,
                            .waker = waker,
                            .out = out};

    return look_up(&lookup, failure);
}

enum status archive_look_up_row(struct archive_reader *reader, const char *id,
                                struct waker waker, struct holding_source **out,
                                struct failure *failure)
{
    struct lookup lookup = {.reader = reader,
                            .id = id,
                            .path = id,
                            .is_did = is_did(id),
                            .waker = waker,
                            .out = out};

    return look_up(&lookup, failure);
}

/* A name that is no path may be that of a file, or an OBSID; a DID is a path or nothing.
 */
enum status archive_look_up_outline(struct archive_reader *reader, const char *id,
                                    struct outline *out, struct failure *failure)
{
    const struct archive_settings *settings = &reader->archive->settings;
    const char *path = id;
    enum status status = STATUS_UNAVAILABLE;

    arena_reset(&reader->arena);
    if (is_did(id))
        path = identifier_read(id, settings->authority, settings->collection,
                               &reader->arena);
    if (reader->outlines && path)
        status = outlines_find(reader->outlines, path, out);
    if (status == STATUS_NOT_FOUND && is_did(id))
        return failure_set(failure, STATUS_NOT_FOUND, "unknown ID");
    return status ? failure_set(failure, STATUS_UNAVAILABLE, "%s", "") : STATUS_OK;
}

/* ---- looking a file up ---- */

/* A file of one spectrum that went has left a row with the file's path. */
static enum status gone_row(const struct lookup *lookup, struct failure *failure)
{
    struct archive_reader *reader = lookup->reader;
    struct entry entry;
    enum status status =
        catalogue_find(reader->catalogue, lookup->path, &reader->arena, &entry, failure);

    if (status && status != STATUS_NOT_FOUND)
        return status;
    return status == STATUS_OK && entry.deleted
               ? withdrawn(lookup, entry.deleted, failure)
               : nothing(failure);
}

static enum status first_row(const struct lookup *lookup, struct failure *failure)
{
    struct archive_reader *reader = lookup->reader;
    struct entry *entries;
    size_t count;
    enum status status =
        catalogue_list(reader->catalogue, CATALOGUE_BY_FILE, lookup->path, 1,
                       &reader->arena, &entries, &count, failure);

    if (status)
        return status;
    return count ? found_row(lookup, &entries[0], failure) : gone_row(lookup, failure);
}

static enum status first_reading(const struct lookup *lookup, struct failure *failure)
{
    const struct reading_spectrum *first;
    const struct reading *reading;
    struct read_through_file *file;
    enum status status;

    if (!identifier_is_path(lookup->path))
        return nothing(failure);
    if ((status = ask(lookup, lookup->path, &file, failure)))
        return status;
    reading = read_through_reading(file);
    first = &reading->spectra[0];
    for (size_t i = 1; i < reading->count; i++) {
        if (strcmp(reading->spectra[i].entry.path, first->entry.path) < 0)
            first = &reading->spectra[i];
    }
    return found_reading(lookup, first, file);
}

enum status archive_look_up_file(struct archive_reader *reader, const char *path,
                                 struct waker waker, struct holding_source **out,
                                 struct failure *failure)
{
    struct lookup lookup = {.reader = reader,
                            .id = path,
                            .path = path,
                            .may_read = true,
                            .waker = waker,
                            .out = out};
    enum status status = nothing(failure);

    arena_reset(&reader->arena);
    if (reader->catalogue)
        status = first_row(&lookup, failure);
    if (is_nothing(status, failure))
        status = first_reading(&lookup, failure);
    return is_nothing(status, failure) ? unknown(&lookup, failure) : status;
}
