/*
 * fake_archive.h - the functions of archive.h over a few samples, for tests of endpoints.
 *
 * The real archive has tests of its own; this one can be told to be busy, pending or
 * damaged. Include it in one source only.
 */
#pragma once

#include "archive/archive.h"
#include "archive/identifier.h"
#include "archive/search.h"
#include "archive/selection.h"
#include "base/file.h"
#include "samples.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#define FAKE_AUTHORITY "test.example"
#define FAKE_COLLECTION "lamost5"

struct archive {
    int unused;
};

struct archive_reader {
    int unused;
};

static struct {
    struct sample *samples; /* SAMPLE_COUNT of them */
    int holdings;           /* not released yet */
    int finds;              /* asked since the start */
    int readers;            /* open */
    enum status reader_status;
    const char *folder;        /* of the archive's files */
    const struct sample *lost; /* its record turns out to be damaged; NULL: none */
} fake;

static inline void fake_open(void)
{
    fake.samples = calloc(SAMPLE_COUNT, sizeof(*fake.samples));
    samples_make(fake.samples);
}

static inline void fake_close(void)
{
    free(fake.samples);
    fake.samples = NULL;
}

enum status archive_reader_open(struct archive *archive, struct archive_reader **out,
                                struct failure *failure)
{
    (void)archive;
    if (fake.reader_status)
        return failure_set(failure, fake.reader_status, "no reader");
    *out = calloc(1, sizeof(**out));
    fake.readers++;
    return STATUS_OK;
}

void archive_reader_close(struct archive_reader *reader)
{
    fake.readers -= reader != NULL;
    free(reader);
}

/* IDs that stand for what may happen to one. */
static enum status fake_trouble(const char *id, struct failure *failure)
{
    static const struct {
        const char *id;
        enum status status;
        const char *message;
    } rows[] = {
        {"pending", STATUS_PENDING, ""},
        {"busy", STATUS_UNAVAILABLE, "too much to do"},
        {"broken", STATUS_REFUSED, "HDU 0: not a LAMOST spectrum"},
        {"several", STATUS_BAD_PARAMETER, "ID means several spectra: x/B x/R"},
        {"damaged", STATUS_DAMAGED, "/secret/000001.shard: bad checksum"},
        {"gone", STATUS_NOT_FOUND, "withdrawn 2026-01-02T03:04:05"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (strcmp(id, rows[i].id) == 0)
            return failure_set(failure, rows[i].status, "%s", rows[i].message);
    return STATUS_OK;
}

static enum status fake_hold(struct archive_reader *reader, const struct sample *sample,
                             struct holding *out)
{
    *out = (struct holding){.entry = &sample->entry,
                            .from_cache = true,
                            .checksum = entry_checksum(&sample->entry),
                            .reader = reader};
    fake.holdings++;
    return STATUS_OK;
}

enum status archive_find(struct archive_reader *reader, const char *id,
                         struct waker waker, struct holding *out, struct failure *failure)
{
    enum status status = fake_trouble(id, failure);
    struct arena arena;
    const char *path;

    (void)waker;
    fake.finds++;
    if (status)
        return status;
    arena_init(&arena);
    path = identifier_read(id, FAKE_AUTHORITY, FAKE_COLLECTION, &arena);
    status = STATUS_NOT_FOUND;
    for (int i = 0; i < SAMPLE_COUNT && status; i++)
        if (strcmp(path ? path : id, fake.samples[i].entry.path) == 0)
            status = fake_hold(reader, &fake.samples[i], out);
    arena_finish(&arena);
    return status ? failure_set(failure, status, "no spectrum '%s' here", id) : STATUS_OK;
}

enum status archive_first(struct archive_reader *reader, struct arena *arena,
                          struct entry *out, struct failure *failure)
{
    (void)reader, (void)arena, (void)failure;
    *out = fake.samples[0].entry;
    return STATUS_OK;
}

enum status archive_summarise(struct archive_reader *reader,
                              struct catalogue_summary *out, struct failure *failure)
{
    (void)reader, (void)failure;
    *out = (struct catalogue_summary){.spectra = SAMPLE_COUNT,
                                      .files = SAMPLE_COUNT,
                                      .spectral_start = 3699.986328125,
                                      .spectral_end = 9097.5,
                                      .time_start = 55858.48310185185,
                                      .time_end = 58573.5};
    return STATUS_OK;
}

enum status archive_each_pixel(struct archive_reader *reader,
                               void (*visit)(void *context, int64_t pixel,
                                             int64_t spectra),
                               void *context, struct failure *failure)
{
    (void)reader, (void)failure;
    visit(context, 5, 1);
    visit(context, 8388608, 3);
    return STATUS_OK;
}

uint64_t archive_generation(struct archive_reader *reader)
{
    (void)reader;
    return 2;
}

static bool fake_is_of_file(const struct entry *entry, const char *path)
{
    size_t length = strlen(path);

    return strncmp(entry->file, path, length) == 0 &&
           strncmp(entry->file + length, ".fits", 5) == 0;
}

enum status archive_find_file(struct archive_reader *reader, const char *path,
                              struct waker waker, struct holding *out,
                              struct failure *failure)
{
    enum status status = fake_trouble(path, failure);

    (void)waker;
    if (status)
        return status;
    for (int i = 0; i < SAMPLE_COUNT; i++)
        if (fake_is_of_file(&fake.samples[i].entry, path))
            return fake_hold(reader, &fake.samples[i], out);
    return failure_set(failure, STATUS_NOT_FOUND, "no file '%s' here", path);
}

enum status archive_siblings(const struct holding *holding, struct arena *arena,
                             struct entry **out, size_t *count, struct failure *failure)
{
    (void)failure;
    *out = arena_take(arena, SAMPLE_COUNT * sizeof(**out));
    *count = 0;
    for (int i = 0; i < SAMPLE_COUNT; i++) {
        const struct entry *entry = &fake.samples[i].entry;

        if (entry != holding->entry && strcmp(entry->file, holding->entry->file) == 0)
            (*out)[(*count)++] = *entry;
    }
    return STATUS_OK;
}

enum status archive_spectrum(const struct holding *holding, struct spectrum *out,
                             struct failure *failure)
{
    (void)failure;
    for (int i = 0; i < SAMPLE_COUNT; i++)
        if (holding->entry == &fake.samples[i].entry)
            *out = fake.samples[i].spectrum;
    return STATUS_OK;
}

enum status archive_check(const struct holding *holding, struct failure *failure)
{
    (void)holding, (void)failure;
    return STATUS_OK;
}

void archive_release(struct holding *holding)
{
    fake.holdings -= holding->entry != NULL;
    *holding = (struct holding){0};
}

struct pager *archive_pager(const struct archive_reader *reader)
{
    (void)reader;
    return NULL;
}

enum status archive_open_file(const struct holding *holding, int *fd, int64_t *size,
                              struct failure *failure)
{
    AUTO_FD folder = open(fake.folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const char *file = holding->entry->file;
    struct stat facts;

    *fd = file_open_beneath(folder, file);
    if (*fd < 0 || fstat(*fd, &facts) < 0)
        return failure_set(failure, STATUS_NOT_FOUND, "%s is gone", file);
    *size = facts.st_size;
    return STATUS_OK;
}

/* ---- searching: whatever is asked, all samples are found, and numbered as they are ----
 */

enum status archive_search_next(struct archive_reader *reader,
                                struct catalogue_search *search, int64_t nanoseconds,
                                struct catalogue_hit *out, size_t most, size_t *count,
                                bool *has_ended, struct failure *failure)
{
    (void)reader, (void)search, (void)nanoseconds, (void)failure;
    *count = SAMPLE_COUNT < most ? SAMPLE_COUNT : most;
    for (size_t i = 0; i < *count; i++)
        out[i] = (struct catalogue_hit){(int64_t)i, 0.05 * (double)(SAMPLE_COUNT - i)};
    *has_ended = true;
    return STATUS_OK;
}

void archive_search_hold(struct archive_reader *reader)
{
    (void)reader;
}

void archive_search_release(struct archive_reader *reader)
{
    (void)reader;
}

enum status archive_search_entry(struct archive_reader *reader, int64_t number,
                                 struct arena *arena, struct entry *out,
                                 struct failure *failure)
{
    (void)reader, (void)failure;
    entry_copy(&fake.samples[number].entry, arena, out);
    return STATUS_OK;
}

/* A selection is a number of the samples. */
struct selection {
    struct archive_reader *reader;
};

struct selection *selection_open(struct archive_reader *reader)
{
    struct selection *selection = calloc(1, sizeof(*selection));

    selection->reader = reader;
    return selection;
}

void selection_close(struct selection *selection)
{
    free(selection);
}

void selection_set_waker(struct selection *selection, struct waker waker)
{
    (void)selection, (void)waker;
}

enum status selection_find(struct selection *selection, const char *id,
                           struct selection_visitor visitor, struct failure *failure)
{
    AUTO_HOLDING holding = {0};
    enum status status =
        archive_find(selection->reader, id, (struct waker){0}, &holding, failure);

    for (uint32_t i = 0; i < SAMPLE_COUNT && !status; i++)
        if (holding.entry == &fake.samples[i].entry)
            return visitor.visit(visitor.context, holding.entry, holding.checksum,
                                 &(struct selected){.shard = i}, failure);
    return status;
}

static enum status fake_visit(void *context, const struct entry *entry, uint64_t checksum,
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
    return selection_find(selection, id, (struct selection_visitor){fake_visit, &visitor},
                          failure);
}

enum status selection_axis(struct selection *selection, const struct selected *where,
                           struct axis *out, struct failure *failure)
{
    (void)selection, (void)failure;
    *out = fake.samples[where->shard].spectrum.axis;
    return STATUS_OK;
}

void selection_begin(struct selection *selection)
{
    (void)selection;
}

void selection_end(struct selection *selection)
{
    (void)selection;
}

bool selection_is_warm(struct selection *selection, const struct selected *where)
{
    (void)selection, (void)where;
    return false;
}

void selection_expect(struct selection *selection, const struct selected *where)
{
    (void)selection, (void)where;
}

void selection_prefetch(const struct selection *selection, const struct selected *where,
                        size_t first, size_t count)
{
    (void)selection, (void)where, (void)first, (void)count;
}

enum status selection_view(struct selection *selection, const struct selected *where,
                           struct spectrum *out, struct failure *failure)
{
    (void)selection;
    if (fake.lost == &fake.samples[where->shard])
        return failure_set(failure, STATUS_DAMAGED, "bad checksum");
    *out = fake.samples[where->shard].spectrum;
    return STATUS_OK;
}

enum status selection_check(const struct selection *selection,
                            const struct selected *where, struct failure *failure)
{
    (void)selection, (void)where, (void)failure;
    return STATUS_OK;
}
