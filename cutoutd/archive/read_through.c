#include "archive/read_through.h"

#include "archive/file_table.h"
#include "archive/unknown_names.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum {
    WAITING_LIMIT = 4096, /* files; one more is refused */
    USUAL_UNKNOWN_SECONDS = 30,
    FAILED_MILLISECONDS = 2000, /* then a disk that failed is tried again */
    FORGET_MILLISECONDS = 1000, /* what is younger is not forgotten: some come for it */
};

struct reader_thread {
    pthread_t thread;
    struct read_through *read_through;
    struct worker *worker;
};

struct read_through {
    pthread_mutex_t lock; /* of all down to `read` */
    pthread_cond_t work;  /* the queue is not empty, or the end has come */
    bool closing;
    struct file_table *files;
    struct unknown_names *unknown;
    uint64_t read;                /* files, since the start */
    int64_t refused_milliseconds; /* then a file that was no good is tried again */
    int stop;                     /* an eventfd: readable when readers are to end */
    int thread_count;
    struct reader_thread threads[];
};

/* ---- the readers ---- */

/* False when the end has come. Otherwise there is a reading, whatever happened. */
static bool read_file(struct reader_thread *self, const char *path, struct reading *out)
{
    struct pollfd wanted[2] = {{.fd = self->read_through->stop, .events = POLLIN},
                               {.fd = -1, .events = POLLIN}};
    struct failure failure;

    if (worker_ask(self->worker, WORKER_FIND_FILE, path, NULL, &failure) == STATUS_OK) {
        wanted[1].fd = worker_fd(self->worker);
        poll(wanted, 2, worker_seconds_left(self->worker) * 1000);
        if (wanted[0].revents)
            return false;
        if (worker_take(self->worker, out, &failure) == STATUS_OK)
            return true;
    }
    out->outcome = READING_FAILED;
    out->reason = arena_copy_string(&out->arena, failure.message);
    return true;
}

/* What a hostile file made of its reader may not pass for another file's spectra. */
static bool is_about(const struct reading *reading, const char *path)
{
    size_t length = strlen(path);

    for (size_t i = 0; i < reading->count; i++) {
        const struct entry *its = &reading->spectra[i].entry;

        if (!its->path || !its->name || !its->file ||
            strncmp(its->path, path, length) != 0 ||
            (its->path[length] != '\0' && its->path[length] != '/'))
            return false;
    }
    return reading->outcome != READING_UNCHANGED;
}

static void refuse_nonsense(struct reading *reading)
{
    reading_finish(reading);
    reading->outcome = READING_REFUSED;
    reading->reason = "the reader process answered nonsense on this file";
}

static struct read_through_file *next_file(struct read_through *read_through)
{
    struct read_through_file *file = NULL;

    pthread_mutex_lock(&read_through->lock);
    while (!read_through->closing && !(file = file_table_take(read_through->files)))
        pthread_cond_wait(&read_through->work, &read_through->lock);
    pthread_mutex_unlock(&read_through->lock);
    return file;
}

/* Keep the reading, or remember that there is no file, and wake those who wait for it. */
static void settle(struct read_through *read_through, struct read_through_file *file)
{
    struct waker_list wakers;
    int64_t now = clock_milliseconds();

    pthread_mutex_lock(&read_through->lock);
    wakers = file->wakers;
    file->wakers = (struct waker_list){0};
    if (file->reading.outcome == READING_ABSENT) {
        unknown_names_add(read_through->unknown, file->path, now);
        file_table_drop(read_through->files, file);
    } else {
        read_through->read++;
        file_table_keep(read_through->files, file, now);
    }
    pthread_mutex_unlock(&read_through->lock);
    waker_list_call(&wakers);
}

static void *read_files(void *argument)
{
    struct reader_thread *self = argument;
    struct read_through_file *file;
    struct failure ignored; /* the next question will say it again */

    worker_start(self->worker, &ignored);
    while ((file = next_file(self->read_through))) {
        if (!read_file(self, file->path, &file->reading))
            break;
        if (!is_about(&file->reading, file->path))
            refuse_nonsense(&file->reading);
        settle(self->read_through, file);
        worker_start(self->worker, &ignored);
    }
    return NULL;
}

/* ---- opening and closing ---- */

/* Signals are for the threads that wait for them. */
static int start_thread(struct reader_thread *thread)
{
    sigset_t all, before;
    int error;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    error = pthread_create(&thread->thread, NULL, read_files, thread);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error;
}

static enum status add_reader(struct read_through *read_through,
                              const struct worker_settings *settings,
                              struct failure *failure)
{
    struct reader_thread *thread = &read_through->threads[read_through->thread_count];
    enum status status;

    thread->read_through = read_through;
    if ((status = worker_open(settings, &thread->worker, failure)))
        return status;
    if ((errno = start_thread(thread))) {
        worker_close(thread->worker);
        return failure_system(failure, "cannot start a thread");
    }
    read_through->thread_count++;
    return STATUS_OK;
}

static enum status add_readers(struct read_through *read_through,
                               const struct worker_settings *settings, int count,
                               struct failure *failure)
{
    enum status status;

    read_through->stop = eventfd(0, EFD_CLOEXEC);
    if (read_through->stop < 0)
        return failure_system(failure, "eventfd");
    for (int i = 0; i < count; i++) {
        if ((status = add_reader(read_through, settings, failure)))
            return status;
    }
    return STATUS_OK;
}

enum status read_through_open(const struct worker_settings *settings, int workers,
                              int unknown_seconds, struct read_through **out,
                              struct failure *failure)
{
    int seconds = unknown_seconds ? unknown_seconds : USUAL_UNKNOWN_SECONDS;
    struct read_through *read_through = memory_take_zeroed(
        1, sizeof(*read_through) + (size_t)workers * sizeof(struct reader_thread));
    enum status status;

    pthread_mutex_init(&read_through->lock, NULL);
    pthread_cond_init(&read_through->work, NULL);
    read_through->files = file_table_open();
    read_through->unknown = unknown_names_open(seconds);
    read_through->refused_milliseconds = (int64_t)seconds * 1000;
    if ((status = add_readers(read_through, settings, workers, failure))) {
        read_through_close(read_through);
        return status;
    }
    *out = read_through;
    return STATUS_OK;
}

static void stop_readers(struct read_through *read_through)
{
    pthread_mutex_lock(&read_through->lock);
    read_through->closing = true;
    pthread_cond_broadcast(&read_through->work);
    pthread_mutex_unlock(&read_through->lock);
    eventfd_write(read_through->stop, 1);
    for (int i = 0; i < read_through->thread_count; i++) {
        pthread_join(read_through->threads[i].thread, NULL);
        worker_close(read_through->threads[i].worker);
    }
}

void read_through_close(struct read_through *read_through)
{
    if (!read_through)
        return;
    stop_readers(read_through);
    file_close_at(&read_through->stop);
    file_table_close(read_through->files);
    unknown_names_close(read_through->unknown);
    pthread_cond_destroy(&read_through->work);
    pthread_mutex_destroy(&read_through->lock);
    free(read_through);
}

/* ---- asking ---- */

static enum status enqueue(struct read_through *read_through, const char *path,
                           struct waker waker, struct failure *failure)
{
    if (unknown_names_has(read_through->unknown, path, clock_milliseconds()))
        return failure_set(failure, STATUS_NOT_FOUND, "%s: no such file", path);
    if (file_table_waiting(read_through->files) >= WAITING_LIMIT)
        return failure_set(failure, STATUS_UNAVAILABLE,
                           "%d files are waiting to be read, try again later",
                           WAITING_LIMIT);
    waker_list_add(&file_table_add(read_through->files, path)->wakers, waker);
    pthread_cond_signal(&read_through->work);
    return STATUS_PENDING;
}

static enum status lend(struct read_through *read_through, struct read_through_file *file,
                        struct read_through_file **out, struct failure *failure)
{
    const struct reading *reading = &file->reading;

    file_table_touch(read_through->files, file);
    if (reading->outcome != READING_SPECTRA)
        return failure_set(failure,
                           reading->outcome == READING_FAILED ? STATUS_UNAVAILABLE
                                                              : STATUS_REFUSED,
                           "%s: %s", reading->file ? reading->file : file->path,
                           reading->reason ? reading->reason : "cannot be read");
    read_through_file_hold(file);
    *out = file;
    return STATUS_OK;
}

/* A bad file may be mended, and a disk comes back: they are tried again after a while. */
static bool is_outdated(const struct read_through *read_through,
                        const struct read_through_file *file)
{
    int64_t age = clock_milliseconds() - file->done;

    if (file->waiting || file->reading.outcome == READING_SPECTRA)
        return false;
    return age >= (file->reading.outcome == READING_FAILED
                       ? FAILED_MILLISECONDS
                       : read_through->refused_milliseconds);
}

/* Under the lock. */
static enum status ask(struct read_through *read_through, const char *path,
                       struct waker waker, struct read_through_file **out,
                       struct failure *failure)
{
    struct read_through_file *file = file_table_find(read_through->files, path);

    if (file && is_outdated(read_through, file)) {
        file_table_drop(read_through->files, file);
        file = NULL;
    }
    if (!file)
        return enqueue(read_through, path, waker, failure);
    if (!file->waiting)
        return lend(read_through, file, out, failure);
    waker_list_add(&file->wakers, waker);
    return STATUS_PENDING;
}

enum status read_through_ask(struct read_through *read_through, const char *path,
                             struct waker waker, struct read_through_file **out,
                             struct failure *failure)
{
    enum status status;

    pthread_mutex_lock(&read_through->lock);
    status = ask(read_through, path, waker, out, failure);
    pthread_mutex_unlock(&read_through->lock);
    return status;
}

const struct reading *read_through_reading(const struct read_through_file *file)
{
    return &file->reading;
}

void read_through_release(struct read_through_file *file)
{
    read_through_file_release(file);
}

void read_through_forget(struct read_through *read_through)
{
    int64_t when = clock_milliseconds() - FORGET_MILLISECONDS;

    pthread_mutex_lock(&read_through->lock);
    unknown_names_forget(read_through->unknown, when);
    file_table_forget(read_through->files, when);
    pthread_mutex_unlock(&read_through->lock);
}

struct read_through_counts read_through_count(struct read_through *read_through)
{
    struct read_through_counts counts;

    pthread_mutex_lock(&read_through->lock);
    counts = (struct read_through_counts){
        .files = read_through->read,
        .waiting = file_table_waiting(read_through->files),
        .unknown = unknown_names_count(read_through->unknown, clock_milliseconds()),
    };
    pthread_mutex_unlock(&read_through->lock);
    return counts;
}
