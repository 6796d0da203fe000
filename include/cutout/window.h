/* window.h - parts of a spectrum that people ask for by name, and a window as texts. */
#pragma once

#include "archive/entry.h"
#include "base/arena.h"
#include "spectrum/band.h"

#include <stdbool.h>
#include <stddef.h>

struct window {
    const char *name;
    const char *sentence; /* what is seen there */
    struct band rest;     /* Angstrom, vacuum, at rest */
};

extern const struct window windows[];
extern const size_t window_count;

/* Where it is seen at the redshift of the object. False: not within the spectrum. */
bool window_of(const struct window *window, const struct entry *entry, struct band *out);

/* The first of the windows within the spectrum, or all of it: one for examples. */
struct band window_for_example(const struct entry *entry);

/* A band without infinities, and not beyond the spectrum. */
struct band window_clamped(struct band band, const struct entry *entry);

/* "392", and the value of BAND, "392e-9 398e-9". */
const char *window_nanometres(double angstrom, struct arena *arena);
const char *window_band(struct band band, struct arena *arena);
