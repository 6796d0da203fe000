#include "ingest/verify.h"

#include "archive/catalogue.h"
#include "archive/shard.h"
#include "base/arena.h"
#include "base/buffer.h"
#include "base/memory.h"
#include "ingest/crew.h"
#include "ingest/difference.h"
#include "ingest/interruption.h"
#include "ingest/progress.h"
#include "ingest/scope.h"
#include "ingest/walk.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_SPECTRA = 1000000 }; /* of one file: all */

struct verify {
    const struct ingest_settings *settings;
    struct catalogue *catalogue;
    struct crew *crew;
    struct scope scope;
    struct shard *shards;
    size_t shard_count;
    struct progress *progress;
    int64_t bytes; /* read, for the progress */
    int64_t files_to_read;
    int64_t
        spectra_of_files; /* that the catalogue has of the files that were looked at */
    struct verify_summary summary;
    struct interruption interruption;
    struct buffer text;
    struct arena arena; /* of one file */
};

static void tell_difference(struct verify *verify, const char *path, const char *format,
                            ...) __attribute__((format(printf, 3, 4)));

static void tell_difference(struct verify *verify, const char *path, const char *format,
                            ...)
{
    va_list arguments;

    verify->summary.wrong++;
    progress_pause(verify->progress);
    printf("wrong %s: ", path);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
}

/* ---- shards ---- */

/* One that cannot be opened is kept without bytes, so that this is told once. */
static struct shard *keep_shard(struct verify *verify, struct shard shard)
{
    verify->shards = memory_resize(verify->shards,
                                   (verify->shard_count + 1) * sizeof(*verify->shards));
    verify->shards[verify->shard_count] = shard;
    return &verify->shards[verify->shard_count++];
}

/* Map it and check all of it against its seal. */
static struct shard *check_shard(struct verify *verify, int64_t number)
{
    struct failure failure;
    struct shard shard;
    char name[SHARD_NAME_LENGTH];

    shard_name(number, name);
    if (shard_open(verify->settings->cache_folder, number, &shard, &failure)) {
        tell_difference(verify, name, "%s", failure.message);
        return keep_shard(verify, (struct shard){.number = number});
    }
    if (shard_check(&shard, &failure))
        tell_difference(verify, name, "%s", failure.message);
    verify->bytes += (int64_t)shard.size;
    verify->summary.shards++;
    return keep_shard(verify, shard);
}

static const struct shard *find_shard(struct verify *verify, int64_t number)
{
    for (size_t i = 0; i < verify->shard_count; i++)
        if (verify->shards[i].number == number)
            return &verify->shards[i];
    return check_shard(verify, number); /* made since we began */
}

static enum status check_shards(struct verify *verify, struct failure *failure)
{
    struct catalogue_shard *shards;
    struct arena arena;
    size_t count;
    enum status status;

    arena_init(&arena);
    verify->progress = progress_open("verify", "shards", verify->settings->quiet);
    status = catalogue_list_shards(verify->catalogue, &arena, &shards, &count, failure);
    for (size_t i = 0; !status && i < count && !interruption_came(&verify->interruption);
         i++) {
        check_shard(verify, shards[i].number);
        progress_show(verify->progress, (int64_t)i + 1, verify->bytes, (int64_t)count,
                      false);
    }
    progress_close(verify->progress);
    verify->progress = NULL;
    verify->bytes = 0;
    arena_finish(&arena);
    return status;
}

/* ---- one file ---- */

static const struct reading_spectrum *find_fresh(const struct reading *reading,
                                                 const char *path)
{
    for (size_t i = 0; i < reading->count; i++)
        if (strcmp(reading->spectra[i].entry.path, path) == 0)
            return &reading->spectra[i];
    return NULL;
}

static void compare_spectrum(struct verify *verify, const struct entry *entry,
                             const struct reading_spectrum *fresh)
{
    const struct shard *shard = find_shard(verify, entry->shard);
    struct cached_spectrum cached = {
        .entry = entry,
        .axis_size = (size_t)entry->axis_size,
        .record_size = (size_t)entry->record_size,
    };

    if (shard->bytes) {
        cached.axis = shard_at(shard, entry->axis_offset, entry->axis_size);
        cached.record = shard_at(shard, entry->record_offset, entry->record_size);
    }
    buffer_clear(&verify->text);
    if (difference_find(&cached, fresh, &verify->text))
        tell_difference(verify, entry->path, "%.*s", (int)verify->text.length,
                        (const char *)verify->text.bytes);
    verify->summary.spectra++;
}

static void compare_spectra(struct verify *verify, const struct reading *reading,
                            const struct entry *entries, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct reading_spectrum *fresh = find_fresh(reading, entries[i].path);

        if (fresh)
            compare_spectrum(verify, &entries[i], fresh);
        else
            tell_difference(verify, entries[i].path,
                            "spectrum: cache has it, file has not");
    }
    for (size_t i = 0; i < reading->count; i++) {
        const char *path = reading->spectra[i].entry.path;
        bool is_known = false;

        for (size_t k = 0; k < count && !is_known; k++)
            is_known = strcmp(entries[k].path, path) == 0;
        if (!is_known)
            tell_difference(verify, path, "spectrum: cache has it not, file has it");
    }
}

/* The file has changed or gone since it was ingested, which is no fault of the cache. */
static bool is_other_file(const struct catalogue_file *file,
                          const struct reading *reading)
{
    return reading->outcome == READING_ABSENT ||
           (reading->file_mtime != 0 &&
            (reading->file_size != file->size || reading->file_mtime != file->mtime));
}

static void compare_outcome(struct verify *verify, const struct catalogue_file *file,
                            const struct reading *reading, const struct entry *entries,
                            size_t count)
{
    bool is_refused = reading->outcome == READING_REFUSED;

    if (reading->outcome == READING_FAILED)
        tell_difference(verify, file->path, "file: cannot be read: %s", reading->reason);
    else if (is_refused != file->refused)
        tell_difference(verify, file->path, "refused: cache %s, file %s",
                        file->refused ? file->reason : "no",
                        is_refused ? reading->reason : "no");
    else if (!is_refused && reading->file_checksum != file->checksum)
        tell_difference(verify, file->path,
                        "checksum: cache %016" PRIx64 ", file %016" PRIx64,
                        file->checksum, reading->file_checksum);
    else
        compare_spectra(verify, reading, entries, count);
    verify->summary.files++;
}

/* The living spectra of this very file, and not of its other form. */
static enum status list_spectra(struct verify *verify, const char *path,
                                struct entry **out, size_t *count,
                                struct failure *failure)
{
    const char *stem = arena_copy(&verify->arena, path, walk_stem(path));
    struct entry *entries;
    size_t listed;
    enum status status =
        catalogue_list(verify->catalogue, CATALOGUE_BY_FILE, stem, MOST_SPECTRA,
                       &verify->arena, &entries, &listed, failure);

    if (status)
        return status;
    *out = entries;
    *count = 0;
    for (size_t i = 0; i < listed; i++)
        if (strcmp(entries[i].file, path) == 0)
            entries[(*count)++] = entries[i];
    return STATUS_OK;
}

static enum status compare_file(struct verify *verify, const struct errand *errand,
                                const struct reading *reading, struct failure *failure)
{
    struct catalogue_file file;
    struct entry *entries = NULL;
    size_t count = 0;
    enum status status;

    arena_reset(&verify->arena);
    if ((status = catalogue_find_file(verify->catalogue, errand->path, &verify->arena,
                                      &file, failure)) ||
        (status = list_spectra(verify, errand->path, &entries, &count, failure)))
        return status;
    verify->bytes += reading->file_size;
    verify->spectra_of_files += (int64_t)count;
    if (is_other_file(&file, reading)) {
        verify->summary.skipped++;
        progress_tell(verify->progress, "skipped %s: not the file that was ingested",
                      file.path);
    } else {
        compare_outcome(verify, &file, reading, entries, count);
    }
    return STATUS_OK;
}

/* ---- all files ---- */

static void show_progress(struct verify *verify)
{
    progress_show(verify->progress, verify->summary.files + verify->summary.skipped,
                  verify->bytes, verify->files_to_read, false);
}

static enum status take_answer(struct verify *verify, struct failure *failure)
{
    struct reading reading;
    struct errand errand;
    enum status status;

    reading_init(&reading);
    status =
        crew_take(verify->crew, -1, verify->interruption.fd, &errand, &reading, failure);
    if (!status)
        status = compare_file(verify, &errand, &reading, failure);
    reading_finish(&reading);
    show_progress(verify);
    return status == STATUS_PENDING ? STATUS_OK : status;
}

static enum status expect_no_interruption(struct verify *verify, struct failure *failure)
{
    if (!interruption_came(&verify->interruption))
        return STATUS_OK;
    return failure_set(failure, STATUS_UNAVAILABLE,
                       "stopped by a signal: verified in part");
}

/* Have a file read; wait for an answer first where all workers are busy. */
static enum status read_again(void *context, const struct catalogue_file *file,
                              struct failure *failure)
{
    struct verify *verify = context;
    struct errand errand = {.path = file->path};
    enum status status;

    if (!scope_has(&verify->scope, file->path))
        return STATUS_OK;
    while (crew_busy(verify->crew) == crew_size(verify->crew))
        if ((status = expect_no_interruption(verify, failure)) ||
            (status = take_answer(verify, failure)))
            return status;
    return crew_ask(verify->crew, &errand, failure);
}

static enum status read_all(struct verify *verify, struct failure *failure)
{
    enum status status =
        catalogue_each_file(verify->catalogue, read_again, verify, failure);

    while (!status && crew_busy(verify->crew) > 0)
        if (!(status = expect_no_interruption(verify, failure)))
            status = take_answer(verify, failure);
    return status;
}

/* Each living row must have been met by way of its file. */
static enum status count_spectra(struct verify *verify, uint64_t generation_before,
                                 struct failure *failure)
{
    struct catalogue_summary all;
    enum status status = catalogue_summarise(verify->catalogue, &all, failure);

    if (status || !scope_is_all(&verify->scope) ||
        generation_before != catalogue_generation(verify->catalogue))
        return status;
    if (all.spectra != verify->spectra_of_files)
        tell_difference(verify, "catalogue", "living spectra: %lld, of its files: %lld",
                        (long long)all.spectra, (long long)verify->spectra_of_files);
    return STATUS_OK;
}

static enum status check_files(struct verify *verify, struct failure *failure)
{
    uint64_t generation = catalogue_generation(verify->catalogue);
    struct catalogue_summary all;
    enum status status;

    if ((status = catalogue_summarise(verify->catalogue, &all, failure)))
        return status;
    verify->files_to_read = scope_is_all(&verify->scope) ? all.files + all.refused : -1;
    verify->progress = progress_open("verify", "files", verify->settings->quiet);
    if (!(status = read_all(verify, failure)))
        status = count_spectra(verify, generation, failure);
    progress_close(verify->progress);
    verify->progress = NULL;
    return status;
}

/* ---- the whole ---- */

static void print_summary(const struct verify_summary *summary)
{
    if (summary->skipped > 0)
        printf("skipped %lld files that went or changed since they were ingested\n",
               (long long)summary->skipped);
    printf("verified %lld spectra of %lld files in %lld shards: %lld differences\n",
           (long long)summary->spectra, (long long)summary->files,
           (long long)summary->shards, (long long)summary->wrong);
    fflush(stdout);
}

static enum status open_all(struct verify *verify, struct failure *failure)
{
    const struct ingest_settings *settings = verify->settings;
    struct worker_settings worker = {
        .archive_folder = settings->archive_folder,
        .program = settings->worker_program,
    };
    enum status status;

    if ((status = scope_init(&verify->scope, settings->archive_folder, settings->paths,
                             settings->path_count, failure)) ||
        (status = catalogue_open(settings->cache_folder, CATALOGUE_READ,
                                 &verify->catalogue, failure)))
        return status;
    return crew_open(&worker, settings->workers, &verify->crew, failure);
}

static void close_all(struct verify *verify)
{
    for (size_t i = 0; i < verify->shard_count; i++)
        shard_close(&verify->shards[i]);
    free(verify->shards);
    crew_close(verify->crew);
    catalogue_close(verify->catalogue);
    scope_finish(&verify->scope);
    buffer_finish(&verify->text);
    arena_finish(&verify->arena);
}

enum status verify_run(const struct ingest_settings *settings,
                       struct verify_summary *summary, struct failure *failure)
{
    struct verify verify = {.settings = settings};
    enum status status;

    *summary = (struct verify_summary){0};
    if ((status = interruption_init(&verify.interruption, failure)))
        return status;
    buffer_init(&verify.text);
    arena_init(&verify.arena);
    if (!(status = open_all(&verify, failure)) &&
        !(status = check_shards(&verify, failure)) &&
        !(status = check_files(&verify, failure))) {
        print_summary(&verify.summary);
        *summary = verify.summary;
    }
    close_all(&verify);
    interruption_finish(&verify.interruption);
    return status;
}
