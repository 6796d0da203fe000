/*
 * server.h - HTTP/1.1 over libevent: threads, listeners, connections, limits, drain.
 *
 * Each thread has its own event base and serves its connections from the first byte to
 * the last; an endpoint runs on the thread of its connection. Every limit has a status
 * and a sentence.
 */
#pragma once

#include "base/pager.h"
#include "base/status.h"
#include "dali/endpoint.h"

#include <stdint.h>

struct server;

struct server_settings {
    const char
        *listen; /* "127.0.0.1:8080", "[::1]:8080", "*:8080"; port 0: any free one */
    int threads; /* 0: as many as processors */
    int max_connections; /* in all; for one more the connection that is idle for longest
                            is closed; if none is: 503 with Retry-After, closed */
    int max_connections_per_address; /* 0: no limit */
    int64_t max_uri;                 /* bytes of the request target; longer: 414 */
    int64_t max_headers;             /* bytes of all header lines; more: 431 */
    int64_t max_body;                /* bytes; longer: 413 at once */
    int64_t max_upload;              /* the same for what an endpoint takes by itself */
    int head_seconds;       /* to send a whole head, from its first byte; over: 408 */
    int body_seconds;       /* to send a whole body; over: 408 */
    int answer_seconds;     /* to take a whole answer; over: closed */
    int idle_seconds;       /* between requests on a kept connection; over: closed */
    int drain_seconds;      /* after SIGTERM, for answers under way */
    const char *access_log; /* path, "-" for stdout, NULL or "" for none */
    struct pager *pager;    /* of files that are sent, borrowed; NULL: none */
};

/* Defaults for all of it. */
void server_settings_init(struct server_settings *settings);

/* What the endpoints of one thread work with; opened on that thread before it serves. */
struct server_context {
    enum status (*open)(void *shared, void **context, struct failure *failure);
    void (*close)(void *context);
    void *shared;
};

/* Binds and listens: when it returns, connections are taken (and wait). The endpoints
 * must outlive it. */
enum status server_open(const struct server_settings *settings,
                        const struct endpoint *endpoints, struct server_context context,
                        struct server **out, struct failure *failure);
int server_port(const struct server *server);

/* Serve until server_stop(), or SIGTERM or SIGINT, then let answers under way finish.
   SIGHUP reopens the access log and calls on_hangup (on the calling thread; NULL is
   fine); on_tick is called there every second, on_end when answers under way are all that
   is left to do. */
struct server_events {
    void (*on_hangup)(void *context);
    void (*on_tick)(void *context);
    void (*on_end)(void *context);
    void *context;
};
enum status server_run(struct server *server, struct server_events events,
                       struct failure *failure);
void server_stop(struct server *server);  /* from any thread */
void server_close(struct server *server); /* NULL is fine */

/* Counted by each thread alone, added up here. */
struct server_counts {
    uint64_t requests;
    uint64_t connections;      /* taken since the start */
    uint64_t connections_open; /* now */
    uint64_t bytes_sent;
    uint64_t refused; /* for a limit or as malformed */
};
struct server_counts server_count(const struct server *server);
