/*
 * loop.h - one thread of the server: its event base, connections, deadlines, counters,
 * log lines.
 *
 * Nothing in it is touched by another thread but the mailbox and the counters.
 */
#pragma once

#include "http/access_log.h"
#include "http/crowd.h"
#include "http/deadline.h"
#include "http/exchange.h"
#include "http/mailbox.h"
#include "http/server.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

struct connection;

/* What a connection is doing; each state has a time limit, counted from when it began. */
enum connection_state {
    CONNECTION_IDLE,      /* nothing of a request has come */
    CONNECTION_HEAD,      /* a part of a head has */
    CONNECTION_BODY,      /* the head has, a body is coming */
    CONNECTION_PARKED,    /* the endpoint waits for its waker */
    CONNECTION_SENDING,   /* the answer is on its way */
    CONNECTION_LINGERING, /* answered and shut down; what still comes is thrown away, so
                             that the client gets to read the answer */
    CONNECTION_CLOSED,
    CONNECTION_STATES = CONNECTION_CLOSED,
};

/* Written by one thread, read by any. */
struct counter {
    _Atomic uint64_t value;
};

static inline uint64_t counter_value(const struct counter *counter)
{
    return atomic_load_explicit(&counter->value, memory_order_relaxed);
}

static inline void counter_add(struct counter *counter, uint64_t more)
{
    atomic_store_explicit(&counter->value, counter_value(counter) + more,
                          memory_order_relaxed);
}

/* What all loops of a server share. */
struct loop_shared {
    const struct server_settings *settings;
    const struct endpoint *endpoints;
    struct access_log *log; /* NULL: none */
    struct crowd *crowd;    /* NULL: addresses are not counted */
};

enum { LOOP_PARKED_BUCKETS = 256, LOOP_INPUT = 64 * 1024 };

struct loop {
    const struct loop_shared *shared;
    struct event_base *base;
    struct event *letters, *tick;
    struct mailbox *mailbox;
    void *context; /* of the endpoints */

    struct deadlines
        states[CONNECTION_STATES]; /* all connections, by what they are doing */
    struct connection *parked[LOOP_PARKED_BUCKETS]; /* those that wait for a waker, by
                                                       serial */
    struct exchange *spare;
    struct access_lines lines;
    int64_t now;       /* nanoseconds since some past; as of the last event */
    time_t second;     /* of the clock */
    char common[192];  /* headers of every answer: Server, Date, who may read it */
    int64_t drain_end; /* 0: not draining */

    struct counter requests, opened, closed, bytes_sent, refused;
    _Atomic int64_t idle_since; /* since when the connection that is idle for longest is
                                   so, as of the last tick; INT64_MAX: none is */
    char input[LOOP_INPUT];     /* what was just received */
};

enum status loop_open(const struct loop_shared *shared, struct loop **out,
                      struct failure *failure);
void loop_close(struct loop *loop); /* NULL is fine */

/* Serve until a LETTER_DRAIN has come and the connections have gone, or drain_seconds
 * have passed. */
void loop_run(struct loop *loop);

/* Read the clock. */
int64_t loop_look_at_clock(struct loop *loop);
