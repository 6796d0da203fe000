/*
 * conditional.h - requests that depend on what the caller has already (RFC 9110, section
 * 13).
 *
 * An endpoint says what tells its answer from another before it makes it; often it need
 * not make it then.
 */
#pragma once

#include "dali/request.h"
#include "dali/response.h"

#include <stdbool.h>
#include <stdint.h>

struct validators {
    uint64_t tag;     /* the same only where the body is, byte for byte */
    bool is_gzip;     /* the body goes out gzipped: other bytes, so another ETag */
    bool may_be_gzip; /* it depends on Accept-Encoding whether it does */
    int64_t modified; /* seconds since 1970; below 0: not known, and not said */
};

enum { CONDITIONAL_TAG_LENGTH = 32 }; /* with its NUL */

/* The ETag, a strong one: "0123456789abcdef", with -gzip before the last quote where it
 * is. */
void conditional_tag_write(const struct validators *validators,
                           char out[CONDITIONAL_TAG_LENGTH]);

enum condition {
    CONDITION_SERVE,        /* the answer is wanted */
    CONDITION_NOT_MODIFIED, /* the caller has it: 304 */
    CONDITION_FAILED,       /* the caller wants another: 412 */
};

/* If-Match, If-Unmodified-Since, If-None-Match and If-Modified-Since, in the order of
 * section 13.2.2; of requests other than GET and HEAD nothing is conditional. */
enum condition conditional_evaluate(const struct request *request,
                                    const struct validators *validators);

/*
 * Put ETag, Last-Modified, Cache-Control and Vary on the response. True: the response is
 * whole, a 304 or 412 without a body. Errors that come later lose these headers again.
 */
bool conditional_answer(const struct request *request,
                        const struct validators *validators, struct response *response);

/* Whether If-Range lets a range be sent: there is none, or it names this very body
 * (section 13.1.5). */
bool conditional_allows_range(const struct request *request,
                              const struct validators *validators);
