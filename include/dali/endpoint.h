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

struct endpoint {
    /* "/healthz", "/{c}/sync", "/{c}/spectra/" followed by a star: {c} is one segment,
     * the star the rest. */
    const char *pattern;
    unsigned methods; /* of enum method; HEAD comes with GET */
    enum status (*serve)(void *context, const struct request *request,
                         struct response *response, struct failure *failure);
    void (*refuse)(const struct failure *failure,
                   struct response *response); /* of dali/error.h */
};

/* A null pattern ends a table of them. */
