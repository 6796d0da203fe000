/* route.h - method and path to an endpoint. */
#pragma once

#include "dali/endpoint.h"

struct route {
    const struct endpoint
        *endpoint;          /* NULL: the path is known, the method is not for it */
    const char *collection; /* what {c} matched, or NULL */
    const char *rest;       /* what the star matched, or NULL */
    unsigned allowed;       /* methods that the path takes; 0: no such path */
};

/*
 * The first row whose pattern matches the path decides; rows of the very same pattern
 * share it. {c} matches one segment that is not empty, a star at the end the rest that is
 * not empty. Strings are in the arena.
 */
struct route route_find(const struct endpoint *endpoints, enum method method,
                        const char *path, struct arena *arena);

/* The value of Allow: "GET, HEAD, POST". */
const char *route_allow(unsigned methods, struct arena *arena);
