#include "ingest/verify.h"

#include "archive/catalogue.h"
#include "base/arena.h"
#include "ingest/comparison.h"
#include "ingest/crew.h"
#include "ingest/interruption.h"
#include "ingest/progress.h"
#include "ingest/scope.h"

#include <stdio.h>

struct verify {
    const struct ingest_settings *settings;
    struct scope scope;
    struct catalogue *catalogue;
    struct crew *crew;
    struct comparison comparison;
    int64_t files_to_read; /* -1: not known */
    struct interruption interruption;
};

static enum status expect_no_interruption(struct verify *verify, struct failure *failure)
{
    if (!interruption_came(&verify->interruption))
        return STATUS_OK;
    return failure_set(failure, STATUS_UNAVAILABLE,
                       "stopped by a signal: verified in part");
}

static void begin_progress(struct verify *verify, const char *unit)
{
    verify->comparison.bytes = 0;
    verify->comparison.progress = progress_open("verify", unit, verify->settings->quiet);
}

static void end_progress(struct verify *verify)
{
    progress_close(verify->comparison.progress);
    verify->comparison.progress = NULL;
}

/* ---- shards ---- */

static enum status check_shard_list(struct verify *verify,
                                    const struct catalogue_shard *shards, size_t count,
                                    struct failure *failure)
{
    struct comparison *comparison = &verify->comparison;
    enum status status;

    for (size_t i = 0; i < count; i++) {
        if ((status = expect_no_interruption(verify, failure)))
            return status;
        comparison_check_shard(comparison, shards[i].number);
        progress_show(comparison->progress, (int64_t)i + 1, comparison->bytes,
                      (int64_t)count, false);
    }
    return STATUS_OK;
}

static enum status check_shards(struct verify *verify, struct failure *failure)
{
    struct catalogue_shard *shards;
    struct arena arena;
    size_t count;
    enum status status;

    arena_init(&arena);
    begin_progress(verify, "shards");
    status = catalogue_list_shards(verify->catalogue, &arena, &shards, &count, failure);
    if (!status)
        status = check_shard_list(verify, shards, count, failure);
    end_progress(verify);
    arena_finish(&arena);
    return status;
}

/* ---- the catalogue by itself ---- */

static void tell_fault(void *context, const char *where, const char *what, const char *is,
                       const char *should_be)
{
    comparison_tell(context, where, "%s: is %s, should be %s", what, is, should_be);
}

static enum status check_catalogue(struct verify *verify, struct failure *failure)
{
    struct catalogue_faults faults = {tell_fault, &verify->comparison};

    return catalogue_check(verify->catalogue, faults, failure);
}

/* ---- files ---- */

static void show_progress(struct verify *verify)
{
    const struct comparison *comparison = &verify->comparison;

    progress_show(comparison->progress,
                  comparison->summary.files + comparison->summary.skipped,
                  comparison->bytes, verify->files_to_read, false);
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
        status =
            comparison_check_file(&verify->comparison, errand.path, &reading, failure);
    reading_finish(&reading);
    show_progress(verify);
    return status == STATUS_PENDING ? expect_no_interruption(verify, failure) : status;
}

/* Have a file read; where all workers are busy, after an answer. */
static enum status read_again(void *context, const struct catalogue_file *file,
                              struct failure *failure)
{
    struct verify *verify = context;
    struct errand errand = {.path = file->path};
    enum status status;

    if (!scope_has(&verify->scope, file->path))
        return STATUS_OK;
    while (crew_busy(verify->crew) == crew_size(verify->crew))
        if ((status = take_answer(verify, failure)))
            return status;
    return crew_ask(verify->crew, &errand, failure);
}

static enum status read_all(struct verify *verify, struct failure *failure)
{
    enum status status =
        catalogue_each_file(verify->catalogue, read_again, verify, failure);

    while (!status && crew_busy(verify->crew) > 0)
        status = take_answer(verify, failure);
    return status;
}

/* Each living row must have been met by way of its file, unless an ingest changed them
 * meanwhile. */
static enum status count_spectra(struct verify *verify, uint64_t generation_before,
                                 struct failure *failure)
{
    struct catalogue_summary all;
    enum status status = catalogue_summarise(verify->catalogue, &all, failure);

    if (status || !scope_is_all(&verify->scope) ||
        generation_before != catalogue_generation(verify->catalogue))
        return status;
    if (all.spectra != verify->comparison.spectra)
        comparison_tell(&verify->comparison, "catalogue",
                        "living spectra: %lld in all, %lld of its files",
                        (long long)all.spectra, (long long)verify->comparison.spectra);
    return STATUS_OK;
}

static enum status check_files(struct verify *verify, struct failure *failure)
{
    uint64_t generation = catalogue_generation(verify->catalogue);
    struct catalogue_summary all;
    enum status status = catalogue_summarise(verify->catalogue, &all, failure);

    if (status)
        return status;
    verify->files_to_read = scope_is_all(&verify->scope) ? all.files + all.refused : -1;
    begin_progress(verify, "files");
    if (!(status = read_all(verify, failure)))
        status = count_spectra(verify, generation, failure);
    end_progress(verify);
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
    if (summary->wrong > 0)
        printf(
            "to mend shards: cutoutd ingest --compact; to mend the catalogue: remove the "
            "cache, and cutoutd ingest makes it anew\n");
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
    comparison_init(&verify->comparison, settings->cache_folder, verify->catalogue);
    return crew_open(&worker, settings->workers, &verify->crew, failure);
}

static void close_all(struct verify *verify)
{
    crew_close(verify->crew);
    comparison_finish(&verify->comparison);
    catalogue_close(verify->catalogue);
    scope_finish(&verify->scope);
}

enum status verify_run(const struct ingest_settings *settings,
                       struct verify_summary *summary, struct failure *failure)
{
    struct verify verify = {.settings = settings};
    enum status status;

    *summary = (struct verify_summary){0};
    if ((status = interruption_init(&verify.interruption, failure)))
        return status;
    if (!(status = open_all(&verify, failure)) &&
        !(status = check_catalogue(&verify, failure)) &&
        !(status = check_shards(&verify, failure)) &&
        !(status = check_files(&verify, failure))) {
        *summary = verify.comparison.summary;
        print_summary(summary);
    }
    close_all(&verify);
    interruption_finish(&verify.interruption);
    return status;
}
