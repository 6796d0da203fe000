/*
 * multipart.h - a body of multipart/form-data, read as it arrives (RFC 7578; RFC 2046,
 * section 5.1).
 */
#pragma once

#include "base/status.h"

#include <stddef.h>

/* What is told of each part, in this order; a failure ends the reading. */
struct multipart_reader {
    /* The name of its field; file_name is NULL where it is no file. Both live during the
     * call. */
    enum status (*begin)(void *state, const char *name, const char *file_name,
                         struct failure *failure);
    enum status (*data)(void *state, const char *bytes, size_t length,
                        struct failure *failure);
    enum status (*end)(void *state, struct failure *failure);
    void *state;
};

struct multipart;

/* By the Content-Type of the body; STATUS_BAD_TYPE if that is no multipart/form-data,
 * STATUS_BAD_PARAMETER if it has no boundary. */
enum status multipart_open(const char *content_type, struct multipart_reader reader,
                           struct multipart **out, struct failure *failure);
void multipart_close(struct multipart *multipart); /* NULL is fine */

enum status multipart_add(struct multipart *multipart, const char *bytes, size_t length,
                          struct failure *failure);
/* The body is whole; one without its last boundary is STATUS_BAD_PARAMETER. */
enum status multipart_end(const struct multipart *multipart, struct failure *failure);
