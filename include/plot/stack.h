/*
 * stack.h - many spectra as lines of pixels, one below the other: flux from 0 to its own
 * maximum as a level, wavelength to the right.
 *
 * Spectra are added in their order, and nothing is kept of them but pixels. Where there
 * are more of them than lines, neighbours share one, which is their mean.
 */
#pragma once

#include "spectrum/slice.h"

#include <stdint.h>

enum { STACK_LEVELS = 128 }; /* 0: nothing there; 1 to STACK_LEVELS - 1: flux */

/* A window of wavelengths, and where it lies within a line. */
struct stack_panel {
    struct band band; /* Angstrom, of what is added; finite, lower < upper */
    int left, width;  /* pixels */
};

struct stack;

/* Panels are copied. `count` spectra will be added. */
struct stack *stack_open(const struct stack_panel *panels, size_t panel_count, int width,
                         int lines, int64_t count);
void stack_close(struct stack *stack); /* NULL is fine */

/* The next spectrum begins; returns its line. */
int stack_next(struct stack *stack);

/*
 * Its samples in one panel, wavelengths divided by `stretch`: a pixel is the mean of the
 * samples in it, or where they are wider than pixels, the one that it lies in. Samples
 * without an error have no data; without any that is above 0 nothing is drawn.
 */
void stack_add(struct stack *stack, size_t panel, const struct slice *slice,
               double stretch);

/* All levels, `width` for each line, once everything has been added. */
const uint8_t *stack_levels(struct stack *stack);
