/* file_name.h - the name under which an answer is offered for saving: it says object and
 * window. */
#pragma once

#include "archive/entry.h"
#include "base/arena.h"
#include "dali/response.h"
#include "spectrum/band.h"
#include "spectrum/slice.h"

#include <stdbool.h>

/*
 * "spec-55859-F5902_sp01-001_392-398nm.vot", or without a window
 * "spec-55859-F5902_sp01-001.vot"; of an MRS file with the name of the spectrum. Bytes
 * that might mean something to a shell or a header become underscores.
 */
const char *file_name_of(const struct entry *entry, const struct slice *slice,
                         const struct band *window, const char *suffix,
                         struct arena *arena);

/* {name}{suffix}, made safe alike. */
const char *file_name_safe(const char *name, const char *suffix, struct arena *arena);

/* Say so in Content-Disposition. `shown`: a browser shows it rather than save it. */
void file_name_offer(struct response *response, const char *name, bool shown);
