/*
 * service.h - what the endpoints of one thread work with: the collections and what
 * documents say of the publisher.
 *
 * The settings are one for the process and never change while it serves; the readers are
 * the thread's own.
 */
#pragma once

#include "archive/archive.h"
#include "base/status.h"
#include "dali/endpoint.h"
#include "uws/uws.h"

#include <stdbool.h>
#include <stddef.h>

struct collection_settings {
    const char *name;  /* first segment of its URLs */
    const char *title; /* for people */
    const char *description;
    const char *creator;           /* who made the data; NULL: not said */
    const char *reference;         /* bibcode or URL of the data release */
    const char *rights;            /* "public" */
    const char *acknowledgement;   /* text that papers are asked to carry */
    const char *documentation_url; /* of the release; NULL: none */
    int coverage_order;            /* of its MOC */
};

struct service_settings {
    const char *base_url; /* without a slash at the end; carried by every document */
    const char *authority;
    const char *publisher;          /* name of the data centre */
    const char *publisher_did_root; /* NULL: ivo://{authority} */
    const char *contact_name;
    const char *contact_email;
    int max_ids;           /* a links request answers this many distinct IDs */
    int max_bulk_ids;      /* one request for a table of cut-outs has this many */
    int max_async_results; /* of one job */
    bool names_jobs;       /* the list of jobs names a caller those from his address */
    const struct collection_settings *collections;
    size_t collection_count;
};

/* One collection as one thread works with it. */
struct service_collection {
    const struct collection_settings *settings;
    struct archive_reader *reader;
    uint64_t configuration;    /* checksum of what its documents carry of the settings */
    int64_t since;             /* when serving began, seconds since 1970 */
    struct sdm_frame *frame;   /* of its documents */
    struct answer_memo *links; /* documents of links */
};

/* One thread's. */
struct service {
    const struct service_settings *settings;
    struct service_collection *collections; /* in the order of the settings */
    struct uws *jobs;                       /* NULL: none */
};

/* What all threads share: settings and the archives, one a collection in their order. */
struct service_shared {
    const struct service_settings *settings;
    struct archive *const *archives;
    int64_t since;    /* when serving began, seconds since 1970 */
    struct uws *jobs; /* NULL: none */
};

/* The collection of a request's path; STATUS_NOT_FOUND if there is no such one. */
enum status service_collection(const struct service *service,
                               const struct request *request,
                               const struct service_collection **out,
                               struct failure *failure);

/* The publisher DID of a spectrum, in the arena. */
const char *service_publisher_did(const struct service_settings *settings,
                                  const struct collection_settings *collection,
                                  const struct entry *entry, struct arena *arena);
