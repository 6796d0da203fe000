/*
 * healpix.h - the sky in pixels of equal area: HEALPix in the NESTED scheme, as MOCs use
 * it (Gorski et al. 2005, ApJ 622, 759).
 *
 * A pixel of one order holds four of the next, which are numbered 4n to 4n + 3.
 */
#pragma once

#include <stdint.h>

enum { HEALPIX_ORDER_MOST = 29 };

/* The pixel that a position lies in, ICRS degrees, any longitude; -1 for NaN. */
int64_t healpix_pixel(int order, double longitude, double latitude);

/* How many there are of an order, and the area of each, square degrees. */
int64_t healpix_count(int order);
double healpix_area(int order);
