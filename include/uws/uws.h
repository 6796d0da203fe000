/*
 * uws.h - jobs that run in the background: made, watched, stopped, destroyed (UWS 1.1).
 * Once, for SODA and for TAP.
 *
 * Each job has a folder of its own with its facts and its results, so that it survives a
 * restart: what was running then begins anew. Jobs run on a few threads; how many jobs
 * there may be, and how many bytes their results may take, is limited. All calls are
 * thread-safe; what they return is a copy.
 */
#pragma once

#include "base/arena.h"
#include "base/status.h"
#include "base/waker.h"
#include "uws/job.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct uws;
struct uws_run;

struct uws_settings {
    const char *folder;          /* made where missing */
    int threads;                 /* that run jobs */
    int max_jobs;                /* kept at once, over or not */
    int64_t max_bytes;           /* of the results of all jobs */
    int64_t duration_seconds;    /* that a job may run: default, and the most that can be
                                    asked for */
    int64_t destruction_seconds; /* that a job is kept: the same */
};

/* What runs the jobs of one list; `context` is the thread's own. */
struct uws_service {
    const char *list;
    enum status (*run)(void *context, struct uws_run *run, struct failure *failure);
};

/* What the jobs of one thread work with; as struct server_context of http/server.h. */
struct uws_context {
    enum status (*open)(void *shared, void **context, struct failure *failure);
    void (*close)(void *context);
    void *shared;
};

/* `services` ends with a NULL list and must outlive the store. */
enum status uws_open(const struct uws_settings *settings,
                     const struct uws_service *services, struct uws_context context,
                     struct uws **out, struct failure *failure);
/* Stops what runs (it is taken up again at the next start). NULL is fine. */
void uws_close(struct uws *uws);

/* ---- what a running job does ---- */

const struct uws_job *uws_run_job(const struct uws_run *run);
/* Whether to stop: aborted, over its time, or the service ends. To be asked often. */
bool uws_run_should_stop(const struct uws_run *run);
/* Add a result of those bytes. STATUS_NO_SPACE beyond the limit. */
enum status uws_run_add_result(struct uws_run *run, const char *id,
                               const char *content_type, const void *bytes, size_t size,
                               struct failure *failure);
/* Wait a little before asking again what answered STATUS_PENDING. */
void uws_run_wait(struct uws_run *run);

/* ---- what the user does; unknown jobs and those of other lists are STATUS_NOT_FOUND
 * ---- */

/* Make a job, PENDING. Too many: STATUS_UNAVAILABLE. *id has UWS_ID_LENGTH + 1 bytes. */
enum status uws_create(struct uws *uws, const char *list, const char *run_id,
                       const struct uws_param *params, size_t count, char *id,
                       struct failure *failure);
enum status uws_find(struct uws *uws, const char *list, const char *id,
                     struct arena *arena, struct uws_job *out, struct failure *failure);

struct uws_filter {
    unsigned phases; /* bits of 1 << enum uws_phase; 0: all */
    int64_t after;   /* made later than this; 0: all */
    size_t last;     /* the newest so many; 0: all */
};
/* Newest first. */
void uws_list(struct uws *uws, const char *list, const struct uws_filter *filter,
              struct arena *arena, struct uws_job **out, size_t *count);

/* Only while PENDING, else STATUS_FORBIDDEN. A parameter that is given replaces those of
 * its name. */
enum status uws_set_params(struct uws *uws, const char *list, const char *id,
                           const struct uws_param *params, size_t count,
                           struct failure *failure);
enum status uws_start(struct uws *uws, const char *list, const char *id,
                      struct failure *failure); /* from PENDING */
enum status uws_abort(struct uws *uws, const char *list, const char *id,
                      struct failure *failure); /* over: stays as it is */
enum status uws_delete(struct uws *uws, const char *list, const char *id,
                       struct failure *failure);
/* Shortened to what the settings allow. */
enum status uws_set_duration(struct uws *uws, const char *list, const char *id,
                             int64_t seconds, struct failure *failure);
enum status uws_set_destruction(struct uws *uws, const char *list, const char *id,
                                int64_t when, struct failure *failure);

/*
 * WAIT: STATUS_PENDING while the job is in `phase` and active, for at most `seconds` from
 * the first call with this waker (-1: as long as the service likes); the waker is then
 * called, and the answer is STATUS_OK.
 */
enum status uws_wait(struct uws *uws, const char *list, const char *id,
                     enum uws_phase phase, int64_t seconds, struct waker waker,
                     struct failure *failure);

/* Open a result for reading; the caller closes. */
enum status uws_open_result(struct uws *uws, const struct uws_job *job,
                            const struct uws_result *result, int *fd,
                            struct failure *failure);
