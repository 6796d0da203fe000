#include "ingest/ingest.h"

#include "base/memory.h"
#include "ingest/cache_folder.h"
#include "ingest/compact.h"
#include "ingest/crew.h"
#include "ingest/departed.h"
#include "ingest/headcount.h"
#include "ingest/intake.h"
#include "ingest/interruption.h"
#include "ingest/progress.h"
#include "ingest/repair.h"
#include "ingest/report.h"
#include "ingest/scope.h"
#include "ingest/seen.h"
#include "ingest/store.h"
#include "ingest/walk.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { PATIENCE = 250 }; /* milliseconds between looks at the clock */

struct ingest {
    const struct ingest_settings *settings;
    struct scope scope;
    struct walk_settings walk_settings;
    struct walk *walk;
    bool walk_is_over;
    struct headcount *headcount; /* NULL when quiet */
    struct crew *crew;
    struct store *store;
    struct seen seen;
    struct intake intake;
    struct repair repair;
    struct progress *progress;
    struct report report;
    struct interruption interruption;
    struct errand
        next; /* to be asked as soon as a worker is free; the path is ours, NULL: none */
};

/* ---- finding files to read ---- */

static void set_next(struct ingest *ingest, const struct errand *errand)
{
    ingest->next = *errand;
    ingest->next.path = memory_copy_string(errand->path);
}

static void drop_next(struct ingest *ingest)
{
    free((char *)(uintptr_t)ingest->next.path); /* ours, lent as const */
    ingest->next = (struct errand){0};
}

static enum status look_at_file(struct ingest *ingest, const struct walk_item *item,
                                struct failure *failure)
{
    struct errand errand;
    bool must_read;
    enum status status;

    ingest->report.summary.files++;
    if ((status = intake_look(&ingest->intake, item, &must_read, &errand, failure)))
        return status;
    if (must_read)
        set_next(ingest, &errand);
    return STATUS_OK;
}

/* Nobody's, unless it went since the catalogue learnt of it: departed.h marks that. */
static enum status look_at_absent(struct ingest *ingest, const char *path,
                                  struct failure *failure)
{
    enum status status;
    bool is_known;

    if ((status = catalogue_knows_path(store_catalogue(ingest->store), path, &is_known,
                                       failure)))
        return status;
    if (!is_known)
        report_failed(&ingest->report, path, "not in the archive");
    return STATUS_OK;
}

static enum status look_at_item(struct ingest *ingest, const struct walk_item *item,
                                struct failure *failure)
{
    const char *path = *item->path ? item->path : ingest->settings->archive_folder;

    switch (item->kind) {
    case WALK_FILE:
        return look_at_file(ingest, item, failure);
    case WALK_SHADOWED:
        ingest->report.summary.shadowed++;
        progress_tell(ingest->progress, "shadowed %s: its other form is newer", path);
        return STATUS_OK;
    case WALK_REFUSED:
        ingest->report.summary.files++;
        report_refused(&ingest->report, path, item->reason);
        return STATUS_OK;
    case WALK_UNREADABLE:
        scope_except(&ingest->scope, item->path);
        report_failed(&ingest->report, path, item->reason);
        return STATUS_OK;
    case WALK_ABSENT:
    default:
        return look_at_absent(ingest, path, failure);
    }
}

/* One step of the walk, if a file to read next is wanted. */
static enum status look_further(struct ingest *ingest, struct failure *failure)
{
    struct walk_item item;

    if (ingest->next.path || ingest->walk_is_over)
        return STATUS_OK;
    if (walk_next(ingest->walk, &item))
        return look_at_item(ingest, &item, failure);
    ingest->walk_is_over = true;
    return STATUS_OK;
}

/* ---- having them read ---- */

static enum status ask_next(struct ingest *ingest, struct failure *failure)
{
    enum status status;

    if (!ingest->next.path || crew_busy(ingest->crew) == crew_size(ingest->crew))
        return STATUS_OK;
    if ((status = crew_ask(ingest->crew, &ingest->next, failure)))
        return status;
    drop_next(ingest);
    return STATUS_OK;
}

/* The worker that answered is asked the next before its answer is stored: it reads while
 * we write. */
static enum status take_answer(struct ingest *ingest, struct failure *failure)
{
    bool can_look_further = !ingest->next.path && !ingest->walk_is_over;
    struct reading reading;
    struct errand errand;
    enum status status;

    if (crew_busy(ingest->crew) == 0)
        return STATUS_OK;
    reading_init(&reading);
    status = crew_take(ingest->crew, can_look_further ? 0 : PATIENCE,
                       ingest->interruption.fd, &errand, &reading, failure);
    if (!status && !(status = ask_next(ingest, failure)))
        status = intake_take(&ingest->intake, &errand, &reading, failure);
    reading_finish(&reading);
    return status == STATUS_PENDING ? STATUS_OK : status;
}

static void show_progress(struct ingest *ingest)
{
    bool is_over;
    int64_t total = headcount_total(ingest->headcount, &is_over);

    progress_show(ingest->progress, ingest->report.summary.files,
                  ingest->report.bytes_read, total, !is_over);
}

static bool is_done(const struct ingest *ingest)
{
    return ingest->walk_is_over && !ingest->next.path && crew_busy(ingest->crew) == 0;
}

/* Until all is read or a signal came. */
static enum status read_all(struct ingest *ingest, struct failure *failure)
{
    enum status status;

    while (!is_done(ingest) && !interruption_came(&ingest->interruption)) {
        if ((status = look_further(ingest, failure)) ||
            (status = ask_next(ingest, failure)) ||
            (status = take_answer(ingest, failure)))
            return status;
        if (store_is_due(ingest->store) &&
            (status = store_commit(ingest->store, failure)))
            return status;
        show_progress(ingest);
    }
    return STATUS_OK;
}

/* ---- the end ---- */

static enum status mark_departed(struct ingest *ingest, struct failure *failure)
{
    struct departed departed = {
        .store = ingest->store,
        .seen = &ingest->seen,
        .scope = &ingest->scope,
        .walk = ingest->walk,
        .report = &ingest->report,
    };

    return is_done(ingest) ? departed_mark(&departed, failure) : STATUS_OK;
}

static enum status compact_if_asked(struct ingest *ingest, struct failure *failure)
{
    struct compact_settings settings = {
        .folder = ingest->settings->cache_folder,
        .shard_bytes = ingest->settings->shard_bytes,
        .interruption = &ingest->interruption,
    };

    if (!ingest->settings->compact || !is_done(ingest))
        return STATUS_OK;
    return compact_run(&settings, ingest->store, &ingest->report, failure);
}

static enum status tell_interruption(struct ingest *ingest, struct failure *failure)
{
    if (is_done(ingest) || !interruption_came(&ingest->interruption))
        return STATUS_OK;
    return failure_set(
        failure, STATUS_UNAVAILABLE,
        "stopped by a signal: finished in part, what was read is kept; run it again "
        "for the rest");
}

static enum status work(struct ingest *ingest, struct failure *failure)
{
    enum status status;

    if ((status = repair_begin(&ingest->repair, failure)) ||
        (status = read_all(ingest, failure)) ||
        (status = mark_departed(ingest, failure)) ||
        (status = store_commit(ingest->store, failure)) ||
        (is_done(ingest) && (status = repair_end(&ingest->repair, failure))) ||
        (status = compact_if_asked(ingest, failure)))
        return status;
    return is_done(ingest) ? store_write_outlines(ingest->store, failure) : STATUS_OK;
}

static double seconds_since(const struct timespec *then)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - then->tv_sec) +
           1e-9 * (double)(now.tv_nsec - then->tv_nsec);
}

static enum status work_and_report(struct ingest *ingest, struct ingest_summary *summary,
                                   struct failure *failure)
{
    struct timespec begin;
    enum status status;

    clock_gettime(CLOCK_MONOTONIC, &begin);
    if ((status = work(ingest, failure)))
        return status;
    ingest->report.summary.seconds = seconds_since(&begin);
    ingest->report.summary.bytes = store_bytes(ingest->store);
    progress_close(ingest->progress);
    ingest->progress = NULL;
    report_print(&ingest->report, ingest->settings->quiet);
    *summary = ingest->report.summary;
    return tell_interruption(ingest, failure);
}

/* ---- set-up ---- */

static enum status open_reading(struct ingest *ingest, struct failure *failure)
{
    const struct ingest_settings *settings = ingest->settings;
    struct worker_settings worker = {
        .archive_folder = settings->archive_folder,
        .program = settings->worker_program,
    };
    enum status status;

    if ((status = scope_init(&ingest->scope, settings->archive_folder, settings->paths,
                             settings->path_count, failure)))
        return status;
    ingest->walk_settings = (struct walk_settings){
        .folder = settings->archive_folder,
        .paths = ingest->scope.paths,
        .path_count = ingest->scope.path_count,
    };
    if ((status = walk_open(&ingest->walk_settings, &ingest->walk, failure)))
        return status;
    return crew_open(&worker, settings->workers, &ingest->crew, failure);
}

static enum status open_writing(struct ingest *ingest, struct failure *failure)
{
    struct store_settings settings = {
        .folder = ingest->settings->cache_folder,
        .shard_bytes = ingest->settings->shard_bytes,
        .shard_seconds = ingest->settings->shard_seconds,
    };
    enum status status = store_open(&settings, &ingest->store, failure);

    if (status)
        return status;
    seen_init(&ingest->seen);
    ingest->progress = progress_open("ingest", "files", ingest->settings->quiet);
    report_init(&ingest->report, ingest->progress);
    intake_init(&ingest->intake, ingest->store, &ingest->seen, &ingest->report);
    ingest->repair = (struct repair){
        .folder = ingest->settings->cache_folder,
        .store = ingest->store,
        .report = &ingest->report,
        .interruption = &ingest->interruption,
        .thorough = ingest->settings->compact,
    };
    if (!ingest->settings->quiet)
        ingest->headcount = headcount_open(&ingest->walk_settings);
    return STATUS_OK;
}

static void close_all(struct ingest *ingest)
{
    drop_next(ingest);
    headcount_close(ingest->headcount);
    crew_close(ingest->crew);
    walk_close(ingest->walk);
    scope_finish(&ingest->scope);
    intake_finish(&ingest->intake);
    repair_finish(&ingest->repair);
    report_finish(&ingest->report);
    seen_finish(&ingest->seen);
    progress_close(ingest->progress);
    store_close(ingest->store);
}

static enum status run_claimed(const struct ingest_settings *settings,
                               struct ingest_summary *summary, struct failure *failure)
{
    struct ingest ingest = {.settings = settings};
    enum status status;

    if ((status = interruption_init(&ingest.interruption, failure)))
        return status;
    if (!(status = open_reading(&ingest, failure)) &&
        !(status = open_writing(&ingest, failure)))
        status = work_and_report(&ingest, summary, failure);
    close_all(&ingest);
    interruption_finish(&ingest.interruption);
    return status;
}

enum status ingest_run(const struct ingest_settings *settings,
                       struct ingest_summary *summary, struct failure *failure)
{
    enum status status;
    int claim;

    *summary = (struct ingest_summary){0};
    if ((status = cache_folder_claim(settings->cache_folder,
                                     settings->allow_network_folder, &claim, failure)))
        return status;
    status = run_claimed(settings, summary, failure);
    close(claim);
    return status;
}
