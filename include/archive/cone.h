/*
 * cone.h - positions on the sky: the cell that one lies in, and which cells a cone
 * covers.
 *
 * Cells are squares on the faces of a cube around the sphere, numbered along a Z curve on
 * each face: neighbours mostly have numbers that are near, so that a cone is a few ranges
 * of numbers, and a plain index finds it. Directions are unit vectors throughout: poles
 * and right ascension 0 are places like any other.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct direction {
    double x, y, z;
};

/* Degrees; any right ascension will do. */
struct direction direction_of(double ra, double dec);

/* Degrees, 0 to 180; as exact for the smallest angles as for the largest. */
double direction_separation(struct direction a, struct direction b);

/* The cell of 0.02 arcsec or less that a position lies in; -1 for one that is not known
 * (NaN). */
int64_t cell_of(double ra, double dec);

struct cone {
    struct direction centre;
    double radius; /* degrees, 0 to 180; the edge belongs to it */
};

bool cone_has(const struct cone *cone, double separation);

struct cell_range {
    int64_t first, last;
};
enum { CONE_RANGES = 256 };

/* Ranges of cells, increasing, that hold the cone and a little besides: what lies in them
   has to be tested. Returns how many. */
size_t cone_ranges(const struct cone *cone, struct cell_range out[CONE_RANGES]);
