/*
 * jobs.h - a list of jobs as HTTP has it (UWS 1.1, section 2.2): for SODA, and for what
 * else runs in the background.
 *
 * Nobody logs in here, so a job belongs to who knows its identifier, which cannot be
 * guessed; the list names a caller only the jobs that were made from the same address.
 */
#pragma once

#include "dali/request.h"
#include "dali/response.h"
#include "uws/uws.h"

#include <stdbool.h>

struct job_list {
    struct uws *uws;               /* NULL: no jobs here, STATUS_UNAVAILABLE */
    const char *name;              /* of its jobs in the store */
    const char *url;               /* without a slash at the end */
    bool names_jobs;               /* false: the list is empty for everybody */
    const struct uws_input *input; /* of the job that is made now; NULL: none */
};

/* Answer for the list, or for what request->rest names beneath it: a job and what a job
 * has. Missing: STATUS_NOT_FOUND; not in the job's phase: STATUS_FORBIDDEN. */
enum status job_list_serve(const struct job_list *list, const struct request *request,
                           struct response *response, struct failure *failure);

/* ---- shared by its own sources ---- */

/* One request for a job, or something of it. */
struct job_visit {
    const struct job_list *list;
    const struct request *request;
    const char *id;
    const char *rest; /* behind the child's name: of results/{rest}; NULL: nothing */
};

/* What is beneath a job, by its name; "" is the job itself. */
struct job_child {
    const char *name;
    enum status (*get)(const struct job_visit *visit, struct response *response,
                       struct failure *failure);
    /* Changes the job; the answer is a redirect to it. NULL: cannot be changed. */
    enum status (*change)(const struct job_visit *visit, struct failure *failure);
};
extern const struct job_child job_children[]; /* ends with a null name */

/* The parameters of the job in a request: all but those that are for the service. They
 * live in its arena. */
struct uws_param *job_params_of(const struct request *request, size_t *count);

/* Read EXECUTIONDURATION, seconds, and DESTRUCTION, a time; below 0: not given. */
struct job_terms {
    int64_t duration;
    int64_t destruction;
};
enum status job_terms_read(const struct request *request, struct job_terms *out,
                           struct failure *failure);
enum status job_terms_set(const struct job_list *list, const char *id,
                          const struct job_terms *terms, struct failure *failure);
