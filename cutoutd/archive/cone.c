#include "archive/cone.h"

#include <math.h>

enum {
    FACES = 6, /* of the cube; of axis x, -x, y, -y, z, -z */
    LEVELS = 24,
    FACE_BITS = 2 * LEVELS
};

static const double RADIANS = M_PI / 180;

/* Degrees, far above what rounding does to a direction, far below any cell. */
static const double MARGIN = 1e-10;

/* ---- directions ---- */

struct direction direction_of(double ra, double dec)
{
    /* Reduced first: 360 and 0 are then the very same, and so are all right ascensions of
     * a pole. */
    double longitude = fmod(ra, 360) * RADIANS;
    double from_axis = sin((90 - fabs(dec)) * RADIANS);

    return (struct direction){from_axis * cos(longitude), from_axis * sin(longitude),
                              sin(dec * RADIANS)};
}

static double norm(struct direction d)
{
    return sqrt(d.x * d.x + d.y * d.y + d.z * d.z);
}

/* W. Kahan's form: it is 0 for equal directions whatever the compiler does to products,
 * which a cross product need not be. */
double direction_separation(struct direction a, struct direction b)
{
    struct direction difference = {a.x - b.x, a.y - b.y, a.z - b.z};
    struct direction sum = {a.x + b.x, a.y + b.y, a.z + b.z};

    return 2 * atan2(norm(difference), norm(sum)) / RADIANS;
}

bool cone_has(const struct cone *cone, double separation)
{
    return separation <= cone->radius;
}

/* ---- cells ---- */

/* A square on a face: `code` has two bits for each level. */
struct cell {
    int face;
    int level;
    int64_t column, row; /* below 2^level */
    int64_t code;
};

/* On a face: -1 to 1 in both directions. */
struct face_place {
    int face;
    double u, v;
};

static struct face_place place_of(struct direction direction)
{
    const double along[] = {direction.x, direction.y, direction.z};
    int axis = 0;

    for (int i = 1; i < 3; i++)
        if (fabs(along[i]) > fabs(along[axis]))
            axis = i;
    return (struct face_place){
        .face = 2 * axis + (along[axis] < 0),
        .u = along[(axis + 1) % 3] / fabs(along[axis]),
        .v = along[(axis + 2) % 3] / fabs(along[axis]),
    };
}

static struct direction direction_at(struct face_place place)
{
    double along[3];
    int axis = place.face / 2;
    double length = sqrt(1 + place.u * place.u + place.v * place.v);

    along[axis] = (place.face % 2 ? -1 : 1) / length;
    along[(axis + 1) % 3] = place.u / length;
    along[(axis + 2) % 3] = place.v / length;
    return (struct direction){along[0], along[1], along[2]};
}

/* Which of 2^LEVELS strips. */
static int64_t strip_of(double u)
{
    int64_t strip = (int64_t)floor((u + 1) / 2 * (1 << LEVELS));

    if (strip < 0)
        return 0;
    return strip < 1 << LEVELS ? strip : (1 << LEVELS) - 1;
}

/* Bit n of the number becomes bit 2n. */
static int64_t spread_bits(int64_t number)
{
    int64_t spread = 0;

    for (int bit = 0; bit < LEVELS; bit++)
        spread |= (number >> bit & 1) << 2 * bit;
    return spread;
}

int64_t cell_of(double ra, double dec)
{
    struct face_place place;

    if (!isfinite(ra) || !isfinite(dec))
        return -1;
    place = place_of(direction_of(ra, dec));
    return (int64_t)place.face << FACE_BITS | spread_bits(strip_of(place.u)) |
           spread_bits(strip_of(place.v)) << 1;
}

/* ---- the cells of a cone ---- */

struct covering {
    const struct cone *cone;
    double fine; /* degrees: cells that reach no farther are not divided */
    struct cell_range *ranges;
    size_t count;
};

/* A cap around the cell. */
static struct cone cap_of(const struct cell *cell)
{
    double size = 2 / (double)((int64_t)1 << cell->level);
    double left = -1 + size * (double)cell->column, low = -1 + size * (double)cell->row;
    struct cone cap = {.centre = direction_at((struct face_place){
                           cell->face, left + size / 2, low + size / 2})};

    for (int corner = 0; corner < 4; corner++) {
        struct face_place place = {cell->face, left + size * (corner & 1),
                                   low + size * (corner >> 1)};

        cap.radius =
            fmax(cap.radius, direction_separation(cap.centre, direction_at(place)));
    }
    return cap;
}

/* Add all of the cell's numbers; where there is no room, the last range grows over the
 * gap. */
static void add_cell(struct covering *covering, const struct cell *cell)
{
    int below = 2 * (LEVELS - cell->level);
    int64_t first = (int64_t)cell->face << FACE_BITS | cell->code << below;
    int64_t last = first + ((int64_t)1 << below) - 1;
    struct cell_range *end = covering->ranges + covering->count;

    if (covering->count && (end[-1].last + 1 == first || covering->count == CONE_RANGES))
        end[-1].last = last;
    else
        covering->ranges[covering->count++] = (struct cell_range){first, last};
}

static void cover(struct covering *covering, const struct cell *cell)
{
    const struct cone *cone = covering->cone;
    struct cone cap = cap_of(cell);
    double distance = direction_separation(cap.centre, cone->centre);

    if (distance > cone->radius + cap.radius + MARGIN)
        return;
    if (distance + cap.radius <= cone->radius || cap.radius <= covering->fine ||
        cell->level == LEVELS) {
        add_cell(covering, cell);
        return;
    }
    for (int quarter = 0; quarter < 4; quarter++)
        cover(covering, &(struct cell){.face = cell->face,
                                       .level = cell->level + 1,
                                       .column = 2 * cell->column + (quarter & 1),
                                       .row = 2 * cell->row + (quarter >> 1),
                                       .code = cell->code << 2 | quarter});
}

size_t cone_ranges(const struct cone *cone, struct cell_range out[CONE_RANGES])
{
    /* Finer cells hold less that lies outside, but are more ranges. */
    struct covering covering = {.cone = cone, .fine = cone->radius / 4, .ranges = out};

    for (int face = 0; face < FACES; face++)
        cover(&covering, &(struct cell){.face = face});
    return covering.count;
}
