/* fits_header.h - the cards that a FITS header must begin with, in this order (FITS 4.0,
 * sections 4.4.1 and 7). */
#pragma once

#include "base/status.h"

#include <stddef.h>

/*
 * Check the mandatory cards of an HDU that begins with SIMPLE or XTENSION: each in its
 * place, with a number that can be. Given a table whose NAXIS2 is no number, CFITSIO 4.2
 * takes room for a random number of columns.
 */
enum status fits_header_check(const char *cards, size_t count, struct failure *failure);
