#include "protocol/ssa_query.h"

#include "archive/identifier.h"
#include "base/number.h"
#include "format/votable.h"
#include "protocol/ssa_ranges.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const double ANGSTROM_PER_METRE = 1e10;
static const double FIBRE_DIAMETER = 3.3 / 3600; /* degrees */

/* One parameter that is being read. */
struct reading {
    const char *name;
    const char *value;
    const struct service_settings *settings;
    const struct collection_settings *collection;
    struct arena *arena;
    struct ssa_query *query;
};

static enum status refuse(const struct reading *reading, const char *wanted,
                          struct failure *failure)
{
    return failure_set(failure, STATUS_BAD_PARAMETER, "%s: '%.80s' is not %s",
                       reading->name, reading->value, wanted);
}

static enum status read_number(const struct reading *reading, double least, double most,
                               double *out, struct failure *failure)
{
    double value;
    char wanted[80];

    if (number_read_double(reading->value, strlen(reading->value), &value) &&
        value >= least && value <= most) {
        *out = value;
        return STATUS_OK;
    }
    snprintf(wanted, sizeof(wanted), "a number of %g or more", least);
    if (!isinf(most))
        snprintf(wanted, sizeof(wanted), "a number from %g to %g", least, most);
    return refuse(reading, wanted, failure);
}

static enum status read_count(const struct reading *reading, int64_t least, int64_t *out,
                              struct failure *failure)
{
    int64_t value;

    if (!number_read_integer(reading->value, strlen(reading->value), &value) ||
        value < least)
        return refuse(reading, least ? "a whole number above 0" : "a whole number",
                      failure);
    *out = value;
    return STATUS_OK;
}

/* ---- what the service as such is asked ---- */

static enum status read_request(const struct reading *reading, struct failure *failure)
{
    return strcasecmp(reading->value, "queryData") == 0
               ? STATUS_OK
               : refuse(reading, "queryData", failure);
}

static enum status read_version(const struct reading *reading, struct failure *failure)
{
    static const char *const versions[] = {"1", "1.0", "1.1"};

    for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++)
        if (strcmp(reading->value, versions[i]) == 0)
            return STATUS_OK;
    return refuse(reading, "1.1, which is spoken here", failure);
}

static enum status read_compress(const struct reading *reading, struct failure *failure)
{
    return strcasecmp(reading->value, "true") == 0 ||
                   strcasecmp(reading->value, "false") == 0
               ? STATUS_OK
               : refuse(reading, "true or false", failure);
}

static enum status read_top(const struct reading *reading, struct failure *failure)
{
    return read_count(reading, 1, &reading->query->top, failure);
}

static enum status read_maxrec(const struct reading *reading, struct failure *failure)
{
    return read_count(reading, 0, &reading->query->maxrec, failure);
}

/* A cut by TOP is no overflow: it is what was asked for. */
static void limit_rows(struct ssa_query *query)
{
    if (query->maxrec < 0)
        query->maxrec = query->top < 0 ? SSA_ROWS_DEFAULT : SSA_ROWS_MOST;
    if (query->maxrec > SSA_ROWS_MOST)
        query->maxrec = SSA_ROWS_MOST;
    query->may_overflow = query->top < 0 || query->top > query->maxrec;
    query->row_limit = query->may_overflow ? query->maxrec : query->top;
}

/* ---- position ---- */

static enum status read_position(const struct reading *reading, struct failure *failure)
{
    static const char wanted[] = "a position in degrees, such as 10.684,41.269";
    struct ssa_list list;
    double ra, dec;
    enum status status =
        ssa_list_read(reading->name, reading->value, reading->arena, &list, failure);

    if (status)
        return status;
    if (list.count != 2 || list.items[0].is_range || list.items[1].is_range ||
        !number_read_double(list.items[0].first, strlen(list.items[0].first), &ra) ||
        !number_read_double(list.items[1].first, strlen(list.items[1].first), &dec) ||
        isinf(ra) || fabs(dec) > 90)
        return refuse(reading, wanted, failure);
    if (list.qualifier && strcasecmp(list.qualifier, "ICRS") != 0)
        return refuse(reading, "in ICRS, the one frame that is known here", failure);
    reading->query->cone.centre = direction_of(ra, dec);
    reading->query->catalogue.cone = &reading->query->cone;
    return STATUS_OK;
}

static enum status read_size(const struct reading *reading, struct failure *failure)
{
    double diameter;
    enum status status = read_number(reading, 0, 360, &diameter, failure);

    if (!status)
        reading->query->cone.radius = diameter / 2;
    return status;
}

/* ---- range-lists ---- */

static enum status
read_ranges(const struct reading *reading,
            enum status (*read)(const char *parameter, const struct ssa_item *item,
                                struct catalogue_range *out, struct failure *failure),
            struct catalogue_ranges *out, struct failure *failure)
{
    struct catalogue_range *ranges;
    struct ssa_list list;
    enum status status =
        ssa_list_read(reading->name, reading->value, reading->arena, &list, failure);

    if (status)
        return status;
    ranges = arena_take(reading->arena, list.count * sizeof(*ranges));
    for (size_t i = 0; i < list.count; i++)
        if ((status = read(reading->name, &list.items[i], &ranges[i], failure)))
            return status;
    *out = (struct catalogue_ranges){ranges, list.count};
    return STATUS_OK;
}

static enum status read_time(const struct reading *reading, struct failure *failure)
{
    return read_ranges(reading, ssa_range_of_dates, &reading->query->catalogue.times,
                       failure);
}

static enum status read_mtime(const struct reading *reading, struct failure *failure)
{
    reading->query->catalogue.with_deleted = true;
    return read_ranges(reading, ssa_range_of_dates, &reading->query->catalogue.modified,
                       failure);
}

static enum status read_redshift(const struct reading *reading, struct failure *failure)
{
    struct catalogue_ranges *redshifts = &reading->query->catalogue.redshifts;
    enum status status = read_ranges(reading, ssa_range_of_numbers, redshifts, failure);

    if (!status && redshifts->count > 1)
        return refuse(reading, "one range, such as 0.1/0.2", failure);
    return status;
}

/* A name is a value of ssa_bandpass; all of these spectra are optical. */
static bool is_band_name(const struct ssa_item *item)
{
    return !item->is_range && item->first &&
           strchr("+-.0123456789", *item->first) == NULL;
}

static enum status read_band_name(const struct reading *reading, const char *name,
                                  const char **out, struct failure *failure)
{
    static const char *const names[] = {"B", "R"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcasecmp(name, names[i]) == 0) {
            *out = names[i];
            return STATUS_OK;
        }
    return refuse(
        reading,
        "a list of wavelengths in metres, such as 3.9e-7/4.1e-7, or of Optical, "
        "B and R",
        failure);
}

static enum status read_band(const struct reading *reading, struct failure *failure)
{
    struct catalogue_query *query = &reading->query->catalogue;
    struct catalogue_range *ranges;
    const char **names;
    struct ssa_list list;
    size_t range_count = 0, name_count = 0;
    enum status status =
        ssa_list_read(reading->name, reading->value, reading->arena, &list, failure);

    if (status)
        return status;
    ranges = arena_take(reading->arena, list.count * sizeof(*ranges));
    names = arena_take(reading->arena, list.count * sizeof(*names));
    for (size_t i = 0; i < list.count && !status; i++) {
        const struct ssa_item *item = &list.items[i];

        if (is_band_name(item) && strcasecmp(item->first, "optical") == 0) {
            ranges[range_count++] =
                (struct catalogue_range){-(double)INFINITY, (double)INFINITY};
        } else if (is_band_name(item)) {
            status = read_band_name(reading, item->first, &names[name_count++], failure);
        } else {
            struct catalogue_range *range = &ranges[range_count++];

            status = ssa_range_of_numbers(reading->name, item, range, failure);
            range->first *= ANGSTROM_PER_METRE;
            range->last *= ANGSTROM_PER_METRE;
        }
    }
    query->wavelengths = (struct catalogue_ranges){ranges, range_count};
    query->bandpasses = (struct catalogue_names){names, name_count};
    return status;
}

/* ---- names ---- */

static enum status read_target_name(const struct reading *reading,
                                    struct failure *failure)
{
    (void)failure;
    reading->query->catalogue.target_name = reading->value;
    return STATUS_OK;
}

static enum status read_target_class(const struct reading *reading,
                                     struct failure *failure)
{
    struct ssa_list list;
    const char **names;
    enum status status =
        ssa_list_read(reading->name, reading->value, reading->arena, &list, failure);

    if (status)
        return status;
    names = arena_take(reading->arena, list.count * sizeof(*names));
    for (size_t i = 0; i < list.count; i++)
        names[i] = list.items[i].first ? list.items[i].first : "";
    reading->query->catalogue.target_classes =
        (struct catalogue_names){names, list.count};
    return STATUS_OK;
}

static enum status read_publisher_did(const struct reading *reading,
                                      struct failure *failure)
{
    (void)failure;
    reading->query->catalogue.path =
        identifier_read(reading->value, reading->settings->authority,
                        reading->collection->name, reading->arena);
    if (!reading->query->catalogue.path)
        reading->query->matches_nothing = true;
    return STATUS_OK;
}

static enum status read_creator_did(const struct reading *reading,
                                    struct failure *failure)
{
    (void)failure;
    reading->query->catalogue.creator_did = reading->value;
    return STATUS_OK;
}

/* The collection as such, or the survey's release: an IVOID is compared whole, else a
 * part will do. */
static enum status read_collection(const struct reading *reading, struct failure *failure)
{
    const char *name = reading->collection->name;

    (void)failure;
    if (strncasecmp(reading->value, "ivo://", 6) == 0) {
        const char *own = arena_format(reading->arena, "ivo://%s/%s",
                                       reading->settings->authority, name);

        reading->query->matches_nothing |= strcasecmp(reading->value, own) != 0;
    } else if (!strcasestr(name, reading->value)) {
        reading->query->catalogue.release = reading->value;
    }
    return STATUS_OK;
}

/* ---- qualities ---- */

static enum status read_snr(const struct reading *reading, struct failure *failure)
{
    return read_number(reading, -(double)INFINITY, (double)INFINITY,
                       &reading->query->catalogue.snr, failure);
}

static enum status read_resolving_power(const struct reading *reading,
                                        struct failure *failure)
{
    return read_number(reading, 0, (double)INFINITY,
                       &reading->query->catalogue.resolving_power, failure);
}

/* The fibre tells no finer positions apart. */
static enum status read_spatial_resolution(const struct reading *reading,
                                           struct failure *failure)
{
    double wanted;
    enum status status = read_number(reading, 0, (double)INFINITY, &wanted, failure);

    if (!status)
        reading->query->matches_nothing |= wanted < FIBRE_DIAMETER;
    return status;
}

/* No spectrum has a value, so none matches. */
static enum status read_unknown_quality(const struct reading *reading,
                                        struct failure *failure)
{
    struct catalogue_ranges ranges;

    reading->query->matches_nothing = true;
    return read_ranges(reading, ssa_range_of_numbers, &ranges, failure);
}

static enum status read_ignored_number(const struct reading *reading,
                                       struct failure *failure)
{
    double ignored;

    return read_number(reading, 0, (double)INFINITY, &ignored, failure);
}

static bool is_any_of(const char *value, const char *const *words)
{
    while (*words && strcasecmp(value, *words) != 0)
        words++;
    return *words;
}

/* Fluxes are relative: only those who ask for absolute ones get none. */
static enum status read_flux_calibration(const struct reading *reading,
                                         struct failure *failure)
{
    static const char *const enough[] = {"any", "normalized", "relative", NULL};

    if (is_any_of(reading->value, enough))
        return STATUS_OK;
    reading->query->matches_nothing = true;
    return strcasecmp(reading->value, "absolute") == 0
               ? STATUS_OK
               : refuse(reading, "absolute, relative, normalized or any", failure);
}

/* Wavelengths are absolute, which is the most that can be asked for. */
static enum status read_wavelength_calibration(const struct reading *reading,
                                               struct failure *failure)
{
    static const char *const known[] = {"any", "relative", "absolute", NULL};

    return is_any_of(reading->value, known)
               ? STATUS_OK
               : refuse(reading, "absolute, relative or any", failure);
}

/* ---- FORMAT ---- */

/* A media type or a short name, without the media type's parameters. */
static void add_format(struct ssa_query *query, const char *format)
{
    static const char *const both[] = {"all", NULL};
    static const char *const votable[] = {"compliant",
                                          "votable",
                                          "xml",
                                          "text/xml",
                                          "application/x-votable",
                                          "application/x-votable+xml",
                                          "application/votable+xml",
                                          NULL};
    static const char *const fits[] = {"native", "fits", "application/fits", "image/fits",
                                       NULL};

    query->is_metadata |= strcasecmp(format, "metadata") == 0;
    query->with_votable |= is_any_of(format, both) || is_any_of(format, votable);
    query->with_fits |= is_any_of(format, both) || is_any_of(format, fits);
}

static enum status read_format(const struct reading *reading, struct failure *failure)
{
    char *formats = arena_copy_string(reading->arena, reading->value);

    (void)failure;
    reading->query->with_votable = reading->query->with_fits = false;
    while (formats) {
        char *format = strsep(&formats, ",");

        /* A plus sign that was not encoded has become a blank. */
        for (char *c = format; *c; c++)
            if (*c == ' ')
                *c = '+';
        format[strcspn(format, ";")] = '\0';
        add_format(reading->query, format);
    }
    return STATUS_OK;
}

/* ---- all of them ---- */

/* FORMAT is early: METADATA makes those behind it irrelevant. */
static const struct parameter {
    const char *name;
    const char *datatype; /* of its PARAM */
    const char *unit;
    const char *value; /* when it is left out; NULL: none */
    enum status (*read)(const struct reading *reading, struct failure *failure);
    const char *description;
} parameters[] = {
    {"REQUEST", "char", NULL, NULL, read_request, "queryData"},
    {"VERSION", "char", NULL, NULL, read_version, "Of the protocol: 1.1"},
    {"FORMAT", "char", NULL, "all", read_format,
     "all, compliant, votable, native, fits, graphic, metadata, or media types"},
    {"POS", "char", "deg", NULL, read_position,
     "Centre, ICRS: right ascension,declination"},
    {"SIZE", "double", "deg", "0.2", read_size, "Diameter around POS"},
    {"BAND", "char", "m", NULL, read_band,
     "Vacuum wavelengths or ranges of them, such as 3.9e-7/4.1e-7, or Optical, B, R"},
    {"TIME", "char", NULL, NULL, read_time,
     "UTC dates or ranges of them, such as 2012-03/2012-05-15"},
    {"TARGETNAME", "char", NULL, NULL, read_target_name,
     "Name of the target, without case"},
    {"TARGETCLASS", "char", NULL, NULL, read_target_class,
     "List of classes: star, galaxy, qso, unknown"},
    {"REDSHIFT", "char", NULL, NULL, read_redshift, "Range, such as 0.1/0.2"},
    {"SNR", "double", NULL, NULL, read_snr, "Least signal to noise"},
    {"SPECRP", "double", NULL, NULL, read_resolving_power, "Least resolving power"},
    {"SPATRES", "double", "deg", NULL, read_spatial_resolution, "Spatial resolution"},
    {"TIMERES", "double", "s", NULL, read_unknown_quality, "Not known of these spectra"},
    {"VARAMPL", "char", NULL, NULL, read_unknown_quality, "Not known of these spectra"},
    {"APERTURE", "double", "deg", NULL, read_ignored_number,
     "Ignored: nothing is extracted here"},
    {"WAVECALIB", "char", NULL, NULL, read_wavelength_calibration,
     "Least level: any, relative, absolute"},
    {"FLUXCALIB", "char", NULL, NULL, read_flux_calibration,
     "Least level: any, normalized, relative, absolute"},
    {"PUBDID", "char", NULL, NULL, read_publisher_did, "Publisher DID"},
    {"CREATORDID", "char", NULL, NULL, read_creator_did, "Creator DID"},
    {"COLLECTION", "char", NULL, NULL, read_collection,
     "Part of the name of the collection or of the survey's release"},
    {"MTIME", "char", NULL, NULL, read_mtime,
     "UTC dates of the last change; those that went are listed, too"},
    {"MAXREC", "int", NULL, "10000", read_maxrec, "Most rows"},
    {"TOP", "int", NULL, "10000", read_top, "Most rows, the best first"},
    {"COMPRESS", "char", NULL, NULL, read_compress,
     "Accepted; what a client can inflate is told by HTTP"},
    {"RUNID", "char", NULL, NULL, NULL, "Of the caller's job, for the logs"},
};
enum { PARAMETER_COUNT = sizeof(parameters) / sizeof(parameters[0]) };

static void query_init(struct ssa_query *query)
{
    *query = (struct ssa_query){
        .with_votable = true,
        .with_fits = true,
        .maxrec = -1,
        .top = -1,
        .cone = {.radius = SSA_SIZE_DEFAULT / 2},
        .catalogue = {.snr = (double)NAN, .resolving_power = (double)NAN},
    };
}

enum status ssa_query_read(const struct params *params,
                           const struct service_settings *settings,
                           const struct collection_settings *collection,
                           struct arena *arena, struct ssa_query *out,
                           struct failure *failure)
{
    struct reading reading = {
        .settings = settings, .collection = collection, .arena = arena, .query = out};
    enum status status;

    query_init(out);
    for (size_t i = 0; i < PARAMETER_COUNT && !out->is_metadata; i++) {
        reading.name = parameters[i].name;
        reading.value = NULL;
        if ((status = params_single(params, reading.name, &reading.value, failure)))
            return status;
        if (reading.value && parameters[i].read &&
            (status = parameters[i].read(&reading, failure)))
            return status;
    }
    limit_rows(out);
    return STATUS_OK;
}

void ssa_query_inputs(struct buffer *out)
{
    for (size_t i = 0; i < PARAMETER_COUNT; i++) {
        const struct parameter *parameter = &parameters[i];
        bool is_text = strcmp(parameter->datatype, "char") == 0;
        struct buffer name = {0};
        const char *none = strcmp(parameter->datatype, "double") ? "" : "NaN";

        buffer_format(&name, "INPUT:%s", parameter->name);
        buffer_add(&name, "", 1);
        votable_param(out,
                      &(struct votable_field){.name = (const char *)name.bytes,
                                              .datatype = parameter->datatype,
                                              .arraysize = is_text ? "*" : NULL,
                                              .unit = parameter->unit,
                                              .description = parameter->description},
                      parameter->value ? parameter->value : none);
        buffer_finish(&name);
    }
}
