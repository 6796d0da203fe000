#include "ingest/crew.h"

#include "base/memory.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>

struct member {
    struct worker *worker;
    struct errand errand; /* while it reads; the path is ours */
    bool busy;
};

struct crew {
    struct member *members;
    struct pollfd *wanted; /* one a member, and the alarm */
    int size;
    int busy;
    int first; /* to look at when several have an answer, so that none waits for ever */
};

/* Those that we may use, which in a container are not all. */
static int processors(void)
{
    cpu_set_t set;

    return sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;
}

enum status crew_open(const struct worker_settings *settings, int workers,
                      struct crew **out, struct failure *failure)
{
    struct crew *crew;
    enum status status;

    memory_new(crew);
    crew->size = workers > 0 ? workers : processors();
    crew->members = memory_take_zeroed((size_t)crew->size, sizeof(*crew->members));
    crew->wanted = memory_take_zeroed((size_t)crew->size + 1, sizeof(*crew->wanted));
    for (int i = 0; i < crew->size; i++) {
        if ((status = worker_open(settings, &crew->members[i].worker, failure))) {
            crew_close(crew);
            return status;
        }
    }
    *out = crew;
    return STATUS_OK;
}

static void forget_errand(struct crew *crew, struct member *member)
{
    char *path = (char *)(uintptr_t)member->errand.path; /* ours, lent as const */

    free(path);
    member->errand = (struct errand){0};
    crew->busy -= member->busy;
    member->busy = false;
}

void crew_close(struct crew *crew)
{
    if (!crew)
        return;
    for (int i = 0; i < crew->size; i++) {
        worker_close(crew->members[i].worker);
        forget_errand(crew, &crew->members[i]);
    }
    free(crew->members);
    free(crew->wanted);
    free(crew);
}

int crew_size(const struct crew *crew)
{
    return crew->size;
}

int crew_busy(const struct crew *crew)
{
    return crew->busy;
}

enum status crew_ask(struct crew *crew, const struct errand *errand,
                     struct failure *failure)
{
    struct member *member = crew->members;
    enum status status;

    assert(crew->busy < crew->size);
    while (member->busy)
        member++;
    if ((status = worker_ask(member->worker, WORKER_READ_FILE, errand->path,
                             errand->has_expected ? &errand->expected : NULL, failure)))
        return status;
    member->errand = *errand;
    member->errand.path = memory_copy_string(errand->path);
    member->busy = true;
    crew->busy++;
    return STATUS_OK;
}

/* Until the first of the questions has taken too long: taking its answer then says so. */
static int patience(const struct crew *crew, int milliseconds)
{
    int least = milliseconds < 0 ? INT_MAX : milliseconds;

    for (int i = 0; i < crew->size; i++) {
        int seconds = crew->members[i].busy ? worker_seconds_left(crew->members[i].worker)
                                            : INT_MAX / 1000;

        if (seconds < least / 1000)
            least = seconds * 1000;
    }
    return least == INT_MAX ? -1 : least;
}

static void wait_for_any(struct crew *crew, int milliseconds, int alarm)
{
    for (int i = 0; i < crew->size; i++)
        crew->wanted[i] = (struct pollfd){
            .fd = worker_fd(crew->members[i].worker),
            .events = POLLIN,
        };
    crew->wanted[crew->size] = (struct pollfd){.fd = alarm, .events = POLLIN};
    if (poll(crew->wanted, (nfds_t)crew->size + 1, patience(crew, milliseconds)) > 0)
        return;
    for (int i = 0; i <= crew->size; i++)
        crew->wanted[i].revents = 0;
}

/* One that has answered, died or run out of time. */
static struct member *member_to_take(struct crew *crew)
{
    for (int k = 0; k < crew->size; k++) {
        int i = (crew->first + k) % crew->size;
        struct member *member = &crew->members[i];

        if (member->busy &&
            (crew->wanted[i].revents || worker_seconds_left(member->worker) == 0)) {
            crew->first = (i + 1) % crew->size;
            return member;
        }
    }
    return NULL;
}

enum status crew_take(struct crew *crew, int milliseconds, int alarm,
                      struct errand *errand, struct reading *out, struct failure *failure)
{
    struct member *member;
    enum status status;

    wait_for_any(crew, milliseconds, alarm);
    member = member_to_take(crew);
    if (crew->wanted[crew->size].revents || !member)
        return STATUS_PENDING;
    status = worker_take(member->worker, out, failure);
    *errand = member->errand;
    errand->path = arena_copy_string(&out->arena, member->errand.path);
    forget_errand(crew, member);
    return status;
}
