/* scale.h - from values to places, and round numbers along an axis. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Linear: `low` lies at `from`, `high` at `to`. */
struct scale {
    double low, high;
    int32_t from, to; /* scene coordinates */
};

/* Rounded, and kept within the range that back ends can draw. */
int32_t scale_place(const struct scale *scale, double value);

/* Round numbers inside low ... high, a step of 1, 2 or 5 times a power of ten, at most
 * `most` of them. */
struct ticks {
    double first, step;
    int count;
    int decimals; /* that their text needs */
};
struct ticks ticks_between(double low, double high, int most);

enum { TICK_LENGTH = 32 };
void tick_text(const struct ticks *ticks, int i, char out[TICK_LENGTH]);
