#include "protocol/jobs.h"

#include "base/number.h"
#include "service/file_name.h"
#include "uws/document.h"

#include <string.h>
#include <strings.h>

/* ---- parameters ---- */

struct uws_param *job_params_of(const struct request *request, size_t *count)
{
    /* UWS 1.1, section 2.2, and DALI's RUNID: of the job, not of what it does. */
    static const char *const of_the_service[] = {
        "PHASE", "ACTION", "WAIT", "RUNID", "EXECUTIONDURATION", "DESTRUCTION"};
    enum { COUNT = sizeof(of_the_service) / sizeof(of_the_service[0]) };
    struct uws_param *params =
        arena_take(request->arena, (request->params.count + 1) * sizeof(*params));

    *count = 0;
    for (const struct param *param = request->params.first; param; param = param->next) {
        bool is_for_job = true;

        for (size_t i = 0; i < COUNT; i++)
            is_for_job &= strcmp(param->name, of_the_service[i]) != 0;
        if (is_for_job)
            params[(*count)++] = (struct uws_param){param->name, param->value};
    }
    return params;
}

static enum status change_params(const struct job_visit *visit, struct failure *failure)
{
    size_t count;
    struct uws_param *params = job_params_of(visit->request, &count);

    return uws_set_params(visit->list->uws, visit->list->name, visit->id, params, count,
                          failure);
}

/* ---- how long it runs and is kept ---- */

enum status job_terms_read(const struct request *request, struct job_terms *out,
                           struct failure *failure)
{
    const char *duration, *destruction;
    enum status status;

    *out = (struct job_terms){-1, -1};
    if ((status =
             params_single(&request->params, "EXECUTIONDURATION", &duration, failure)) ||
        (status = params_single(&request->params, "DESTRUCTION", &destruction, failure)))
        return status;
    if (duration && (!number_read_integer(duration, strlen(duration), &out->duration) ||
                     out->duration < 0))
        return failure_set(failure, STATUS_BAD_PARAMETER,
                           "EXECUTIONDURATION: '%.40s' is no number of seconds",
                           duration);
    if (destruction &&
        (!uws_time_read(destruction, &out->destruction) || out->destruction < 0))
        return failure_set(failure, STATUS_BAD_PARAMETER,
                           "DESTRUCTION: '%.40s' is no time such as 2026-01-31T12:00:00Z",
                           destruction);
    return STATUS_OK;
}

enum status job_terms_set(const struct job_list *list, const char *id,
                          const struct job_terms *terms, struct failure *failure)
{
    enum status status = STATUS_OK;

    if (terms->duration >= 0)
        status = uws_set_duration(list->uws, list->name, id, terms->duration, failure);
    if (!status && terms->destruction >= 0)
        status =
            uws_set_destruction(list->uws, list->name, id, terms->destruction, failure);
    return status;
}

static enum status change_terms(const struct job_visit *visit, const char *name,
                                struct failure *failure)
{
    struct job_terms terms;
    enum status status = job_terms_read(visit->request, &terms, failure);

    if (status)
        return status;
    if (!params_next(&visit->request->params, name, NULL))
        return failure_set(failure, STATUS_BAD_PARAMETER, "%s is missing", name);
    return job_terms_set(visit->list, visit->id, &terms, failure);
}

static enum status change_duration(const struct job_visit *visit, struct failure *failure)
{
    return change_terms(visit, "EXECUTIONDURATION", failure);
}

static enum status change_destruction(const struct job_visit *visit,
                                      struct failure *failure)
{
    return change_terms(visit, "DESTRUCTION", failure);
}

/* ---- the phase ---- */

static enum status change_phase(const struct job_visit *visit, struct failure *failure)
{
    const struct job_list *list = visit->list;
    const char *phase;
    enum status status = params_single(&visit->request->params, "PHASE", &phase, failure);

    if (status)
        return status;
    if (phase && strcasecmp(phase, "RUN") == 0)
        return uws_start(list->uws, list->name, visit->id, failure);
    if (phase && strcasecmp(phase, "ABORT") == 0)
        return uws_abort(list->uws, list->name, visit->id, failure);
    return failure_set(failure, STATUS_BAD_PARAMETER, "PHASE: give RUN or ABORT");
}

static enum status read_wait(const struct params *params, struct uws_wait *out,
                             enum uws_phase *phase, struct failure *failure)
{
    const char *seconds, *name;
    enum status status;

    if ((status = params_single(params, "WAIT", &seconds, failure)) ||
        (status = params_single(params, "PHASE", &name, failure)))
        return status;
    if (seconds && (!number_read_integer(seconds, strlen(seconds), &out->seconds) ||
                    out->seconds < -1))
        return failure_set(failure, STATUS_BAD_PARAMETER,
                           "WAIT: '%.40s' is no number of seconds, nor -1", seconds);
    if (name && !uws_phase_read(name, phase))
        return failure_set(failure, STATUS_BAD_PARAMETER,
                           "PHASE: '%.40s' is no phase of a job", name);
    if (name)
        out->phase = phase;
    return STATUS_OK;
}

/* The job, after WAIT. */
static enum status find_after_wait(const struct job_visit *visit, struct uws_job *out,
                                   struct failure *failure)
{
    const struct job_list *list = visit->list;
    const struct request *request = visit->request;
    struct uws_wait wait = {0};
    enum uws_phase phase;
    enum status status;

    if ((status = read_wait(&request->params, &wait, &phase, failure)) ||
        (status =
             uws_wait(list->uws, list->name, visit->id, wait, request->waker, failure)))
        return status;
    return uws_find(list->uws, list->name, visit->id, request->arena, out, failure);
}

/* ---- looking ---- */

static enum status find(const struct job_visit *visit, struct uws_job *out,
                        struct failure *failure)
{
    return uws_find(visit->list->uws, visit->list->name, visit->id, visit->request->arena,
                    out, failure);
}

static void answer_text(struct response *response, const char *text)
{
    buffer_add_string(response_bytes(response, 200, "text/plain; charset=utf-8"), text);
}

static struct buffer *xml_of(struct response *response)
{
    return response_bytes(response, 200, "text/xml");
}

static enum status get_job(const struct job_visit *visit, struct response *response,
                           struct failure *failure)
{
    struct uws_job job;
    enum status status = find_after_wait(visit, &job, failure);

    if (!status)
        uws_write_job(&job, visit->list->url, xml_of(response));
    return status;
}

static enum status get_phase(const struct job_visit *visit, struct response *response,
                             struct failure *failure)
{
    struct uws_job job;
    enum status status = find_after_wait(visit, &job, failure);

    if (!status)
        answer_text(response, uws_phase_name(job.phase));
    return status;
}

static enum status get_duration(const struct job_visit *visit, struct response *response,
                                struct failure *failure)
{
    struct uws_job job;
    enum status status = find(visit, &job, failure);

    if (!status)
        answer_text(response,
                    arena_format(response->arena, "%lld", (long long)job.duration));
    return status;
}

static enum status get_destruction(const struct job_visit *visit,
                                   struct response *response, struct failure *failure)
{
    char text[UWS_TIME_LENGTH];
    struct uws_job job;
    enum status status = find(visit, &job, failure);

    if (status)
        return status;
    uws_time_text(job.destruction, text);
    answer_text(response, text);
    return STATUS_OK;
}

/* Neither a quote nor an owner is known. */
static enum status get_nothing(const struct job_visit *visit, struct response *response,
                               struct failure *failure)
{
    struct uws_job job;
    enum status status = find(visit, &job, failure);

    if (!status)
        answer_text(response, "");
    return status;
}

static enum status get_params(const struct job_visit *visit, struct response *response,
                              struct failure *failure)
{
    struct uws_job job;
    enum status status = find(visit, &job, failure);

    if (!status)
        uws_write_params(&job, xml_of(response));
    return status;
}

static enum status get_error(const struct job_visit *visit, struct response *response,
                             struct failure *failure)
{
    struct uws_job job;
    enum status status = find(visit, &job, failure);

    if (status)
        return status;
    if (!job.error)
        return failure_set(failure, STATUS_NOT_FOUND, "the job has no error");
    answer_text(response, job.error);
    return STATUS_OK;
}

/* ---- results ---- */

static const struct uws_result *find_result(const struct uws_job *job, const char *id)
{
    for (size_t i = 0; i < job->result_count; i++)
        if (strcmp(job->results[i].id, id) == 0)
            return &job->results[i];
    return NULL;
}

static enum status get_result(const struct job_visit *visit, const struct uws_job *job,
                              struct response *response, struct failure *failure)
{
    const struct uws_result *result = find_result(job, visit->rest);
    enum status status;
    int fd;

    if (!result)
        return failure_set(failure, STATUS_NOT_FOUND, "the job has no result '%.40s'",
                           visit->rest);
    if ((status = uws_open_result(visit->list->uws, job, result, &fd, failure)))
        return status;
    response_file(response, arena_copy_string(response->arena, result->content_type), fd,
                  0, result->size);
    if (result->file_name)
        file_name_offer(response, result->file_name, false);
    return STATUS_OK;
}

static enum status get_results(const struct job_visit *visit, struct response *response,
                               struct failure *failure)
{
    struct uws_job job;
    enum status status = find(visit, &job, failure);

    if (status)
        return status;
    if (visit->rest)
        return get_result(visit, &job, response, failure);
    uws_write_results(&job, visit->list->url, xml_of(response));
    return STATUS_OK;
}

/* DALI 1.1, section 2.1: parameters are never posted to the job itself. */
static enum status change_job(const struct job_visit *visit, struct failure *failure)
{
    (void)visit;
    return failure_set(failure, STATUS_BAD_PARAMETER,
                       "ACTION: give DELETE; parameters go to parameters, PHASE to phase "
                       "beneath the job");
}

const struct job_child job_children[] = {
    {"", get_job, change_job},
    {"phase", get_phase, change_phase},
    {"executionduration", get_duration, change_duration},
    {"destruction", get_destruction, change_destruction},
    {"quote", get_nothing, NULL},
    {"owner", get_nothing, NULL},
    {"parameters", get_params, change_params},
    {"results", get_results, NULL},
    {"error", get_error, NULL},
    {NULL, NULL, NULL},
};
