/*
 * snippets.h - lines to paste for curl, pyVO and STILTS, filled with a spectrum and a
 * window of it. They name a spectrum by its publisher DID, which no shell and no Python
 * reads as anything but a name.
 */
#pragma once

#include "archive/entry.h"
#include "base/buffer.h"
#include "service/service.h"
#include "spectrum/band.h"

struct snippet_subject {
    const struct service_settings *settings;
    const struct collection_settings *collection;
    const struct entry *entry;
    struct band band; /* Angstrom */
    struct arena *arena;
};

/* Append a section that holds them all. */
void snippets_write(const struct snippet_subject *subject, struct buffer *out);
