/*
 * chunked.h - the chunked coding of bodies undone (RFC 9112, section 7.1), strictly.
 *
 * Sizes are hexadecimal digits and nothing else; extensions and trailer fields are
 * checked, counted against a limit, and forgotten.
 */
#pragma once

#include "http/refusal.h"

#include <stddef.h>
#include <stdint.h>

struct chunked {
    enum chunked_stage {
        CHUNK_SIZE_FIRST, /* a digit must come */
        CHUNK_SIZE,
        CHUNK_EXTENSION,
        CHUNK_SIZE_LF,
        CHUNK_DATA,
        CHUNK_DATA_CR,
        CHUNK_DATA_LF,
        TRAILER_FIRST, /* of a field's name, or the CR of the last line */
        TRAILER_NAME,
        TRAILER_VALUE,
        TRAILER_LF,
        CHUNKED_LF,
        CHUNKED_END,
    } stage;
    uint64_t left; /* bytes of the chunk */
    size_t beside; /* bytes of extensions and trailer so far */
    size_t max_beside;
    struct refusal refusal;
};

enum chunked_result {
    CHUNKED_MORE, /* all was taken, more must come */
    CHUNKED_DATA, /* *data: bytes of the body, within what was given */
    CHUNKED_ALL,  /* the body is whole */
    CHUNKED_REFUSED,
};

void chunked_init(struct chunked *chunked, size_t max_beside);

/* Take from the front of the bytes, up to the next run of data. */
enum chunked_result chunked_feed(struct chunked *chunked, const char *bytes,
                                 size_t length, size_t *taken, const char **data,
                                 size_t *data_length);
