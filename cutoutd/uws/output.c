#include "uws/store.h"

#include "base/file.h"
#include "base/memory.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The result that a job writes now; a job writes one at a time. */
struct uws_output {
    struct uws_run *run;
    int fd;
    int64_t size;
    char path[PATH_MAX];
};

enum status uws_output_open(struct uws_run *run, struct uws_output **out,
                            struct failure *failure)
{
    struct uws_output *output = memory_new(output);

    output->run = run;
    store_path(run->uws, run->stored->job.id, "output", output->path);
    output->fd = open(output->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (output->fd < 0) {
        failure_system(failure, "%s", output->path);
        free(output);
        return failure->status;
    }
    *out = output;
    return STATUS_OK;
}

/* Take room for bytes before they are written, or with a negative number give it back. */
static enum status take_room(const struct uws_run *run, int64_t size,
                             struct failure *failure)
{
    const struct uws_settings *settings = &run->uws->settings;
    struct stored_job *stored = run->stored;
    bool all_fit, own_fit;

    pthread_mutex_lock(&run->uws->lock);
    all_fit = size <= 0 || run->uws->bytes + size <= settings->max_bytes;
    own_fit = size <= 0 || stored->bytes + size <= settings->max_job_bytes;
    if (all_fit && own_fit && !stored->deleted) {
        run->uws->bytes += size;
        stored->bytes += size;
    }
    pthread_mutex_unlock(&run->uws->lock);
    if (!own_fit)
        return failure_set(failure, STATUS_TOO_LARGE,
                           "the results of a job may take %lld bytes: make several jobs "
                           "of it",
                           (long long)settings->max_job_bytes);
    return all_fit ? STATUS_OK
                   : failure_set(failure, STATUS_UNAVAILABLE,
                                 "the service's room for results is used up: try again "
                                 "when older jobs are gone");
}

enum status uws_output_write(struct uws_output *output, const void *bytes, size_t size,
                             struct failure *failure)
{
    enum status status = take_room(output->run, (int64_t)size, failure);

    if (status)
        return status;
    output->size += (int64_t)size;
    return file_write(output->fd, bytes, size, failure);
}

void uws_output_drop(struct uws_output *output)
{
    struct failure failure;

    if (!output)
        return;
    (void)take_room(output->run, -output->size, &failure);
    unlink(output->path);
    close(output->fd);
    free(output);
}

static void append(struct stored_job *stored, const struct uws_result *result,
                   int64_t size)
{
    struct uws_job *job = &stored->job;
    struct arena *arena = &stored->arena;

    if (job->result_count >= stored->result_room) {
        struct uws_result *roomier;

        stored->result_room = 2 * stored->result_room + 8;
        roomier = arena_take(arena, stored->result_room * sizeof(*roomier));
        if (job->result_count)
            memcpy(roomier, job->results, job->result_count * sizeof(*roomier));
        job->results = roomier;
    }
    job->results[job->result_count++] =
        (struct uws_result){arena_copy_string(arena, result->id),
                            arena_copy_string(arena, result->content_type), size,
                            arena_copy_string(arena, result->file_name)};
}

/* With the lock held, so that the job is not removed meanwhile. False: it was stopped. */
static enum status keep(struct uws_output *output, const struct uws_result *result,
                        bool *kept, struct failure *failure)
{
    struct stored_job *stored = output->run->stored;
    char name[PATH_MAX / 2], path[PATH_MAX];

    *kept = !stored->stop && !stored->deleted;
    if (!*kept)
        return STATUS_OK;
    snprintf(name, sizeof(name), "result-%s", result->id);
    store_path(output->run->uws, stored->job.id, name, path);
    if (rename(output->path, path) < 0) {
        *kept = false;
        return failure_system(failure, "%s", path);
    }
    append(stored, result, output->size);
    return STATUS_OK;
}

enum status uws_output_close(struct uws_output *output, const struct uws_result *result,
                             struct failure *failure)
{
    pthread_mutex_t *lock = &output->run->uws->lock;
    enum status status;
    bool kept;

    pthread_mutex_lock(lock);
    status = keep(output, result, &kept, failure);
    pthread_mutex_unlock(lock);
    if (!kept) {
        uws_output_drop(output);
        return status;
    }
    close(output->fd);
    free(output);
    return STATUS_OK;
}

enum status uws_run_add_result(struct uws_run *run, const struct uws_result *result,
                               const void *bytes, struct failure *failure)
{
    struct uws_output *output;
    enum status status = uws_output_open(run, &output, failure);

    if (status)
        return status;
    status = uws_output_write(output, bytes, (size_t)result->size, failure);
    if (!status)
        return uws_output_close(output, result, failure);
    uws_output_drop(output);
    return status;
}
