#include "ingest/lamost_header.h"

#include "archive/identifier.h"
#include "base/buffer.h"
#include "ingest/iso_time.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double DAY = 86400;     /* seconds */
static const double ZONE = 8.0 / 24; /* local time of the survey is UTC + 8 h */

/* ---- cards: the spectrum's own HDU goes before the primary ---- */

/* Keywords changed between releases; `older` may be NULL. Absent: NULL. */
static const char *text_of(const struct lamost_source *source, const char *keyword,
                           const char *older, struct arena *arena)
{
    const char *text = NULL;

    if (fits_file_text(source->file, source->hdu, keyword, arena, &text) ||
        fits_file_text(source->file, 0, keyword, arena, &text))
        return text;
    return older ? text_of(source, older, NULL, arena) : NULL;
}

/* The catalogues that targets came from write "nothing" in several ways. */
static const char *catalogue_text(const struct lamost_source *source, const char *keyword,
                                  const char *older, struct arena *arena)
{
    static const char *const nothings[] = {"NULL", "-", ".", "-9999"};
    const char *text = text_of(source, keyword, older, arena);

    for (size_t i = 0; text && i < sizeof(nothings) / sizeof(nothings[0]); i++)
        if (strcmp(text, nothings[i]) == 0)
            return NULL;
    return text;
}

static int64_t integer_of(const struct lamost_source *source, const char *keyword)
{
    enum { PLACEHOLDER = -9999 };
    int64_t value;

    if (fits_file_integer(source->file, source->hdu, keyword, &value) ||
        fits_file_integer(source->file, 0, keyword, &value))
        return value == PLACEHOLDER ? ENTRY_NO_INTEGER : value;
    return ENTRY_NO_INTEGER;
}

static double real_of(const struct lamost_source *source, const char *keyword,
                      const char *older)
{
    const double placeholder = -999; /* or -9999; nothing that is read here is so low */
    double value;

    if (fits_file_real(source->file, source->hdu, keyword, &value) ||
        fits_file_real(source->file, 0, keyword, &value))
        return value > placeholder ? value : (double)NAN;
    return older ? real_of(source, older, NULL) : (double)NAN;
}

/* ---- groups of columns ---- */

static void read_identity(const struct lamost_source *source, struct arena *arena,
                          struct entry *entry)
{
    const char *slash = strrchr(source->path, '/');

    entry->path = source->spectrum
                      ? arena_format(arena, "%s/%s", source->path, source->spectrum)
                      : source->path;
    entry->name = slash ? slash + 1 : source->path;
    entry->spectrum = source->spectrum;
    entry->filename = text_of(source, "FILENAME", NULL, arena);
    entry->obsid = integer_of(source, "OBSID");
    entry->release = text_of(source, "DATA_V", NULL, arena);
    entry->survey = source->spectrum ? "MRS" : "LRS";
    entry->lmjd = integer_of(source, "LMJD");
    entry->spid = integer_of(source, "SPID");
    entry->fiberid = integer_of(source, "FIBERID");
    entry->planid = text_of(source, "PLANID", NULL, arena);
}

static const char *lower_case(const char *text, struct arena *arena)
{
    char *copy = arena_copy_string(arena, text);

    for (char *next = copy; next && *next; next++)
        *next = (char)tolower((unsigned char)*next);
    return copy;
}

static const char *describe_target(const struct lamost_source *source,
                                   struct arena *arena)
{
    const char *type = catalogue_text(source, "OBJTYPE", NULL, arena);
    const char *catalogue = catalogue_text(source, "TSOURCE", "OBJSOURC", arena);

    if (type && catalogue)
        return arena_format(arena, "%s from input catalogue %s", type, catalogue);
    return catalogue ? arena_format(arena, "from input catalogue %s", catalogue) : type;
}

static void read_target(const struct lamost_source *source, struct arena *arena,
                        struct entry *entry)
{
    entry->target_name = catalogue_text(source, "DESIG", "OBJNAME", arena);
    if (!entry->target_name && entry->obsid != ENTRY_NO_INTEGER)
        entry->target_name = arena_format(arena, "%lld", (long long)entry->obsid);
    if (!entry->target_name)
        entry->target_name = "UNKNOWN";
    entry->target_description = describe_target(source, arena);
    entry->target_class = lower_case(text_of(source, "CLASS", NULL, arena), arena);
    if (entry->target_class && strcmp(entry->target_class, "star") == 0)
        entry->target_subclass = text_of(source, "SUBCLASS", NULL, arena);
    entry->redshift = real_of(source, "Z", NULL);
    entry->redshift_error = real_of(source, "Z_ERR", NULL);
    if (entry->redshift_error < 0)
        entry->redshift_error = (double)NAN;
}

static void read_quality(const struct lamost_source *source, struct entry *entry)
{
    entry->snr =
        source->spectrum ? real_of(source, "SNR", NULL) : real_of(source, "SNRG", "SN_G");
    entry->snr_u = real_of(source, "SNRU", "SN_U");
    entry->snr_r = real_of(source, "SNRR", "SN_R");
    entry->snr_i = real_of(source, "SNRI", "SN_I");
    entry->snr_z = real_of(source, "SNRZ", "SN_Z");
    entry->seeing = real_of(source, "SEEING", NULL);
}

static bool on_the_sky(double ra, double dec)
{
    return ra >= 0 && ra <= 360 && dec >= -90 && dec <= 90;
}

static void read_position(const struct lamost_source *source, struct entry *entry)
{
    double ra = real_of(source, "RA", NULL);
    double dec = real_of(source, "DEC", NULL);
    double ra_obs = real_of(source, "RA_OBS", "OBS_RA");
    double dec_obs = real_of(source, "DEC_OBS", "OBS_DEC");

    if (on_the_sky(ra, dec)) {
        entry->ra = entry->ra_obs = ra;
        entry->dec = entry->dec_obs = dec;
    }
    if (on_the_sky(ra_obs, dec_obs)) {
        entry->ra_obs = ra_obs;
        entry->dec_obs = dec_obs;
    }
    entry->equinox = real_of(source, "EQUINOX", NULL);
}

static void read_instrument(const struct lamost_source *source, struct entry *entry)
{
    bool heliocentric;

    if (fits_file_logical(source->file, source->hdu, "HELIO", &heliocentric) ||
        fits_file_logical(source->file, 0, "HELIO", &heliocentric))
        entry->heliocentric = heliocentric;
    entry->helio_rv = real_of(source, "HELIO_RV", NULL);
    entry->resolving_power = source->spectrum ? 7500 : 1800;
    entry->bandpass = "Optical";
    if (source->spectrum)
        entry->bandpass = *source->spectrum == 'B' ? "B" : "R";
}

/* ---- times ---- */

/* The start of a single exposure: its name has the minutes of its local modified Julian
 * date. NaN for others. */
static double exposure_start(const char *spectrum)
{
    const double minutes_a_day = 1440;
    const char *minutes = spectrum ? strchr(spectrum, '-') : NULL;

    return minutes ? strtod(minutes + 1, NULL) / minutes_a_day - ZONE : (double)NAN;
}

/* As a modified Julian date of the text's own zone. The primary's dates are those of no
 * exposure in particular. */
static double time_of(const struct lamost_source *source, const char *keyword,
                      struct arena *arena)
{
    bool exposure = source->spectrum && strchr(source->spectrum, '-');
    const char *text = NULL;
    double mjd;

    if (!fits_file_text(source->file, source->hdu, keyword, arena, &text) && !exposure)
        fits_file_text(source->file, 0, keyword, arena, &text);
    return text && iso_time_to_mjd(text, &mjd) ? mjd : (double)NAN;
}

static double seconds_between(double start, double stop)
{
    return round((stop - start) * DAY * 1000) / 1000; /* MJDs are good to a microsecond */
}

static void read_times(const struct lamost_source *source, struct arena *arena,
                       struct entry *entry)
{
    double start = exposure_start(source->spectrum);

    entry->exposure = real_of(source, "EXPTIME", NULL);
    entry->date_obs = time_of(source, "DATE-OBS", arena);
    entry->time_start = time_of(source, "DATE-BEG", arena) - ZONE;
    entry->time_stop = time_of(source, "DATE-END", arena) - ZONE;
    if (isnan(entry->date_obs))
        entry->date_obs = start;
    if (isnan(entry->time_start))
        entry->time_start = start;
    if (isnan(entry->time_stop))
        entry->time_stop = start + entry->exposure / DAY;
    entry->time_extent = entry->time_stop >= entry->time_start
                             ? seconds_between(entry->time_start, entry->time_stop)
                             : entry->exposure;
}

/* ---- words ---- */

static void add_word(struct buffer *words, const char *word)
{
    if (!word)
        return;
    if (words->length)
        buffer_add_char(words, ' ');
    buffer_add_string(words, word);
}

/* "LAMOST DR7 101001 J220848.54-020324.3 STAR G7": DESIG begins with the survey's name
 * too. */
static const char *make_title(const struct lamost_source *source,
                              const struct entry *entry, struct arena *arena)
{
    static const char survey[] = "LAMOST ";
    size_t length = sizeof(survey) - 1;
    const char *target = entry->target_name;
    struct buffer words;
    const char *title;

    buffer_init(&words);
    add_word(&words, entry->release ? entry->release : entry->name);
    if (entry->obsid != ENTRY_NO_INTEGER)
        add_word(&words, arena_format(arena, "%lld", (long long)entry->obsid));
    if (entry->release && strncmp(entry->release, survey, length) == 0 &&
        strncmp(target, survey, length) == 0)
        target += length;
    add_word(&words, target);
    add_word(&words, text_of(source, "CLASS", NULL, arena));
    add_word(&words, entry->target_subclass);
    add_word(&words, source->spectrum);
    title = arena_copy(arena, (const char *)words.bytes, words.length);
    buffer_finish(&words);
    return title;
}

static const char *make_creator_did(const struct lamost_source *source,
                                    const struct entry *entry, struct arena *arena)
{
    struct buffer did;
    const char *copy;

    buffer_init(&did);
    buffer_add_literal(&did, "ivo://org.lamost/spectra?");
    if (entry->obsid != ENTRY_NO_INTEGER)
        buffer_format(&did, "%lld", (long long)entry->obsid);
    else
        identifier_write_url_path(&did, entry->filename ? entry->filename : entry->name);
    if (source->spectrum)
        buffer_format(&did, "/%s", source->spectrum);
    copy = arena_copy(arena, (const char *)did.bytes, did.length);
    buffer_finish(&did);
    return copy;
}

static const char *make_instrument(const struct entry *entry, struct arena *arena)
{
    if (entry->spid == ENTRY_NO_INTEGER)
        return arena_format(arena, "LAMOST %s", entry->survey);
    return arena_format(arena, "LAMOST %s spectrograph %lld", entry->survey,
                        (long long)entry->spid);
}

static const char *make_date(const struct lamost_source *source, struct arena *arena)
{
    const char *date = text_of(source, "DATE", NULL, arena);
    char seconds[ISO_TIME_SECONDS];

    return date && iso_time_to_seconds(date, seconds) ? arena_copy_string(arena, seconds)
                                                      : NULL;
}

void lamost_header_read(const struct lamost_source *source, struct arena *arena,
                        struct entry *entry)
{
    read_identity(source, arena, entry);
    read_target(source, arena, entry);
    read_quality(source, entry);
    read_position(source, entry);
    read_instrument(source, entry);
    read_times(source, arena, entry);
    entry->title = make_title(source, entry, arena);
    entry->creator = text_of(source, "AUTHOR", "ORIGIN", arena);
    entry->creator_did = make_creator_did(source, entry, arena);
    entry->date = make_date(source, arena);
    entry->version = text_of(source, "VERSPIPE", "DATA_V", arena);
    entry->instrument = make_instrument(entry, arena);
}
