/*
 * endpoint.h - what the HTTP floor calls: one row for each thing that answers.
 *
 * An endpoint is a function of a request and of its thread's context. It may be called
 * again for one request, when it answered STATUS_PENDING and its waker was called, so it
 * changes nothing before it has all it needs.
 */
#pragma once

#include "dali/request.h"
#include "dali/response.h"

/* Takes a body that is no form, piece by piece. It ends with the request's work. */
struct body_reader {
    enum status (*take)(void *state, const char *piece, size_t length,
                        struct failure *failure);
    enum status (*end)(void *state, struct failure *failure); /* it was whole */
    void *state;
};

struct endpoint {
    /* "/healthz", "/{c}/sync", "/{c}/spectra/" followed by a star: {c} is one segment,
     * the star the rest. */
    const char *pattern;
    unsigned methods; /* of enum method; HEAD comes with GET */
    enum status (*serve)(void *context, const struct request *request,
                         struct response *response, struct failure *failure);
    void (*refuse)(const struct failure *failure,
                   struct response *response); /* of dali/error.h */
    /* NULL: bodies are forms. Else asked for a reader of another one, when its head is
       there; what the reader keeps is the request's work. */
    enum status (*open_body)(void *context, struct request *request,
                             struct body_reader *out, struct failure *failure);
};

/* A null pattern ends a table of them. */
