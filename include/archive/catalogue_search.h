/*
 * catalogue_search.h - spectra by what is known of them: position, wavelengths, times,
 * names.
 *
 * A search goes through the catalogue in pieces and holds nothing of it between them: no
 * transaction, so that one who reads an answer slowly keeps no old state alive, and no
 * statement. Rows that change meanwhile are found as they are when it comes to them.
 */
#pragma once

#include "archive/catalogue.h"
#include "archive/cone.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Both ends belong to it; infinities where it is open. */
struct catalogue_range {
    double first, last;
};

struct catalogue_ranges {
    const struct catalogue_range *ranges;
    size_t count; /* 0: any */
};

struct catalogue_names {
    const char *const *names;
    size_t count; /* 0: any */
};

/* What a spectrum must be; all that is given must hold. A value that is not known matches
 * nothing. Texts compare without case, but for `path`. */
struct catalogue_query {
    const struct cone *cone;             /* around raj2000, dej2000; NULL: anywhere */
    struct catalogue_ranges wavelengths; /* Angstrom: one of them overlaps, or */
    struct catalogue_names bandpasses;   /* it is one of these */
    struct catalogue_ranges times;       /* MJD: one of them overlaps the exposure */
    struct catalogue_ranges redshifts;
    struct catalogue_ranges modified; /* MJD: of the file, or when it went */
    double snr;                       /* at least; NaN: any */
    double resolving_power;           /* at least; NaN: any */
    const char *path;                 /* these four: NULL for any */
    const char *target_name;
    const char *creator_did;
    const char *release; /* a part of it */
    struct catalogue_names target_classes;
    bool with_deleted;
};

struct catalogue_hit {
    int64_t number;    /* for catalogue_find_number() */
    double separation; /* degrees from the cone's centre; 0 without a cone */
};

struct catalogue_search;

/* Borrows the query. */
struct catalogue_search *catalogue_search_open(const struct catalogue_query *query);
void catalogue_search_close(struct catalogue_search *search); /* NULL is fine */

/*
 * The next spectra, up to `most`, or what is found of them within `nanoseconds`: *count
 * may then be 0 without the end being reached. Without a cone, in the order in which they
 * came; with one, neighbours mostly follow each other. A catalogue that is not the one
 * that the search began with is STATUS_UNAVAILABLE.
 */
enum status catalogue_search_next(struct catalogue_search *search,
                                  struct catalogue *catalogue, int64_t nanoseconds,
                                  struct catalogue_hit *out, size_t most, size_t *count,
                                  bool *has_ended, struct failure *failure);

/*
 * Between the two everything is read in one state, and the locks of the file are taken
 * once. A catalogue that cannot be held takes them for each statement, as without.
 */
void catalogue_hold(struct catalogue *catalogue);
void catalogue_release(struct catalogue *catalogue); /* that is not held is fine */

/* The row of a hit; STATUS_NOT_FOUND without a message if it went meanwhile. */
enum status catalogue_find_number(struct catalogue *catalogue, int64_t number,
                                  struct arena *arena, struct entry *out,
                                  struct failure *failure);
