/* stack_picture.h - a stack of spectra with its axes, as PNG. */
#pragma once

#include "base/buffer.h"
#include "base/status.h"
#include "plot/stack.h"

#include <stdbool.h>
#include <stdint.h>

enum { STACK_PANELS = 6, STACK_HEIGHT_MIN = 120 };

/* Pixels that a picture of so many panels has to be wide. */
int stack_width_min(size_t band_count);

struct stack_settings {
    int width, height; /* of the picture, pixels, not below the least; height 0: as suits
                          the count */
    struct band bands[STACK_PANELS]; /* a panel each, side by side; finite */
    size_t band_count;
    int64_t count;         /* of spectra that will be added, at least 1 */
    bool at_rest;          /* what the axis says */
    const char *y_title;   /* borrowed until the end */
    bool labels_are_names; /* marked where they change, instead of at even steps */
};

struct stack_picture;

struct stack_picture *stack_picture_open(const struct stack_settings *settings);
void stack_picture_close(struct stack_picture *picture); /* NULL is fine */

/* The next spectrum, with what the axis may say at its line; "" is nothing. */
void stack_picture_next(struct stack_picture *picture, const char *label);
/* As stack_add(). */
void stack_picture_add(struct stack_picture *picture, size_t band,
                       const struct slice *slice, double stretch);

/* How many spectra share a line. */
double stack_picture_crowd(const struct stack_picture *picture);

enum status stack_picture_write(struct stack_picture *picture, const char *title,
                                const char *note, struct buffer *out,
                                struct failure *failure);
