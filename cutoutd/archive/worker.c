#include "archive/worker.h"

#include "base/buffer.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    USUAL_SECONDS = 60,
    SOCKET_BUFFER =
        1024 * 1024, /* a usual answer fits: the worker need not wait for us */
    KEPT_BUFFER = 4 * 1024 * 1024, /* a larger one is given back after its answer */
    SAFE_FD =
        10, /* above those that the worker is given, so that giving one overwrites none */
};

struct worker {
    char *archive_folder;
    int folder; /* that the process has */
    char *program;
    int seconds;
    pid_t pid;  /* 0: none runs */
    int socket; /* ours of the pair; -1: none */
    bool asked;
    char path[WORKER_PATH_LENGTH]; /* that was asked last */
    int64_t deadline;              /* of the question, milliseconds of CLOCK_MONOTONIC */
    struct buffer answer;
};

static int open_folder(const char *path)
{
    AUTO_FD found = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    return found < 0 ? -1 : fcntl(found, F_DUPFD_CLOEXEC, SAFE_FD);
}

enum status worker_open(const struct worker_settings *settings, struct worker **out,
                        struct failure *failure)
{
    int folder = open_folder(settings->archive_folder);
    struct worker *worker;

    if (folder < 0)
        return failure_system(failure, "%s", settings->archive_folder);
    memory_new(worker);
    worker->archive_folder = memory_copy_string(settings->archive_folder);
    worker->folder = folder;
    worker->program =
        memory_copy_string(settings->program ? settings->program : "/proc/self/exe");
    worker->seconds = settings->seconds ? settings->seconds : USUAL_SECONDS;
    worker->socket = -1;
    buffer_init(&worker->answer);
    *out = worker;
    return STATUS_OK;
}

/* ---- the process ---- */

/* End the worker whatever it does, and return how it ended as waitpid() has it. */
static int end_process(struct worker *worker)
{
    int how = 0;

    if (worker->pid) {
        kill(worker->pid, SIGKILL);
        while (waitpid(worker->pid, &how, 0) < 0 && errno == EINTR)
            continue;
    }
    if (worker->socket >= 0)
        close(worker->socket);
    worker->pid = 0;
    worker->socket = -1;
    return how;
}

void worker_close(struct worker *worker)
{
    if (!worker)
        return;
    end_process(worker);
    close(worker->folder);
    buffer_finish(&worker->answer);
    free(worker->archive_folder);
    free(worker->program);
    free(worker);
}

/* The server blocks and handles signals in its own way; a worker starts as any program
 * does. */
static void set_attributes(posix_spawnattr_t *attributes)
{
    sigset_t none, all;

    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(attributes, &none);
    posix_spawnattr_setsigdefault(attributes, &all);
    posix_spawnattr_setpgroup(attributes, 0);
    posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                             POSIX_SPAWN_SETPGROUP);
}

static int spawn(struct worker *worker, int its_socket)
{
    char *arguments[] = {(char[]){"cutoutd"}, (char[]){"worker"}, NULL};
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    int error;

    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, worker->folder, WORKER_FOLDER_FD);
    posix_spawn_file_actions_adddup2(&files, its_socket, WORKER_SOCKET_FD);
    posix_spawn_file_actions_addclosefrom_np(&files, WORKER_SOCKET_FD + 1);
    posix_spawnattr_init(&attributes);
    set_attributes(&attributes);
    error = posix_spawn(&worker->pid, worker->program, &files, &attributes, arguments,
                        environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    if (error)
        worker->pid = 0;
    return error;
}

/* On Unix sockets the sender's buffer is the one that counts. */
static void enlarge(int socket)
{
    int size = SOCKET_BUFFER;

    setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
}

/* A socket pair; the worker's end lies where giving it overwrites no other. */
static enum status open_sockets(int *ours, int *its, struct failure *failure)
{
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        return failure_system(failure, "cannot start a reader process: socketpair");
    *its = fcntl(pair[1], F_DUPFD_CLOEXEC, SAFE_FD);
    close(pair[1]);
    if (*its < 0) {
        failure_system(failure, "cannot start a reader process: socket");
        close(pair[0]);
        return failure->status;
    }
    *ours = pair[0];
    enlarge(*its);
    return STATUS_OK;
}

static enum status start_process(struct worker *worker, struct failure *failure)
{
    AUTO_FD its_socket = -1;
    enum status status;

    if ((status = open_sockets(&worker->socket, &its_socket, failure)))
        return status;
    errno = spawn(worker, its_socket);
    if (errno == 0)
        return STATUS_OK;
    failure_system(failure, "cannot start a reader process: %s", worker->program);
    end_process(worker);
    return failure->status;
}

/* ---- the question ---- */

/* Between questions nothing comes from a worker: bytes are nonsense, the end is death. */
static bool is_quiet(const struct worker *worker)
{
    char byte;

    return worker->pid && recv(worker->socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
           errno == EAGAIN;
}

static bool send_all(int socket, const struct buffer *question)
{
    size_t sent = 0;

    while (sent < question->length) {
        ssize_t count =
            send(socket, question->bytes + sent, question->length - sent, MSG_NOSIGNAL);

        if (count < 0 && errno != EINTR)
            return false;
        sent += count < 0 ? 0 : (size_t)count;
    }
    return true;
}

static void pack_question(enum worker_question_kind kind, const char *path,
                          const uint64_t *expected, struct buffer *out)
{
    struct worker_question_head head = {
        .kind = kind,
        .has_expected = expected != NULL,
        .expected = expected ? *expected : 0,
    };
    uint32_t size = (uint32_t)(sizeof(head) + strlen(path));

    buffer_add(out, &size, sizeof(size));
    buffer_add(out, &head, sizeof(head));
    buffer_add_string(out, path);
}

/* Something else may have been mounted or linked in the place of the archive's folder:
 * the process has the old one. */
static void follow_folder(struct worker *worker)
{
    struct stat named, held;
    int folder;

    if (stat(worker->archive_folder, &named) < 0 || fstat(worker->folder, &held) < 0 ||
        (named.st_ino == held.st_ino && named.st_dev == held.st_dev) ||
        (folder = open_folder(worker->archive_folder)) < 0)
        return;
    end_process(worker);
    close(worker->folder);
    worker->folder = folder;
}

/* A worker that died in its sleep is found out here. */
enum status worker_start(struct worker *worker, struct failure *failure)
{
    follow_folder(worker);
    if (is_quiet(worker))
        return STATUS_OK;
    end_process(worker);
    return start_process(worker, failure);
}

/* A worker that dies between its start and the question is worth one more. */
static enum status send_question(struct worker *worker, const struct buffer *question,
                                 struct failure *failure)
{
    enum status status;

    for (int attempt = 0; attempt < 2; attempt++) {
        if ((status = worker_start(worker, failure)))
            return status;
        if (send_all(worker->socket, question))
            return STATUS_OK;
    }
    failure_system(failure, "cannot start a reader process: %s", worker->program);
    end_process(worker);
    return failure->status;
}

enum status worker_ask(struct worker *worker, enum worker_question_kind kind,
                       const char *path, const uint64_t *expected,
                       struct failure *failure)
{
    size_t length = strlen(path);
    struct buffer question;
    enum status status;

    assert(!worker->asked);
    if (length >= sizeof(worker->path))
        return failure_set(failure, STATUS_BAD_PARAMETER, "a path of %zu bytes", length);
    buffer_init(&question);
    pack_question(kind, path, expected, &question);
    status = send_question(worker, &question, failure);
    buffer_finish(&question);
    if (status)
        return status;
    memcpy(worker->path, path, length + 1);
    worker->deadline = clock_milliseconds() + (int64_t)worker->seconds * 1000;
    worker->asked = true;
    return STATUS_OK;
}

int worker_fd(const struct worker *worker)
{
    return worker->asked ? worker->socket : -1;
}

int worker_seconds_left(const struct worker *worker)
{
    int64_t left = worker->deadline - clock_milliseconds();

    return worker->asked && left > 0 ? (int)((left + 999) / 1000) : 0;
}

/* ---- the answer ---- */

enum receipt { RECEIVED, DIED, STALLED, NONSENSE };

static bool wait_for_bytes(const struct worker *worker)
{
    struct pollfd wanted = {.fd = worker->socket, .events = POLLIN};
    int64_t left = worker->deadline - clock_milliseconds();

    return left > 0 && (poll(&wanted, 1, (int)left) != 0);
}

static enum receipt receive(const struct worker *worker, void *bytes, size_t size)
{
    uint8_t *next = bytes;

    while (size) {
        ssize_t count = recv(worker->socket, next, size, MSG_DONTWAIT);

        if (count > 0) {
            next += count;
            size -= (size_t)count;
        } else if (count == 0 || (errno != EAGAIN && errno != EINTR)) {
            return DIED;
        } else if (!wait_for_bytes(worker)) {
            return STALLED;
        }
    }
    return RECEIVED;
}

static enum receipt receive_reading(struct worker *worker, struct reading *out)
{
    struct failure ignored; /* nonsense is nonsense, whatever its kind */
    enum receipt receipt;
    uint32_t size;

    if ((receipt = receive(worker, &size, sizeof(size))))
        return receipt;
    if (size > WORKER_ANSWER_LIMIT)
        return NONSENSE;
    buffer_clear(&worker->answer);
    if ((receipt = receive(worker, buffer_room(&worker->answer, size), size)))
        return receipt;
    return reading_unpack(worker->answer.bytes, size, out, &ignored) ? NONSENSE
                                                                     : RECEIVED;
}

/* Signals that people, supervisors and a machine short of memory send; a program that
 * goes wrong sends itself others. */
static bool was_ended_by_somebody(int how)
{
    int number = WIFSIGNALED(how) ? WTERMSIG(how) : 0;

    return number == SIGKILL || number == SIGTERM || number == SIGINT || number == SIGHUP;
}

static void tell_of_death(const struct worker *worker, int how, struct reading *out)
{
    bool left = WIFEXITED(how);

    out->outcome = left || was_ended_by_somebody(how) ? READING_FAILED : READING_REFUSED;
    out->reason = arena_format(&out->arena, "the reader process %s (%s %d) on this file",
                               left ? "ended" : "died", left ? "status" : "signal",
                               left ? WEXITSTATUS(how) : WTERMSIG(how));
    out->file = arena_copy_string(&out->arena, worker->path);
}

static void refuse(const struct worker *worker, const char *reason, struct reading *out)
{
    out->outcome = READING_REFUSED;
    out->reason = arena_copy_string(&out->arena, reason);
    out->file = arena_copy_string(&out->arena, worker->path);
}

/* Whatever went wrong, that worker is not asked again. */
static void give_up(struct worker *worker, enum receipt receipt, struct reading *out)
{
    int how = end_process(worker);
    char reason[80];

    reading_finish(out);
    reading_init(out);
    if (receipt == DIED) {
        tell_of_death(worker, how, out);
    } else if (receipt == STALLED) {
        snprintf(reason, sizeof(reason), "the reader process took longer than %d seconds",
                 worker->seconds);
        refuse(worker, reason, out);
    } else {
        refuse(worker, "the reader process answered nonsense on this file", out);
    }
}

enum status worker_take(struct worker *worker, struct reading *out,
                        struct failure *failure)
{
    enum receipt receipt;

    (void)failure;
    assert(worker->asked);
    receipt = receive_reading(worker, out);
    if (receipt != RECEIVED)
        give_up(worker, receipt, out);
    if (worker->answer.capacity > KEPT_BUFFER) {
        buffer_finish(&worker->answer);
        buffer_init(&worker->answer);
    }
    worker->asked = false;
    return STATUS_OK;
}
