/*
 * exchange.h - one request and its answer, from the first byte of the one to the last of
 * the other.
 *
 * No sockets here: a connection feeds the parser and the body, and sends what the
 * response holds. Kept in a pool by each thread with all its memory, so that a request in
 * the steady state allocates nothing.
 */
#pragma once

#include "dali/endpoint.h"
#include "http/body.h"
#include "http/output.h"
#include "http/parser.h"

#include <stdbool.h>
#include <stdint.h>

struct exchange {
    struct arena arena;
    struct parser parser;
    struct body body;
    struct params_form *form;  /* of a body that is a form; else NULL */
    struct body_reader reader; /* of one that is the endpoint's */
    struct request request;
    struct request_work work;
    struct response response;
    struct output output;
    const struct endpoint *endpoint;
    int64_t began;   /* nanoseconds, the loop's clock */
    bool must_close; /* the rest of what comes is not to be trusted, or a body was left
                        unread */
    struct exchange *next;
};

/* Take one of the pool, or make one. */
struct exchange *exchange_take(struct exchange **pool, struct parser_limits limits);
/* End it and put it back. */
void exchange_give_back(struct exchange *exchange, struct exchange **pool);
void exchange_pool_finish(struct exchange **pool);

enum exchange_next {
    EXCHANGE_BODY,   /* feed exchange->body, then serve */
    EXCHANGE_SERVE,  /* call exchange_serve() */
    EXCHANGE_ANSWER, /* the response is there: send it */
};

/* Longest bodies, in bytes. */
struct exchange_limits {
    int64_t body;   /* of forms */
    int64_t upload; /* of what an endpoint takes by itself */
};

/* The head is whole: find who answers, and see whether the body is welcome. */
enum exchange_next exchange_route(struct exchange *exchange,
                                  const struct endpoint *endpoints, void *context,
                                  struct exchange_limits limits);

/* More of the body is there; EXCHANGE_BODY: more must come. */
enum exchange_next exchange_feed_body(struct exchange *exchange, const char *bytes,
                                      size_t length, size_t *taken);

/* Let the endpoint answer; false: not yet, its waker will be called. */
bool exchange_serve(struct exchange *exchange, void *context);

/* Answers in place of the endpoint's. */
void exchange_fail(struct exchange *exchange, const struct failure *failure);
void exchange_refuse(struct exchange *exchange, struct refusal refusal);
