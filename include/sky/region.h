/*
 * region.h - a part of the sky, as DALI 1.1 (section 3.3) and SODA 1.0 (section 3.3)
 * write it: circle, range, polygon.
 *
 * ICRS degrees. Longitudes of any turn are taken (DALI 1.2), latitudes from -90 to 90.
 * Boundaries belong to the region, with a tolerance of 1e-10 degrees for the noise of a
 * conversion.
 */
#pragma once

#include "base/arena.h"
#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

struct sky_point {
    double longitude, latitude; /* degrees */
};

struct sky_circle {
    struct sky_point centre;
    double radius; /* degrees, 0 to 180; below 0: nothing at all */
};

/* Eastwards from the first longitude, so that 350 10 is 20 degrees wide; infinite ends
 * are open. */
struct sky_range {
    double west, width; /* degrees, width 0 to 360 */
    double south, north;
};

struct sky_vector {
    double x, y, z; /* of length 1 */
};

/* Great circles between the vertices; it lies within a hemisphere. What is inside does
 * not depend on the direction of the vertices. */
struct sky_polygon {
    const struct sky_vector *vertices;
    size_t count;
    struct sky_vector middle; /* less than 90 degrees from all of them */
};

struct region {
    enum { REGION_CIRCLE, REGION_RANGE, REGION_POLYGON } kind;
    union {
        struct sky_circle circle;
        struct sky_range range;
        struct sky_polygon polygon;
    } of;
};

/*
 * Read "lon lat radius", "lon lat lon lat lon lat ...", and either behind a keyword:
 * "CIRCLE ...", "RANGE lon lon lat lat", "POLYGON ...", in any case. `parameter` is named
 * by the message. Vertices live in the arena.
 */
enum status region_parse_circle(const char *parameter, const char *text,
                                struct region *out, struct failure *failure);
enum status region_parse_polygon(const char *parameter, const char *text,
                                 struct arena *arena, struct region *out,
                                 struct failure *failure);
enum status region_parse_pos(const char *parameter, const char *text, struct arena *arena,
                             struct region *out, struct failure *failure);

bool region_contains(const struct region *region, struct sky_point point);

/* Angle between two points, degrees; exact for small ones, too. */
double sky_separation(struct sky_point a, struct sky_point b);

/* Grow a circle so that it holds the point, too. */
void sky_circle_cover(struct sky_circle *circle, struct sky_point point);

/* The point at a distance from another in a direction from north through east, degrees.
 */
struct sky_point sky_offset(struct sky_point from, double distance, double direction);
