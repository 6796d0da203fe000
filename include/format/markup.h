/* markup.h - HTML from templates: the one way that a value gets into a page, and it is
 * escaped. */
#pragma once

#include "base/buffer.h"

/*
 * Append a template in which each {} stands for the next of the texts, escaped as for XML
 * (xml.h): markup_add(out, "<a href=\"{}\">{}</a>", url, name). A NULL ends the texts, so
 * none may be NULL itself.
 */
#define markup_add(out, ...) markup_fill((out), (const char *const[]){__VA_ARGS__, NULL})

/* The same with the template first in the list. */
void markup_fill(struct buffer *out, const char *const *texts);
