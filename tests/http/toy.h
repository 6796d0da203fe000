/*
 * toy.h - endpoints for tests of the HTTP floor: each shows one way to answer.
 *
 * Included by the programs that serve them; see toy_endpoints at the end.
 */
#pragma once

#include "dali/endpoint.h"

#include "base/memory.h"
#include "base/number.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

/* Byte i of every toy body. */
static inline char toy_byte(int64_t i)
{
    return (char)('a' + i % 23);
}

static inline int64_t toy_number(const char *text)
{
    int64_t number = 0;

    return text && number_read_integer(text, strlen(text), &number) ? number : 0;
}

/* The pattern repeats, so that what is there is copied on: wrk measures the server, not
 * this. */
static inline void toy_add(struct buffer *out, int64_t first, int64_t count)
{
    char *room = (char *)buffer_room(out, (size_t)count + 1);
    int64_t done = count < 23 ? count : 23;

    for (int64_t i = 0; i < done; i++)
        room[i] = toy_byte(first + i);
    for (int64_t step; done < count; done += step) {
        step = done < count - done ? done : count - done;
        memcpy(room + done, room, (size_t)step);
    }
    buffer_added(out, (size_t)count);
}

/* GET /bytes/N: N bytes. */
static inline enum status toy_bytes(void *context, const struct request *request,
                                    struct response *response, struct failure *failure)
{
    (void)context;
    (void)failure;
    toy_add(response_bytes(response, 200, "text/plain"), 0, toy_number(request->rest));
    return STATUS_OK;
}

/* GET /file/N: the last N bytes of a file of N + 1000. */
static inline enum status toy_file(void *context, const struct request *request,
                                   struct response *response, struct failure *failure)
{
    int64_t length = toy_number(request->rest);
    int fd = memfd_create("toy", MFD_CLOEXEC);
    struct buffer bytes;

    (void)context;
    if (fd < 0)
        return failure_system(failure, "memfd_create");
    buffer_init(&bytes);
    memset(buffer_room(&bytes, 1000), '#', 1000); /* bytes that must not be sent */
    buffer_added(&bytes, 1000);
    toy_add(&bytes, 0, length);
    if (write(fd, bytes.bytes, bytes.length) != (ssize_t)bytes.length) {
        buffer_finish(&bytes);
        close(fd);
        return failure_system(failure, "write");
    }
    buffer_finish(&bytes);
    response_file(response, "application/octet-stream", fd, 1000, length);
    return STATUS_OK;
}

/* ---- producers ---- */

enum { TOY_PIECE = 64 * 1024 };

/* How many bytes producers made in all, and how many of them were closed. */
static _Atomic int64_t toy_produced;
static _Atomic int toy_closed;

struct toy_producer {
    int64_t made, length;
    int64_t fails_at; /* below 0: never */
};

static inline enum status toy_produce(void *state, struct buffer *out,
                                      struct failure *failure)
{
    struct toy_producer *producer = state;
    int64_t left = producer->length - producer->made;
    int64_t count = left < TOY_PIECE ? left : TOY_PIECE;

    if (producer->fails_at >= 0 && producer->made >= producer->fails_at)
        return failure_set(failure, STATUS_DAMAGED, "toy: the producer broke");
    toy_add(out, producer->made, count);
    producer->made += count;
    atomic_fetch_add(&toy_produced, count);
    return STATUS_OK;
}

static inline void toy_producer_close(void *state)
{
    atomic_fetch_add(&toy_closed, 1);
    free(state);
}

static inline void toy_answer(struct response *response, int64_t length, int64_t promised,
                              int64_t fails_at)
{
    struct toy_producer *state = memory_new(state);

    state->length = length;
    state->fails_at = fails_at;
    response_produce(response, "application/octet-stream",
                     (struct producer){.produce = toy_produce,
                                       .close = toy_producer_close,
                                       .state = state,
                                       .length = promised});
}

/* GET /produce/N: N bytes, promised; FAIL=M: the producer breaks after M; PROMISE=M: it
 * lies. */
static inline enum status toy_promised(void *context, const struct request *request,
                                       struct response *response, struct failure *failure)
{
    const struct param *fails = params_next(&request->params, "FAIL", NULL);
    const struct param *promise = params_next(&request->params, "PROMISE", NULL);
    int64_t length = toy_number(request->rest);

    (void)context;
    (void)failure;
    toy_answer(response, length, promise ? toy_number(promise->value) : length,
               fails ? toy_number(fails->value) : -1);
    return STATUS_OK;
}

/* GET /stream/N: N bytes whose number is not told beforehand. */
static inline enum status toy_stream(void *context, const struct request *request,
                                     struct response *response, struct failure *failure)
{
    (void)context;
    (void)failure;
    toy_answer(response, toy_number(request->rest), -1, -1);
    return STATUS_OK;
}

/* ---- others ---- */

/* GET or POST /echo: the collection, the rest and the parameters, one a line. */
static inline enum status toy_echo(void *context, const struct request *request,
                                   struct response *response, struct failure *failure)
{
    struct buffer *out = response_bytes(response, 200, "text/plain");

    (void)context;
    (void)failure;
    if (request->collection)
        buffer_format(out, "collection %s\n", request->collection);
    for (const struct param *param = request->params.first; param; param = param->next)
        buffer_format(out, "%s=%s\n", param->name, param->value);
    response_header_add(response, "X-Toy", "first\r\nX-Forged: second");
    return STATUS_OK;
}

/* GET /status/N: fails with that enum status. */
static inline enum status toy_status(void *context, const struct request *request,
                                     struct response *response, struct failure *failure)
{
    (void)context;
    buffer_add_string(response_bytes(response, 200, "text/plain"), "never to be seen");
    return failure_set(failure, (enum status)toy_number(request->rest), "toy: as asked");
}

/* GET /code/N: an empty answer with that HTTP status. */
static inline enum status toy_code(void *context, const struct request *request,
                                   struct response *response, struct failure *failure)
{
    (void)context;
    (void)failure;
    response_bytes(response, (int)toy_number(request->rest), "text/plain");
    return STATUS_OK;
}

/* ---- waiting ---- */

struct toy_sleep {
    struct waker waker;
    int64_t milliseconds;
    int times;
    _Atomic int *awake;
};

static inline void *toy_sleep(void *argument)
{
    struct toy_sleep *sleep = argument;
    struct timespec time = {sleep->milliseconds / 1000,
                            sleep->milliseconds % 1000 * 1000000};

    nanosleep(&time, NULL);
    atomic_store(sleep->awake, 1);
    for (int i = 0; i < sleep->times; i++)
        waker_call(sleep->waker);
    free(sleep);
    return NULL;
}

enum { TOY_WAITS = 1024 };

/* What GET /wait/N?SLOT=S waits for: 0 not asked yet, set by a thread after N ms. */
static _Atomic int toy_asked[TOY_WAITS], toy_awake[TOY_WAITS], toy_calls;

/* GET /wait/N?SLOT=S: answers N ms after the first request for slot S; its waker is
 * called thrice. N = 0: never. */
static inline enum status toy_wait(void *context, const struct request *request,
                                   struct response *response, struct failure *failure)
{
    const struct param *param = params_next(&request->params, "SLOT", NULL);
    int slot = param ? (int)toy_number(param->value) % TOY_WAITS : 0;
    int64_t milliseconds = toy_number(request->rest);
    pthread_t thread;

    (void)context;
    (void)failure;
    atomic_fetch_add(&toy_calls, 1);
    if (atomic_load(&toy_awake[slot])) {
        buffer_add_string(response_bytes(response, 200, "text/plain"), "awake\n");
        return STATUS_OK;
    }
    if (milliseconds && !atomic_exchange(&toy_asked[slot], 1)) {
        struct toy_sleep *sleep = memory_new(sleep);

        *sleep = (struct toy_sleep){request->waker, milliseconds, 3, &toy_awake[slot]};
        pthread_create(&thread, NULL, toy_sleep, sleep);
        pthread_detach(thread);
    }
    return STATUS_PENDING;
}

/* ---- producers that wait ---- */

struct toy_late {
    struct toy_producer producer; /* first: closed as one */
    struct waker waker;
    int slot;
    int64_t milliseconds;
};

/* Each piece comes when its time has. */
static inline enum status toy_produce_late(void *state, struct buffer *out,
                                           struct failure *failure)
{
    struct toy_late *late = state;
    struct toy_sleep *sleep;
    pthread_t thread;

    if (atomic_exchange(&toy_awake[late->slot], 0))
        return toy_produce(&late->producer, out, failure);
    if (late->milliseconds) {
        memory_new(sleep);
        *sleep = (struct toy_sleep){late->waker, late->milliseconds, 3,
                                    &toy_awake[late->slot]};
        pthread_create(&thread, NULL, toy_sleep, sleep);
        pthread_detach(thread);
    }
    return STATUS_PENDING;
}

/* GET /late/N?SLOT=S&MS=M: N bytes, promised unless CHUNKED is there; a piece every M ms,
 * 0: never. */
static inline enum status toy_late(void *context, const struct request *request,
                                   struct response *response, struct failure *failure)
{
    const struct param *slot = params_next(&request->params, "SLOT", NULL);
    const struct param *milliseconds = params_next(&request->params, "MS", NULL);
    struct toy_late *late = memory_new(late);

    (void)context;
    (void)failure;
    late->producer =
        (struct toy_producer){.length = toy_number(request->rest), .fails_at = -1};
    late->waker = request->waker;
    late->slot = slot ? (int)toy_number(slot->value) % TOY_WAITS : 0;
    late->milliseconds = milliseconds ? toy_number(milliseconds->value) : 0;
    response_produce(
        response, "application/octet-stream",
        (struct producer){.produce = toy_produce_late,
                          .close = toy_producer_close,
                          .state = late,
                          .length = params_next(&request->params, "CHUNKED", NULL)
                                        ? -1
                                        : late->producer.length});
    return STATUS_OK;
}

static const struct endpoint toy_endpoints[] = {
    {"/bytes/*", METHOD_GET, toy_bytes, NULL, NULL},
    {"/file/*", METHOD_GET, toy_file, NULL, NULL},
    {"/produce/*", METHOD_GET, toy_promised, NULL, NULL},
    {"/stream/*", METHOD_GET, toy_stream, NULL, NULL},
    {"/echo", METHOD_GET | METHOD_POST, toy_echo, NULL, NULL},
    {"/status/*", METHOD_GET, toy_status, NULL, NULL},
    {"/code/*", METHOD_GET, toy_code, NULL, NULL},
    {"/wait/*", METHOD_GET, toy_wait, NULL, NULL},
    {"/late/*", METHOD_GET, toy_late, NULL, NULL},
    {"/{c}/echo", METHOD_GET, toy_echo, NULL, NULL},
    {NULL, 0, NULL, NULL, NULL},
};
