/* band.h - an interval of wavelength: the BAND of SODA, in the unit of our spectra. */
#pragma once

#include "base/status.h"

/* Closed at both ends; an end may be infinite. Always lower <= upper. */
struct band {
    double lower; /* Angstrom, vacuum */
    double upper; /* Angstrom, vacuum */
};

/* The whole of any spectrum. */
extern const struct band BAND_ALL;

/*
 * Read a BAND as SODA 1.0 section 3.3.4 has it: "lower upper" in metres, e.g.
 * "3.9e-7 5.0e-7" or
 * "-Inf 5.0e-7"; "x x" is a single wavelength. Infinities in any case, with or without
 * sign; blanks between and around are free. Numbers above 1e-3 were meant in another
 * unit, and the message says what was probably meant. On failure *out is left as it was
 * and the message names the parameter and the text.
 */
enum status band_parse(const char *text, struct band *out, struct failure *failure);
