#include "protocol/async_job.h"

#include "bulk/bulk_job.h"
#include "cutout/cutout.h"
#include "dali/error.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Parameters whose values are combined, the slowest first. Of others each combination has
 * all that were given. */
static const char *const combined[] = {"ID", "POS", "CIRCLE", "POLYGON", "BAND", "TIME"};
enum { COMBINED = sizeof(combined) / sizeof(combined[0]) };

struct work {
    const struct service *service;
    const struct service_collection *collection;
    struct uws_run *run;
    const struct uws_job *job;
    size_t counts[COMBINED]; /* of values; 1 where there is none */
    size_t total;            /* combinations */
    struct arena arena;      /* of one combination */
};

/* ---- combinations ---- */

/* Its place in `combined`, or -1. An empty value is none (DALI: a parameter without a
 * value). */
static int place_of(const struct uws_param *param)
{
    for (int i = 0; i < COMBINED; i++)
        if (strcasecmp(param->name, combined[i]) == 0 && *param->value)
            return i;
    return -1;
}

static enum status count_combinations(struct work *work, struct failure *failure)
{
    size_t most = (size_t)work->service->settings->max_async_results;

    for (size_t i = 0; i < work->job->param_count; i++) {
        int place = place_of(&work->job->params[i]);

        if (place >= 0)
            work->counts[place]++;
    }
    work->total = 1;
    for (int i = 0; i < COMBINED; i++) {
        if (work->counts[i] == 0)
            work->counts[i] = 1;
        if (work->counts[i] > most / work->total)
            return failure_set(failure, STATUS_TOO_LARGE,
                               "more than %zu combinations of values: make several jobs "
                               "of it",
                               most);
        work->total *= work->counts[i];
    }
    return STATUS_OK;
}

/* Which value of each parameter the combination has. */
static void choose(const struct work *work, size_t number, size_t chosen[COMBINED])
{
    for (int i = COMBINED; i-- > 0; number /= work->counts[i])
        chosen[i] = number % work->counts[i];
}

static void make_params(struct work *work, size_t number, struct params *out)
{
    size_t chosen[COMBINED], seen[COMBINED] = {0};

    choose(work, number, chosen);
    params_init(out, &work->arena);
    for (size_t i = 0; i < work->job->param_count; i++) {
        const struct uws_param *param = &work->job->params[i];
        int place = place_of(param);

        if (place < 0 || seen[place]++ == chosen[place])
            params_add(out, param->name, strlen(param->name), param->value,
                       strlen(param->value));
    }
}

/* ---- one result ---- */

static enum status add_result(struct work *work, size_t number, const char *content_type,
                              const char *file_name, const struct buffer *bytes,
                              struct failure *failure)
{
    const struct uws_result result = {
        .id = arena_format(&work->arena, "result-%zu", number + 1),
        .content_type = content_type,
        .size = (int64_t)bytes->length,
        .file_name = file_name,
    };

    return uws_run_add_result(work->run, &result, bytes->bytes, failure);
}

/* Instead of data: the text that {sync} would refuse with. */
static enum status add_text(struct work *work, size_t number,
                            const struct failure *reason, struct failure *failure)
{
    struct response response;
    enum status status;

    if (error_code(reason->status) == 500)
        uws_run_report(work->run, reason);
    response_init(&response, &work->arena);
    error_write_text(reason, &response);
    status =
        add_result(work, number, response.content_type, NULL, &response.bytes, failure);
    response_finish(&response);
    return status;
}

/* {sync} answers 204, but a result is never nothing (SODA 1.0, section 6). */
static enum status add_empty(struct work *work, size_t number, const char *reason,
                             struct failure *failure)
{
    struct buffer text = {0};
    enum status status;

    buffer_format(&text, "Error: %s\n", reason);
    status = add_result(work, number, "text/plain; charset=utf-8", NULL, &text, failure);
    buffer_finish(&text);
    return status;
}

static enum status add_cutout(struct work *work, size_t number,
                              const struct cutout *cutout, struct failure *failure)
{
    struct buffer bytes = {0};
    struct failure reason;
    enum status status;

    if (cutout->empty_because)
        return add_empty(work, number, cutout->empty_because, failure);
    status = cutout_write(cutout, &bytes, &reason)
                 ? add_text(work, number, &reason, failure)
                 : add_result(work, number, cutout->content_type, cutout->file_name,
                              &bytes, failure);
    buffer_finish(&bytes);
    return status;
}

/* A file that is being read, or has to wait for its turn, is asked for again. */
static enum status open_patiently(struct work *work, const struct cutout_query *query,
                                  struct cutout *out, struct failure *failure)
{
    enum status status;

    while ((status = cutout_open(work->service, work->collection, query,
                                 (struct waker){0}, &work->arena, out, failure)) &&
           (status == STATUS_PENDING || status == STATUS_UNAVAILABLE) &&
           !uws_run_should_stop(work->run))
        uws_run_wait(work->run);
    return status;
}

static enum status make_result(struct work *work, size_t number, struct failure *failure)
{
    AUTO_CUTOUT cutout = {0};
    struct cutout_query query;
    struct failure reason;
    struct params params;

    make_params(work, number, &params);
    if (cutout_query_read(&params, &work->arena, &query, &reason) ||
        open_patiently(work, &query, &cutout, &reason))
        return uws_run_should_stop(work->run) ? STATUS_OK
                                              : add_text(work, number, &reason, failure);
    return add_cutout(work, number, &cutout, failure);
}

/* ---- the job ---- */

static enum status find_collection(struct work *work, struct failure *failure)
{
    const struct request request = {.collection = work->job->list};

    return service_collection(work->service, &request, &work->collection, failure);
}

/* What is wrong with every combination is wrong with the job. */
static enum status check(struct work *work, struct failure *failure)
{
    struct cutout_query query;
    struct form_choice choice;
    struct params params;
    enum status status;

    make_params(work, 0, &params);
    if (!params_next(&params, "ID", NULL))
        status = cutout_query_read(&params, &work->arena, &query, failure);
    else
        status = form_read(&params, &choice, failure);
    arena_reset(&work->arena);
    return status;
}

static enum status run_combinations(struct work *work, struct failure *failure)
{
    enum status status;

    if ((status = count_combinations(work, failure)) || (status = check(work, failure)))
        return status;
    for (size_t i = 0; i < work->total && !uws_run_should_stop(work->run); i++) {
        status = make_result(work, i, failure);
        arena_reset(&work->arena);
        if (status)
            return status;
    }
    return STATUS_OK;
}

static void make_all_params(struct work *work, struct params *out)
{
    params_init(out, &work->arena);
    for (size_t i = 0; i < work->job->param_count; i++) {
        const struct uws_param *param = &work->job->params[i];

        params_add(out, param->name, strlen(param->name), param->value,
                   strlen(param->value));
    }
}

static enum status run(struct work *work, struct failure *failure)
{
    struct params params;
    int id_file;
    enum status status;

    if ((status = find_collection(work, failure)) ||
        (status = uws_run_open_input(work->run, &id_file, failure)))
        return status;
    make_all_params(work, &params);
    if (bulk_job_is_asked(&params, id_file >= 0))
        return bulk_job_run(work->service, work->collection, &params, id_file, work->run,
                            failure);
    return run_combinations(work, failure);
}

/* The words of {sync} for it, label and all. */
static enum status as_soda_error(struct failure *failure)
{
    enum status status = failure->status;
    struct response response;
    struct arena arena;

    if (error_code(status) == 500)
        return status; /* the store tells the log and says as little */
    arena_init(&arena);
    response_init(&response, &arena);
    error_write_text(failure, &response);
    failure_set(failure, status, "%.*s", (int)response.bytes.length - 1,
                (const char *)response.bytes.bytes);
    response_finish(&response);
    arena_finish(&arena);
    return status;
}

enum status async_job_run(void *context, struct uws_run *uws_run, struct failure *failure)
{
    struct work work = {.service = context, .run = uws_run, .job = uws_run_job(uws_run)};
    enum status status;

    arena_init(&work.arena);
    status = run(&work, failure);
    arena_finish(&work.arena);
    return status ? as_soda_error(failure) : STATUS_OK;
}
