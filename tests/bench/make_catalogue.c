/*
 * Make a catalogue that no FITS file stands behind, for tests and figures of searching.
 *
 *   make_catalogue CACHE COUNT     rows spread as LAMOST's: plates of 5 degrees between
 *                                  -10 and 60, 4000 fibres each, most of them seen once
 *   make_catalogue CACHE -         a row for each "RA DEC" (degrees) of standard input;
 *                                  their paths are p0, p1 ...
 *
 * The cache folder must be there, and have no catalogue. Prints how many rows a second
 * were written.
 */
#include "archive/catalogue.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { FIBRES = 4000, BATCH = 50000, RECORD_SIZE = 41000 };

struct maker {
    struct catalogue *catalogue;
    struct arena arena; /* of one row */
    int64_t count;
    double plate_ra, plate_dec;
    struct failure failure;
};

static void check(struct maker *maker, enum status status)
{
    if (!status)
        return;
    fprintf(stderr, "make_catalogue: %s\n", maker->failure.message);
    exit(1);
}

static double between(double low, double high)
{
    return low + (high - low) * drand48();
}

/* ---- one row ---- */

static void place(struct maker *maker, struct entry *entry)
{
    double angle = between(0, 2 * M_PI), distance = 2.5 * sqrt(drand48());

    if (maker->count % FIBRES == 0) {
        maker->plate_ra = between(0, 360);
        maker->plate_dec =
            asin(between(sin(-10 * M_PI / 180), sin(60 * M_PI / 180))) * 180 / M_PI;
    }
    entry->dec = maker->plate_dec + distance * sin(angle);
    entry->ra =
        fmod(maker->plate_ra + 360 + distance * cos(angle) / cos(entry->dec * M_PI / 180),
             360);
}

static void name(struct maker *maker, struct entry *entry)
{
    struct arena *arena = &maker->arena;
    int plate = (int)(maker->count / FIBRES), fibre = (int)(maker->count % FIBRES);

    entry->name = arena_format(arena, "spec-%d-P%06d_sp%02d-%03d", 55859 + plate / 3,
                               plate, fibre / 250 + 1, fibre % 250 + 1);
    entry->path =
        arena_format(arena, "%d/P%06d/%s", 55859 + plate / 3, plate, entry->name);
    entry->target_name =
        arena_format(arena, "LAMOST J%08.4f%+08.4f", entry->ra, entry->dec);
    entry->planid = arena_format(arena, "P%06d", plate);
}

/* Nine in ten are stars, one in a hundred quasars. */
static void classify(struct entry *entry)
{
    double kind = drand48();

    entry->target_class = kind < 0.9    ? "star"
                          : kind < 0.96 ? "galaxy"
                          : kind < 0.97 ? "qso"
                                        : "unknown";
    entry->target_subclass = kind < 0.9 ? "G5" : NULL;
    entry->redshift = kind < 0.9 ? between(-1e-3, 1e-3) : between(0, 1);
    entry->redshift_error = 1e-5;
}

static void describe(struct maker *maker, struct entry *entry)
{
    struct arena *arena = &maker->arena;

    entry->obsid = 100000000 + maker->count;
    entry->filename = arena_format(arena, "%s.fits", entry->name);
    entry->release = "LAMOST DR5";
    entry->survey = "LRS";
    entry->title = arena_format(arena, "LAMOST DR5 %lld %s", (long long)entry->obsid,
                                entry->target_name);
    entry->creator = "LAMOST Pipeline";
    entry->creator_did =
        arena_format(arena, "ivo://org.lamost/spectra?%lld", (long long)entry->obsid);
    entry->date = "2017-03-03T11:12:13";
    entry->version = "v2.9.7";
    entry->instrument = "LAMOST LRS spectrograph 3";
    entry->bandpass = "Optical";
    entry->target_description = "Star, input catalogue LEGAS";
    entry->ra_obs = entry->ra;
    entry->dec_obs = entry->dec;
    entry->snr = between(1, 100);
    entry->date_obs = 55859.5 + (double)(maker->count / FIBRES) / 3;
    entry->time_start = entry->date_obs - 0.02;
    entry->time_stop = entry->date_obs + 0.02;
    entry->time_extent = 0.04 * 86400;
    entry->exposure = 2700;
    entry->spectral_start = 3699.99;
    entry->spectral_end = 9099.13;
    entry->bin_size = 1.3;
    entry->resolving_power = 1800;
    entry->length = 3909;
    entry->heliocentric = 1;
    entry->flux_error_median = 0.1;
}

static void put(struct maker *maker, struct entry *entry)
{
    struct catalogue_file file = {.size = 100000, .mtime = INT64_C(1500000000000000000)};
    int64_t number;

    entry->shard = 1 + maker->count / 50000;
    entry->record_offset = 64 + maker->count % 50000 * RECORD_SIZE;
    entry->record_size = RECORD_SIZE;
    entry->axis_offset = 0;
    entry->axis_size = 3909 * 4;
    entry->file = arena_format(&maker->arena, "%s.fits.gz", entry->path);
    entry->file_size = 100000;
    entry->file_raw_size = 112320;
    entry->file_is_gzip = 1;
    entry->file_mtime = file.mtime;
    file.path = entry->file;
    check(maker, catalogue_put_file(maker->catalogue, &file, &number, &maker->failure));
    check(maker,
          catalogue_put_spectrum(maker->catalogue, entry, number, &maker->failure));
    if (++maker->count % BATCH == 0) {
        check(maker, catalogue_commit(maker->catalogue, &maker->failure));
        check(maker, catalogue_begin(maker->catalogue, &maker->failure));
    }
}

/* ---- all of them ---- */

static void make_survey(struct maker *maker, int64_t count)
{
    while (maker->count < count) {
        struct entry entry;

        arena_reset(&maker->arena);
        entry_init(&entry);
        place(maker, &entry);
        name(maker, &entry);
        classify(&entry);
        describe(maker, &entry);
        put(maker, &entry);
    }
}

static void make_positions(struct maker *maker)
{
    double ra, dec;

    while (scanf("%lf %lf", &ra, &dec) == 2) {
        struct entry entry;

        arena_reset(&maker->arena);
        entry_init(&entry);
        entry.ra = ra;
        entry.dec = dec;
        entry.path = arena_format(&maker->arena, "p%lld", (long long)maker->count);
        entry.name = entry.path;
        describe(maker, &entry);
        put(maker, &entry);
    }
}

static double seconds_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
    static struct maker maker;
    double start = seconds_now();

    if (argc != 3) {
        fprintf(stderr, "usage: make_catalogue CACHE COUNT|-\n");
        return 2;
    }
    arena_init(&maker.arena);
    srand48(1);
    check(&maker,
          catalogue_open(argv[1], CATALOGUE_WRITE, &maker.catalogue, &maker.failure));
    check(&maker, catalogue_begin(maker.catalogue, &maker.failure));
    if (strcmp(argv[2], "-") == 0)
        make_positions(&maker);
    else
        make_survey(&maker, atoll(argv[2]));
    check(&maker, catalogue_commit(maker.catalogue, &maker.failure));
    catalogue_close(maker.catalogue);
    arena_finish(&maker.arena);
    printf("%lld rows, %.0f a second\n", (long long)maker.count,
           (double)maker.count / (seconds_now() - start));
    return 0;
}
