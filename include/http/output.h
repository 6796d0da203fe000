/*
 * output.h - an answer on its way into a socket, as much at a time as the socket takes.
 *
 * Head and body go out in one call where they are bytes; a file goes from the page cache
 * by sendfile(); a producer is asked for its next piece only when the socket has taken
 * the last one whole. Neither waits for a disk here: what is not in memory is waited for.
 */
#pragma once

#include "base/buffer.h"
#include "base/pager.h"
#include "base/status.h"
#include "base/waker.h"
#include "dali/response.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How a head is to be written. */
struct output_form {
    const char *common; /* header lines that all answers have: Server, Date */
    int minor;          /* of the request's HTTP version */
    bool keep_alive;
    bool without_body;   /* HEAD: the same headers, no body */
    struct pager *pager; /* of files; NULL: none */
    struct waker waker;  /* of the request */
};

struct output {
    struct response *response;
    struct buffer before; /* head or chunk frame, ahead of the piece in response->bytes */
    size_t sent;          /* of `before` and the piece together */
    int64_t left;         /* of the body's length as promised; -1: not promised */
    int64_t body_sent;    /* bytes, frames not counted */
    uint64_t all_sent;    /* bytes, everything */
    bool is_chunked;
    bool is_last;     /* nothing comes behind what is at hand */
    bool lacks_piece; /* the producer has to be asked again for the piece at hand */
    struct pager *pager;
    struct waker waker;
    int64_t stretch_end;    /* of the file, as far as it is in memory */
    bool asked;             /* of the pager */
    struct failure failure; /* why OUTPUT_FAILED; an empty message: the client has gone */
};

void output_init(struct output *output); /* allocates nothing */
void output_finish(struct output *output);

/*
 * Begin, and have the first piece of a producer made: when that fails nothing has been
 * sent yet, so the failure can be answered like any other. form->keep_alive becomes false
 * where only closing the connection can mark the end. The response is borrowed until the
 * output is done.
 */
enum status output_begin(struct output *output, struct response *response,
                         struct output_form *form, struct failure *failure);

enum output_result {
    OUTPUT_DONE,
    OUTPUT_BLOCKED, /* call again when the socket is writable */
    OUTPUT_WAITING, /* call again when the waker was called */
    OUTPUT_FAILED,  /* close the connection */
};
enum output_result output_send(struct output *output, int fd);
