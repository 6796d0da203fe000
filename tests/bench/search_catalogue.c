/*
 * Cones around positions, by the search that SSA uses.
 *
 *   search_catalogue CACHE < cones > found
 *
 * Reads lines of "RA DEC RADIUS" in degrees; writes for each the count of rows found and
 * their numbers, as 32-bit integers, and to standard error how long a cone took.
 */
#include "archive/catalogue_search.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { MOST = 1 << 20 };

static int64_t nanoseconds_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

/* All of a cone, in pieces as a server takes them. Returns how many. */
static int32_t find(struct catalogue *catalogue, const struct cone *cone, int32_t *out)
{
    struct catalogue_query query = {
        .cone = cone, .snr = (double)NAN, .resolving_power = (double)NAN};
    struct catalogue_search *search = catalogue_search_open(&query);
    struct catalogue_hit hits[64];
    struct failure failure;
    bool has_ended = false;
    int32_t found = 0;

    while (!has_ended) {
        size_t count;

        if (catalogue_search_next(search, catalogue, 2000000, hits, 64, &count,
                                  &has_ended, &failure)) {
            fprintf(stderr, "search_catalogue: %s\n", failure.message);
            exit(1);
        }
        for (size_t i = 0; i < count && found < MOST; i++)
            out[found++] = (int32_t)hits[i].number;
    }
    catalogue_search_close(search);
    return found;
}

static int compare(const void *a, const void *b)
{
    const int64_t *first = a, *second = b;

    return (*first > *second) - (*first < *second);
}

int main(int argc, char **argv)
{
    static int32_t found[MOST];
    static int64_t times[MOST];
    struct catalogue *catalogue;
    struct failure failure;
    size_t cones = 0;
    double ra, dec, radius;

    if (argc != 2 || catalogue_open(argv[1], CATALOGUE_READ, &catalogue, &failure)) {
        fprintf(stderr, "usage: search_catalogue CACHE < cones > found\n");
        return 2;
    }
    while (cones < MOST && scanf("%lf %lf %lf", &ra, &dec, &radius) == 3) {
        struct cone cone = {direction_of(ra, dec), radius};
        int64_t start = nanoseconds_now();
        int32_t count = find(catalogue, &cone, found);

        times[cones++] = nanoseconds_now() - start;
        fwrite(&count, sizeof(count), 1, stdout);
        fwrite(found, sizeof(*found), (size_t)count, stdout);
    }
    catalogue_close(catalogue);
    qsort(times, cones, sizeof(*times), compare);
    if (cones)
        fprintf(stderr, "%zu cones, median %.3f ms, 99th percentile %.3f ms\n", cones,
                (double)times[cones / 2] / 1e6, (double)times[cones * 99 / 100] / 1e6);
    return 0;
}
