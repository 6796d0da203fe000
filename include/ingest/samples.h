/* samples.h - the arrays of one spectrum as a FITS file holds them, and what the cache
 * makes of them. */
#pragma once

#include "archive/reading.h"
#include "base/arena.h"
#include "base/status.h"
#include "spectrum/spectrum.h"

#include <stddef.h>
#include <stdint.h>

/* Numbers of the file, whatever their type there; a double holds each of them exactly. */
struct samples {
    size_t count;
    enum axis_type axis_type; /* of the wavelengths in the cache */
    double *wavelength;       /* Angstrom, vacuum; rising or falling */
    double *flux;
    double *ivar; /* 1/flux^2; 0: no data */
    double *and_mask;
    double *or_mask;
};

/* Far more than any spectrograph has: a header cannot ask for the machine's memory. */
enum { SAMPLES_MOST = 1 << 20 };

/* Room for `count` samples, uninitialised, in the arena. None or too many are refused. */
enum status samples_take(struct samples *samples, int64_t count, struct arena *arena,
                         struct failure *failure);

/*
 * Fill the axis and the record of *out, in `arena`, and those columns of its entry that
 * the samples tell: length, range, step, median error, how many have none. Falling
 * wavelengths are turned round, all arrays with them. Refused: wavelengths that are not
 * positive, finite, and strictly rising or falling; masks that are no integers of 16
 * bits. The samples are used up; `scratch` is working room.
 */
enum status samples_store(struct samples *samples, struct arena *scratch,
                          struct arena *arena, struct reading_spectrum *out,
                          struct failure *failure);
