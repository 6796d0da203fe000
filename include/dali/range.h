/* range.h - parts of a file (RFC 9110, section 14). */
#pragma once

#include "dali/conditional.h"
#include "dali/request.h"
#include "dali/response.h"

#include <stdbool.h>
#include <stdint.h>

enum range {
    RANGE_WHOLE,   /* none was asked for, or one that need not be understood */
    RANGE_PART,    /* 206 */
    RANGE_NOTHING, /* it lies behind the end: 416 */
};

/*
 * Read a Range header for a body of `length` bytes: "bytes=0-99", "bytes=100-",
 * "bytes=-100". Several ranges give the whole, which section 14.2 allows: what asks for
 * many pieces of one file is better served by it. *first and *count are set for
 * RANGE_PART.
 */
enum range range_read(const char *text, int64_t length, int64_t *first, int64_t *count);

/* Cut an answer whose body is a file down to what Range asks for, if If-Range lets it;
 * and say that it may be asked. */
void range_answer(const struct request *request, const struct validators *validators,
                  struct response *response);
