/*
 * walk.h - the files of the archive that may be spectra, one at a time.
 *
 * Candidates are *.fits and *.fits.gz; other files are passed over. Folders are read as
 * the walk goes, so memory grows with their depth and not with the number of files.
 * Symbolic links are followed where they stay beneath the archive's folder (openat2 with
 * RESOLVE_BENEATH); a folder that is met again inside itself is passed over.
 */
#pragma once

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct walk;

enum walk_kind {
    WALK_FILE,     /* a candidate */
    WALK_SHADOWED, /* a candidate that gives way to its other form (x.fits, x.fits.gz),
                      which is newer */
    WALK_REFUSED,  /* it cannot be served whatever is in it: a link that leads out, a name
                      that no ID can carry */
    WALK_UNREADABLE, /* a folder or file that could not be looked at: nothing beneath it
                        is known */
    WALK_ABSENT,     /* one of `paths` that is not there */
};

struct walk_item {
    enum walk_kind kind;
    const char *path; /* in the archive, with suffix; "" is the archive's folder itself */
    const char *reason; /* for people; refused and unreadable only */
    int64_t size;       /* bytes; files only, as is mtime */
    int64_t mtime;      /* nanoseconds since 1970 */
};

struct walk_settings {
    const char *folder;
    const char *const *paths; /* files or folders in it, relative; none: all of it */
    int path_count;
    bool names_only; /* for counting: no sizes and times, and both forms are files */
};

/* The settings are borrowed until the walk is closed. */
enum status walk_open(const struct walk_settings *settings, struct walk **out,
                      struct failure *failure);
void walk_close(struct walk *walk); /* NULL is fine */

/* The next one, in no order; texts live until the next call. False at the end. */
bool walk_next(struct walk *walk, struct walk_item *out);

/* Whether a candidate of this path is there now; true as well where that cannot be said.
 */
bool walk_has(struct walk *walk, const char *path);

/* The length of a path without .fits or .fits.gz, or 0 where the name has neither. */
size_t walk_stem(const char *path);
