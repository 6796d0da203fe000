#include "sky/healpix.h"

#include <math.h>
#include <stdbool.h>

/* The bits of a number at the even places of the result. */
static uint64_t spread(uint64_t bits)
{
    bits = (bits | bits << 16) & 0x0000FFFF0000FFFF;
    bits = (bits | bits << 8) & 0x00FF00FF00FF00FF;
    bits = (bits | bits << 4) & 0x0F0F0F0F0F0F0F0F;
    bits = (bits | bits << 2) & 0x3333333333333333;
    return (bits | bits << 1) & 0x5555555555555555;
}

/* Where a position lies: one of the twelve faces, and a place in it, both from 0 to 1,
 * x to the northeast and y to the northwest. */
struct place {
    int face;
    double x, y;
};

/*
 * Between the caps, |z| <= 2/3, faces are diamonds in the plane of longitude and z: their
 * edges ascend and descend, and are counted by two numbers that run along the equator.
 */
static struct place equatorial(double z, double turn)
{
    double ascending = 0.5 + turn - 0.75 * z, descending = 0.5 + turn + 0.75 * z;
    int a = (int)floor(ascending), d = (int)floor(descending);
    struct place place = {.x = descending - d, .y = 1 - (ascending - a)};

    if (a == d)
        place.face = 4 + (d & 3);
    else
        place.face = a < d ? (a & 3) : 8 + (d & 3);
    return place;
}

/* In the caps each quarter of a turn is a triangle that ends at the pole. `cap` is
 * sqrt(3 (1 - |z|)), from its cosine where that is exact: at the pole it is not. */
static struct place polar(bool is_north, double cap, double turn)
{
    int quarter = turn >= 4 ? 3 : (int)turn;
    double along = turn - quarter;
    double x = along * cap, y = (1 - along) * cap;

    return is_north ? (struct place){quarter, fmax(1 - y, 0), fmax(1 - x, 0)}
                    : (struct place){quarter + 8, x, y};
}

static struct place find(double longitude, double latitude)
{
    static const double DEGREE = 0.017453292519943295, POLAR_Z = 2.0 / 3;
    double z = sin(latitude * DEGREE);
    double turn = fmod(longitude, 360) / 90; /* quarters */

    if (turn < 0)
        turn += 4;
    if (turn >= 4)
        turn = 0;
    if (fabs(z) <= POLAR_Z)
        return equatorial(z, turn);
    /* 1 - |z| = 2 sin^2 of half the distance from the pole, exact there as well. */
    return polar(z > 0, sqrt(6) * sin((90 - fabs(latitude)) / 2 * DEGREE), turn);
}

static uint64_t within(double part, int order)
{
    uint64_t side = UINT64_C(1) << order;
    uint64_t step = (uint64_t)(part * (double)side);

    return step < side ? step : side - 1;
}

int64_t healpix_pixel(int order, double longitude, double latitude)
{
    struct place place;

    if (!isfinite(longitude) || !(fabs(latitude) <= 90))
        return -1;
    place = find(longitude, latitude);
    return (int64_t)((uint64_t)place.face << 2 * order | spread(within(place.x, order)) |
                     spread(within(place.y, order)) << 1);
}

int64_t healpix_count(int order)
{
    return INT64_C(12) << 2 * order;
}

double healpix_area(int order)
{
    static const double SKY = 41252.96124941927; /* square degrees */

    return SKY / (double)healpix_count(order);
}
