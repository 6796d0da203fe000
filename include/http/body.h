/* body.h - the body of a request: where it ends, how long it may be, and who takes its
 * bytes as they come. */
#pragma once

#include "base/status.h"
#include "http/chunked.h"
#include "http/parser.h"

#include <stdbool.h>
#include <stdint.h>

/* Takes a body piece by piece; a failure ends the request. */
struct body_sink {
    enum status (*take)(void *state, const char *piece, size_t length,
                        struct failure *failure);
    void *state;
};

struct body {
    struct body_sink sink;
    bool is_chunked;
    struct chunked chunked;
    int64_t left; /* that may still come; that must, when it is not chunked */
    struct refusal refusal;
    struct failure failure; /* of the sink */
};

/* The body that a head promises, of at most `limit` bytes; false if it is refused for its
 * length at once. */
bool body_init(struct body *body, const struct head *head, int64_t limit,
               size_t max_beside, struct body_sink sink);

enum body_result {
    BODY_MORE, /* all was taken, more must come */
    BODY_ALL,
    BODY_REFUSED, /* body->refusal */
    BODY_FAILED,  /* body->failure */
};
enum body_result body_feed(struct body *body, const char *bytes, size_t length,
                           size_t *taken);
