/*
 * freshness.h - what tells the answers about a spectrum apart, known before they are
 * made: the ETag is a checksum of its row, its samples, the parameters, and the
 * configuration that documents carry.
 */
#pragma once

#include "dali/conditional.h"
#include "service/service.h"

/* Of an answer about one spectrum. One that is about several begins with the first, or
 * with {0}, and adds. */
struct validators freshness_of(const struct service_collection *collection,
                               const struct request *request);
void freshness_add(struct validators *validators, const struct holding *holding);
void freshness_add_text(struct validators *validators, const char *text);

/* The answer may go out gzipped, and does if the caller takes that: call
 * freshness_encode() once it is made. */
void freshness_may_gzip(struct validators *validators, const struct request *request);
void freshness_encode(const struct validators *validators, struct response *response);

/* Of all that documents carry of the configuration and of this program. */
uint64_t freshness_configuration(const struct service_settings *settings,
                                 const struct collection_settings *collection);
