#include "protocol/jobs.h"

#include "base/number.h"
#include "dali/error.h"
#include "uws/document.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* ---- the list ---- */

/* DALI 1.1, section 3.4.6: 64 characters; what could disturb a log becomes blanks. */
static const char *run_id_of(const char *given, struct arena *arena)
{
    enum { LONGEST = 64 };
    char *text;

    if (!given)
        return NULL;
    text = arena_copy(arena, given, strnlen(given, LONGEST));
    for (char *c = text; *c; c++)
        if ((unsigned char)*c < ' ' || (unsigned char)*c > '~')
            *c = ' ';
    return text;
}

/* The address of who asks, as the store compares it. */
static const char *maker_of(const struct request *request)
{
    const unsigned char *client = request->client;
    char text[2 * REQUEST_CLIENT_LENGTH + 1];

    if (!client)
        return "";
    for (int i = 0; i < REQUEST_CLIENT_LENGTH; i++)
        snprintf(text + 2 * i, 3, "%02x", client[i]);
    return arena_copy_string(request->arena, text);
}

static enum status read_phases(const struct params *params, unsigned *out,
                               struct failure *failure)
{
    const struct param *param = NULL;
    enum uws_phase phase;

    *out = 0;
    while ((param = params_next(params, "PHASE", param))) {
        if (!uws_phase_read(param->value, &phase))
            return failure_set(failure, STATUS_BAD_PARAMETER,
                               "PHASE: '%.40s' is no phase of a job, such as COMPLETED",
                               param->value);
        *out |= 1u << phase;
    }
    return STATUS_OK;
}

static enum status read_filter(const struct params *params, struct uws_filter *out,
                               struct failure *failure)
{
    const char *after, *last;
    int64_t number = 0;
    enum status status;

    if ((status = read_phases(params, &out->phases, failure)) ||
        (status = params_single(params, "AFTER", &after, failure)) ||
        (status = params_single(params, "LAST", &last, failure)))
        return status;
    if (after && !uws_time_read(after, &out->after))
        return failure_set(failure, STATUS_BAD_PARAMETER,
                           "AFTER: '%.40s' is no time such as 2026-01-31T12:00:00Z",
                           after);
    if (last && (!number_read_integer(last, strlen(last), &number) || number < 1))
        return failure_set(failure, STATUS_BAD_PARAMETER,
                           "LAST: '%.40s' is no number from 1 on", last);
    out->last = (size_t)number;
    return STATUS_OK;
}

static enum status get_list(const struct job_list *list, const struct request *request,
                            struct response *response, struct failure *failure)
{
    struct uws_filter filter = {.maker = maker_of(request)};
    enum status status = read_filter(&request->params, &filter, failure);
    struct uws_job *jobs = NULL;
    size_t count = 0;

    if (status)
        return status;
    if (list->names_jobs)
        uws_list(list->uws, list->name, &filter, request->arena, &jobs, &count);
    uws_write_jobs(jobs, count, list->url, response_bytes(response, 200, "text/xml"));
    response_header_add(response, "Cache-Control", "no-store");
    return STATUS_OK;
}

/* ---- going elsewhere ---- */

static void redirect(struct response *response, const char *url)
{
    response->code = 303;
    response_header_add(response, "Location", url);
}

static void redirect_to_job(const struct job_list *list, const char *id,
                            struct response *response)
{
    redirect(response, arena_format(response->arena, "%s/%s", list->url, id));
}

/* ---- making ---- */

/* PHASE of a request that makes a job: RUN or nothing. */
static enum status read_run(const struct params *params, bool *out,
                            struct failure *failure)
{
    const char *phase;
    enum status status = params_single(params, "PHASE", &phase, failure);

    if (status)
        return status;
    if (phase && strcasecmp(phase, "RUN") != 0)
        return failure_set(failure, STATUS_BAD_PARAMETER,
                           "PHASE: a new job may be given RUN, not '%.40s'", phase);
    *out = phase != NULL;
    return STATUS_OK;
}

static enum status make_job(const struct job_list *list, const struct request *request,
                            char *id, struct failure *failure)
{
    struct uws_order order = {
        .list = list->name, .maker = maker_of(request), .input = list->input};
    const char *run_id;
    struct job_terms terms;
    bool run = false;
    enum status status;

    if ((status = params_single(&request->params, "RUNID", &run_id, failure)) ||
        (status = read_run(&request->params, &run, failure)) ||
        (status = job_terms_read(request, &terms, failure)))
        return status;
    order.run_id = run_id_of(run_id, request->arena);
    order.params = job_params_of(request, &order.param_count);
    if ((status = uws_create(list->uws, &order, id, failure)) ||
        (status = job_terms_set(list, id, &terms, failure)))
        return status;
    return run ? uws_start(list->uws, list->name, id, failure) : STATUS_OK;
}

static enum status post_list(const struct job_list *list, const struct request *request,
                             struct response *response, struct failure *failure)
{
    char id[UWS_ID_LENGTH + 1];
    enum status status = make_job(list, request, id, failure);

    if (!status)
        redirect_to_job(list, id, response);
    return status;
}

/* ---- one job ---- */

static bool is_delete(const struct job_visit *visit, const char *child)
{
    const struct param *action = params_next(&visit->request->params, "ACTION", NULL);

    return !*child && (visit->request->method == METHOD_DELETE ||
                       (visit->request->method == METHOD_POST && action &&
                        strcasecmp(action->value, "DELETE") == 0));
}

static enum status delete_job(const struct job_visit *visit, struct response *response,
                              struct failure *failure)
{
    const struct job_list *list = visit->list;
    enum status status = uws_delete(list->uws, list->name, visit->id, failure);

    if (!status)
        redirect(response, list->url);
    return status;
}

static enum status refuse_method(const struct job_child *child, struct response *response)
{
    struct failure failure;
    const char *allowed = !*child->name   ? "GET, HEAD, POST, DELETE"
                          : child->change ? "GET, HEAD, POST"
                                          : "GET, HEAD";

    failure_set(&failure, STATUS_BAD_METHOD, "this is not changed by that method");
    error_write_text(&failure, response);
    response_header_add(response, "Allow", allowed);
    return STATUS_OK;
}

static enum status serve_child(const struct job_visit *visit,
                               const struct job_child *child, struct response *response,
                               struct failure *failure)
{
    enum status status;

    if (visit->request->method & (METHOD_GET | METHOD_HEAD)) {
        status = child->get(visit, response, failure);
        if (!status)
            response_header_add(response, "Cache-Control", "no-store");
        return status;
    }
    if (visit->request->method != METHOD_POST || !child->change)
        return refuse_method(child, response);
    status = child->change(visit, failure);
    if (!status)
        redirect_to_job(visit->list, visit->id, response);
    return status;
}

/* Only results have something beneath. */
static const struct job_child *find_child(const char *name, const char *rest)
{
    const struct job_child *child = job_children;

    while (child->name && strcmp(child->name, name) != 0)
        child++;
    return child->name && (!rest || strcmp(name, "results") == 0) ? child : NULL;
}

/* Cut the next segment off a path; NULL where there is none. */
static char *next_segment(char **path)
{
    char *segment = *path;

    *path = segment ? strchr(segment, '/') : NULL;
    if (*path)
        *(*path)++ = '\0';
    return segment;
}

static enum status serve_beneath(const struct job_list *list,
                                 const struct request *request, struct response *response,
                                 struct failure *failure)
{
    char *path = arena_copy_string(request->arena, request->rest);
    struct job_visit visit = {list, request, next_segment(&path), NULL};
    const char *segment = next_segment(&path), *name = segment ? segment : "";
    const struct job_child *child = find_child(name, path);
    struct uws_job job;
    enum status status =
        uws_find(list->uws, list->name, visit.id, request->arena, &job, failure);

    if (status)
        return status;
    visit.rest = path;
    if (!child)
        return failure_set(failure, STATUS_NOT_FOUND, "a job has no '%.40s'", name);
    if (is_delete(&visit, child->name))
        return delete_job(&visit, response, failure);
    return serve_child(&visit, child, response, failure);
}

enum status job_list_serve(const struct job_list *list, const struct request *request,
                           struct response *response, struct failure *failure)
{
    if (!list->uws)
        return failure_set(failure, STATUS_UNAVAILABLE,
                           "this service runs no jobs at present");
    if (request->rest)
        return serve_beneath(list, request, response, failure);
    return request->method == METHOD_POST ? post_list(list, request, response, failure)
                                          : get_list(list, request, response, failure);
}
