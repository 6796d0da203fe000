/*
 * collection.h - a collection that a test fills, changes and damages. Include cmocka
 * first.
 */
#pragma once

#include "../support/fake_worker.h"
#include "archive/archive.h"
#include "archive/shard.h"

#include <fcntl.h>
#include <sys/stat.h>

/*
 * A collection in a temporary folder. Its cache is filled here as ingest does it, its
 * FITS files are empty (only archive_open_file() looks at them), and what is not in the
 * cache is read by this very program: see fake_worker.h.
 */
struct collection {
    char folder[64];
    char cache[80];
    char files[80];
    struct catalogue *catalogue; /* the writer's; NULL: no cache yet */
    struct archive *archive;
    struct archive_reader *reader;
    struct pager *pager; /* NULL: none */
};

/* ---- the cache's writer ---- */

struct ingest {
    struct collection *collection;
    struct shard_writer *writer;
    int64_t shard;
    struct failure failure;
};

static inline void good(enum status status, const struct failure *failure)
{
    if (status)
        fail_msg("%s", failure->message);
}

static inline struct ingest begin(struct collection *collection)
{
    struct ingest ingest = {.collection = collection};

    if (!collection->catalogue)
        good(catalogue_open(collection->cache, CATALOGUE_WRITE, &collection->catalogue,
                            &ingest.failure),
             &ingest.failure);
    ingest.shard = catalogue_next_shard(collection->catalogue);
    good(shard_writer_open(collection->cache, ingest.shard, &ingest.writer,
                           &ingest.failure),
         &ingest.failure);
    good(catalogue_begin(collection->catalogue, &ingest.failure), &ingest.failure);
    return ingest;
}

static inline void commit(struct ingest *ingest)
{
    struct catalogue_shard shard = {.number = ingest->shard,
                                    .size = shard_writer_size(ingest->writer)};

    good(shard_writer_seal(ingest->writer, &ingest->failure), &ingest->failure);
    shard_writer_close(ingest->writer);
    good(catalogue_put_shard(ingest->collection->catalogue, &shard, &ingest->failure),
         &ingest->failure);
    good(catalogue_commit(ingest->collection->catalogue, &ingest->failure),
         &ingest->failure);
}

static inline int64_t add_block(struct ingest *ingest, const struct buffer *block)
{
    int64_t offset;

    good(shard_writer_add(ingest->writer, block->bytes, block->length, &offset,
                          &ingest->failure),
         &ingest->failure);
    return offset;
}

/* Store samples that follow from `text`, and let the entry say where they lie. */
static inline void store_samples(struct ingest *ingest, const char *text,
                                 uint32_t samples, struct entry *entry)
{
    struct buffer axis, record;

    buffer_init(&axis);
    buffer_init(&record);
    fake_spectrum(text, samples, &axis, &record);
    entry->shard = ingest->shard;
    entry->axis_offset = add_block(ingest, &axis);
    entry->axis_size = (int64_t)axis.length;
    entry->record_offset = add_block(ingest, &record);
    entry->record_size = (int64_t)record.length;
    entry->record_checksum =
        (int64_t)((const struct record_head *)(const void *)record.bytes)->checksum;
    buffer_finish(&axis);
    buffer_finish(&record);
}

static inline int64_t put_file(struct ingest *ingest, const char *stem, bool gone)
{
    char path[256];
    struct catalogue_file file = {.path = path, .size = 1, .gone = gone};
    int64_t number;

    snprintf(path, sizeof(path), "%s.fits", stem);
    good(catalogue_put_file(ingest->collection->catalogue, &file, &number,
                            &ingest->failure),
         &ingest->failure);
    return number;
}

/* A spectrum of a file; `text`: what its samples follow from. */
static inline void put(struct ingest *ingest, const char *stem, const char *spectrum,
                       int64_t obsid, const char *text, uint32_t samples)
{
    char path[256], file[256];
    struct entry entry;

    snprintf(path, sizeof(path), spectrum ? "%s/%s" : "%s", stem, spectrum);
    snprintf(file, sizeof(file), "%s.fits", stem);
    fake_entry(path, stem, spectrum, &entry);
    entry.obsid = obsid;
    entry.file = file;
    store_samples(ingest, text, samples, &entry);
    good(catalogue_put_spectrum(ingest->collection->catalogue, &entry,
                                put_file(ingest, stem, false), &ingest->failure),
         &ingest->failure);
}

static inline void put_one(struct collection *collection, const char *stem,
                           const char *text)
{
    struct ingest ingest = begin(collection);

    put(&ingest, stem, NULL, ENTRY_NO_INTEGER, text, FAKE_SAMPLES);
    commit(&ingest);
}

static inline void withdraw(struct collection *collection, const char *stem)
{
    struct failure failure;
    struct ingest ingest = {.collection = collection};
    int64_t count;

    good(catalogue_begin(collection->catalogue, &failure), &failure);
    good(catalogue_delete_spectra(collection->catalogue, put_file(&ingest, stem, true),
                                  NULL, 0, "2026-11-22T10:11:12", &count, &failure),
         &failure);
    assert_int_equal(count, 1);
    good(catalogue_commit(collection->catalogue, &failure), &failure);
}

/* Move a spectrum to a shard of its own and remove its old one, as compaction does. */
static inline void compact(struct collection *collection, const char *stem,
                           const char *text)
{
    struct failure failure;
    struct arena arena;
    struct entry entry;

    arena_init(&arena);
    good(catalogue_find(collection->catalogue, stem, &arena, &entry, &failure), &failure);
    put_one(collection, stem, text);
    good(shard_remove(collection->cache, entry.shard, &failure), &failure);
    arena_finish(&arena);
}

/* ---- the collection ---- */

static inline void open_readers(struct collection *collection, int workers)
{
    const struct archive_settings settings = {
        .collection = "lamost5",
        .authority = "org.lamost",
        .archive_folder = collection->files,
        .cache_folder = collection->cache,
        .read_through_workers = workers,
        .unknown_seconds = 1,
        .pager = collection->pager,
    };
    struct failure failure;

    good(archive_open(&settings, &collection->archive, &failure), &failure);
    good(archive_reader_open(collection->archive, &collection->reader, &failure),
         &failure);
}

static inline int open_empty(void **state)
{
    struct collection *collection = calloc(1, sizeof(*collection));

    strcpy(collection->folder, "/tmp/test_archive_XXXXXX");
    if (!mkdtemp(collection->folder))
        return -1;
    snprintf(collection->cache, sizeof(collection->cache), "%s/cache",
             collection->folder);
    snprintf(collection->files, sizeof(collection->files), "%s/files",
             collection->folder);
    mkdir(collection->files, 0755);
    open_readers(collection, 1);
    *state = collection;
    return 0;
}

/* Three LRS files, two of one name, and an MRS file of four spectra. */
static inline int open_filled(void **state)
{
    static const char *const names[] = {"B", "B-84023871", "R", "R-84023871"};
    struct ingest ingest;

    if (open_empty(state))
        return -1;
    ingest = begin(*state);
    put(&ingest, "dir/spec-1", NULL, 101, "dir/spec-1", FAKE_SAMPLES);
    put(&ingest, "dir/twin", NULL, -7, "dir/twin", FAKE_SAMPLES);
    put(&ingest, "dir2/twin", NULL, 303, "dir2/twin", FAKE_SAMPLES);
    put(&ingest, "dir/101008", NULL, ENTRY_NO_INTEGER, "dir/101008", FAKE_SAMPLES);
    put(&ingest, "dir/a b+%", NULL, ENTRY_NO_INTEGER, "dir/a b+%", FAKE_SAMPLES);
    for (int i = 0; i < 4; i++)
        put(&ingest, "dir/med", names[i], 404, names[i], FAKE_SAMPLES);
    put(&ingest, "dir/single", "R", 505, "dir/single", FAKE_SAMPLES);
    commit(&ingest);
    usleep(250000); /* an archive without a catalogue looks for one now and then */
    return 0;
}

static inline int close_collection(void **state)
{
    struct collection *collection = *state;
    char command[128];

    archive_reader_close(collection->reader);
    archive_close(collection->archive);
    pager_close(collection->pager);
    catalogue_close(collection->catalogue);
    snprintf(command, sizeof(command), "rm -r %s", collection->folder);
    free(collection);
    return system(command);
}

/* ---- damage ---- */

static inline void overwrite(const struct collection *collection, int64_t shard,
                             int64_t offset)
{
    char name[SHARD_NAME_LENGTH], path[160];
    int fd;

    shard_name(shard, name);
    snprintf(path, sizeof(path), "%s/%s", collection->cache, name);
    fd = open(path, O_WRONLY);
    assert_int_equal(pwrite(fd, "\xEE", 1, offset), 1);
    close(fd);
}

static inline void cut_shard(const struct collection *collection, int64_t shard,
                             off_t size)
{
    char name[SHARD_NAME_LENGTH], path[160];

    shard_name(shard, name);
    snprintf(path, sizeof(path), "%s/%s", collection->cache, name);
    assert_int_equal(truncate(path, size), 0);
}
