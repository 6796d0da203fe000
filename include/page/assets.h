/*
 * assets.h - the files that pages refer to, embedded when the program is built.
 *
 * Each is served at /assets/ under a name with a hash of its content, so that it may be
 * kept for ever: what changes has another name. assets.py makes the table.
 */
#pragma once

#include "dali/request.h"
#include "dali/response.h"

#include <stddef.h>
#include <stdint.h>

struct asset {
    const char *name;   /* of its source: "page.css" */
    const char *hashed; /* as it is asked for: "page.0123456789abcdef.css" */
    const char *content_type;
    const uint8_t *bytes;
    size_t length;
    const uint8_t *gzip; /* the same, packed */
    size_t gzip_length;
};

/* Ended by a null name. */
extern const struct asset assets[];

/* The name under which an asset is asked for; it must be one of them. */
const char *asset_hashed(const char *name);

/* See dali/endpoint.h. */
enum status assets_serve(void *context, const struct request *request,
                         struct response *response, struct failure *failure);
