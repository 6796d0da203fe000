#include "sky/region.h"

#include "base/number.h"

#include <math.h>
#include <string.h>
#include <strings.h>

static const double DEGREE = 0.017453292519943295; /* radians */
static const double TOLERANCE = 1e-10;             /* degrees */

/* ---- vectors ---- */

static struct sky_vector vector_of(struct sky_point point)
{
    double longitude = point.longitude * DEGREE, latitude = point.latitude * DEGREE;

    return (struct sky_vector){cos(latitude) * cos(longitude),
                               cos(latitude) * sin(longitude), sin(latitude)};
}

static double dot(struct sky_vector a, struct sky_vector b)
{
    return a.x * b.x + a.y * b.y + a.z * b.z;
}

static struct sky_vector cross(struct sky_vector a, struct sky_vector b)
{
    return (struct sky_vector){a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z,
                               a.x * b.y - a.y * b.x};
}

static struct sky_vector sum(struct sky_vector a, struct sky_vector b)
{
    return (struct sky_vector){a.x + b.x, a.y + b.y, a.z + b.z};
}

static double length_of(struct sky_vector a)
{
    return sqrt(dot(a, a));
}

/* By sine and cosine both: each alone loses small angles or those near 90 degrees. */
static double angle_between(struct sky_vector a, struct sky_vector b)
{
    return atan2(length_of(cross(a, b)), dot(a, b)) / DEGREE;
}

double sky_separation(struct sky_point a, struct sky_point b)
{
    return angle_between(vector_of(a), vector_of(b));
}

static double full_turn(double longitude)
{
    double turned = fmod(longitude, 360);

    return turned < 0 ? turned + 360 : turned;
}

struct sky_point sky_offset(struct sky_point from, double distance, double direction)
{
    double latitude = from.latitude * DEGREE, away = distance * DEGREE;
    double bearing = direction * DEGREE;
    double along = cos(latitude) * cos(away) - sin(latitude) * sin(away) * cos(bearing);
    double up = sin(latitude) * cos(away) + cos(latitude) * sin(away) * cos(bearing);
    double east = sin(away) * sin(bearing);

    return (struct sky_point){full_turn(from.longitude + atan2(east, along) / DEGREE),
                              atan2(up, hypot(along, east)) / DEGREE};
}

static double bearing_to(struct sky_point from, struct sky_point to)
{
    double turn = (to.longitude - from.longitude) * DEGREE;
    double here = from.latitude * DEGREE, there = to.latitude * DEGREE;

    return atan2(sin(turn) * cos(there),
                 cos(here) * sin(there) - sin(here) * cos(there) * cos(turn)) /
           DEGREE;
}

/* The smallest circle that holds the old one and the point reaches from the point to the
 * old one's far side. */
void sky_circle_cover(struct sky_circle *circle, struct sky_point point)
{
    double distance;

    if (circle->radius < 0) {
        *circle = (struct sky_circle){.centre = point};
        return;
    }
    distance = sky_separation(circle->centre, point);
    if (distance <= circle->radius)
        return;
    circle->centre = sky_offset(circle->centre, (distance - circle->radius) / 2,
                                bearing_to(circle->centre, point));
    circle->radius = fmin((distance + circle->radius) / 2, 180);
}

/* ---- reading ---- */

static enum status refuse(const char *parameter, const char *what, const char *text,
                          struct failure *failure)
{
    return failure_set(failure, STATUS_BAD_PARAMETER, "%s: expected %s, got '%.80s'",
                       parameter, what, text);
}

static bool is_latitude(double value)
{
    return value >= -90 && value <= 90;
}

enum status region_parse_circle(const char *parameter, const char *text,
                                struct region *out, struct failure *failure)
{
    double values[3];
    size_t count;

    if (!number_read_list(text, values, 3, &count) || count != 3 || !isfinite(values[0]))
        return refuse(parameter, "longitude, latitude and radius in degrees", text,
                      failure);
    if (!is_latitude(values[1]))
        return refuse(parameter, "a latitude from -90 to 90", text, failure);
    if (!(values[2] >= 0 && values[2] <= 180))
        return refuse(parameter, "a radius from 0 to 180 degrees", text, failure);
    *out = (struct region){
        .kind = REGION_CIRCLE,
        .of.circle = {{values[0], values[1]}, values[2]},
    };
    return STATUS_OK;
}

/* Of an open or a full turn all longitudes. A first above the second goes through 0. */
static struct sky_range range_between(double west, double east)
{
    if (!isfinite(west) || !isfinite(east) || east - west >= 360)
        return (struct sky_range){.west = 0, .width = 360};
    return (struct sky_range){.west = full_turn(west), .width = full_turn(east - west)};
}

static enum status parse_range(const char *parameter, const char *text,
                               struct region *out, struct failure *failure)
{
    double values[4];
    size_t count;

    if (!number_read_list(text, values, 4, &count) || count != 4)
        return refuse(parameter, "RANGE and two longitudes and two latitudes in degrees",
                      text, failure);
    if (!(values[2] <= values[3]) || values[2] > 90 || values[3] < -90 ||
        (isfinite(values[2]) && !is_latitude(values[2])) ||
        (isfinite(values[3]) && !is_latitude(values[3])))
        return refuse(parameter, "latitudes from -90 to 90, the lower first", text,
                      failure);
    /* Half-open longitudes cannot be told on a circle: from 0 or up to 360. */
    if (isfinite(values[0]) != isfinite(values[1])) {
        values[0] = isfinite(values[0]) ? values[0] : 0;
        values[1] = isfinite(values[1]) ? values[1] : 360;
    }
    *out = (struct region){.kind = REGION_RANGE,
                           .of.range = range_between(values[0], values[1])};
    out->of.range.south = values[2];
    out->of.range.north = values[3];
    return STATUS_OK;
}

/*
 * Find a point less than 90 degrees from all vertices, by leaning towards each that is
 * not (the perceptron's rule, which ends wherever there is such a point with some room).
 */
static bool find_middle(struct sky_polygon *polygon)
{
    enum { MOST_ROUNDS = 1000 };
    struct sky_vector middle = {0};

    for (size_t i = 0; i < polygon->count; i++)
        middle = sum(middle, polygon->vertices[i]);
    for (int round = 0; round < MOST_ROUNDS; round++) {
        bool moved = false;

        for (size_t i = 0; i < polygon->count; i++) {
            if (dot(middle, polygon->vertices[i]) > 1e-12)
                continue;
            middle = sum(middle, polygon->vertices[i]);
            moved = true;
        }
        if (!moved) {
            polygon->middle = middle;
            return true;
        }
    }
    return false;
}

enum status region_parse_polygon(const char *parameter, const char *text,
                                 struct arena *arena, struct region *out,
                                 struct failure *failure)
{
    size_t most = strlen(text) / 2 + 1, count;
    double *values = arena_take(arena, most * sizeof(*values));
    struct sky_vector *vertices;
    struct sky_polygon polygon = {0};

    if (!number_read_list(text, values, most, &count) || count < 6 || count % 2)
        return refuse(parameter,
                      "three or more pairs of longitude and latitude in degrees", text,
                      failure);
    vertices = arena_take(arena, count / 2 * sizeof(*vertices));
    for (size_t i = 0; i < count; i += 2) {
        if (!isfinite(values[i]) || !is_latitude(values[i + 1]))
            return refuse(parameter, "finite longitudes, and latitudes from -90 to 90",
                          text, failure);
        vertices[i / 2] = vector_of((struct sky_point){values[i], values[i + 1]});
    }
    polygon.vertices = vertices;
    polygon.count = count / 2;
    if (!find_middle(&polygon))
        return refuse(parameter, "a polygon that fits into a hemisphere", text, failure);
    *out = (struct region){.kind = REGION_POLYGON, .of.polygon = polygon};
    return STATUS_OK;
}

/* What follows the keyword, or NULL. */
static const char *behind(const char *text, const char *keyword)
{
    size_t length = strlen(keyword);

    text += strspn(text, " \t\r\n");
    return strncasecmp(text, keyword, length) == 0 &&
                   strchr(" \t\r\n", text[length]) != NULL
               ? text + length
               : NULL;
}

enum status region_parse_pos(const char *parameter, const char *text, struct arena *arena,
                             struct region *out, struct failure *failure)
{
    const char *rest;

    if ((rest = behind(text, "CIRCLE")))
        return region_parse_circle(parameter, rest, out, failure);
    if ((rest = behind(text, "RANGE")))
        return parse_range(parameter, rest, out, failure);
    if ((rest = behind(text, "POLYGON")))
        return region_parse_polygon(parameter, rest, arena, out, failure);
    return refuse(parameter,
                  "CIRCLE lon lat radius, RANGE lon lon lat lat or POLYGON lon lat ..., "
                  "in degrees",
                  text, failure);
}

/* ---- containing ---- */

static bool circle_contains(const struct sky_circle *circle, struct sky_point point)
{
    return sky_separation(circle->centre, point) <= circle->radius + TOLERANCE;
}

static bool range_contains(const struct sky_range *range, struct sky_point point)
{
    double east = full_turn(point.longitude - range->west);
    bool is_at_pole = fabs(point.latitude) >= 90 - TOLERANCE;

    if (point.latitude < range->south - TOLERANCE ||
        point.latitude > range->north + TOLERANCE)
        return false;
    return is_at_pole || east <= range->width + TOLERANCE || east >= 360 - TOLERANCE;
}

/* Whether a point lies on the great circle between two vertices. */
static bool is_on_edge(struct sky_vector from, struct sky_vector to,
                       struct sky_vector point)
{
    struct sky_vector pole = cross(from, to);
    double sine = length_of(pole);

    if (angle_between(from, point) <= TOLERANCE || angle_between(to, point) <= TOLERANCE)
        return true;
    return sine > 0 && fabs(dot(pole, point)) <= TOLERANCE * DEGREE * sine &&
           dot(cross(pole, from), point) >= 0 && dot(cross(to, pole), point) >= 0;
}

/* How far the direction from `point` turns from one vertex to the other, radians. */
static double turn(struct sky_vector from, struct sky_vector to, struct sky_vector point)
{
    return atan2(dot(point, cross(from, to)),
                 dot(from, to) - dot(from, point) * dot(to, point));
}

/* Seen from inside, the vertices go around once; the antipode of such a point would see
 * the same, but it is on the other hemisphere. */
static bool polygon_contains(const struct sky_polygon *polygon, struct sky_point where)
{
    struct sky_vector point = vector_of(where);
    double turned = 0;

    for (size_t i = 0; i < polygon->count; i++) {
        struct sky_vector from = polygon->vertices[i];
        struct sky_vector to = polygon->vertices[(i + 1) % polygon->count];

        if (is_on_edge(from, to, point))
            return true;
        turned += turn(from, to, point);
    }
    return dot(polygon->middle, point) > 0 && fabs(turned) > 180 * DEGREE;
}

bool region_contains(const struct region *region, struct sky_point point)
{
    switch (region->kind) {
    case REGION_CIRCLE:
        return circle_contains(&region->of.circle, point);
    case REGION_RANGE:
        return range_contains(&region->of.range, point);
    case REGION_POLYGON:
        return polygon_contains(&region->of.polygon, point);
    }
    return false;
}
