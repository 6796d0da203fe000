#include "ingest/comparison.h"

#include "base/memory.h"
#include "ingest/difference.h"
#include "ingest/walk.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_SPECTRA = 1000000 }; /* of one file: all */

void comparison_init(struct comparison *comparison, const char *cache_folder,
                     struct catalogue *catalogue)
{
    *comparison =
        (struct comparison){.cache_folder = cache_folder, .catalogue = catalogue};
    buffer_init(&comparison->text);
    arena_init(&comparison->arena);
}

void comparison_finish(struct comparison *comparison)
{
    for (size_t i = 0; i < comparison->shard_count; i++)
        shard_close(&comparison->shards[i]);
    free(comparison->shards);
    buffer_finish(&comparison->text);
    arena_finish(&comparison->arena);
}

void comparison_tell(struct comparison *comparison, const char *path, const char *format,
                     ...)
{
    va_list arguments;

    comparison->summary.wrong++;
    if (comparison->progress)
        progress_pause(comparison->progress);
    printf("wrong %s: ", path);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
}

/* ---- shards ---- */

/* One that cannot be opened is kept without bytes, so that this is told once. */
static struct shard *keep_shard(struct comparison *comparison, struct shard shard)
{
    comparison->shards = memory_resize(
        comparison->shards, (comparison->shard_count + 1) * sizeof(*comparison->shards));
    comparison->shards[comparison->shard_count] = shard;
    return &comparison->shards[comparison->shard_count++];
}

static struct shard *check_shard(struct comparison *comparison, int64_t number)
{
    struct failure failure;
    struct shard shard;
    char name[SHARD_NAME_LENGTH];

    shard_name(number, name);
    if (shard_open(comparison->cache_folder, number, &shard, &failure)) {
        comparison_tell(comparison, name, "%s", failure.message);
        return keep_shard(comparison, (struct shard){.number = number});
    }
    if (shard_check(&shard, &failure))
        comparison_tell(comparison, name, "%s", failure.message);
    comparison->bytes += (int64_t)shard.size;
    comparison->summary.shards++;
    return keep_shard(comparison, shard);
}

static const struct shard *find_shard(struct comparison *comparison, int64_t number)
{
    for (size_t i = 0; i < comparison->shard_count; i++)
        if (comparison->shards[i].number == number)
            return &comparison->shards[i];
    return check_shard(comparison, number); /* made since we began */
}

void comparison_check_shard(struct comparison *comparison, int64_t number)
{
    check_shard(comparison, number);
}

/* ---- files ---- */

/* Another process wrote it. */
static const char *path_of(const struct reading_spectrum *spectrum)
{
    return spectrum->entry.path ? spectrum->entry.path : "";
}

static const struct reading_spectrum *find_fresh(const struct reading *reading,
                                                 const char *path)
{
    for (size_t i = 0; i < reading->count; i++)
        if (strcmp(path_of(&reading->spectra[i]), path) == 0)
            return &reading->spectra[i];
    return NULL;
}

static void compare_spectrum(struct comparison *comparison, const struct entry *entry,
                             const struct reading_spectrum *fresh)
{
    const struct shard *shard = find_shard(comparison, entry->shard);
    struct cached_spectrum cached = {
        .entry = entry,
        .axis_size = (size_t)entry->axis_size,
        .record_size = (size_t)entry->record_size,
    };

    if (shard->bytes) {
        cached.axis = shard_at(shard, entry->axis_offset, entry->axis_size);
        cached.record = shard_at(shard, entry->record_offset, entry->record_size);
    }
    buffer_clear(&comparison->text);
    if (difference_find(&cached, fresh, &comparison->text))
        comparison_tell(comparison, entry->path, "%.*s", (int)comparison->text.length,
                        (const char *)comparison->text.bytes);
    comparison->summary.spectra++;
}

static void compare_spectra(struct comparison *comparison, const struct reading *reading,
                            const struct entry *entries, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct reading_spectrum *fresh = find_fresh(reading, entries[i].path);

        if (fresh)
            compare_spectrum(comparison, &entries[i], fresh);
        else
            comparison_tell(comparison, entries[i].path,
                            "spectrum: cache has it, file has not");
    }
    for (size_t i = 0; i < reading->count; i++) {
        const char *path = path_of(&reading->spectra[i]);
        bool is_known = false;

        for (size_t k = 0; k < count && !is_known; k++)
            is_known = strcmp(entries[k].path, path) == 0;
        if (!is_known)
            comparison_tell(comparison, path, "spectrum: cache has it not, file has it");
    }
}

/* The file has changed or gone since it was ingested, which is no fault of the cache. */
static bool is_other_file(const struct catalogue_file *file,
                          const struct reading *reading)
{
    return file->gone || reading->outcome == READING_ABSENT ||
           (reading->file_mtime != 0 &&
            (reading->file_size != file->size || reading->file_mtime != file->mtime));
}

static void compare_outcome(struct comparison *comparison,
                            const struct catalogue_file *file,
                            const struct reading *reading, const struct entry *entries,
                            size_t count)
{
    bool is_refused = reading->outcome == READING_REFUSED;

    if (reading->outcome == READING_FAILED)
        comparison_tell(comparison, file->path, "file: cannot be read: %s",
                        reading->reason);
    else if (is_refused != file->refused)
        comparison_tell(comparison, file->path, "refused: cache %s, file %s",
                        file->refused ? file->reason : "no",
                        is_refused ? reading->reason : "no");
    else if (!is_refused && reading->file_checksum != file->checksum)
        comparison_tell(comparison, file->path,
                        "checksum: cache %016" PRIx64 ", file %016" PRIx64,
                        file->checksum, reading->file_checksum);
    else
        compare_spectra(comparison, reading, entries, count);
    comparison->summary.files++;
}

/* The living spectra of this very file, and not of its other form. */
static enum status list_spectra(struct comparison *comparison, const char *path,
                                struct entry **out, size_t *count,
                                struct failure *failure)
{
    const char *stem = arena_copy(&comparison->arena, path, walk_stem(path));
    struct entry *entries;
    size_t listed;
    enum status status =
        catalogue_list(comparison->catalogue, CATALOGUE_BY_FILE, stem, MOST_SPECTRA,
                       &comparison->arena, &entries, &listed, failure);

    if (status)
        return status;
    *out = entries;
    *count = 0;
    for (size_t i = 0; i < listed; i++)
        if (strcmp(entries[i].file, path) == 0)
            entries[(*count)++] = entries[i];
    return STATUS_OK;
}

enum status comparison_check_file(struct comparison *comparison, const char *path,
                                  const struct reading *reading, struct failure *failure)
{
    struct catalogue_file file;
    struct entry *entries = NULL;
    size_t count = 0;
    enum status status;

    arena_reset(&comparison->arena);
    if ((status = catalogue_find_file(comparison->catalogue, path, &comparison->arena,
                                      &file, failure)) ||
        (status = list_spectra(comparison, path, &entries, &count, failure)))
        return status;
    comparison->bytes += reading->file_size;
    comparison->spectra += (int64_t)count;
    if (is_other_file(&file, reading)) {
        comparison->summary.skipped++;
        progress_tell(comparison->progress, "skipped %s: not the file that was ingested",
                      file.path);
    } else {
        compare_outcome(comparison, &file, reading, entries, count);
    }
    return STATUS_OK;
}
