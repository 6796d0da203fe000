#include "archive/archive.h"

#include "archive/archive_reader.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    BEGINNING = 64 * 1024,            /* bytes of a file */
    LOOK_MILLISECONDS = 200,          /* between two looks at the cache folder */
    READ_THROUGH_SECONDS = 30,        /* for one file: somebody waits for it */
    SIBLINGS_LIMIT = 1000,            /* spectra of one file */
    CAREFUL_MILLISECONDS = 10 * 1000, /* after a wait for the disk */
    WARM_MILLISECONDS = 1000,         /* that what was in memory is taken to stay there */
};

/* ---- the collection ---- */

static void copy_settings(const struct archive_settings *settings,
                          struct archive_settings *out)
{
    *out = *settings;
    out->collection = memory_copy_string(settings->collection);
    out->authority = memory_copy_string(settings->authority);
    out->archive_folder = memory_copy_string(settings->archive_folder);
    out->cache_folder = memory_copy_string(settings->cache_folder);
    out->worker_program = memory_copy_string(settings->worker_program);
}

static void free_text(const char *text)
{
    free((void *)(uintptr_t)text);
}

static void free_settings(struct archive_settings *settings)
{
    free_text(settings->collection);
    free_text(settings->authority);
    free_text(settings->archive_folder);
    free_text(settings->cache_folder);
    free_text(settings->worker_program);
}

static enum status open_read_through(struct archive *archive, struct failure *failure)
{
    const struct archive_settings *settings = &archive->settings;
    struct worker_settings worker = {
        .archive_folder = settings->archive_folder,
        .program = settings->worker_program,
        .seconds = READ_THROUGH_SECONDS,
    };

    if (settings->read_through_workers == 0)
        return STATUS_OK;
    return read_through_open(&worker, settings->read_through_workers,
                             settings->unknown_seconds, &archive->read_through, failure);
}

/* By its name each time: what is mounted or linked there may be another than before. */
static int open_folder(const struct archive *archive)
{
    return open(archive->settings.archive_folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static enum status open_folders(const struct archive *archive, struct failure *failure)
{
    const struct archive_settings *settings = &archive->settings;

    AUTO_FD folder = open_folder(archive);

    if (folder < 0)
        return failure_system(failure, "%s", settings->archive_folder);
    return file_make_folder(settings->cache_folder, failure);
}

enum status archive_open(const struct archive_settings *settings, struct archive **out,
                         struct failure *failure)
{
    struct archive *archive = memory_new(archive);
    enum status status;

    copy_settings(settings, &archive->settings);
    archive->shards = shard_set_open(settings->cache_folder, settings->pager);
    if ((status = open_folders(archive, failure)) ||
        (status = open_read_through(archive, failure))) {
        archive_close(archive);
        return status;
    }
    *out = archive;
    return STATUS_OK;
}

void archive_close(struct archive *archive)
{
    if (!archive)
        return;
    read_through_close(archive->read_through);
    shard_set_close(archive->shards);
    free_settings(&archive->settings);
    free(archive);
}

struct archive_counts archive_count(struct archive *archive)
{
    struct archive_counts counts = {.shards_mapped = shard_set_count(archive->shards)};
    struct read_through_counts read_through;

    if (archive->read_through) {
        read_through = read_through_count(archive->read_through);
        counts.read_through_files = read_through.files;
        counts.read_through_waiting = read_through.waiting;
        counts.unknown_remembered = read_through.unknown;
    }
    return counts;
}

/* ---- one thread's reader ---- */

/* They come some time after the commit that they are of. */
static void look_for_outlines(struct archive_reader *reader)
{
    if (reader->catalogue && !reader->outlines)
        reader->outlines =
            outlines_open(reader->archive->settings.cache_folder, reader->generation);
}

/* There need not be a catalogue. */
static enum status open_catalogue(struct archive_reader *reader, struct failure *failure)
{
    enum status status = catalogue_open(reader->archive->settings.cache_folder,
                                        CATALOGUE_READ, &reader->catalogue, failure);

    reader->looked = clock_milliseconds_roughly();
    if (status == STATUS_OK)
        reader->generation = catalogue_generation(reader->catalogue);
    look_for_outlines(reader);
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

enum status archive_reader_open(struct archive *archive, struct archive_reader **out,
                                struct failure *failure)
{
    struct archive_reader *reader = memory_new(reader);
    enum status status;

    reader->archive = archive;
    reader->shards = shard_holder_open(archive->shards);
    reader->found = source_cache_open();
    arena_init(&reader->arena);
    if ((status = open_catalogue(reader, failure))) {
        archive_reader_close(reader);
        return status;
    }
    *out = reader;
    return STATUS_OK;
}

void archive_reader_close(struct archive_reader *reader)
{
    if (!reader)
        return;
    source_cache_close(reader->found);
    outlines_close(reader->outlines);
    shard_holder_close(reader->shards);
    catalogue_close(reader->catalogue);
    arena_finish(&reader->arena);
    free(reader);
}

/* What is known of an older state is wrong, but for what is on loan. */
static void drop_what_is_known(struct archive_reader *reader)
{
    outlines_close(reader->outlines);
    reader->outlines = NULL;
    source_cache_clear(reader->found);
    shard_holder_refresh(reader->shards);
    if (reader->archive->read_through)
        read_through_forget(reader->archive->read_through);
}

/* A cache may be made while we run, and made anew. */
static void look_at_folder(struct archive_reader *reader)
{
    struct failure ignored; /* until there is a whole catalogue there is none */
    bool had_one = reader->catalogue != NULL;

    reader->now = clock_milliseconds_roughly();
    if (reader->now - reader->looked < LOOK_MILLISECONDS)
        return;
    reader->looked = reader->now;
    look_for_outlines(reader);
    if (had_one && catalogue_is_current(reader->catalogue))
        return;
    catalogue_close(reader->catalogue);
    reader->catalogue = NULL;
    open_catalogue(reader, &ignored);
    if (had_one || reader->catalogue)
        drop_what_is_known(reader);
}

void archive_reader_keep_up(struct archive_reader *reader)
{
    uint64_t generation;

    look_at_folder(reader);
    if (!reader->catalogue)
        return;
    generation = catalogue_generation(reader->catalogue);
    if (generation == reader->generation)
        return;
    reader->generation = generation;
    drop_what_is_known(reader);
}

/* A wait for the disk is a major fault of the thread. */
bool archive_reader_is_careful(struct archive_reader *reader)
{
    struct rusage usage;

    reader->now = clock_milliseconds_roughly();
    if (reader->now >= reader->careful_until && getrusage(RUSAGE_THREAD, &usage) == 0 &&
        usage.ru_majflt != reader->disk_waits) {
        reader->disk_waits = usage.ru_majflt;
        reader->careful_until = reader->now + CAREFUL_MILLISECONDS;
    }
    return reader->now < reader->careful_until;
}

enum status archive_first(struct archive_reader *reader, struct arena *arena,
                          struct entry *out, struct failure *failure)
{
    archive_reader_keep_up(reader);
    if (!reader->catalogue)
        return failure_set(failure, STATUS_NOT_FOUND, "the cache is empty");
    return catalogue_first(reader->catalogue, arena, out, failure);
}

enum status archive_each_pixel(struct archive_reader *reader,
                               void (*visit)(void *context, int64_t pixel,
                                             int64_t spectra),
                               void *context, struct failure *failure)
{
    archive_reader_keep_up(reader);
    return reader->catalogue
               ? catalogue_each_pixel(reader->catalogue, visit, context, failure)
               : STATUS_OK;
}

uint64_t archive_generation(struct archive_reader *reader)
{
    archive_reader_keep_up(reader);
    return reader->generation;
}

enum status archive_summarise(struct archive_reader *reader,
                              struct catalogue_summary *out, struct failure *failure)
{
    archive_reader_keep_up(reader);
    if (reader->catalogue)
        return catalogue_summarise(reader->catalogue, out, failure);
    *out = (struct catalogue_summary){.spectral_start = (double)NAN,
                                      .spectral_end = (double)NAN,
                                      .time_start = (double)NAN,
                                      .time_end = (double)NAN};
    return STATUS_OK;
}

/* ---- holdings ---- */

static struct holding holding_of(struct archive_reader *reader,
                                 struct holding_source *source, struct waker waker)
{
    return (struct holding){
        .entry = source->entry,
        .from_cache = source->file == NULL,
        .checksum = source->checksum,
        .reader = reader,
        .waker = waker,
        .source = source,
    };
}

enum status archive_find(struct archive_reader *reader, const char *id,
                         struct waker waker, struct holding *out, struct failure *failure)
{
    struct holding_source *source;
    enum status status;

    archive_reader_keep_up(reader);
    source = source_cache_find(reader->found, id);
    if (source) {
        source_hold(source);
    } else {
        if ((status = archive_look_up(reader, id, waker, &source, failure)))
            return status;
        if (source->shard)
            source_cache_add(reader->found, id, source);
    }
    *out = holding_of(reader, source, waker);
    return STATUS_OK;
}

enum status archive_find_file(struct archive_reader *reader, const char *path,
                              struct waker waker, struct holding *out,
                              struct failure *failure)
{
    struct holding_source *source;
    enum status status;

    archive_reader_keep_up(reader);
    if ((status = archive_look_up_file(reader, path, waker, &source, failure)))
        return status;
    *out = holding_of(reader, source, waker);
    return STATUS_OK;
}

/* What was in memory lately costs no call to the kernel. */
static bool is_in_memory(const struct holding *holding)
{
    struct archive_reader *reader = holding->reader;
    struct holding_source *source = holding->source;

    if (reader->now < source->warm_until || !holding->waker.wake)
        return true;
    if (!source_is_in_memory(source, reader->archive->settings.pager, holding->waker))
        return false;
    source->warm_until = reader->now + WARM_MILLISECONDS;
    return true;
}

enum status archive_spectrum(const struct holding *holding, struct spectrum *out,
                             struct failure *failure)
{
    if (!is_in_memory(holding))
        return STATUS_PENDING;
    return source_view(holding->source, out, failure);
}

enum status archive_check(const struct holding *holding, struct failure *failure)
{
    return source_check(holding->source, failure);
}

void archive_release(struct holding *holding)
{
    source_release(holding->source);
    *holding = (struct holding){0};
}

/* ---- the other spectra of a file ---- */

static enum status list_of_catalogue(const struct holding *holding, struct arena *arena,
                                     struct entry **out, size_t *count,
                                     struct failure *failure)
{
    const struct entry *entry = holding->entry;
    size_t length = strlen(entry->path) - strlen(entry->spectrum) - 1;

    return catalogue_list(holding->reader->catalogue, CATALOGUE_BY_FILE,
                          arena_copy(arena, entry->path, length), SIBLINGS_LIMIT, arena,
                          out, count, failure);
}

static int compare_paths(const void *a, const void *b)
{
    const struct entry *first = a, *second = b;

    return strcmp(first->path, second->path);
}

static void list_of_reading(const struct reading *reading, struct arena *arena,
                            struct entry **out, size_t *count)
{
    struct entry *entries = arena_take(arena, reading->count * sizeof(*entries));

    for (size_t i = 0; i < reading->count; i++)
        entry_copy(&reading->spectra[i].entry, arena, &entries[i]);
    qsort(entries, reading->count, sizeof(*entries), compare_paths);
    *out = entries;
    *count = reading->count;
}

static void leave_out(const char *path, struct entry *entries, size_t *count)
{
    size_t kept = 0;

    for (size_t i = 0; i < *count; i++) {
        if (strcmp(entries[i].path, path) != 0)
            entries[kept++] = entries[i];
    }
    *count = kept;
}

enum status archive_siblings(const struct holding *holding, struct arena *arena,
                             struct entry **out, size_t *count, struct failure *failure)
{
    struct read_through_file *file = holding->source->file;
    enum status status;

    *out = NULL;
    *count = 0;
    if (!holding->entry->spectrum || (!file && !holding->reader->catalogue))
        return STATUS_OK;
    if (file)
        list_of_reading(read_through_reading(file), arena, out, count);
    else if ((status = list_of_catalogue(holding, arena, out, count, failure)))
        return status;
    leave_out(holding->entry->path, *out, count);
    return STATUS_OK;
}

/* ---- the file ---- */

/* That it was asked for is remembered of as many waiting ones as there are places. */
static bool has_beginning(const struct holding *holding, int fd, int64_t size)
{
    struct archive_reader *reader = holding->reader;
    uint64_t whom = holding->waker.whom;
    uint64_t *place = &reader->asked_files[whom % ARCHIVE_ASKED_FILES];
    struct file_part beginning = {
        .fd = fd,
        .size = size < BEGINNING ? (size_t)size : BEGINNING,
    };
    bool asked = *place == whom;
    bool has = !holding->waker.wake ||
               pager_has(archive_pager(reader), &beginning, holding->waker, &asked);

    *place = asked ? whom : 0;
    return has;
}

enum status archive_open_file(const struct holding *holding, int *fd, int64_t *size,
                              struct failure *failure)
{
    const char *name = holding->entry->file;
    AUTO_FD folder = open_folder(holding->reader->archive);
    AUTO_FD opened = folder < 0 ? -1 : file_open_beneath(folder, name);
    struct stat facts;

    if (opened < 0 && errno == ENOENT)
        return failure_set(failure, STATUS_NOT_FOUND, "%s: no longer in the archive",
                           name);
    if (opened < 0 || fstat(opened, &facts) < 0)
        return failure_system(failure, "%s", name);
    if (!has_beginning(holding, opened, facts.st_size))
        return STATUS_PENDING;
    *size = facts.st_size;
    *fd = opened;
    opened = -1;
    return STATUS_OK;
}

struct pager *archive_pager(const struct archive_reader *reader)
{
    return reader->archive->settings.pager;
}
