/* ask.h - put a request to an endpoint without a socket. Include it in one source only,
 * with fake_archive.h. */
#pragma once

#include "fake_archive.h"

#include "protocol/endpoints.h"
#include "sdm/sdm_frame.h"
#include "service/service.h"

#include <stdio.h>
#include <strings.h>

static const struct collection_settings ask_collection = {
    .name = FAKE_COLLECTION,
    .title = "LAMOST",
    .rights = "public",
};

static const struct service_settings ask_settings = {
    .base_url = "https://spectra.example/lamost",
    .authority = FAKE_AUTHORITY,
    .publisher = "Example",
    .max_ids = 3,
    .max_async_results = 6,
    .names_jobs = true,
    .max_bulk_ids = 100,
    .collections = &ask_collection,
    .collection_count = 1,
};

/* One question and what came of it; ask_finish() when done. */
struct asked {
    enum status status;
    struct response response;
    struct failure failure;
    struct arena arena;
    struct request_work work;
};

/* What may be said besides path and query; zero values say nothing. */
struct ask {
    const char *rest;
    const char *query;
    const char *collection; /* NULL: the one there is */
    const char *accept_encoding;
    enum method method; /* 0: GET */
    struct uws *jobs;
    const unsigned char *client;
};

static inline struct asked *ask(enum status (*serve)(void *, const struct request *,
                                                     struct response *, struct failure *),
                                struct ask ask)
{
    static struct archive_reader reader;
    static uint64_t serial; /* tells who waits from another */
    struct sdm_frame *frame = sdm_frame_open(&ask_settings, &ask_collection);
    struct service_collection served = {
        .settings = &ask_collection, .reader = &reader, .frame = frame};
    struct service service = {
        .settings = &ask_settings, .collections = &served, .jobs = ask.jobs};
    struct header headers[] = {{"accept-encoding", ask.accept_encoding}};
    struct asked *asked = calloc(1, sizeof(*asked));
    struct request request = {
        .method = ask.method ? ask.method : METHOD_GET,
        .collection = ask.collection ? ask.collection : FAKE_COLLECTION,
        .rest = ask.rest,
        .headers = headers,
        .header_count = ask.accept_encoding ? 1 : 0,
        .client = ask.client,
        .arena = &asked->arena,
        .waker = {.whom = ++serial},
        .work = &asked->work,
    };
    const char *query = ask.query ? ask.query : "";

    arena_init(&asked->arena);
    response_init(&asked->response, &asked->arena);
    params_init(&request.params, &asked->arena);
    asked->status = params_read(&request.params, query, strlen(query), &asked->failure);
    if (!asked->status)
        asked->status = serve(&service, &request, &asked->response, &asked->failure);
    sdm_frame_close(frame);
    return asked;
}

static inline void ask_finish(struct asked *asked)
{
    response_finish(&asked->response);
    if (asked->work.state)
        asked->work.close(asked->work.state);
    arena_finish(&asked->arena);
    free(asked);
}

static inline const char *ask_header(const struct asked *asked, const char *name)
{
    const struct response_header *header = asked->response.headers;

    while (header && strcasecmp(header->name, name) != 0)
        header = header->next;
    return header ? header->value : NULL;
}

/* The body as text; the buffer keeps it. */
static inline const char *ask_text(struct asked *asked)
{
    *buffer_room(&asked->response.bytes, 1) = '\0';
    return (const char *)asked->response.bytes.bytes;
}
