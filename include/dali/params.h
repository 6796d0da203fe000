/*
 * params.h - the parameters of a request: repeated, names without case, values as given
 * (DALI 1.1, section 3).
 *
 * Decoded from application/x-www-form-urlencoded, the query of a GET or the body of a
 * POST, as it arrives.
 */
#pragma once

#include "base/arena.h"
#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

struct param {
    const char *name; /* upper case */
    const char *value;
    struct param *next; /* in the order given */
};

/* Names and values live in the arena. */
struct params {
    struct arena *arena;
    struct param *first;
    struct param *last;
    size_t count;
    size_t bytes; /* of names and values */
};

void params_init(struct params *params, struct arena *arena);
/* Copied; the name in upper case (ASCII). */
void params_add(struct params *params, const char *name, size_t name_length,
                const char *value, size_t value_length);

/* Decode "a=b&c=d", a plus sign being a blank. A bad percent escape, or one that gives
   NUL, is STATUS_BAD_PARAMETER; so is a pair without a name. Empty pairs ("&&") are
   nothing. */
enum status params_read(struct params *params, const char *text, size_t length,
                        struct failure *failure);

/* The same for text that comes in pieces: a pair is decoded when it is whole. One longer
   than `longest_pair` is STATUS_TOO_LARGE. After a failure the form is good for
   params_form_close() only. */
struct params_form;
struct params_form *params_form_open(struct params *params, size_t longest_pair);
enum status params_form_add(struct params_form *form, const char *piece, size_t length,
                            struct failure *failure);
enum status params_form_end(struct params_form *form, struct failure *failure);
void params_form_close(struct params_form *form); /* NULL is fine */

/* The next parameter of that name behind `after` (NULL: the first), or NULL. */
const struct param *params_next(const struct params *params, const char *name,
                                const struct param *after);

/* The one value; *out is NULL if there is none. Two are STATUS_MULTIPLE_VALUES. An empty
 * value counts as none. */
enum status params_single(const struct params *params, const char *name, const char **out,
                          struct failure *failure);
