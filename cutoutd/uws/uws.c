#include "uws/uws.h"

#include "base/file.h"
#include "base/memory.h"
#include "uws/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum status uws_open(const struct uws_settings *settings,
                     const struct uws_service *services, struct uws_context context,
                     struct uws **out, struct failure *failure)
{
    struct uws *uws = memory_new(uws);

    uws->settings = *settings;
    uws->folder = memory_copy_string(settings->folder);
    uws->services = services;
    uws->context = context;
    uws->folder_lock = -1;
    pthread_mutex_init(&uws->lock, NULL);
    pthread_cond_init(&uws->changed, NULL);
    pthread_cond_init(&uws->clock, NULL);
    if (store_load(uws, failure) || pool_start(uws, failure)) {
        uws_close(uws);
        return failure->status;
    }
    *out = uws;
    return STATUS_OK;
}

void uws_close(struct uws *uws)
{
    if (!uws)
        return;
    pool_stop(uws);
    while (uws->jobs) {
        struct stored_job *stored = uws->jobs;

        uws->jobs = stored->next;
        store_free(stored);
    }
    while (uws->waiters) {
        struct uws_waiter *waiter = uws->waiters;

        uws->waiters = waiter->next;
        free(waiter);
    }
    pthread_mutex_destroy(&uws->lock);
    pthread_cond_destroy(&uws->changed);
    pthread_cond_destroy(&uws->clock);
    file_close_at(&uws->folder_lock);
    free(uws->folder);
    free(uws);
}

/* ---- making ---- */

static enum status make_id(char *id, struct failure *failure)
{
    unsigned char bytes[UWS_ID_LENGTH / 2];

    if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
        return failure_system(failure, "getrandom");
    for (size_t i = 0; i < sizeof(bytes); i++)
        snprintf(id + 2 * i, 3, "%02x", bytes[i]);
    return STATUS_OK;
}

static enum status check_params(const struct uws_param *params, size_t count,
                                struct failure *failure)
{
    size_t bytes = 0;

    for (size_t i = 0; i < count; i++)
        bytes += strlen(params[i].name) + strlen(params[i].value);
    return bytes <= UWS_MAX_PARAM_BYTES
               ? STATUS_OK
               : failure_set(failure, STATUS_TOO_LARGE,
                             "the parameters of a job may take %d bytes in all: make "
                             "several jobs of it",
                             UWS_MAX_PARAM_BYTES);
}

static void put_params(struct stored_job *stored, const struct uws_param *params,
                       size_t count)
{
    struct uws_job *job = &stored->job;
    struct uws_param *all =
        arena_take(&stored->arena, (job->param_count + count) * sizeof(*all));
    size_t kept = 0;

    for (size_t i = 0; i < job->param_count; i++) {
        bool replaced = false;

        for (size_t k = 0; k < count; k++)
            replaced |= strcasecmp(job->params[i].name, params[k].name) == 0;
        if (!replaced)
            all[kept++] = job->params[i];
    }
    for (size_t k = 0; k < count; k++)
        all[kept++] =
            (struct uws_param){arena_copy_string(&stored->arena, params[k].name),
                               arena_copy_string(&stored->arena, params[k].value)};
    job->params = all;
    job->param_count = kept;
}

/* Into the job's folder, before anybody else knows of it. */
static enum status keep_input(struct uws *uws, struct stored_job *stored,
                              const struct uws_input *input, struct failure *failure)
{
    char path[PATH_MAX];
    enum status status;

    store_path(uws, stored->job.id, STORE_INPUT, path);
    AUTO_FD fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    if (fd < 0)
        return failure_system(failure, "%s", path);
    if ((status = input->write(input->state, fd, failure)))
        return status;
    stored->bytes = store_input_size(uws, stored->job.id);
    return STATUS_OK;
}

static enum status make_folder(struct uws *uws, struct stored_job *stored,
                               const struct uws_input *input, struct failure *failure)
{
    char folder[PATH_MAX];

    store_path(uws, stored->job.id, NULL, folder);
    if (mkdir(folder, 0700) < 0)
        return failure_system(failure, "%s", folder);
    return input ? keep_input(uws, stored, input, failure) : STATUS_OK;
}

/* With the lock held. */
static enum status add_job(struct uws *uws, struct stored_job *stored,
                           struct failure *failure)
{
    if (uws->job_count >= uws->settings.max_jobs)
        return failure_set(failure, STATUS_UNAVAILABLE,
                           "the service keeps no more than %d jobs: delete old ones of "
                           "yours, or try again later",
                           uws->settings.max_jobs);
    if (stored->bytes > uws->settings.max_job_bytes ||
        uws->bytes + stored->bytes > uws->settings.max_bytes)
        return failure_set(failure, STATUS_UNAVAILABLE,
                           "the service's room for jobs is used up: try again when older "
                           "jobs are gone");
    if (store_save(uws, stored, failure))
        return failure->status;
    stored->next = uws->jobs;
    uws->jobs = stored;
    uws->job_count++;
    uws->bytes += stored->bytes;
    return STATUS_OK;
}

static enum status place_job(struct uws *uws, struct stored_job *stored,
                             const struct uws_input *input, struct failure *failure)
{
    enum status status = make_folder(uws, stored, input, failure);

    if (!status) {
        pthread_mutex_lock(&uws->lock);
        status = add_job(uws, stored, failure);
        pthread_mutex_unlock(&uws->lock);
    }
    if (status)
        store_remove_folder(uws, stored->job.id);
    return status;
}

static struct stored_job *new_job(const struct uws *uws, const struct uws_order *order)
{
    struct stored_job *stored = memory_new(stored);
    struct uws_job *job = &stored->job;

    arena_init(&stored->arena);
    job->list = arena_copy_string(&stored->arena, order->list);
    job->run_id = arena_copy_string(&stored->arena, order->run_id);
    job->maker = arena_copy_string(&stored->arena, order->maker);
    job->created = store_now();
    job->destruction = job->created + uws->settings.destruction_seconds;
    job->duration = uws->settings.duration_seconds;
    put_params(stored, order->params, order->param_count);
    return stored;
}

enum status uws_create(struct uws *uws, const struct uws_order *order, char *id,
                       struct failure *failure)
{
    enum status status = check_params(order->params, order->param_count, failure);
    struct stored_job *stored;

    if (status)
        return status;
    stored = new_job(uws, order);
    if (!(status = make_id(stored->job.id, failure))) {
        memcpy(id, stored->job.id, UWS_ID_LENGTH + 1);
        status = place_job(uws, stored, order->input, failure);
    }
    if (status)
        store_free(stored);
    return status;
}

/* ---- looking ---- */

/* Take the lock and find; on failure the lock is not held. */
static enum status lock_job(struct uws *uws, const char *list, const char *id,
                            struct stored_job **out, struct failure *failure)
{
    pthread_mutex_lock(&uws->lock);
    *out = store_find(uws, list, id);
    if (*out)
        return STATUS_OK;
    pthread_mutex_unlock(&uws->lock);
    return failure_set(failure, STATUS_NOT_FOUND, "no job '%.64s' here", id);
}

enum status uws_find(struct uws *uws, const char *list, const char *id,
                     struct arena *arena, struct uws_job *out, struct failure *failure)
{
    struct stored_job *stored;

    if (lock_job(uws, list, id, &stored, failure))
        return failure->status;
    uws_job_copy(&stored->job, arena, out);
    pthread_mutex_unlock(&uws->lock);
    return STATUS_OK;
}

static bool passes(const struct uws_filter *filter, const struct uws_job *job)
{
    return (!filter->phases || filter->phases & 1u << job->phase) &&
           (!filter->after || job->created > filter->after) &&
           (!filter->maker || (job->maker && strcmp(filter->maker, job->maker) == 0));
}

static struct uws_job in_short(const struct uws_job *job, struct arena *arena)
{
    struct uws_job brief = *job;

    brief.list = brief.maker = brief.error = NULL;
    brief.run_id = arena_copy_string(arena, job->run_id);
    brief.params = NULL;
    brief.results = NULL;
    brief.param_count = brief.result_count = 0;
    return brief;
}

void uws_list(struct uws *uws, const char *list, const struct uws_filter *filter,
              struct arena *arena, struct uws_job **out, size_t *count)
{
    size_t limit, found = 0;

    pthread_mutex_lock(&uws->lock);
    limit = filter->last ? filter->last : (size_t)uws->job_count;
    *out = arena_take(arena, (size_t)uws->job_count * sizeof(**out));
    for (struct stored_job *stored = uws->jobs; stored && found < limit;
         stored = stored->next)
        if (strcmp(stored->job.list, list) == 0 && passes(filter, &stored->job))
            (*out)[found++] = in_short(&stored->job, arena);
    pthread_mutex_unlock(&uws->lock);
    *count = found;
}

/* ---- changing ---- */

/* Take the lock of a job that is still PENDING. */
static enum status lock_pending(struct uws *uws, const char *list, const char *id,
                                struct stored_job **out, struct failure *failure)
{
    enum uws_phase phase;

    if (lock_job(uws, list, id, out, failure))
        return failure->status;
    phase = (*out)->job.phase;
    if (phase == UWS_PENDING)
        return STATUS_OK;
    pthread_mutex_unlock(&uws->lock);
    return failure_set(failure, STATUS_FORBIDDEN, "the job is %s, no longer PENDING",
                       uws_phase_name(phase));
}

/* Into a new arena, or changes without end would take memory without end. */
static enum status replace_params(struct uws *uws, struct stored_job *stored,
                                  const struct uws_param *params, size_t count,
                                  struct failure *failure)
{
    struct stored_job changed = *stored;
    enum status status;

    arena_init(&changed.arena);
    uws_job_copy(&stored->job, &changed.arena, &changed.job);
    put_params(&changed, params, count);
    status = check_params(changed.job.params, changed.job.param_count, failure);
    if (status) {
        arena_finish(&changed.arena);
        return status;
    }
    arena_finish(&stored->arena);
    *stored = changed;
    return store_save(uws, stored, failure);
}

enum status uws_set_params(struct uws *uws, const char *list, const char *id,
                           const struct uws_param *params, size_t count,
                           struct failure *failure)
{
    struct stored_job *stored;
    enum status status;

    if (lock_pending(uws, list, id, &stored, failure))
        return failure->status;
    status = replace_params(uws, stored, params, count, failure);
    pthread_mutex_unlock(&uws->lock);
    return status;
}

enum status uws_start(struct uws *uws, const char *list, const char *id,
                      struct failure *failure)
{
    struct stored_job *stored;

    if (lock_pending(uws, list, id, &stored, failure))
        return failure->status;
    store_change_phase(uws, stored, UWS_QUEUED);
    pthread_cond_signal(&uws->changed);
    pthread_mutex_unlock(&uws->lock);
    return STATUS_OK;
}

enum status uws_abort(struct uws *uws, const char *list, const char *id,
                      struct failure *failure)
{
    struct stored_job *stored;
    enum status status = STATUS_OK;

    if (lock_job(uws, list, id, &stored, failure))
        return failure->status;
    if (uws_phase_is_active(stored->job.phase)) {
        stored->stop = true;
        store_change_phase(uws, stored, UWS_ABORTED);
    } else if (stored->job.phase != UWS_ABORTED) {
        status = failure_set(failure, STATUS_FORBIDDEN, "the job is over: it is %s",
                             uws_phase_name(stored->job.phase));
    }
    pthread_mutex_unlock(&uws->lock);
    return status;
}

enum status uws_delete(struct uws *uws, const char *list, const char *id,
                       struct failure *failure)
{
    struct stored_job *stored;

    if (lock_job(uws, list, id, &stored, failure))
        return failure->status;
    store_remove(uws, stored);
    pthread_mutex_unlock(&uws->lock);
    return STATUS_OK;
}

enum status uws_set_duration(struct uws *uws, const char *list, const char *id,
                             int64_t seconds, struct failure *failure)
{
    int64_t most = uws->settings.duration_seconds;
    struct stored_job *stored;
    enum status status;

    if (lock_job(uws, list, id, &stored, failure))
        return failure->status;
    stored->job.duration = seconds <= 0 || (most && seconds > most) ? most : seconds;
    status = store_save(uws, stored, failure);
    pthread_mutex_unlock(&uws->lock);
    return status;
}

enum status uws_set_destruction(struct uws *uws, const char *list, const char *id,
                                int64_t when, struct failure *failure)
{
    struct stored_job *stored;
    enum status status;
    int64_t latest;

    if (lock_job(uws, list, id, &stored, failure))
        return failure->status;
    latest = stored->job.created + uws->settings.destruction_seconds;
    stored->job.destruction = when > latest ? latest : when;
    status = store_save(uws, stored, failure);
    pthread_mutex_unlock(&uws->lock);
    return status;
}

/* ---- waiting ---- */

static struct uws_waiter **waiter_of(struct uws *uws, struct waker waker)
{
    struct uws_waiter **at = &uws->waiters;

    while (*at && ((*at)->waker.where != waker.where || (*at)->waker.whom != waker.whom))
        at = &(*at)->next;
    return at;
}

static void add_waiter(struct uws *uws, const struct uws_job *job, struct waker waker,
                       int64_t deadline)
{
    struct uws_waiter *waiter = memory_new(waiter);

    memcpy(waiter->id, job->id, sizeof(waiter->id));
    waiter->waker = waker;
    waiter->phase = job->phase;
    waiter->deadline = deadline;
    waiter->next = uws->waiters;
    uws->waiters = waiter;
}

static bool is_worth_waiting(const struct uws *uws, const struct uws_job *job,
                             struct uws_wait wait)
{
    return !uws->no_waiting && wait.seconds != 0 && uws_phase_is_active(job->phase) &&
           (!wait.phase || *wait.phase == job->phase);
}

static bool has_waited(const struct uws *uws, const struct uws_waiter *waiter,
                       const struct uws_job *job)
{
    return uws->no_waiting || job->phase != waiter->phase ||
           store_now() >= waiter->deadline;
}

/* With the lock held. */
static enum status wait_or_not(struct uws *uws, const struct uws_job *job,
                               struct uws_wait wait, struct waker waker)
{
    enum { LONGEST = 60 }; /* proxies cut what is silent longer */
    struct uws_waiter **at = waiter_of(uws, waker), *waiter = *at;

    if (!waiter && !is_worth_waiting(uws, job, wait))
        return STATUS_OK;
    if (!waiter) {
        bool shorter = wait.seconds >= 0 && wait.seconds < LONGEST;

        add_waiter(uws, job, waker, store_now() + (shorter ? wait.seconds : LONGEST));
        return STATUS_PENDING;
    }
    if (!has_waited(uws, waiter, job))
        return STATUS_PENDING;
    *at = waiter->next;
    free(waiter);
    return STATUS_OK;
}

enum status uws_wait(struct uws *uws, const char *list, const char *id,
                     struct uws_wait wait, struct waker waker, struct failure *failure)
{
    struct stored_job *stored;
    enum status status;

    if (lock_job(uws, list, id, &stored, failure))
        return failure->status;
    status = wait_or_not(uws, &stored->job, wait, waker);
    pthread_mutex_unlock(&uws->lock);
    return status;
}

void uws_end_waiting(struct uws *uws)
{
    pthread_mutex_lock(&uws->lock);
    uws->no_waiting = true;
    store_wake_all(uws);
    pthread_mutex_unlock(&uws->lock);
}

enum status uws_open_result(struct uws *uws, const struct uws_job *job,
                            const struct uws_result *result, int *fd,
                            struct failure *failure)
{
    char name[PATH_MAX / 2], path[PATH_MAX];
    int opened;

    snprintf(name, sizeof(name), "result-%s", result->id);
    store_path(uws, job->id, name, path);
    opened = open(path, O_RDONLY | O_CLOEXEC);
    if (opened < 0)
        return failure_system(failure, "%s", path);
    *fd = opened;
    return STATUS_OK;
}
