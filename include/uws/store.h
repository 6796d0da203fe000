/* store.h - what the files of this floor share: the jobs in memory, under one lock.
 * Private to cutoutd/uws. */
#pragma once

#include "uws/uws.h"

#include <limits.h>
#include <pthread.h>

struct stored_job {
    struct uws_job job;
    struct arena arena;      /* of the job's texts */
    bool running;            /* a thread works on it */
    bool stop;               /* ... and shall end */
    bool deleted;            /* no longer in the list; freed when its thread is done */
    int64_t bytes;           /* of its results, those being written too */
    size_t result_room;      /* of job.results */
    struct stored_job *next; /* older */
};

/* A request that waits for a job to change. */
struct uws_waiter {
    char id[UWS_ID_LENGTH + 1];
    struct waker waker;
    enum uws_phase phase; /* when it began to wait */
    int64_t deadline;     /* seconds since 1970 */
    struct uws_waiter *next;
};

struct uws {
    struct uws_settings settings;
    char *folder;
    int folder_lock; /* descriptor; below 0: not ours */
    const struct uws_service *services;
    struct uws_context context;
    pthread_mutex_t lock;    /* of everything below */
    pthread_cond_t changed;  /* a job was queued, or the end has come */
    pthread_cond_t clock;    /* the end has come */
    struct stored_job *jobs; /* newest first */
    int job_count;
    int64_t bytes; /* of all results */
    struct uws_waiter *waiters;
    bool no_waiting;
    bool closing;
    pthread_t *threads; /* settings.threads that run jobs, and the clock's */
    int thread_count;
};

struct uws_run {
    struct uws *uws;
    struct stored_job *stored;
};

/* "FOLDER/ID", or "FOLDER/ID/NAME" with a name. */
void store_path(const struct uws *uws, const char *id, const char *name,
                char out[PATH_MAX]);
int64_t store_now(void);

/* What a job was given besides parameters: a file of its folder, and its bytes; 0 without
 * one. */
#define STORE_INPUT "input"
int64_t store_input_size(const struct uws *uws, const char *id);

/* With the lock held. */
struct stored_job *store_find(struct uws *uws, const char *list, const char *id);
enum status store_save(struct uws *uws, struct stored_job *stored,
                       struct failure *failure);
void store_change_phase(struct uws *uws, struct stored_job *stored, enum uws_phase phase);
void store_wake(struct uws *uws, const char *id); /* those who wait for that job */
void store_wake_all(struct uws *uws);
void store_remove(struct uws *uws, struct stored_job *stored); /* from list and disk */
void store_remove_folder(const struct uws *uws, const char *id);
void store_free(struct stored_job *stored);
void store_forget_waiters(struct uws *uws,
                          int64_t now); /* wake those whose time is over */

/* Make the folder ours and read it. */
enum status store_load(struct uws *uws, struct failure *failure);

/* The threads. */
enum status pool_start(struct uws *uws, struct failure *failure);
void pool_stop(struct uws *uws);
