/*
 * rival.h - one identifier, one spectrum: "m/B" is in m.fits, and m/B.fits would be it
 * too. The file that is in the cache first keeps it, the other is refused.
 */
#pragma once

#include "archive/catalogue.h"
#include "archive/reading.h"

/* *why, in the arena, names the identifier that a living spectrum of another file than
 * `path` has; NULL where there is none. Two forms of a file are one. */
enum status rival_find(struct catalogue *catalogue, const struct reading *reading,
                       const char *path, struct arena *arena, const char **why,
                       struct failure *failure);
