/*
 * job.h - one job of the Universal Worker Service 1.1: what was asked, how far it is,
 * what came of it.
 */
#pragma once

#include "base/arena.h"
#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* UWS 1.1, section 2.1.3. */
enum uws_phase {
    UWS_PENDING,   /* made, may be changed, waits for PHASE=RUN */
    UWS_QUEUED,    /* waits for a thread */
    UWS_EXECUTING, /* runs */
    UWS_COMPLETED, /* the results are there */
    UWS_ERROR,     /* failed, see error */
    UWS_ABORTED,   /* stopped by the user, or ran too long */
    UWS_HELD,      /* this one and those below: other services have them */
    UWS_SUSPENDED,
    UWS_ARCHIVED,
    UWS_UNKNOWN,
    UWS_PHASE_COUNT
};
const char *uws_phase_name(enum uws_phase phase);
bool uws_phase_read(const char *text, enum uws_phase *out);
bool uws_phase_is_over(enum uws_phase phase);   /* completed, error, aborted */
bool uws_phase_is_active(enum uws_phase phase); /* pending, queued, executing */

struct uws_param {
    const char *name;
    const char *value;
};

/* A result lies in a file of the job's folder, named by its id. */
struct uws_result {
    const char *id; /* letters, digits, - and _; unique in the job */
    const char *content_type;
    int64_t size;          /* bytes */
    const char *file_name; /* to save it under; NULL: none */
};

enum { UWS_ID_LENGTH = 32 }; /* 128 random bits in hex: nobody guesses one */

struct uws_job {
    char id[UWS_ID_LENGTH + 1];
    const char *list;   /* which list it is in: "lamost5", "tap" */
    const char *run_id; /* RUNID; NULL: none */
    const char *maker;  /* who made it, in words of the caller; NULL: not known */
    enum uws_phase phase;
    int64_t created;     /* seconds since 1970, UTC */
    int64_t started;     /* 0: not yet */
    int64_t ended;       /* 0: not yet */
    int64_t destruction; /* when it and its results go */
    int64_t duration;    /* seconds that it may run; 0: as long as it likes */
    struct uws_param *params;
    size_t param_count;
    struct uws_result *results;
    size_t result_count;
    const char *error;    /* NULL unless it failed */
    bool error_transient; /* worth another try */
    int64_t crashes;      /* of the service while it ran */
};

/* A copy that lives in the arena. */
void uws_job_copy(const struct uws_job *job, struct arena *arena, struct uws_job *out);

/*
 * Keep it in FOLDER/job, replaced as a whole; read it again after a restart. One line a
 * fact, "key value", values percent-encoded; a line that makes no sense is
 * STATUS_DAMAGED.
 */
enum status uws_job_save(const struct uws_job *job, const char *folder,
                         struct failure *failure);
enum status uws_job_load(const char *folder, struct arena *arena, struct uws_job *out,
                         struct failure *failure);
