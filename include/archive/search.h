/*
 * search.h - the spectra of a collection by what is known of them, for one thread's
 * reader; see catalogue_search.h for what can be asked and how a search goes on.
 *
 * Rows of the catalogue only: files that have not been ingested yet are not found.
 */
#pragma once

#include "archive/archive.h"
#include "archive/catalogue_search.h"

/* As catalogue_search_next(); a collection without a catalogue has no spectra. */
enum status archive_search_next(struct archive_reader *reader,
                                struct catalogue_search *search, int64_t nanoseconds,
                                struct catalogue_hit *out, size_t most, size_t *count,
                                bool *has_ended, struct failure *failure);

/*
 * Between the two the catalogue is read in one state of it, and its locks, which all
 * threads share, are taken once and not for each row. Not for longer than a piece.
 */
void archive_search_hold(struct archive_reader *reader);
void archive_search_release(struct archive_reader *reader);

/* The row of a hit, in the arena; STATUS_NOT_FOUND without a message if it went
 * meanwhile. */
enum status archive_search_entry(struct archive_reader *reader, int64_t number,
                                 struct arena *arena, struct entry *out,
                                 struct failure *failure);
