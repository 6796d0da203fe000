/*
 * links_descriptor.h - how a document says where links are (DataLink 1.1, section 4): for
 * the rows of an SSA or TAP answer, and of a links document itself.
 */
#pragma once

#include "base/buffer.h"

struct links_descriptor {
    const char *access_url; /* .../links */
    const char *id_ref; /* XML ID of the FIELD with the publisher DIDs, which must be in
                           the table */
};

/* A sibling of the results RESOURCE, and ahead of that of SODA: some clients offer the
 * first. */
void links_descriptor_write(const struct links_descriptor *descriptor,
                            struct buffer *out);

/* The service that made this document, described in it (section 4.4). `example` is a URL
 * that works, or NULL. */
void links_self_description_write(const char *access_url, const char *example,
                                  struct buffer *out);
