/*
 * sdm_frame.h - what all SDM documents of one collection have in common, put together
 * once: writing one is copying runs of it, with the values that differ between them. Of
 * spectra that are asked for again it remembers the values of their rows too, so that a
 * cut-out writes only its own. One thread's.
 */
#pragma once

#include "base/buffer.h"
#include "base/cleanup.h"
#include "service/service.h"

#include <stdbool.h>
#include <stddef.h>

struct sdm_document;
struct sdm_frame;

/* Borrows the settings. */
struct sdm_frame *sdm_frame_open(const struct service_settings *service,
                                 const struct collection_settings *collection);
void sdm_frame_close(struct sdm_frame *frame); /* NULL is fine */
DEFINE_AUTO(struct sdm_frame, sdm_frame_close)

/* Append the document up to its rows. Its frame is the one that is meant. */
void sdm_frame_write(const struct sdm_document *document, struct buffer *out);

/* Append the value of any field, as plain text, for documents that are no VOTable; false
   if it has none. */
bool sdm_frame_value(const struct sdm_document *document, size_t field,
                     struct buffer *out);
