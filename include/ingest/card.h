/* card.h - the value in one 80-byte card of a FITS header (FITS 4.0, sections 4.1
 * and 4.2). */
#pragma once

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CARD_SIZE = 80 };

/* The first of `count` cards with that keyword (upper case, at most 8 characters), or
 * NULL. */
const char *card_find(const char *cards, size_t count, const char *keyword);

/* Whether a value without quotes is no longer than a number may be, or there is none.
 * Here a value is what stands behind the first equals sign, wherever that is: CFITSIO
 * takes names of columns from such cards, too. */
bool card_is_sound(const char *card);

/*
 * The value, in fixed or free format. A card of another type, an empty one, and one with
 * bytes that FITS does not allow in text have none: false, and *out is as it was. Text
 * comes without trailing blanks. LAMOST keeps some numbers in quotes ('-13.85'), so those
 * are read as numbers too.
 */
bool card_text(const char *card, struct arena *arena, const char **out);
bool card_integer(const char *card, int64_t *out);
bool card_real(const char *card, double *out); /* an integer is a real too */
bool card_logical(const char *card, bool *out);
