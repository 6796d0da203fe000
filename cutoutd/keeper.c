#include "keeper.h"

#include "base/log.h"
#include "base/memory.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { NICENESS = 10 };

struct task {
    const struct config_collection *collection;
    pid_t child; /* 0: none runs */
    bool wanted; /* start when the one that runs has ended */
    time_t due;  /* start then, monotonic; 0: not by itself */
};

struct keeper {
    const char *program;
    const char *config_path;
    struct task *tasks;
    size_t count;
};

static time_t now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec;
}

/* Between fork and exec, in a program with threads: only what is safe in a signal
 * handler. */
static void become_ingest(const struct keeper *keeper, const char *collection,
                          pid_t parent)
{
    sigset_t none;

    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent || dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
        _exit(EXIT_FAILURE);
    if (nice(NICENESS) < 0)
        (void)0; /* then at our own priority */
    execl(keeper->program, "cutoutd", "ingest", collection, "--quiet", "--config",
          keeper->config_path, (char *)NULL);
    _exit(127);
}

static void start(struct keeper *keeper, struct task *task)
{
    pid_t parent = getpid();
    pid_t child = fork();

    if (child == 0)
        become_ingest(keeper, task->collection->settings.name, parent);
    if (child < 0)
        log_warning("%s: ingest cannot be started: %s", task->collection->settings.name,
                    strerror(errno));
    else
        task->child = child;
    task->wanted = false;
    task->due = 0;
}

static void tell_end(const char *collection, int status)
{
    if (WIFSIGNALED(status))
        log_warning("%s: ingest was ended by signal %d", collection, WTERMSIG(status));
    else if (WEXITSTATUS(status) > 1)
        log_warning("%s: ingest failed", collection);
}

static bool has_ended(struct task *task)
{
    int status;

    if (!task->child || waitpid(task->child, &status, WNOHANG) != task->child)
        return task->child == 0;
    task->child = 0;
    tell_end(task->collection->settings.name, status);
    if (task->collection->check_seconds)
        task->due = now() + task->collection->check_seconds;
    return true;
}

struct keeper *keeper_open(const struct config *config, const char *program,
                           const char *config_path)
{
    struct keeper *keeper = memory_new(keeper);

    keeper->program = program;
    keeper->config_path = config_path;
    keeper->tasks = memory_take_zeroed(config->collection_count, sizeof(*keeper->tasks));
    for (size_t i = 0; i < config->collection_count; i++)
        if (config->collections[i].keep_in_step)
            keeper->tasks[keeper->count++].collection = &config->collections[i];
    keeper_start_all(keeper);
    return keeper;
}

void keeper_close(struct keeper *keeper)
{
    if (!keeper)
        return;
    for (size_t i = 0; i < keeper->count; i++)
        if (keeper->tasks[i].child)
            kill(keeper->tasks[i].child, SIGTERM);
    for (size_t i = 0; i < keeper->count; i++)
        if (keeper->tasks[i].child)
            waitpid(keeper->tasks[i].child, NULL, 0);
    free(keeper->tasks);
    free(keeper);
}

void keeper_tick(struct keeper *keeper)
{
    for (size_t i = 0; i < keeper->count; i++) {
        struct task *task = &keeper->tasks[i];

        if (has_ended(task) && (task->wanted || (task->due && task->due <= now())))
            start(keeper, task);
    }
}

void keeper_start_all(struct keeper *keeper)
{
    for (size_t i = 0; i < keeper->count; i++)
        keeper->tasks[i].wanted = true;
    keeper_tick(keeper);
}
