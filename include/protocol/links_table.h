/* links_table.h - the columns and rows of a links document (DataLink 1.1, section 3.2).
 */
#pragma once

#include "base/buffer.h"

#include <stdint.h>

/* Of each row exactly one of access_url, service_def and error_message; NULL is an empty
 * cell. */
struct link {
    const char *id;
    const char *access_url;
    const char *service_def; /* XML ID of a descriptor in the same document */
    const char *error_message;
    const char *description;
    const char *semantics; /* of the vocabulary datalink/core */
    const char *content_type;
    int64_t content_length;        /* bytes; LINK_LENGTH_UNKNOWN */
    const char *content_qualifier; /* of the vocabulary product-type */
    const char *local_semantics;   /* the same for all links of a kind */
};

#define LINK_LENGTH_UNKNOWN INT64_C(-1)

/* XML ID of the column of identifiers, for descriptors to refer to. */
extern const char LINKS_ID_FIELD[];

/* The FIELDs of an open TABLE. */
void links_table_fields(struct buffer *out);

/* A row of an open TABLEDATA. Nothing here asks who is there, so links are said to need
 * no authentication. */
void links_table_row(struct buffer *out, const struct link *link);
