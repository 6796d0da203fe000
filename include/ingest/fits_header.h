/* fits_header.h - whether a FITS header is fit to be parsed (FITS 4.0, sections 4 and 7).
 */
#pragma once

#include "base/status.h"

#include <stddef.h>

/*
 * Check what CFITSIO 4.2 takes on trust, from a header that begins with SIMPLE or
 * XTENSION. The mandatory cards are in their places, with numbers that can be: given a
 * table whose NAXIS2 is none, it takes room for a random number of columns. No value
 * without quotes is longer than a number: as the name of a column it writes it beyond its
 * room.
 */
enum status fits_header_check(const char *cards, size_t count, struct failure *failure);
