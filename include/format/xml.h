/* xml.h - text made safe for XML 1.0: escapes, and nothing that XML cannot carry. */
#pragma once

#include "base/buffer.h"

/*
 * Append text with & < > " ' escaped. Bytes that are no valid UTF-8 and characters that
 * XML 1.0 forbids become U+FFFD, so that the document stays well-formed whatever a header
 * or a request held.
 */
void xml_add(struct buffer *out, const char *text);

/* The same for what was appended as plain text since `from`. */
void xml_escape_tail(struct buffer *out, size_t from);

/* Bytes of the character that begins at `text`; 0 for one that is no UTF-8, or that XML
 * 1.0 forbids, or a control character. For whatever else must not choke on such text. */
size_t xml_character_length(const char *text);
