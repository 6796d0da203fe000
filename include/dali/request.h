/* request.h - a request as endpoints see it: plain values, no socket. */
#pragma once

#include "base/arena.h"
#include "base/waker.h"
#include "dali/params.h"

#include <stdbool.h>
#include <stddef.h>

enum method {
    METHOD_GET = 1 << 0,
    METHOD_HEAD =
        1 << 1, /* the endpoint answers as for GET; the floor below leaves the body out */
    METHOD_POST = 1 << 2,
    METHOD_DELETE = 1 << 3,
    METHOD_OPTIONS = 1 << 4,
    METHOD_OTHER = 1 << 5, /* PUT and the like: known, but taken by no endpoint */
};

struct header {
    const char *name; /* as sent */
    const char *value;
};

/* What an endpoint keeps between its calls for one request; closed with the request. */
struct request_work {
    void *state; /* NULL: nothing */
    void (*close)(void *state);
};

enum { REQUEST_CLIENT_LENGTH = 16 };

/* Everything lives in the arena, until the response has been sent. */
struct request {
    enum method method;
    const char *path;       /* percent-decoded, without the query */
    const char *collection; /* what {c} matched; NULL if the route has none */
    const char *rest;       /* what * matched; NULL if the route has none */
    struct params params;   /* of query and form */
    const struct header *headers;
    size_t header_count;
    const unsigned char *client; /* who asks: an IPv6 address, IPv4 mapped into it
                                    (REQUEST_CLIENT_LENGTH bytes); NULL: not known */
    struct arena *arena;
    struct waker waker; /* for calls that may answer STATUS_PENDING: the endpoint is then
                           called anew */
    struct request_work *work; /* empty at first; NULL: nothing can be kept */
};

/* Value of a header (names without case), or NULL. Several of one name are joined by ",
 * ". */
const char *request_header(const struct request *request, const char *name);

/* Whether Accept-Encoding lets us answer in gzip (RFC 9110, section 12.5.3). */
bool request_accepts_gzip(const struct request *request);
