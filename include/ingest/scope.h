/*
 * scope.h - which part of the archive an ingest looks at, and what of it could not be
 * seen.
 *
 * Only of a file that lies in the one and not in the other can its absence be told.
 */
#pragma once

#include "base/status.h"

#include <stdbool.h>

struct scope {
    const char **paths; /* in the archive, without slashes at the ends; none: all of it */
    int path_count;
    char **unreadable; /* folders and files */
    int unreadable_count;
};

/*
 * Paths as people give them: in the archive, or absolute ones beneath its folder. One
 * that cannot be in the archive is STATUS_BAD_PARAMETER.
 */
enum status scope_init(struct scope *scope, const char *archive_folder,
                       const char *const *paths, int path_count, struct failure *failure);
void scope_finish(struct scope *scope);

bool scope_is_all(const struct scope *scope);

/* A folder or file that could not be looked at. */
void scope_except(struct scope *scope, const char *path);

/* Whether the walk was asked for this file. */
bool scope_has(const struct scope *scope, const char *path);

/* Whether the walk must have met this file if it is there. */
bool scope_could_see(const struct scope *scope, const char *path);
