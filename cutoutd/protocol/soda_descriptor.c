#include "protocol/soda_descriptor.h"

#include "base/number.h"
#include "cutout/form.h"
#include "format/votable.h"

#include <math.h>
#include <string.h>

static const double METRES_PER_ANGSTROM = 1e-10;
static const double FIBRE_RADIUS = 4.5833e-4; /* degrees */

void soda_coverage_init(struct soda_coverage *coverage)
{
    *coverage = (struct soda_coverage){
        .band = {(double)INFINITY, -(double)INFINITY},
        .time_start = (double)INFINITY,
        .time_stop = -(double)INFINITY,
        .circle.radius = -1,
    };
}

/* The fibre takes in light from a circle around its centre. */
static void cover_fibre(struct sky_circle *circle, const struct entry *entry)
{
    struct sky_circle fibres = *circle;

    fibres.radius = fibres.radius < 0 ? -1 : fmax(fibres.radius - FIBRE_RADIUS, 0);
    sky_circle_cover(&fibres, (struct sky_point){entry->ra_obs, entry->dec_obs});
    fibres.radius += FIBRE_RADIUS;
    *circle = fibres;
}

void soda_coverage_add(struct soda_coverage *coverage, const struct entry *entry)
{
    struct band *band = &coverage->band;

    band->lower = fmin(band->lower, entry->spectral_start);
    band->upper = fmax(band->upper, entry->spectral_end);
    coverage->time_start = fmin(coverage->time_start, entry->time_start);
    coverage->time_stop = fmax(coverage->time_stop, entry->time_stop);
    if (isfinite(entry->ra_obs) && isfinite(entry->dec_obs))
        cover_fibre(&coverage->circle, entry);
}

bool soda_coverage_is_empty(const struct soda_coverage *coverage)
{
    return !(coverage->band.lower <= coverage->band.upper);
}

static void add_id_param(struct buffer *out, const char *ref)
{
    votable_param(out,
                  &(struct votable_field){
                      .name = "ID",
                      .datatype = "char",
                      .arraysize = "*",
                      .ucd = "meta.ref.url;meta.curation",
                      .ref = ref,
                      .description = "Publisher DID of the spectrum",
                  },
                  "");
}

static void add_band_param(struct buffer *out, struct band range)
{
    static const struct votable_field band = {
        .name = "BAND",
        .datatype = "double",
        .arraysize = "2",
        .xtype = "interval",
        .unit = "m",
        .ucd = "em.wl;stat.interval",
        .description = "Vacuum wavelengths to keep, both ends included",
    };
    char min[NUMBER_LENGTH], max[NUMBER_LENGTH];

    number_write_double(min, range.lower * METRES_PER_ANGSTROM);
    number_write_double(max, range.upper * METRES_PER_ANGSTROM);
    votable_param_values(out, &band, "", min, max, NULL);
}

static void add_time_param(struct buffer *out, const struct soda_coverage *coverage)
{
    static const struct votable_field time = {
        .name = "TIME",
        .datatype = "double",
        .arraysize = "2",
        .xtype = "interval",
        .unit = "d",
        .ucd = "time.interval;obs.exposure",
        .description = "Times (MJD, UTC) that the exposure has to overlap",
    };
    char min[NUMBER_LENGTH], max[NUMBER_LENGTH];

    if (coverage->time_start > coverage->time_stop)
        return;
    number_write_double(min, coverage->time_start);
    number_write_double(max, coverage->time_stop);
    votable_param_values(out, &time, "", min, max, NULL);
}

#define KEYWORD "CIRCLE "

enum { SHAPE_LENGTH = sizeof(KEYWORD) + 3 * (NUMBER_LENGTH + 1) };

/* Places to 1e-7 degrees are finer than any fibre is set; circles are rounded up. */
static void write_circle(char out[SHAPE_LENGTH], const struct sky_circle *circle,
                         double radius)
{
    enum { PLACES = 7 };

    out = stpcpy(out, KEYWORD);
    out += number_write_places(out, circle->centre.longitude, PLACES);
    *out++ = ' ';
    out += number_write_places(out, circle->centre.latitude, PLACES);
    *out++ = ' ';
    number_write_places(out, radius, PLACES);
}

static double rounded_up(double radius)
{
    return fmin(ceil(radius * 1e6 + 1) / 1e6, 180);
}

/* POLYGON is taken, too, but pyVO fails on any polygon once it is listed by itself. */
static void add_region_params(struct buffer *out, const struct sky_circle *circle)
{
    static const struct votable_field pos = {
        .name = "POS",
        .datatype = "char",
        .arraysize = "*",
        .ucd = "pos.outline;obs",
        .description =
            "Region (ICRS, degrees) that the fibre has to lie in: CIRCLE lon lat "
            "radius, RANGE lon lon lat lat or POLYGON lon lat lon lat ...",
    };
    static const struct votable_field circle_param = {
        .name = "CIRCLE",
        .datatype = "double",
        .arraysize = "3",
        .xtype = "circle",
        .unit = "deg",
        .ucd = "pos.outline;obs",
        .description = "Circle (ICRS) that the fibre has to lie in",
    };
    char min[SHAPE_LENGTH], max[SHAPE_LENGTH];
    enum { NUMBERS = sizeof(KEYWORD) - 1 }; /* where they begin */

    write_circle(min, circle, 0);
    write_circle(max, circle, rounded_up(circle->radius));
    votable_param_values(out, &pos, "", min, max, NULL);
    votable_param_values(out, &circle_param, "", min + NUMBERS, max + NUMBERS, NULL);
}

static void add_fluxcalib_param(struct buffer *out)
{
    static const struct votable_field fluxcalib = {
        .name = "FLUXCALIB",
        .datatype = "char",
        .arraysize = "*",
        .ucd = "phot.calib",
        .description = "RELATIVE: the largest flux of the part is made 1, errors scaled "
                       "alike; as the survey gives it if empty",
    };
    static const char *const options[] = {"RELATIVE", NULL};

    votable_param_values(out, &fluxcalib, "", NULL, NULL, options);
}

static void add_frame_param(struct buffer *out)
{
    static const struct votable_field frame = {
        .name = "FRAME",
        .datatype = "char",
        .arraysize = "*",
        .description = "rest: BAND and the wavelengths given back are those at rest with "
                       "the object, by its redshift; as observed if empty",
    };
    static const char *const options[] = {"observed", "rest", NULL};

    votable_param_values(out, &frame, "", NULL, NULL, options);
}

static void add_format_param(struct buffer *out)
{
    static const struct votable_field format = {
        .name = "RESPONSEFORMAT",
        .datatype = "char",
        .arraysize = "*",
        .ucd = "meta.code.mime",
        .description = "Form of the answer; a VOTable in BINARY2 if empty",
    };
    const char *options[FORM_COUNT + 1] = {NULL};

    for (size_t i = 0; i < FORM_COUNT; i++)
        options[i] = forms[i].content_type;
    votable_param_values(out, &format, "", NULL, NULL, options);
}

/* Some clients show no more of the parameters than their names, so the description has to
 * say how to fill BAND. */
static const char *describe(const struct band *range)
{
    return range->lower <= 3920 && range->upper >= 3980
               ? "A part of the spectrum as a table. BAND: two vacuum wavelengths in "
                 "metres, "
                 "e.g. 3.92e-7 3.98e-7 for 392 to 398 nm"
               : "A part of the spectrum as a table. BAND: two vacuum wavelengths in "
                 "metres, "
                 "e.g. 6.55e-7 6.57e-7 for 655 to 657 nm";
}

static void add_example(struct buffer *out, const char *url)
{
    votable_param(out,
                  &(struct votable_field){
                      .name = "exampleURL",
                      .datatype = "char",
                      .arraysize = "*",
                      .description = "A window of the first spectrum",
                  },
                  url);
}

void soda_descriptor_write(const struct soda_descriptor *descriptor, struct buffer *out)
{
    const struct soda_coverage *coverage = &descriptor->coverage;

    votable_resource_open(out, "meta", descriptor->id, "SODA cut-out by wavelength",
                          "adhoc:service");
    votable_description(out, describe(&coverage->band));
    votable_param_text(out, "standardID", "ivo://ivoa.net/std/SODA#sync-1.0");
    votable_param_text(out, "accessURL", descriptor->access_url);
    votable_param_text(out, "contentType", "application/x-votable+xml");
    if (descriptor->example_url)
        add_example(out, descriptor->example_url);
    votable_group_open(out, "inputParams", NULL);
    add_id_param(out, descriptor->id_ref);
    add_band_param(out, coverage->band);
    add_time_param(out, coverage);
    if (coverage->circle.radius >= 0)
        add_region_params(out, &coverage->circle);
    add_fluxcalib_param(out);
    add_frame_param(out);
    add_format_param(out);
    votable_group_close(out);
    votable_resource_close(out);
}
