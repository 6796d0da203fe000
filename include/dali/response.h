/*
 * response.h - an answer as endpoints give it: a status, headers, and a body that is
 * bytes, a range of a file, or a producer that is asked for the next piece when the
 * socket has drained.
 */
#pragma once

#include "base/arena.h"
#include "base/buffer.h"
#include "base/status.h"
#include "dali/request.h"

#include <stdint.h>
#include <sys/types.h>

enum body_kind { BODY_NONE, BODY_BYTES, BODY_FILE, BODY_PRODUCER };

/* Makes a body piece by piece, on the loop's thread. */
struct producer {
    /* Append the next piece (some 64 kB) to *out; nothing appended means the end.
       STATUS_PENDING: there is no more yet, and the request's waker will be called. A
       failure ends the connection short of the length promised, so that the client knows.
     */
    enum status (*produce)(void *state, struct buffer *out, struct failure *failure);
    void (*close)(void *state); /* called once, sent or not */
    void *state;
    int64_t length; /* of the whole body; -1: unknown, sent chunked */
};

struct response {
    int code; /* HTTP status */
    const char *content_type;
    struct arena *arena; /* the request's */
    struct response_header {
        const char *name;
        const char *value;
        struct response_header *next;
    } * headers; /* in the order added */
    enum body_kind kind;
    struct buffer bytes; /* BODY_BYTES; owned */
    struct {
        int fd; /* owned */
        off_t offset;
        int64_t length;
    } file;                   /* BODY_FILE */
    struct producer producer; /* BODY_PRODUCER; owned */
};

/* An empty 200. */
void response_init(struct response *response, struct arena *arena);
void response_finish(struct response *response); /* releases the body, whatever it is */
/* An empty 200 again, which keeps the allocation of `bytes` for the next answer. */
void response_reset(struct response *response);

/* The name is borrowed, a literal mostly. Values are copied; CR, LF and other control
 * characters in them become blanks. */
void response_header_add(struct response *response, const char *name, const char *value);

/* Bodies. The buffer is for the endpoint to write into; the others take over what they
 * are given. */
struct buffer *response_bytes(struct response *response, int code,
                              const char *content_type);
void response_file(struct response *response, const char *content_type, int fd,
                   off_t offset, int64_t length);
void response_produce(struct response *response, const char *content_type,
                      struct producer producer);
