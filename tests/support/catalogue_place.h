/* catalogue_place.h - what tests of the catalogue start with: an empty one in a folder of
 * its own, open for writing. */
#pragma once

#include "archive/catalogue.h"
#include "folder.h"

enum { RECORD_SIZE = 1000 };

struct place {
    char folder[FOLDER_LENGTH];
    struct catalogue *writer;
    struct arena arena;
    struct failure failure;
};

static inline int make_place(void **state)
{
    struct place *place = calloc(1, sizeof(*place));

    folder_make(place->folder);
    arena_init(&place->arena);
    *state = place;
    return catalogue_open(place->folder, CATALOGUE_WRITE, &place->writer,
                          &place->failure);
}

static inline int remove_place(void **state)
{
    struct place *place = *state;

    catalogue_close(place->writer);
    arena_finish(&place->arena);
    folder_remove(place->folder);
    free(place);
    return 0;
}

#define ASSERT_OK(place, call)                                                           \
    do {                                                                                 \
        if ((call) != STATUS_OK)                                                         \
            fail_msg("%s", (place)->failure.message);                                    \
    } while (0)

static inline struct entry entry_of(struct place *place, const char *path, int64_t shard)
{
    struct entry entry;

    entry_init(&entry);
    entry.path = arena_copy_string(&place->arena, path);
    entry.shard = shard;
    entry.record_offset = 64;
    entry.record_size = RECORD_SIZE;
    entry.file = arena_format(&place->arena, "%s.fits.gz", path);
    return entry;
}

static inline int64_t put_file(struct place *place, const char *path)
{
    struct catalogue_file file = {.path = path, .size = 1, .mtime = 2, .checksum = 3};
    int64_t number;

    ASSERT_OK(place, catalogue_put_file(place->writer, &file, &number, &place->failure));
    return number;
}

/* Commit one spectrum of a file of its own. */
static inline void add(struct place *place, const char *path, int64_t shard)
{
    struct entry entry = entry_of(place, path, shard);

    ASSERT_OK(place, catalogue_begin(place->writer, &place->failure));
    ASSERT_OK(place,
              catalogue_put_spectrum(place->writer, &entry, put_file(place, entry.file),
                                     &place->failure));
    ASSERT_OK(place,
              catalogue_put_shard(
                  place->writer, &(struct catalogue_shard){.number = shard, .size = 5000},
                  &place->failure));
    ASSERT_OK(place, catalogue_commit(place->writer, &place->failure));
}

static inline struct catalogue *open_reader(struct place *place)
{
    struct catalogue *reader;

    ASSERT_OK(place,
              catalogue_open(place->folder, CATALOGUE_READ, &reader, &place->failure));
    return reader;
}

static inline bool has(struct place *place, struct catalogue *catalogue, const char *path)
{
    struct entry entry;
    enum status status =
        catalogue_find(catalogue, path, &place->arena, &entry, &place->failure);

    assert_true(status == STATUS_OK || status == STATUS_NOT_FOUND);
    return status == STATUS_OK && !entry.deleted;
}

static inline struct catalogue_summary summary_of(struct place *place,
                                                  struct catalogue *catalogue)
{
    struct catalogue_summary summary;

    ASSERT_OK(place, catalogue_summarise(catalogue, &summary, &place->failure));
    return summary;
}

/* Living bytes of a shard, -1 if it is not listed. */
static inline int64_t live_in(struct place *place, int64_t number)
{
    struct catalogue_shard *shards;
    size_t count;

    ASSERT_OK(place, catalogue_list_shards(place->writer, &place->arena, &shards, &count,
                                           &place->failure));
    for (size_t i = 0; i < count; i++)
        if (shards[i].number == number)
            return shards[i].live;
    return -1;
}

#define WITH_PLACE(test) cmocka_unit_test_setup_teardown(test, make_place, remove_place)
