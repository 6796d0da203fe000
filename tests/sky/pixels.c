/* pixels - lines "ORDER LONGITUDE LATITUDE" in, the HEALPix pixel of each out. */
#include "sky/healpix.h"

#include <inttypes.h>
#include <stdio.h>

int main(void)
{
    double longitude, latitude;
    int order;

    while (scanf("%d %lf %lf", &order, &longitude, &latitude) == 3)
        printf("%" PRId64 "\n", healpix_pixel(order, longitude, latitude));
    return 0;
}
