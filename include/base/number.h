/*
 * number.h - numbers as text, both ways, whatever the locale.
 *
 * Written as short as reads back to the same bits; NaN, +Inf and -Inf spelled as VOTable
 * wants them (VOTable 1.4, section 6). Read strictly: the whole text is one number.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NUMBER_LENGTH = 32 }; /* room that any number needs, NUL included */

/* Return the length written; out has NUMBER_LENGTH bytes and ends with NUL. */
size_t number_write_double(char *out, double value);
size_t number_write_float(char *out, float value);
size_t number_write_integer(char *out, int64_t value);

/* The same of a value below 1e9 with so many places behind the point, 1 to NUMBER_PLACES:
 * printf's "%.*f". */
enum { NUMBER_PLACES = 9 };
size_t number_write_places(char *out, double value, int places);

/* Decimal, exponent, or an infinity with or without sign in any case; no blanks, hex or
   NaN. Too large for a double is refused. */
bool number_read_double(const char *text, size_t length, double *out);

/* Decimal digits with an optional minus sign. */
bool number_read_integer(const char *text, size_t length, int64_t *out);

/* Numbers between blanks, `most` at most, and nothing else; *count of them go to out. */
bool number_read_list(const char *text, double *out, size_t most, size_t *count);
