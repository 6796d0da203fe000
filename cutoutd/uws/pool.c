#include "uws/store.h"

#include "base/log.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/* ---- what a running job does ---- */

const struct uws_job *uws_run_job(const struct uws_run *run)
{
    return &run->stored->job;
}

bool uws_run_should_stop(const struct uws_run *run)
{
    bool stop;

    pthread_mutex_lock(&run->uws->lock);
    stop = run->stored->stop;
    pthread_mutex_unlock(&run->uws->lock);
    return stop;
}

enum status uws_run_open_input(const struct uws_run *run, int *fd,
                               struct failure *failure)
{
    char path[PATH_MAX];

    store_path(run->uws, run->stored->job.id, STORE_INPUT, path);
    *fd = open(path, O_RDONLY | O_CLOEXEC);
    return *fd < 0 && errno != ENOENT ? failure_system(failure, "%s", path) : STATUS_OK;
}

/* A job is in no hurry: looking again is simpler than a waker that would have to outlive
 * it. */
void uws_run_wait(struct uws_run *run)
{
    static const struct timespec FEW_MILLISECONDS = {.tv_nsec = 3000000};

    (void)run;
    nanosleep(&FEW_MILLISECONDS, NULL);
}

void uws_run_report(const struct uws_run *run, const struct failure *failure)
{
    log_error("job %s: %s", run->stored->job.id, failure->message);
}

/* ---- the threads ---- */

static const struct uws_service *service_of(const struct uws *uws, const char *list)
{
    const struct uws_service *service = uws->services;

    while (service->list && strcmp(service->list, list) != 0)
        service++;
    return service->list ? service : NULL;
}

/* The oldest that is queued. */
static struct stored_job *next_queued(struct uws *uws)
{
    struct stored_job *oldest = NULL;

    for (struct stored_job *stored = uws->jobs; stored; stored = stored->next)
        if (stored->job.phase == UWS_QUEUED && !stored->running)
            oldest = stored;
    return oldest;
}

/* What names paths and libraries is for the log, not for strangers. */
static bool is_internal(enum status status)
{
    return status == STATUS_SYSTEM || status == STATUS_NO_SPACE ||
           status == STATUS_DAMAGED || status == STATUS_BAD_SETTING;
}

static void fail_job(const struct uws_run *run, const struct failure *failure)
{
    struct stored_job *stored = run->stored;
    bool internal = is_internal(failure->status);

    if (internal)
        uws_run_report(run, failure);
    stored->job.error = arena_copy_string(
        &stored->arena, internal
                            ? "Error: the service failed here; its log has the reason"
                            : failure->message);
    stored->job.error_transient = internal || failure->status == STATUS_UNAVAILABLE;
}

/* The service ends before the job: the next start takes it up. */
static void put_back(struct uws *uws, struct stored_job *stored)
{
    stored->job.result_count = 0;
    stored->job.started = 0;
    store_change_phase(uws, stored, UWS_QUEUED);
}

/* With the lock held. */
static void finish(const struct uws_run *run, enum status status,
                   const struct failure *failure)
{
    struct stored_job *stored = run->stored;
    struct uws *uws = run->uws;

    stored->running = false;
    if (stored->deleted) {
        store_remove_folder(uws, stored->job.id); /* what it wrote meanwhile */
        store_free(stored);
        return;
    }
    if (stored->job.phase != UWS_EXECUTING)
        return; /* aborted meanwhile */
    if (uws->closing && stored->stop) {
        put_back(uws, stored);
        return;
    }
    if (status)
        fail_job(run, failure);
    store_change_phase(uws, stored, status ? UWS_ERROR : UWS_COMPLETED);
}

static void run_job(struct uws *uws, void *context, struct stored_job *stored)
{
    const struct uws_service *service = service_of(uws, stored->job.list);
    struct uws_run run = {.uws = uws, .stored = stored};
    struct failure failure;
    enum status status;

    stored->running = true;
    store_change_phase(uws, stored, UWS_EXECUTING);
    pthread_mutex_unlock(&uws->lock);
    status = service
                 ? service->run(context, &run, &failure)
                 : failure_set(&failure, STATUS_NOT_FOUND,
                               "there is no collection '%s' any more", stored->job.list);
    pthread_mutex_lock(&uws->lock);
    failure.status = status;
    finish(&run, status, &failure);
}

static void *run_jobs(void *argument)
{
    struct uws *uws = argument;
    struct stored_job *stored;
    struct failure failure;
    void *context = NULL;

    /* Who asks for one thing and waits goes first: threads have priorities of their own
     * on Linux. */
    setpriority(PRIO_PROCESS, (id_t)gettid(), 10);
    if (uws->context.open && uws->context.open(uws->context.shared, &context, &failure)) {
        log_error("jobs cannot run: %s", failure.message);
        return NULL;
    }
    pthread_mutex_lock(&uws->lock);
    while (!uws->closing) {
        stored = next_queued(uws);
        if (stored)
            run_job(uws, context, stored);
        else
            pthread_cond_wait(&uws->changed, &uws->lock);
    }
    pthread_mutex_unlock(&uws->lock);
    if (uws->context.close)
        uws->context.close(context);
    return NULL;
}

/* UWS 1.1, section 2.1.4: what runs too long is aborted, its results are kept. */
static void stop_if_over_time(struct uws *uws, struct stored_job *stored, int64_t now)
{
    const struct uws_job *job = &stored->job;

    if (job->phase != UWS_EXECUTING || !job->duration ||
        now < job->started + job->duration)
        return;
    stored->stop = true;
    store_change_phase(uws, stored, UWS_ABORTED);
}

static void look_at_clock(struct uws *uws)
{
    int64_t now = store_now();

    for (struct stored_job *stored = uws->jobs, *next; stored; stored = next) {
        next = stored->next;
        stop_if_over_time(uws, stored, now);
        if (stored->job.destruction && now >= stored->job.destruction)
            store_remove(uws, stored);
    }
    store_forget_waiters(uws, now);
}

static void *keep_time(void *argument)
{
    struct uws *uws = argument;

    pthread_mutex_lock(&uws->lock);
    while (!uws->closing) {
        struct timespec end;

        clock_gettime(CLOCK_REALTIME, &end);
        end.tv_sec++;
        pthread_cond_timedwait(&uws->clock, &uws->lock, &end);
        look_at_clock(uws);
    }
    pthread_mutex_unlock(&uws->lock);
    return NULL;
}

enum status pool_start(struct uws *uws, struct failure *failure)
{
    int count = uws->settings.threads + 1;

    uws->threads = memory_take_zeroed((size_t)count, sizeof(*uws->threads));
    for (int i = 0; i < count; i++) {
        if (pthread_create(&uws->threads[i], NULL, i ? run_jobs : keep_time, uws))
            return failure_system(failure, "starting a thread for jobs");
        uws->thread_count++;
    }
    return STATUS_OK;
}

void pool_stop(struct uws *uws)
{
    pthread_mutex_lock(&uws->lock);
    uws->closing = true;
    for (struct stored_job *stored = uws->jobs; stored; stored = stored->next)
        stored->stop = true;
    pthread_cond_broadcast(&uws->changed);
    pthread_cond_broadcast(&uws->clock);
    pthread_mutex_unlock(&uws->lock);
    for (int i = 0; i < uws->thread_count; i++)
        pthread_join(uws->threads[i], NULL);
    free(uws->threads);
}
