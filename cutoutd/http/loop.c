#include "http/loop.h"

#include "base/clock.h"
#include "base/memory.h"
#include "http/connection.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    TICK_MICROSECONDS = 100 * 1000,
    LINGER_SECONDS = 2,
    DRAIN_IDLE = 500 * 1000 * 1000,   /* nanoseconds */
    IDLE_ENOUGH = 1000 * 1000 * 1000, /* the same: a client at work asks again sooner */
};

int64_t loop_look_at_clock(struct loop *loop)
{
    loop->now = clock_nanoseconds();
    return loop->now;
}

/* Once a second: what is spelled of the time, and the log of the second that went. Any
 * page may read any answer: nothing here depends on who asks. */
static void begin_second(struct loop *loop, time_t now)
{
    struct tm broken_down;

    if (now == loop->second)
        return;
    loop->second = now;
    gmtime_r(&now, &broken_down);
    strftime(loop->common, sizeof(loop->common),
             "Server: cutoutd/" CUTOUTD_VERSION "\r\n"
             "Date: %a, %d %b %Y %H:%M:%S GMT\r\n"
             "Access-Control-Allow-Origin: *\r\n"
             "Access-Control-Expose-Headers: *\r\n",
             &broken_down);
    access_lines_flush(&loop->lines);
}

static bool has_connections(const struct loop *loop)
{
    return counter_value(&loop->opened) != counter_value(&loop->closed);
}

static void end_if_drained(struct loop *loop)
{
    if (loop->drain_end && (!has_connections(loop) || loop->now >= loop->drain_end))
        event_base_loopbreak(loop->base);
}

static int64_t idle_since(const struct loop *loop)
{
    const struct deadlines *idle = &loop->states[CONNECTION_IDLE];
    const struct deadline *first = deadlines_front(idle);

    return first ? first->at - idle->duration : INT64_MAX;
}

/* Close the connection that is idle for longest. One whose request has just come is
 * served instead, and the next has its turn. */
static bool give_up_idle(struct loop *loop)
{
    uint64_t closed = counter_value(&loop->closed);

    while (counter_value(&loop->closed) == closed) {
        if (idle_since(loop) > loop->now - IDLE_ENOUGH)
            return false;
        connection_expire(deadlines_front(&loop->states[CONNECTION_IDLE]));
    }
    return true;
}

static void take_socket(struct loop *loop, struct letter socket)
{
    if (socket.may_displace && give_up_idle(loop))
        socket.refusal = NULL;
    connection_open(loop, &socket);
}

static void on_tick(evutil_socket_t fd, short what, void *argument)
{
    struct loop *loop = argument;

    (void)fd;
    (void)what;
    loop_look_at_clock(loop);
    begin_second(loop, time(NULL));
    for (size_t i = 0; i < CONNECTION_STATES; i++) {
        struct deadline *expired;

        while ((expired = deadlines_expired(&loop->states[i], loop->now)))
            connection_expire(expired);
    }
    atomic_store_explicit(&loop->idle_since, idle_since(loop), memory_order_relaxed);
    end_if_drained(loop);
}

/* A client that is at work sends its next request at any moment: it has the time to, and
 * the answer tells it that the connection ends. */
static void drain(struct loop *loop)
{
    loop->drain_end =
        loop->now + (int64_t)loop->shared->settings->drain_seconds * 1000000000;
    deadlines_shorten(&loop->states[CONNECTION_IDLE], DRAIN_IDLE, loop->now);
}

static void on_letters(evutil_socket_t fd, short what, void *argument)
{
    struct loop *loop = argument;
    size_t count;
    const struct letter *letters = mailbox_collect(loop->mailbox, &count);

    (void)fd;
    (void)what;
    loop_look_at_clock(loop);
    for (size_t i = 0; i < count; i++) {
        switch (letters[i].kind) {
        case LETTER_WAKE:
            connection_wake(loop, letters[i].serial);
            break;
        case LETTER_SOCKET:
            take_socket(loop, letters[i]);
            break;
        case LETTER_DRAIN:
            drain(loop);
            break;
        }
    }
    end_if_drained(loop);
}

/*
 * No locks: other threads come in by the mailbox alone. No change list either: it would
 * take a descriptor out of epoll after it was closed, when another thread may have it
 * anew; and the steady state changes nothing anyway.
 */
static struct event_base *open_base(void)
{
    struct event_config *config = event_config_new();
    struct event_base *base;

    if (!config)
        return NULL;
    event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK | EVENT_BASE_FLAG_IGNORE_ENV);
    base = event_base_new_with_config(config);
    event_config_free(config);
    return base;
}

static void init_states(struct loop *loop)
{
    const struct server_settings *settings = loop->shared->settings;

    deadlines_init(&loop->states[CONNECTION_IDLE], settings->idle_seconds);
    deadlines_init(&loop->states[CONNECTION_HEAD], settings->head_seconds);
    deadlines_init(&loop->states[CONNECTION_BODY], settings->body_seconds);
    deadlines_init(&loop->states[CONNECTION_PARKED], settings->answer_seconds);
    deadlines_init(&loop->states[CONNECTION_SENDING], settings->answer_seconds);
    deadlines_init(&loop->states[CONNECTION_LINGERING], LINGER_SECONDS);
}

enum status loop_open(const struct loop_shared *shared, struct loop **out,
                      struct failure *failure)
{
    static const struct timeval tick = {.tv_usec = TICK_MICROSECONDS};
    struct loop *loop = memory_new(loop);

    loop->shared = shared;
    init_states(loop);
    loop->idle_since = INT64_MAX;
    access_lines_init(&loop->lines, shared->log);
    loop->mailbox = mailbox_open();
    loop->base = open_base();
    if (loop->base) {
        loop->letters = event_new(loop->base, mailbox_descriptor(loop->mailbox),
                                  EV_READ | EV_PERSIST, on_letters, loop);
        loop->tick = event_new(loop->base, -1, EV_PERSIST, on_tick, loop);
    }
    if (!loop->letters || !loop->tick || event_add(loop->letters, NULL) < 0 ||
        event_add(loop->tick, &tick) < 0) {
        loop_close(loop);
        return failure_set(failure, STATUS_SYSTEM, "no event loop could be made");
    }
    loop_look_at_clock(loop);
    begin_second(loop, time(NULL));
    *out = loop;
    return STATUS_OK;
}

static void close_connections(struct loop *loop)
{
    for (size_t i = 0; i < CONNECTION_STATES; i++)
        while (deadlines_front(&loop->states[i]))
            connection_abort(deadlines_front(&loop->states[i]));
}

void loop_run(struct loop *loop)
{
    event_base_dispatch(loop->base);
    close_connections(loop);
    access_lines_flush(&loop->lines);
}

void loop_close(struct loop *loop)
{
    if (!loop)
        return;
    close_connections(loop);
    if (loop->letters)
        event_free(loop->letters);
    if (loop->tick)
        event_free(loop->tick);
    if (loop->base)
        event_base_free(loop->base);
    mailbox_close(loop->mailbox);
    exchange_pool_finish(&loop->spare);
    access_lines_finish(&loop->lines);
    free(loop);
}
