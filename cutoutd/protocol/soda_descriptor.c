#include "protocol/soda_descriptor.h"

#include "base/number.h"
#include "format/votable.h"
#include "protocol/sdm.h"

#include <math.h>

static const double METRES_PER_ANGSTROM = 1e-10;

void soda_coverage_init(struct soda_coverage *coverage)
{
    coverage->band = (struct band){(double)INFINITY, -(double)INFINITY};
}

void soda_coverage_add(struct soda_coverage *coverage, const struct entry *entry)
{
    struct band *band = &coverage->band;

    band->lower = fmin(band->lower, entry->spectral_start);
    band->upper = fmax(band->upper, entry->spectral_end);
}

bool soda_coverage_is_empty(const struct soda_coverage *coverage)
{
    return !(coverage->band.lower <= coverage->band.upper);
}

static void add_text_param(struct buffer *out, const char *name, const char *value)
{
    votable_param(
        out, &(struct votable_field){.name = name, .datatype = "char", .arraysize = "*"},
        value);
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

static void add_format_param(struct buffer *out)
{
    static const struct votable_field format = {
        .name = "RESPONSEFORMAT",
        .datatype = "char",
        .arraysize = "*",
        .ucd = "meta.code.mime",
        .description = "Form of the answer; BINARY2 if empty",
    };
    const char *const options[] = {sdm_content_type(SDM_BINARY2),
                                   sdm_content_type(SDM_TABLEDATA), NULL};

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

void soda_descriptor_write(const struct soda_descriptor *descriptor, struct buffer *out)
{
    const struct soda_coverage *coverage = &descriptor->coverage;

    votable_resource_open(out, "meta", descriptor->id, "Cut-out by wavelength",
                          "adhoc:service");
    votable_description(out, describe(&coverage->band));
    add_text_param(out, "standardID", "ivo://ivoa.net/std/SODA#sync-1.0");
    add_text_param(out, "accessURL", descriptor->access_url);
    add_text_param(out, "contentType", "application/x-votable+xml");
    votable_group_open(out, "inputParams", NULL);
    add_id_param(out, descriptor->id_ref);
    add_band_param(out, coverage->band);
    add_format_param(out);
    votable_group_close(out);
    votable_resource_close(out);
}
