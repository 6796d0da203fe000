#include "uws/store.h"

#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

void store_path(const struct uws *uws, const char *id, const char *name,
                char out[PATH_MAX])
{
    snprintf(out, PATH_MAX, "%s/%s%s%s", uws->folder, id, name ? "/" : "",
             name ? name : "");
}

int64_t store_now(void)
{
    return (int64_t)time(NULL);
}

struct stored_job *store_find(struct uws *uws, const char *list, const char *id)
{
    for (struct stored_job *stored = uws->jobs; stored; stored = stored->next)
        if (strcmp(stored->job.id, id) == 0 && strcmp(stored->job.list, list) == 0)
            return stored;
    return NULL;
}

enum status store_save(struct uws *uws, struct stored_job *stored,
                       struct failure *failure)
{
    char folder[PATH_MAX];

    store_path(uws, stored->job.id, NULL, folder);
    return uws_job_save(&stored->job, folder, failure);
}

void store_wake(struct uws *uws, const char *id)
{
    for (struct uws_waiter *waiter = uws->waiters; waiter; waiter = waiter->next)
        if (strcmp(waiter->id, id) == 0)
            waker_call(waiter->waker);
}

void store_wake_all(struct uws *uws)
{
    for (struct uws_waiter *waiter = uws->waiters; waiter; waiter = waiter->next)
        waker_call(waiter->waker);
}

int64_t store_input_size(const struct uws *uws, const char *id)
{
    char path[PATH_MAX];
    struct stat facts;

    store_path(uws, id, STORE_INPUT, path);
    return stat(path, &facts) < 0 ? 0 : facts.st_size;
}

/* A phase that cannot be saved still holds in memory: only a restart would not know of
 * it. */
void store_change_phase(struct uws *uws, struct stored_job *stored, enum uws_phase phase)
{
    struct failure failure;

    stored->job.phase = phase;
    if (phase == UWS_EXECUTING)
        stored->job.started = store_now();
    if (uws_phase_is_over(phase))
        stored->job.ended = store_now();
    (void)store_save(uws, stored, &failure);
    store_wake(uws, stored->job.id);
}

/* The names in a folder, but for . and .. */
static void each_name(const char *folder, void (*visit)(void *context, const char *name),
                      void *context)
{
    DIR *entries = opendir(folder);
    struct dirent *entry;

    if (!entries)
        return;
    while ((entry = readdir(entries)))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            visit(context, entry->d_name);
    closedir(entries);
}

static void remove_file(void *folder, const char *name)
{
    char path[PATH_MAX];

    if (snprintf(path, sizeof(path), "%s/%s", (const char *)folder, name) <
        (int)sizeof(path))
        unlink(path);
}

static void remove_result(void *folder, const char *name)
{
    if (strncmp(name, "result-", 7) == 0 || strcmp(name, "output") == 0)
        remove_file(folder, name);
}

void store_remove_folder(const struct uws *uws, const char *id)
{
    char folder[PATH_MAX];

    store_path(uws, id, NULL, folder);
    each_name(folder, remove_file, folder);
    rmdir(folder);
}

void store_free(struct stored_job *stored)
{
    arena_finish(&stored->arena);
    free(stored);
}

void store_remove(struct uws *uws, struct stored_job *stored)
{
    struct stored_job **at = &uws->jobs;

    while (*at != stored)
        at = &(*at)->next;
    *at = stored->next;
    uws->job_count--;
    uws->bytes -= stored->bytes;
    store_wake(uws, stored->job.id);
    store_remove_folder(uws, stored->job.id);
    stored->deleted = true;
    stored->stop = true;
    if (!stored->running)
        store_free(stored);
}

void store_forget_waiters(struct uws *uws, int64_t now)
{
    enum { GRACE = 60 }; /* for a woken request to ask again */
    struct uws_waiter **at = &uws->waiters;

    while (*at) {
        struct uws_waiter *waiter = *at;

        if (now < waiter->deadline) {
            at = &waiter->next;
            continue;
        }
        waker_call(waiter->waker);
        if (now < waiter->deadline + GRACE) {
            at = &waiter->next;
            continue;
        }
        *at = waiter->next; /* its connection is gone */
        free(waiter);
    }
}

/* ---- at the start ---- */

static void remove_results(const struct uws *uws, const char *id)
{
    char folder[PATH_MAX];

    store_path(uws, id, NULL, folder);
    each_name(folder, remove_result, folder);
}

/*
 * What ran when the service was killed begins anew, but not for ever: the job itself may
 * be what ends the service. (One that ends in order leaves QUEUED behind.)
 */
static void take_up(struct uws *uws, struct stored_job *stored)
{
    enum { CRASHES_ALLOWED = 2 };
    struct uws_job *job = &stored->job;

    if (job->phase == UWS_QUEUED)
        remove_results(uws, job->id);
    if (job->phase != UWS_EXECUTING)
        return;
    remove_results(uws, job->id);
    job->result_count = 0;
    job->started = 0;
    if (++job->crashes <= CRASHES_ALLOWED) {
        store_change_phase(uws, stored, UWS_QUEUED);
        return;
    }
    job->error = "the service ended while this job ran, each time it was tried";
    job->error_transient = true;
    store_change_phase(uws, stored, UWS_ERROR);
}

/* Newest first, as they are made. */
static void insert_by_age(struct uws *uws, struct stored_job *stored)
{
    struct stored_job **at = &uws->jobs;

    while (*at && (*at)->job.created > stored->job.created)
        at = &(*at)->next;
    stored->next = *at;
    *at = stored;
    uws->job_count++;
    stored->bytes = store_input_size(uws, stored->job.id);
    for (size_t i = 0; i < stored->job.result_count; i++)
        stored->bytes += stored->job.results[i].size;
    uws->bytes += stored->bytes;
}

static void load_one(void *context, const char *name)
{
    struct uws *uws = context;
    struct stored_job *stored;
    struct failure failure;
    char folder[PATH_MAX];

    if (strlen(name) != UWS_ID_LENGTH ||
        strspn(name, "0123456789abcdef") != UWS_ID_LENGTH)
        return; /* not ours */
    memory_new(stored);
    arena_init(&stored->arena);
    store_path(uws, name, NULL, folder);
    if (uws_job_load(folder, &stored->arena, &stored->job, &failure) != STATUS_OK ||
        strcmp(stored->job.id, name) != 0) {
        log_warning("a job that cannot be read is removed: %s", folder);
        store_remove_folder(uws, name);
        store_free(stored);
        return;
    }
    take_up(uws, stored);
    insert_by_age(uws, stored);
}

/* Two processes with one folder would run the same jobs. The file's lock goes with the
 * process, however it ends. */
static enum status lock_folder(struct uws *uws, struct failure *failure)
{
    char path[PATH_MAX];

    store_path(uws, "lock", NULL, path);
    uws->folder_lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (uws->folder_lock < 0)
        return failure_system(failure, "%s", path);
    if (flock(uws->folder_lock, LOCK_EX | LOCK_NB) == 0)
        return STATUS_OK;
    return errno == EWOULDBLOCK
               ? failure_set(failure, STATUS_UNAVAILABLE,
                             "%s: another process keeps its jobs here", uws->folder)
               : failure_system(failure, "%s", path);
}

enum status store_load(struct uws *uws, struct failure *failure)
{
    if (file_make_folder(uws->folder, failure) || lock_folder(uws, failure))
        return failure->status;
    each_name(uws->folder, load_one, uws);
    return STATUS_OK;
}
