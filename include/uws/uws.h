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
    const char *folder;          /* made where missing; of one process at a time */
    int threads;                 /* that run jobs */
    int max_jobs;                /* kept at once, over or not */
    int64_t max_bytes;           /* of the results of all jobs */
    int64_t max_job_bytes;       /* of those of one */
    int64_t duration_seconds;    /* that a job may run: default, and the most that can be
                                    asked for */
    int64_t destruction_seconds; /* that a job is kept: the same */
};

/* Names and values of one job's parameters take no more bytes: they are held in memory.
 */
enum { UWS_MAX_PARAM_BYTES = 256 * 1024 };

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

/* `services` ends with a NULL list and must outlive the store. A folder that another
 * process uses is STATUS_UNAVAILABLE. */
enum status uws_open(const struct uws_settings *settings,
                     const struct uws_service *services, struct uws_context context,
                     struct uws **out, struct failure *failure);
/* From now on nobody is made to wait for a change; who waits is woken. */
void uws_end_waiting(struct uws *uws);
/* Stops what runs (it is taken up again at the next start). NULL is fine. */
void uws_close(struct uws *uws);

/* ---- what a running job does ---- */

const struct uws_job *uws_run_job(const struct uws_run *run);
/* Open what the job was given besides; the caller closes. *fd is below 0 if that is
 * nothing. */
enum status uws_run_open_input(const struct uws_run *run, int *fd,
                               struct failure *failure);
/* Whether to stop: aborted, over its time, or the service ends. To be asked often. */
bool uws_run_should_stop(const struct uws_run *run);
/* Wait a little before asking again what answered STATUS_PENDING. */
void uws_run_wait(struct uws_run *run);
/* A failure that is not the caller's business, for the log. */
void uws_run_report(const struct uws_run *run, const struct failure *failure);

/*
 * A result, written in pieces. It is one of the job's when it has been closed; those of a
 * job that was stopped meanwhile are dropped. Beyond the job's limit: STATUS_TOO_LARGE;
 * beyond the limit of all: STATUS_UNAVAILABLE.
 */
struct uws_output;
enum status uws_output_open(struct uws_run *run, struct uws_output **out,
                            struct failure *failure);
enum status uws_output_write(struct uws_output *output, const void *bytes, size_t size,
                             struct failure *failure);
/* Sizes in `result` are not read. Frees the output, whatever it returns. */
enum status uws_output_close(struct uws_output *output, const struct uws_result *result,
                             struct failure *failure);
void uws_output_drop(struct uws_output *output); /* instead; NULL is fine */

/* All of it at once; the size is that of the result. */
enum status uws_run_add_result(struct uws_run *run, const struct uws_result *result,
                               const void *bytes, struct failure *failure);

/* ---- what the user does; unknown jobs and those of other lists are STATUS_NOT_FOUND
 * ---- */

/* What a job is given besides parameters, written into a file that is kept with it. */
struct uws_input {
    enum status (*write)(void *state, int fd, struct failure *failure);
    void *state;
};

/* A job to be made. */
struct uws_order {
    const char *list;
    const char *run_id; /* NULL: none */
    const char *maker;  /* NULL: not known */
    const struct uws_param *params;
    size_t param_count;
    const struct uws_input *input; /* NULL: none */
};

/* Make a job, PENDING. Too many: STATUS_UNAVAILABLE; parameters too long:
 * STATUS_TOO_LARGE. Input counts as results do. *id has UWS_ID_LENGTH + 1 bytes. */
enum status uws_create(struct uws *uws, const struct uws_order *order, char *id,
                       struct failure *failure);
enum status uws_find(struct uws *uws, const char *list, const char *id,
                     struct arena *arena, struct uws_job *out, struct failure *failure);

struct uws_filter {
    unsigned phases;   /* bits of 1 << enum uws_phase; 0: all */
    int64_t after;     /* made later than this; 0: all */
    size_t last;       /* the newest so many; 0: all */
    const char *maker; /* NULL: all */
};
/* Newest first, without parameters and results. */
void uws_list(struct uws *uws, const char *list, const struct uws_filter *filter,
              struct arena *arena, struct uws_job **out, size_t *count);

/* Only while PENDING, else STATUS_FORBIDDEN. A parameter that is given replaces those of
 * its name. */
enum status uws_set_params(struct uws *uws, const char *list, const char *id,
                           const struct uws_param *params, size_t count,
                           struct failure *failure);
enum status uws_start(struct uws *uws, const char *list, const char *id,
                      struct failure *failure); /* from PENDING, else FORBIDDEN */
/* One that is COMPLETED or in ERROR: STATUS_FORBIDDEN. */
enum status uws_abort(struct uws *uws, const char *list, const char *id,
                      struct failure *failure);
enum status uws_delete(struct uws *uws, const char *list, const char *id,
                       struct failure *failure);
/* Shortened to what the settings allow. */
enum status uws_set_duration(struct uws *uws, const char *list, const char *id,
                             int64_t seconds, struct failure *failure);
enum status uws_set_destruction(struct uws *uws, const char *list, const char *id,
                                int64_t when, struct failure *failure);

/* WAIT, and with it PHASE (UWS 1.1, section 2.2.1.2). */
struct uws_wait {
    int64_t seconds;             /* -1: as long as the service likes */
    const enum uws_phase *phase; /* only while it is in this one; NULL: in any */
};

/*
 * STATUS_PENDING while the job is active and in the phase that it had at the first call
 * with this waker, for so many seconds from then; the waker is then called, and the
 * answer is STATUS_OK.
 */
enum status uws_wait(struct uws *uws, const char *list, const char *id,
                     struct uws_wait wait, struct waker waker, struct failure *failure);

/* Open a result for reading; the caller closes. */
enum status uws_open_result(struct uws *uws, const struct uws_job *job,
                            const struct uws_result *result, int *fd,
                            struct failure *failure);
