#include "uws/job.h"

#include <string.h>

const char *uws_phase_name(enum uws_phase phase)
{
    static const char *const names[UWS_PHASE_COUNT] = {
        [UWS_PENDING] = "PENDING",     [UWS_QUEUED] = "QUEUED",
        [UWS_EXECUTING] = "EXECUTING", [UWS_COMPLETED] = "COMPLETED",
        [UWS_ERROR] = "ERROR",         [UWS_ABORTED] = "ABORTED",
        [UWS_HELD] = "HELD",           [UWS_SUSPENDED] = "SUSPENDED",
        [UWS_ARCHIVED] = "ARCHIVED",   [UWS_UNKNOWN] = "UNKNOWN",
    };

    return names[phase];
}

bool uws_phase_read(const char *text, enum uws_phase *out)
{
    for (int phase = 0; phase < UWS_PHASE_COUNT; phase++) {
        if (strcmp(text, uws_phase_name(phase)) == 0) {
            *out = phase;
            return true;
        }
    }
    return false;
}

bool uws_phase_is_over(enum uws_phase phase)
{
    return phase == UWS_COMPLETED || phase == UWS_ERROR || phase == UWS_ABORTED;
}

bool uws_phase_is_active(enum uws_phase phase)
{
    return phase == UWS_PENDING || phase == UWS_QUEUED || phase == UWS_EXECUTING;
}

void uws_job_copy(const struct uws_job *job, struct arena *arena, struct uws_job *out)
{
    struct uws_job copy = *job;

    copy.list = arena_copy_string(arena, job->list);
    copy.run_id = arena_copy_string(arena, job->run_id);
    copy.maker = arena_copy_string(arena, job->maker);
    copy.error = arena_copy_string(arena, job->error);
    copy.params = arena_take(arena, job->param_count * sizeof(*copy.params));
    for (size_t i = 0; i < job->param_count; i++)
        copy.params[i] =
            (struct uws_param){arena_copy_string(arena, job->params[i].name),
                               arena_copy_string(arena, job->params[i].value)};
    copy.results = arena_take(arena, job->result_count * sizeof(*copy.results));
    for (size_t i = 0; i < job->result_count; i++)
        copy.results[i] = (struct uws_result){
            arena_copy_string(arena, job->results[i].id),
            arena_copy_string(arena, job->results[i].content_type), job->results[i].size,
            arena_copy_string(arena, job->results[i].file_name)};
    *out = copy;
}
