#include "uws/store.h"

#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

static void remove_folder(const struct uws *uws, const char *id)
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

static int64_t result_bytes(const struct uws_job *job)
{
    int64_t bytes = 0;

    for (size_t i = 0; i < job->result_count; i++)
        bytes += job->results[i].size;
    return bytes;
}

void store_remove(struct uws *uws, struct stored_job *stored)
{
    struct stored_job **at = &uws->jobs;

    while (*at != stored)
        at = &(*at)->next;
    *at = stored->next;
    uws->job_count--;
    uws->bytes -= result_bytes(&stored->job);
    store_wake(uws, stored->job.id);
    remove_folder(uws, stored->job.id);
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

/* What ran when the service ended begins anew. */
static void take_up(struct uws *uws, struct stored_job *stored)
{
    struct failure failure;

    if (stored->job.phase != UWS_EXECUTING)
        return;
    stored->job.phase = UWS_QUEUED;
    stored->job.result_count = 0;
    stored->job.started = 0;
    (void)store_save(uws, stored, &failure);
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
    uws->bytes += result_bytes(&stored->job);
}

static void load_one(void *context, const char *name)
{
    struct uws *uws = context;
    struct stored_job *stored;
    struct failure failure;
    char folder[PATH_MAX];

    if (strlen(name) != UWS_ID_LENGTH)
        return;
    memory_new(stored);
    arena_init(&stored->arena);
    store_path(uws, name, NULL, folder);
    if (uws_job_load(folder, &stored->arena, &stored->job, &failure) != STATUS_OK ||
        strcmp(stored->job.id, name) != 0) {
        log_warning("a job that cannot be read is removed: %s", folder);
        remove_folder(uws, name);
        store_free(stored);
        return;
    }
    take_up(uws, stored);
    insert_by_age(uws, stored);
}

enum status store_load(struct uws *uws, struct failure *failure)
{
    if (file_make_folder(uws->folder, failure))
        return failure->status;
    each_name(uws->folder, load_one, uws);
    return STATUS_OK;
}
