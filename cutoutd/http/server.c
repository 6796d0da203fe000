#include "http/server.h"

#include "base/log.h"
#include "base/memory.h"
#include "http/listener.h"
#include "http/loop.h"

#include <errno.h>
#include <event2/event.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/sysinfo.h>
#include <unistd.h>

enum {
    ACCEPT_TURN = 64, /* sockets taken before other events have their turn */
    REFUSED_AT_ONCE =
        64, /* connections above the limit that are told so; more are just closed */
    SHARDS = 16 * 1024, /* files that a cache may have open: 4 TB of the usual size */
};

struct worker {
    struct server *server;
    struct loop *loop;
    pthread_t thread;
    sem_t started;
    uint64_t handed; /* sockets, since the start */
    enum status status;
    struct failure failure;
};

struct server {
    struct server_settings settings;
    struct loop_shared shared;
    struct server_context context;
    struct worker *workers;
    size_t worker_count;
    size_t running; /* workers */
    int listener, port;
    struct event_base
        *base; /* of the thread that runs the server: accepts, signals, ticks */
    struct event *acceptance, *tick, *letters, *signals[3];
    struct mailbox *mailbox; /* for server_stop() */
    struct server_events events;
};

void server_settings_init(struct server_settings *settings)
{
    *settings = (struct server_settings){
        .listen = "127.0.0.1:8080",
        .max_connections = 4096,
        .max_uri = 8 * 1024,
        .max_headers = 16 * 1024,
        .max_body = 16 * 1024 * 1024,
        .max_upload = 1024 * 1024 * 1024,
        .head_seconds = 10,
        .body_seconds = 60,
        .answer_seconds = 600,
        .idle_seconds = 60,
        .drain_seconds = 10,
    };
}

/* ---- accepting ---- */

static uint64_t connections_of(const struct worker *worker)
{
    return worker->handed - counter_value(&worker->loop->closed);
}

/* The one with the fewest connections, and how many all have together. */
static struct worker *least_busy(struct server *server, uint64_t *total)
{
    struct worker *least = &server->workers[0];

    *total = 0;
    for (size_t i = 0; i < server->worker_count; i++) {
        struct worker *worker = &server->workers[i];

        *total += connections_of(worker);
        if (connections_of(worker) < connections_of(least))
            least = worker;
    }
    return least;
}

static const struct refusal full = {503, "All connections are taken: try again later"};

/* Why this connection may not be; NULL if it may. */
static const struct refusal *refusal_of(struct server *server, uint64_t total,
                                        const struct address *peer)
{
    static const struct refusal greedy = {429, "Too many connections from this address"};
    bool is_greedy =
        server->shared.crowd && crowd_join(server->shared.crowd, peer) >
                                    server->settings.max_connections_per_address;

    if (is_greedy)
        return &greedy;
    return total >= (uint64_t)server->settings.max_connections ? &full : NULL;
}

/* The one that has the connection which is idle for longest, if any is. */
static struct worker *idlest(struct server *server)
{
    struct worker *idlest = &server->workers[0];

    for (size_t i = 1; i < server->worker_count; i++)
        if (server->workers[i].loop->idle_since < idlest->loop->idle_since)
            idlest = &server->workers[i];
    return idlest;
}

static void hand_over(struct server *server, int fd, const struct sockaddr_storage *peer)
{
    struct letter letter = {.kind = LETTER_SOCKET, .fd = fd, .peer = address_of(peer)};
    uint64_t total;
    struct worker *worker = least_busy(server, &total);

    if (total >= (uint64_t)server->settings.max_connections + REFUSED_AT_ONCE) {
        close(fd);
        return;
    }
    letter.refusal = refusal_of(server, total, &letter.peer);
    if (letter.refusal == &full) {
        letter.may_displace = true;
        worker = idlest(server);
    }
    worker->handed++;
    mailbox_post(worker->loop->mailbox, &letter);
}

/* Out of descriptors: without a pause the waiting connection would call again at once.
 * The next tick resumes. */
static void pause_accepting(struct server *server)
{
    log_warning("accept: %s", strerror(errno));
    event_del(server->acceptance);
}

static void accept_waiting(struct server *server, int limit)
{
    while (limit-- > 0) {
        struct sockaddr_storage peer;
        socklen_t length = sizeof(peer);
        int fd = accept4(server->listener, (struct sockaddr *)&peer, &length,
                         SOCK_NONBLOCK | SOCK_CLOEXEC);

        if (fd >= 0) {
            hand_over(server, fd, &peer);
        } else if (errno == EAGAIN) {
            return;
        } else if (errno != EINTR && errno != ECONNABORTED) {
            pause_accepting(server);
            return;
        }
    }
}

static void on_connection(evutil_socket_t fd, short what, void *argument)
{
    (void)fd;
    (void)what;
    accept_waiting(argument, ACCEPT_TURN);
}

/* ---- events of the running thread ---- */

static void on_tick(evutil_socket_t fd, short what, void *argument)
{
    struct server *server = argument;

    (void)fd;
    (void)what;
    event_add(server->acceptance, NULL);
    if (server->events.on_tick)
        server->events.on_tick(server->events.context);
}

static void on_end(evutil_socket_t fd, short what, void *argument)
{
    struct server *server = argument;

    (void)fd;
    (void)what;
    event_base_loopbreak(server->base);
}

static void on_hangup(evutil_socket_t fd, short what, void *argument)
{
    struct server *server = argument;
    struct failure failure;

    (void)fd;
    (void)what;
    if (access_log_reopen(server->shared.log, &failure))
        log_error("%s", failure.message);
    if (server->events.on_hangup)
        server->events.on_hangup(server->events.context);
}

static enum status open_events(struct server *server, struct failure *failure)
{
    static const struct timeval second = {.tv_sec = 1};

    server->base = event_base_new();
    if (!server->base)
        return failure_set(failure, STATUS_SYSTEM, "no event loop could be made");
    server->acceptance = event_new(server->base, server->listener, EV_READ | EV_PERSIST,
                                   on_connection, server);
    server->tick = event_new(server->base, -1, EV_PERSIST, on_tick, server);
    server->letters = event_new(server->base, mailbox_descriptor(server->mailbox),
                                EV_READ, on_end, server);
    server->signals[0] = evsignal_new(server->base, SIGTERM, on_end, server);
    server->signals[1] = evsignal_new(server->base, SIGINT, on_end, server);
    server->signals[2] = evsignal_new(server->base, SIGHUP, on_hangup, server);
    if (!server->acceptance || !server->tick || !server->letters ||
        event_add(server->acceptance, NULL) || event_add(server->tick, &second) ||
        event_add(server->letters, NULL))
        return failure_set(failure, STATUS_SYSTEM, "no events could be made");
    for (size_t i = 0; i < 3; i++)
        if (!server->signals[i] || event_add(server->signals[i], NULL))
            return failure_set(failure, STATUS_SYSTEM, "no signal can be caught");
    return STATUS_OK;
}

static void close_event(struct event **event)
{
    if (*event)
        event_free(*event);
    *event = NULL;
}

static void close_events(struct server *server)
{
    close_event(&server->acceptance);
    close_event(&server->tick);
    close_event(&server->letters);
    for (size_t i = 0; i < 3; i++)
        close_event(&server->signals[i]);
    if (server->base)
        event_base_free(server->base);
    server->base = NULL;
}

/* ---- threads ---- */

/* The context is opened on the thread that will use it. */
static void *run_worker(void *argument)
{
    struct worker *worker = argument;
    const struct server_context *context = &worker->server->context;

    if (context->open)
        worker->status =
            context->open(context->shared, &worker->loop->context, &worker->failure);
    sem_post(&worker->started);
    if (worker->status)
        return NULL;
    loop_run(worker->loop);
    if (context->close)
        context->close(worker->loop->context);
    return NULL;
}

/* Start one, and wait until it serves or has failed to. */
static enum status start_worker(struct worker *worker, struct failure *failure)
{
    int error;

    sem_init(&worker->started, 0, 0);
    error = pthread_create(&worker->thread, NULL, run_worker, worker);
    if (error)
        return failure_set(failure, STATUS_SYSTEM, "a thread: %s", strerror(error));
    worker->server->running++;
    while (sem_wait(&worker->started) < 0) /* EINTR */
        ;
    if (worker->status)
        *failure = worker->failure;
    return worker->status;
}

/* Signals are for the thread that runs the server; SIGPIPE, which sendfile() may raise,
 * for nobody. A fault is its thread's own: archive/map_watch.c helps some. */
static enum status start_workers(struct server *server, struct failure *failure)
{
    enum status status = STATUS_OK;
    sigset_t all, before;

    sigfillset(&all);
    sigdelset(&all, SIGBUS);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    for (size_t i = 0; i < server->worker_count && status == STATUS_OK; i++)
        status = start_worker(&server->workers[i], failure);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return status;
}

static void end_workers(struct server *server)
{
    for (size_t i = 0; i < server->running; i++)
        mailbox_post(server->workers[i].loop->mailbox,
                     &(struct letter){.kind = LETTER_DRAIN});
    for (size_t i = 0; i < server->running; i++)
        pthread_join(server->workers[i].thread, NULL);
    server->running = 0;
}

/* ---- the server ---- */

static enum status open_parts(struct server *server, struct failure *failure)
{
    enum status status;

    if ((status = access_log_open(server->settings.access_log, &server->shared.log,
                                  failure)) ||
        (status = listener_open(server->settings.listen, &server->listener, &server->port,
                                failure)))
        return status;
    for (size_t i = 0; i < server->worker_count; i++) {
        server->workers[i].server = server;
        if ((status = loop_open(&server->shared, &server->workers[i].loop, failure)))
            return status;
    }
    return STATUS_OK;
}

/* As many descriptors as the connections, the files they are sent and the shards of the
 * cache need, where the system lets us. */
static void raise_descriptor_limit(const struct server_settings *settings)
{
    rlim_t needed = 2 * (rlim_t)settings->max_connections + SHARDS;
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= needed)
        return;
    limit.rlim_cur = limit.rlim_max < needed ? limit.rlim_max : needed;
    setrlimit(RLIMIT_NOFILE, &limit);
}

enum status server_open(const struct server_settings *settings,
                        const struct endpoint *endpoints, struct server_context context,
                        struct server **out, struct failure *failure)
{
    struct server *server = memory_new(server);
    enum status status;

    server->settings = *settings;
    server->context = context;
    server->listener = -1;
    server->mailbox = mailbox_open();
    server->worker_count =
        (size_t)(settings->threads > 0 ? settings->threads : get_nprocs());
    server->workers = memory_take_zeroed(server->worker_count, sizeof(*server->workers));
    server->shared.settings = &server->settings;
    server->shared.endpoints = endpoints;
    if (settings->max_connections_per_address > 0)
        server->shared.crowd = crowd_open();
    raise_descriptor_limit(settings);
    if ((status = open_parts(server, failure))) {
        server_close(server);
        return status;
    }
    *out = server;
    return STATUS_OK;
}

int server_port(const struct server *server)
{
    return server->port;
}

enum status server_run(struct server *server, struct server_events events,
                       struct failure *failure)
{
    enum status status;

    server->events = events;
    if ((status = open_events(server, failure)) == STATUS_OK &&
        (status = start_workers(server, failure)) == STATUS_OK) {
        event_base_dispatch(server->base);
        accept_waiting(server, server->settings.max_connections);
    }
    close_events(server);
    close(server->listener);
    server->listener = -1;
    if (events.on_end)
        events.on_end(events.context);
    end_workers(server);
    return status;
}

void server_stop(struct server *server)
{
    mailbox_post(server->mailbox, &(struct letter){.kind = LETTER_DRAIN});
}

void server_close(struct server *server)
{
    if (!server)
        return;
    for (size_t i = 0; i < server->worker_count; i++)
        loop_close(server->workers[i].loop);
    if (server->listener >= 0)
        close(server->listener);
    mailbox_close(server->mailbox);
    access_log_close(server->shared.log);
    crowd_close(server->shared.crowd);
    free(server->workers);
    free(server);
}

struct server_counts server_count(const struct server *server)
{
    struct server_counts counts = {0};

    for (size_t i = 0; i < server->worker_count; i++) {
        const struct loop *loop = server->workers[i].loop;

        counts.requests += counter_value(&loop->requests);
        counts.connections += counter_value(&loop->opened);
        counts.connections_open +=
            counter_value(&loop->opened) - counter_value(&loop->closed);
        counts.bytes_sent += counter_value(&loop->bytes_sent);
        counts.refused += counter_value(&loop->refused);
    }
    return counts;
}
