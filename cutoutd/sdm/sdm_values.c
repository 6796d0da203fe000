#include "sdm/sdm_values.h"

#include "base/number.h"
#include "sdm/sdm_fields.h"

#include <math.h>

/* The fibre's diameter of 3.3 arcsec, and what follows from it; the headers do not have
 * it. */
#define FIBRE_DIAMETER "9.1667e-4" /* degrees */
#define FIBRE_RADIUS "4.5833e-4"   /* degrees */

static bool add_text(struct buffer *out, const char *text)
{
    if (!text || !*text)
        return false;
    buffer_add_string(out, text);
    return true;
}

static bool add_real(struct buffer *out, double value)
{
    if (isnan(value))
        return false;
    buffer_added(out,
                 number_write_double((char *)buffer_room(out, NUMBER_LENGTH), value));
    return true;
}

static bool add_integer(struct buffer *out, int64_t value)
{
    if (value == ENTRY_NO_INTEGER)
        return false;
    buffer_added(out,
                 number_write_integer((char *)buffer_room(out, NUMBER_LENGTH), value));
    return true;
}

static bool add_position(struct buffer *out, double longitude, double latitude)
{
    if (isnan(longitude) || isnan(latitude))
        return false;
    add_real(out, longitude);
    buffer_add_char(out, ' ');
    return add_real(out, latitude);
}

/* Coverage: of a whole spectrum its catalogue row knows it, so the samples need not be
 * there. */

static double spectral_start(const struct sdm_document *document)
{
    const struct slice *slice = &document->slice;

    return document->is_cutout ? axis_at(&slice->spectrum->axis, slice->first)
                               : document->entry->spectral_start;
}

static double spectral_stop(const struct sdm_document *document)
{
    const struct slice *slice = &document->slice;

    return document->is_cutout
               ? axis_at(&slice->spectrum->axis, slice->first + slice->count - 1)
               : document->entry->spectral_end;
}

static double spectral_middle(const struct sdm_document *document)
{
    return (spectral_start(document) + spectral_stop(document)) / 2;
}

static double spectral_extent(const struct sdm_document *document)
{
    return spectral_stop(document) - spectral_start(document);
}

/* By which wavelengths were corrected. */
static double frame_redshift(const struct sdm_document *document)
{
    return document->at_rest ? document->entry->redshift : 0;
}

static double bin_size(const struct sdm_document *document)
{
    size_t count = document->slice.count;

    return document->is_cutout && count > 1
               ? spectral_extent(document) / (double)(count - 1)
               : document->entry->bin_size / (1 + frame_redshift(document));
}

/* In metres: the number of Angstrom with its point moved, which is exact and quick. */
static bool add_resolution(const struct sdm_document *document, struct buffer *out)
{
    if (!add_real(out, spectral_middle(document) / document->entry->resolving_power))
        return false;
    buffer_add_literal(out, "e-10");
    return true;
}

static double time_fill(const struct sdm_document *document)
{
    return document->entry->exposure / document->entry->time_extent;
}

static double flux_error(const struct sdm_document *document)
{
    double median = document->entry->flux_error_median;

    return document->scale != 0 ? median * document->scale : median;
}

static bool add_length(const struct sdm_document *document, struct buffer *out)
{
    return add_integer(out, (int64_t)document->slice.count);
}

static bool add_publisher_did(const struct sdm_document *document, struct buffer *out)
{
    return add_text(out, document->publisher_did);
}

static bool add_publisher_id(const struct service_settings *service, struct buffer *out)
{
    if (service->publisher_did_root)
        return add_text(out, service->publisher_did_root);
    buffer_add_literal(out, "ivo://");
    buffer_add_string(out, service->authority);
    return true;
}

static bool add_creation_type(const struct sdm_document *document, struct buffer *out)
{
    return add_text(out, document->is_cutout ? "cutout" : "archival");
}

/* The models' default would be TOPOCENTER, which is wrong for what the pipeline
 * corrected. */
static bool add_spectral_frame(const struct sdm_document *document, struct buffer *out)
{
    return add_text(out,
                    document->entry->heliocentric == 1 ? "HELIOCENTER" : "TOPOCENTER");
}

static bool add_target_position(const struct sdm_document *document, struct buffer *out)
{
    return add_position(out, document->entry->ra, document->entry->dec);
}

static bool add_fibre_position(const struct sdm_document *document, struct buffer *out)
{
    return add_position(out, document->entry->ra_obs, document->entry->dec_obs);
}

static bool add_region(const struct sdm_document *document, struct buffer *out)
{
    size_t before = out->length;

    buffer_add_literal(out, "circle ");
    if (!add_fibre_position(document, out)) {
        out->length = before;
        return false;
    }
    buffer_add_literal(out, " " FIBRE_RADIUS);
    return true;
}

enum source_kind {
    /* Shared by all documents of a collection. */
    NOWHERE, /* no document of ours has it */
    CONSTANT,
    TEXT_OF_SERVICE,
    TEXT_OF_COLLECTION,
    MADE_OF_SERVICE,
    REDSHIFT_OF_FRAME, /* but for those at rest */
    /* Each document's own. */
    TEXT_OF_ENTRY,
    REAL_OF_ENTRY,
    INTEGER_OF_ENTRY,
    NUMBER_OF_ROW, /* worked out */
    MADE_OF_ROW,
    /* ... and of what was cut. */
    NUMBER_OF_SLICE,
    MADE_OF_SLICE,
};

struct source {
    enum source_kind kind;
    union {
        const char *constant;
        size_t offset; /* of a member */
        bool (*add_shared)(const struct service_settings *service, struct buffer *out);
        double (*number)(const struct sdm_document *document);
        bool (*add)(const struct sdm_document *document, struct buffer *out);
    } of;
};

#define FROM_CONSTANT(text)                                                              \
    {                                                                                    \
        CONSTANT,                                                                        \
        {                                                                                \
            .constant = (text)                                                           \
        }                                                                                \
    }
#define FROM_TEXT(member)                                                                \
    {                                                                                    \
        TEXT_OF_ENTRY,                                                                   \
        {                                                                                \
            .offset = offsetof(struct entry, member)                                     \
        }                                                                                \
    }
#define FROM_REAL(member)                                                                \
    {                                                                                    \
        REAL_OF_ENTRY,                                                                   \
        {                                                                                \
            .offset = offsetof(struct entry, member)                                     \
        }                                                                                \
    }
#define FROM_INTEGER(member)                                                             \
    {                                                                                    \
        INTEGER_OF_ENTRY,                                                                \
        {                                                                                \
            .offset = offsetof(struct entry, member)                                     \
        }                                                                                \
    }
#define FROM_SERVICE(member)                                                             \
    {                                                                                    \
        TEXT_OF_SERVICE,                                                                 \
        {                                                                                \
            .offset = offsetof(struct service_settings, member)                          \
        }                                                                                \
    }
#define FROM_COLLECTION(member)                                                          \
    {                                                                                    \
        TEXT_OF_COLLECTION,                                                              \
        {                                                                                \
            .offset = offsetof(struct collection_settings, member)                       \
        }                                                                                \
    }
#define FROM_SERVICE_FUNCTION(function)                                                  \
    {                                                                                    \
        MADE_OF_SERVICE,                                                                 \
        {                                                                                \
            .add_shared = (function)                                                     \
        }                                                                                \
    }
#define FROM_NUMBER(origin, function)                                                    \
    {                                                                                    \
        NUMBER_OF_##origin,                                                              \
        {                                                                                \
            .number = (function)                                                         \
        }                                                                                \
    }
#define FROM_FUNCTION(origin, function)                                                  \
    {                                                                                    \
        MADE_OF_##origin,                                                                \
        {                                                                                \
            .add = (function)                                                            \
        }                                                                                \
    }

/* A field that is not named here has no value in any document of ours. */
static const struct source sources[SDM_FIELD_COUNT] = {
    [SDM_SSA_MODEL] = FROM_CONSTANT("Spectrum-1.0"),
    [SDM_SSA_DSTYPE] = FROM_CONSTANT("Spectrum"),
    [SDM_SSA_LENGTH] = FROM_FUNCTION(SLICE, add_length),
    [SDM_SSA_TIMESI] = FROM_CONSTANT("8.64E4 T"),
    [SDM_SSA_SPECTRALSI] = FROM_CONSTANT("1.E-10 L"),
    [SDM_SSA_FLUXSI] = FROM_CONSTANT(""), /* relative flux has no dimension */

    [SDM_SSA_DSTITLE] = FROM_TEXT(title),
    [SDM_SSA_CREATOR] = FROM_TEXT(creator),
    [SDM_SSA_COLLECTION] = FROM_TEXT(release),
    [SDM_SSA_DATASETID] = FROM_FUNCTION(ROW, add_publisher_did),
    [SDM_SSA_CREATORDID] = FROM_TEXT(creator_did),
    [SDM_SSA_CDATE] = FROM_TEXT(date),
    [SDM_SSA_CVERSION] = FROM_TEXT(version),
    [SDM_SSA_INSTRUMENT] = FROM_TEXT(instrument),
    [SDM_SSA_BANDPASS] = FROM_TEXT(bandpass),
    [SDM_SSA_DATASOURCE] = FROM_CONSTANT("survey"),
    [SDM_SSA_CREATIONTYPE] = FROM_FUNCTION(SLICE, add_creation_type),

    [SDM_SSA_PUBLISHER] = FROM_SERVICE(publisher),
    [SDM_SSA_PUBLISHERID] = FROM_SERVICE_FUNCTION(add_publisher_id),
    [SDM_SSA_PUBDID] = FROM_FUNCTION(ROW, add_publisher_did),
    [SDM_SSA_REFERENCE] = FROM_COLLECTION(reference),
    [SDM_SSA_RIGHTS] = FROM_COLLECTION(rights),
    [SDM_SSA_CONTACTNAME] = FROM_SERVICE(contact_name),
    [SDM_SSA_CONTACTEMAIL] = FROM_SERVICE(contact_email),

    [SDM_SSA_TARGNAME] = FROM_TEXT(target_name),
    [SDM_SSA_TARGDESC] = FROM_TEXT(target_description),
    [SDM_SSA_TARGCLASS] = FROM_TEXT(target_class),
    [SDM_SSA_TARGSUBCLASS] = FROM_TEXT(target_subclass),
    [SDM_SSA_REDSHIFT] = FROM_REAL(redshift),
    [SDM_SSA_TARGETPOS] = FROM_FUNCTION(ROW, add_target_position),

    [SDM_SSA_SNR] = FROM_REAL(snr),
    [SDM_SSA_DERREDSHIFT] = FROM_REAL(redshift),
    [SDM_SSA_DERREDSHIFTERR] = FROM_REAL(redshift_error),

    [SDM_SSA_CSYSNAME] = FROM_CONSTANT("ICRS"),
    [SDM_SSA_CSYSUCD] = FROM_CONSTANT("pos.eq"),
    [SDM_SSA_CSYSREFPOS] = FROM_CONSTANT("UNKNOWN"),
    [SDM_SSA_TIMEFRAME] = FROM_CONSTANT("UTC"),
    [SDM_SSA_TIMEFRAMEUCD] = FROM_CONSTANT("time"),
    [SDM_SSA_TIMEZERO] = FROM_CONSTANT("0"),
    [SDM_SSA_TIMEREFPOS] = FROM_CONSTANT("TOPOCENTER"),
    [SDM_SSA_SPECFRAME] = FROM_CONSTANT("WAVE"),
    [SDM_SSA_SPECFRAMEUCD] = FROM_CONSTANT("em.wl"),
    [SDM_SSA_SPECREFPOS] = FROM_FUNCTION(ROW, add_spectral_frame),
    [SDM_SSA_SPECFRAMEZ] = {REDSHIFT_OF_FRAME, {.constant = "0"}},

    [SDM_SSA_FLUXNAME] = FROM_CONSTANT("Flux"),
    [SDM_SSA_FLUXUCD] = FROM_CONSTANT("phot.flux.density;em.wl"),
    [SDM_SSA_FLUXUNIT] = FROM_CONSTANT(""),
    [SDM_SSA_FLUXSTATERROR] = FROM_NUMBER(SLICE, flux_error),
    [SDM_SSA_FLUXCALIB] = FROM_CONSTANT("RELATIVE"),

    [SDM_SSA_SPECNAME] = FROM_CONSTANT("SpectralCoord"),
    [SDM_SSA_SPECTRALUCD] = FROM_CONSTANT("em.wl"),
    [SDM_SSA_SPECTRALUNIT] = FROM_CONSTANT("Angstrom"),
    [SDM_SSA_SPECMID] = FROM_NUMBER(SLICE, spectral_middle),
    [SDM_SSA_SPECEXT] = FROM_NUMBER(SLICE, spectral_extent),
    [SDM_SSA_SPECSTART] = FROM_NUMBER(SLICE, spectral_start),
    [SDM_SSA_SPECEND] = FROM_NUMBER(SLICE, spectral_stop),
    [SDM_SSA_SPECSUPPORT] = FROM_NUMBER(SLICE, spectral_extent),
    [SDM_SSA_SPECSAMPLE] = FROM_NUMBER(SLICE, bin_size),
    [SDM_SSA_SPECFILL] = FROM_CONSTANT("1"),
    [SDM_SSA_BINSIZE] = FROM_NUMBER(SLICE, bin_size),
    [SDM_SSA_SPECCALIB] = FROM_CONSTANT("ABSOLUTE"),
    [SDM_SSA_SPECRES] = FROM_FUNCTION(SLICE, add_resolution),
    [SDM_SSA_RESPPOWER] = FROM_REAL(resolving_power),

    [SDM_SSA_TIMENAME] = FROM_CONSTANT("Time"),
    [SDM_SSA_TIMEUCD] = FROM_CONSTANT("time"),
    [SDM_SSA_TIMEUNIT] = FROM_CONSTANT("d"),
    [SDM_SSA_DATEOBS] = FROM_REAL(date_obs),
    [SDM_SSA_TIMEEXT] = FROM_REAL(time_extent),
    [SDM_SSA_TIMESTART] = FROM_REAL(time_start),
    [SDM_SSA_TIMESTOP] = FROM_REAL(time_stop),
    [SDM_SSA_EXPTIME] = FROM_REAL(exposure),
    [SDM_SSA_TIMEFILL] = FROM_NUMBER(ROW, time_fill),
    [SDM_SSA_TIMECALIB] = FROM_CONSTANT("ABSOLUTE"),

    [SDM_SSA_SPACENAME] = FROM_CONSTANT("Sky"),
    [SDM_SSA_SPACEUCD] = FROM_CONSTANT("pos.eq"),
    [SDM_SSA_SPACEUNIT] = FROM_CONSTANT("deg"),
    [SDM_SSA_LOCATION] = FROM_FUNCTION(ROW, add_fibre_position),
    [SDM_SSA_APERTURE] = FROM_CONSTANT(FIBRE_DIAMETER),
    [SDM_SSA_REGION] = FROM_FUNCTION(ROW, add_region),
    [SDM_SSA_SPACEFILL] = FROM_CONSTANT("1"),
    [SDM_SSA_SPACECALIB] = FROM_CONSTANT("ABSOLUTE"),
    [SDM_SSA_SPACERES] = FROM_CONSTANT(FIBRE_DIAMETER),

    [SDM_OBSID] = FROM_INTEGER(obsid),
    [SDM_FILENAME] = FROM_TEXT(filename),
    [SDM_PLANID] = FROM_TEXT(planid),
    [SDM_LMJD] = FROM_INTEGER(lmjd),
    [SDM_SPID] = FROM_INTEGER(spid),
    [SDM_FIBERID] = FROM_INTEGER(fiberid),
    [SDM_SNRU] = FROM_REAL(snr_u),
    [SDM_SNRR] = FROM_REAL(snr_r),
    [SDM_SNRI] = FROM_REAL(snr_i),
    [SDM_SNRZ] = FROM_REAL(snr_z),
    [SDM_HELIO_RV] = FROM_REAL(helio_rv),
    [SDM_SEEING] = FROM_REAL(seeing),
    [SDM_SAMPLES_MASKED] = FROM_INTEGER(samples_masked),
};

static const void *member_at(const void *settings, size_t offset)
{
    return (const char *)settings + offset;
}

static bool add_text_at(struct buffer *out, const void *settings, size_t offset)
{
    return add_text(out, *(const char *const *)member_at(settings, offset));
}

bool sdm_value_is_shared(size_t field)
{
    return sources[field].kind < TEXT_OF_ENTRY;
}

bool sdm_value_is_of_frame(size_t field)
{
    return sources[field].kind == REDSHIFT_OF_FRAME;
}

bool sdm_value_is_text(size_t field)
{
    enum source_kind kind = sources[field].kind;

    return kind == TEXT_OF_ENTRY || kind == MADE_OF_ROW;
}

bool sdm_value_is_of_slice(size_t field)
{
    return sources[field].kind >= NUMBER_OF_SLICE;
}

bool sdm_value_add_shared(const struct service_settings *service,
                          const struct collection_settings *collection, size_t field,
                          struct buffer *out)
{
    const struct source *source = &sources[field];

    if (source->kind == CONSTANT ||
        source->kind == REDSHIFT_OF_FRAME) { /* may be empty */
        buffer_add_string(out, source->of.constant);
        return true;
    }
    if (source->kind == TEXT_OF_SERVICE)
        return add_text_at(out, service, source->of.offset);
    if (source->kind == TEXT_OF_COLLECTION)
        return add_text_at(out, collection, source->of.offset);
    return source->kind == MADE_OF_SERVICE && source->of.add_shared(service, out);
}

bool sdm_value_add(const struct sdm_document *document, size_t field, struct buffer *out)
{
    const struct source *source = &sources[field];
    const struct entry *entry = document->entry;

    if (source->kind == REDSHIFT_OF_FRAME)
        return add_real(out, frame_redshift(document));
    if (source->kind == TEXT_OF_ENTRY)
        return add_text_at(out, entry, source->of.offset);
    if (source->kind == REAL_OF_ENTRY)
        return add_real(out, *(const double *)member_at(entry, source->of.offset));
    if (source->kind == INTEGER_OF_ENTRY)
        return add_integer(out, *(const int64_t *)member_at(entry, source->of.offset));
    if (source->kind == NUMBER_OF_ROW || source->kind == NUMBER_OF_SLICE)
        return add_real(out, source->of.number(document));
    return source->kind >= MADE_OF_ROW && source->of.add(document, out);
}
