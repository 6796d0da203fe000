#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "archive/record.h"
#include "fits_writer.h"
#include "ingest/lamost.h"

#include <libdeflate.h>
#include <math.h>

/* ---- files ---- */

enum { N = 6 };

static const double WAVELENGTH[N] = {3920.5, 3921.25, 3922, 3923.5, 3924, 3925.125};
static const double FALLING[N] = {3925.125, 3924, 3923.5, 3922, 3921.25, 3920.5};
static const double CONTINUUM[N] = {1, 1.01, -5.2, 8.8, 0.99, 1};
static const double FLUX[N] = {1.5, -2.25, (double)NAN, 0, 1e30, 75557};
static const double IVAR[N] = {0, 4, 0.25, -1, (double)INFINITY, 1};
static const double ERROR[N] = {(double)NAN, 0.5, 2, (double)NAN, (double)NAN, 1};
static const double AND_MASK[N] = {0, 1, 5, 0, 1, 0};
static const double OR_MASK[N] = {0, 1, 5, 64, 65, 0};

static const char *const CARDS[] = {
    "TELESCOP= 'LAMOST  '           / GuoShouJing Telescope",
    "FILENAME= 'spec-55859-F5902_sp01-001.fits' /",
    "OBSID   =               101001 / Unique number ID of this spectrum",
    "AUTHOR  = 'LAMOST Pipeline'    / Who compiled the information",
    "DATA_V  = 'LAMOST DR7'         / Data release version",
    "DATE    = '2021-09-17T01:28:29' / Time when this HDU is created (UTC)",
    "DATE-OBS= '2011-10-24T12:30:00' / The observation median UTC",
    "DATE-BEG= '2011-10-24T19:33:56.0' / The observation start local time",
    "DATE-END= '2011-10-24T21:27:25.0' / The observation end local time",
    "LMJD    =                55859 / Local Modified Julian Day",
    "PLANID  = 'F5902   '           / Plan ID in use",
    "RA      =           332.202274 / [deg] Right ascension of object",
    "DEC     =            -2.056767 / [deg] Declination of object",
    "RA_OBS  =           332.202275 / [deg] Right ascension during observing",
    "DEC_OBS =            -2.056768 / [deg] Declination during observing",
    "DESIG   = 'LAMOST J220848.54-020324.3' / Designation of LAMOST target",
    "FIBERID =                    1 / Fiber ID of Object",
    "X_VALUE = '-13.8554603310'     / [mm] X coordinate",
    "OBJNAME = '1237679997693591573' / Name of object",
    "OBJTYPE = 'Star    '           / Object type from input catalog",
    "TSOURCE = 'JF_LEGAS_S'         / Name of input catalog",
    "EQUINOX =              2000.00 / Equinox in years",
    "SPID    =                    1 / Spectrograph ID",
    "SEEING  =                 3.40 / [arcsec] Seeing during exposure",
    "HELIO   =                    T / Heliocentric correction",
    "HELIO_RV=             25.11536 / [km/s] Heliocentric correction",
    "VACUUM  =                    T / Wavelengths are in vacuum",
    NULL,
};

static const char *const LRS_CARDS[] = {
    "EXPTIME =              5400.00 / [s] Minimum of exposure time",
    "COEFF0  =               3.5682 / Central wavelength (log10) of first pixel",
    "COEFF1  =               0.0001 / Log10 dispersion per pixel",
    "VERSPIPE= 'v2.9.8  '           / Version of Pipeline",
    "CLASS   = 'STAR    '           / Class of object",
    "SUBCLASS= 'G7      '           / Subclass of object",
    "Z       =          -0.00013870 / Redshift of object",
    "Z_ERR   =           0.00002408 / Redshift error of object",
    "SNRU    =                 0.70 / SNR of u filter",
    "SNRG    =                12.22 / SNR of g filter",
    "SNRR    =                27.16 / SNR of r filter",
    "SNRI    =                36.14 / SNR of i filter",
    "SNRZ    =                21.07 / SNR of z filter",
    NULL,
};

/* What a test wants other than usual. Cards of its own come first, and the first of a
 * keyword counts. */
struct recipe {
    const char *const *cards;
    const double *wavelength;
    const double *and_mask;
};

static const struct recipe USUAL = {0};

static const double *choose(const double *own, const double *usual)
{
    return own ? own : usual;
}

static void add_rows(struct buffer *fits, char type, const struct recipe *recipe,
                     const double *third)
{
    const double *const rows[] = {FLUX, IVAR, third, choose(recipe->and_mask, AND_MASK),
                                  OR_MASK};

    for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++)
        for (int i = 0; i < N; i++)
            fits_add_number(fits, type, rows[row][i]);
    fits_end_data(fits);
}

static void write_image(struct buffer *fits, int bitpix, const char *names,
                        const struct recipe *recipe, const double *third)
{
    fits_add_image_head(fits, bitpix, N, 5);
    fits_add_cards(fits, recipe->cards);
    if (names)
        fits_add_card(fits, "EXTEN0  = '%s'", names);
    fits_add_cards(fits, CARDS);
    fits_add_cards(fits, LRS_CARDS);
    fits_end_header(fits);
    add_rows(fits, bitpix == -64 ? 'D' : 'E', recipe, third);
}

static void write_a(struct buffer *fits, const struct recipe *recipe)
{
    write_image(fits, -32, "Flux Inverse Subcontinuum Andmask Ormask", recipe, CONTINUUM);
}

static void write_a_without_names(struct buffer *fits, const struct recipe *recipe)
{
    write_image(fits, -32, NULL, recipe, CONTINUUM);
}

static void write_b(struct buffer *fits, const struct recipe *recipe)
{
    write_image(fits, -64, "Flux Inverse Wavelength Andmask Ormask", recipe,
                choose(recipe->wavelength, WAVELENGTH));
}

static void write_c(struct buffer *fits, const struct recipe *recipe)
{
    write_image(fits, -32, "Flux, Inverse, Wavelength, Andmask, Ormask", recipe,
                choose(recipe->wavelength, WAVELENGTH));
}

static void write_c_without_names(struct buffer *fits, const struct recipe *recipe)
{
    write_image(fits, -32, NULL, recipe, choose(recipe->wavelength, WAVELENGTH));
}

/* The primary of layout D has NAXIS1 and NAXIS2 though it has no axes. */
static void add_primary(struct buffer *fits, const struct recipe *recipe,
                        const char *const *more)
{
    fits_add_empty_head(fits);
    fits_add_card(fits, "NAXIS1  =                 3909");
    fits_add_card(fits, "NAXIS2  =                    5");
    fits_add_cards(fits, recipe->cards);
    fits_add_cards(fits, CARDS);
    fits_add_cards(fits, more);
    fits_end_header(fits);
}

static void add_coadd(struct buffer *fits, const char *name, char mask_type, bool vectors,
                      const struct recipe *recipe, const char *const *cards)
{
    const double *wavelength = choose(recipe->wavelength, WAVELENGTH);
    const struct fits_field fields[] = {
        {"FLUX", 'E', FLUX},
        {"IVAR", 'E', IVAR},
        {"WAVELENGTH", 'E', wavelength},
        {"ANDMASK", mask_type, choose(recipe->and_mask, AND_MASK)},
        {"ORMASK", mask_type, OR_MASK},
        {"NORMALIZATION", 'E', CONTINUUM}};

    fits_add_table(fits, name, fields, 6, N, vectors, cards);
}

static void add_exposure(struct buffer *fits, const char *name, const char *const *cards)
{
    const struct fits_field fields[] = {{"FLUX", 'E', FLUX},
                                        {"IVAR", 'E', IVAR},
                                        {"WAVELENGTH", 'E', WAVELENGTH},
                                        {"PIXMASK", 'I', AND_MASK}};

    fits_add_table(fits, name, fields, 4, N, true, cards);
}

static void write_d(struct buffer *fits, const struct recipe *recipe)
{
    add_primary(fits, recipe, LRS_CARDS);
    add_coadd(fits, "COADD", 'E', true, recipe, NULL);
}

/* Rising, as coadds have it, and falling, as the red exposures of layout E. */
static const double LOGLAM[N] = {3.6888, 3.68881, 3.68882, 3.68883, 3.68884, 3.68885};
static const double FALLING_LOGLAM[N] = {3.68885, 3.68884, 3.68883,
                                         3.68882, 3.68881, 3.6888};

static void add_samples(struct buffer *fits, const char *name, const double *loglam,
                        bool exposure, const char *const *cards)
{
    const struct fits_field coadd[] = {{"FLUX", 'E', FLUX},
                                       {"IVAR", 'E', IVAR},
                                       {"LOGLAM", 'E', loglam},
                                       {"ANDMASK", 'I', AND_MASK},
                                       {"ORMASK", 'I', OR_MASK}};
    const struct fits_field single[] = {{"FLUX", 'E', FLUX},
                                        {"IVAR", 'E', IVAR},
                                        {"LOGLAM", 'E', loglam},
                                        {"PIXMASK", 'I', AND_MASK}};

    fits_add_table(fits, name, exposure ? single : coadd, exposure ? 4 : 5, N, false,
                   cards);
}

static const char *const EXPOSURE[] = {
    "LMJM    = '84107311'           / Local Modified Julian Minute",
    "EXPTIME =                 1200 / [s] Exposure duration time",
    "SNR     =                41.38 / Signal to noise ratio", NULL};
static const char *const COADD[] = {
    "LMJMLIS0= '84107311-84107335'  / Local Modified Julian Minute list",
    "SNR     =               120.75 / Signal to noise ratio", NULL};

/* Layout E: the dates of the primary are those of the first exposure. */
static void write_e(struct buffer *fits, const struct recipe *recipe)
{
    add_primary(fits, recipe, NULL);
    add_samples(fits, "COADD_B", LOGLAM, false, COADD);
    add_samples(fits, "COADD_R", LOGLAM, false, COADD);
    add_samples(fits, "B-84107311", LOGLAM, true, EXPOSURE);
    add_samples(fits, "B-84107335", LOGLAM, true, EXPOSURE);
    add_samples(fits, "R-84107311", FALLING_LOGLAM, true, EXPOSURE);
}

static const char *const DATED_EXPOSURE[] = {
    "DATE-OBS= '2020-01-10T14:59:00' / The observation median UTC",
    "DATE-BEG= '2020-01-10T22:49:16.0' / The observation start local time",
    "DATE-END= '2020-01-10T23:09:16.0' / The observation end local time",
    "EXPTIME =                 1200 / [s] Exposure duration time",
    "SNR     =                 7.50 / Signal to noise ratio",
    NULL};
static const char *const DATED_COADD[] = {
    "DATE-OBS= '2020-01-10T15:10:00' / The observation median UTC",
    "DATE-BEG= '2020-01-10T22:49:16.0' / The observation start local time",
    "DATE-END= '2020-01-10T23:32:38.0' / The observation end local time",
    "SNR     =                 0.00 / Signal to noise ratio", NULL};

static void write_f(struct buffer *fits, const struct recipe *recipe)
{
    add_primary(fits, recipe, NULL);
    add_coadd(fits, "COADD_B", 'I', true, recipe, DATED_COADD);
    add_exposure(fits, "B-84756889", DATED_EXPOSURE);
}

/* ---- reading them ---- */

static void read_layout(void (*write)(struct buffer *fits, const struct recipe *recipe),
                        const struct recipe *recipe, const char *path,
                        struct reading *out)
{
    struct buffer fits;

    buffer_init(&fits);
    write(&fits, recipe);
    reading_init(out);
    lamost_read(path, fits.bytes, fits.length, out);
    buffer_finish(&fits);
}

static void assert_read(const struct reading *reading, size_t count)
{
    if (reading->outcome == READING_REFUSED)
        fail_msg("refused: %s", reading->reason);
    assert_int_equal(reading->outcome, READING_SPECTRA);
    assert_int_equal(reading->count, count);
}

static struct spectrum view(const struct reading_spectrum *read)
{
    struct spectrum spectrum;
    struct failure failure;

    if (record_view(read->record, read->record_size, read->axis, read->axis_size, true,
                    &spectrum, &failure))
        fail_msg("%s", failure.message);
    return spectrum;
}

static bool same_float(float a, float b)
{
    return a == b || (isnan(a) && isnan(b));
}

static void assert_samples(const struct spectrum *spectrum, bool turned,
                           const double *or_mask)
{
    assert_int_equal(spectrum->axis.samples, N);
    for (size_t i = 0; i < N; i++) {
        size_t at = turned ? N - 1 - i : i;

        assert_true(same_float(spectrum->flux[i], (float)FLUX[at]));
        assert_true(same_float(spectrum->flux_error[i], (float)ERROR[at]));
        assert_int_equal(mask_at(spectrum->and_mask, spectrum->mask_width, i),
                         (int)AND_MASK[at]);
        assert_int_equal(mask_at(spectrum->or_mask, spectrum->mask_width, i),
                         (int)or_mask[at]);
    }
}

/* pow(10, 3.5682 + 0.0001 * i), and pow(10, (double)LOGLAM), as Python has them. */
static const double FROM_COEFFS[N] = {3699.9853117285957, 3700.83736292316,
                                      3701.689610332348,  3702.542054001352,
                                      3703.39469397536,   3704.2475302995863};
static const double FROM_LOGLAM[N] = {4884.274869645543, 4884.387488259449,
                                      4884.497427982473, 4884.610051727992,
                                      4884.72267807032,  4884.835307009518};

static void every_layout_gives_the_samples_of_the_file(void **state)
{
    static const struct {
        const char *name;
        void (*write)(struct buffer *fits, const struct recipe *recipe);
        size_t spectra;
        enum axis_type type;
        const double *wavelength;
    } rows[] = {
        {"A", write_a, 1, AXIS_FLOAT64, FROM_COEFFS},
        {"A without EXTEN0", write_a_without_names, 1, AXIS_FLOAT64, FROM_COEFFS},
        {"B", write_b, 1, AXIS_FLOAT64, WAVELENGTH},
        {"C", write_c, 1, AXIS_FLOAT32, WAVELENGTH},
        {"C without EXTEN0", write_c_without_names, 1, AXIS_FLOAT32, WAVELENGTH},
        {"D", write_d, 1, AXIS_FLOAT32, WAVELENGTH},
        {"E", write_e, 5, AXIS_FLOAT64, FROM_LOGLAM},
        {"F", write_f, 2, AXIS_FLOAT32, WAVELENGTH},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct reading reading;
        struct spectrum spectrum;

        print_message("layout %s\n", rows[i].name);
        read_layout(rows[i].write, &USUAL, "x.fits", &reading);
        assert_read(&reading, rows[i].spectra);
        spectrum = view(&reading.spectra[0]);
        assert_samples(&spectrum, false, OR_MASK);
        assert_int_equal(spectrum.axis.type, rows[i].type);
        for (size_t sample = 0; sample < N; sample++)
            assert_true(fabs(axis_at(&spectrum.axis, sample) -
                             rows[i].wavelength[sample]) <= 1e-12);
        reading_finish(&reading);
    }
}

static void the_mask_of_an_exposure_is_both_masks(void **state)
{
    struct reading reading;
    struct spectrum spectrum;

    (void)state;
    read_layout(write_f, &USUAL, "x.fits", &reading);
    assert_read(&reading, 2);
    spectrum = view(&reading.spectra[1]);
    assert_samples(&spectrum, false, AND_MASK);
    reading_finish(&reading);
}

static void falling_wavelengths_are_turned_with_all_arrays(void **state)
{
    static const struct recipe falling = {.wavelength = FALLING};
    struct reading reading;
    struct spectrum spectrum;

    (void)state;
    read_layout(write_c, &falling, "x.fits", &reading);
    assert_read(&reading, 1);
    spectrum = view(&reading.spectra[0]);
    assert_samples(&spectrum, true, OR_MASK);
    for (size_t i = 0; i < N; i++)
        assert_true(axis_at(&spectrum.axis, i) == WAVELENGTH[i]);
    reading_finish(&reading);

    read_layout(write_e, &USUAL, "x.fits", &reading);
    assert_read(&reading, 5);
    spectrum = view(&reading.spectra[4]);
    assert_samples(&spectrum, true, AND_MASK);
    reading_finish(&reading);
}

static void wide_masks_get_wide_records(void **state)
{
    static const double wide[N] = {0, 255, 256, -32768, 32767, 0};
    static const struct recipe recipe = {.and_mask = wide};
    struct reading reading;
    struct spectrum spectrum;

    (void)state;
    read_layout(write_d, &recipe, "x.fits", &reading);
    assert_read(&reading, 1);
    spectrum = view(&reading.spectra[0]);
    assert_int_equal(spectrum.mask_width, MASK_SHORT);
    for (size_t i = 0; i < N; i++) {
        assert_int_equal(mask_at(spectrum.and_mask, MASK_SHORT, i), (int)wide[i]);
        assert_int_equal(mask_at(spectrum.or_mask, MASK_SHORT, i), (int)OR_MASK[i]);
    }
    reading_finish(&reading);
}

/* ---- columns ---- */

/* A column's value as text, "" when absent; `text` has room for the numbers. */
static const char *column_text(const struct entry *entry, const char *name, char text[64])
{
    for (size_t i = 0; i < entry_column_count; i++) {
        const struct entry_column *column = &entry_columns[i];

        if (strcmp(column->name, name) != 0)
            continue;
        text[0] = '\0';
        if (column->type == ENTRY_TEXT)
            return entry_text(entry, column) ? entry_text(entry, column) : "";
        if (column->type == ENTRY_INTEGER &&
            entry_integer(entry, column) != ENTRY_NO_INTEGER)
            snprintf(text, 64, "%lld", (long long)entry_integer(entry, column));
        if (column->type == ENTRY_REAL && !isnan(entry_real(entry, column)))
            snprintf(text, 64, "%.12g", entry_real(entry, column));
        return text;
    }
    fail_msg("no column %s", name);
    return NULL;
}

struct expected_column {
    const char *name;
    const char *value; /* reals to 12 digits; "" when absent */
};

static void assert_columns(const struct entry *entry, const struct expected_column *rows)
{
    char text[64];

    for (; rows->name; rows++) {
        print_message("%s\n", rows->name);
        assert_string_equal(column_text(entry, rows->name, text), rows->value);
    }
}

static void an_lrs_spectrum_has_the_columns_of_its_cards(void **state)
{
    static const struct expected_column rows[] = {
        {"path", "2011/x"},
        {"name", "x"},
        {"spectrum", ""},
        {"filename", "spec-55859-F5902_sp01-001.fits"},
        {"obsid", "101001"},
        {"ssa_collection", "LAMOST DR7"},
        {"survey", "LRS"},
        {"ssa_dstitle", "LAMOST DR7 101001 J220848.54-020324.3 STAR G7"},
        {"ssa_creator", "LAMOST Pipeline"},
        {"ssa_creatorDID", "ivo://org.lamost/spectra?101001"},
        {"ssa_cdate", "2021-09-17T01:28:29"},
        {"ssa_cversion", "v2.9.8"},
        {"ssa_instrument", "LAMOST LRS spectrograph 1"},
        {"ssa_bandpass", "Optical"},
        {"ssa_targname", "LAMOST J220848.54-020324.3"},
        {"ssa_targdesc", "Star from input catalogue JF_LEGAS_S"},
        {"ssa_targclass", "star"},
        {"ssa_targsubclass", "G7"},
        {"ssa_redshift", "-0.0001387"},
        {"ssa_derredshifterr", "2.408e-05"},
        {"ssa_snr", "12.22"},
        {"snru", "0.7"},
        {"snrr", "27.16"},
        {"snri", "36.14"},
        {"snrz", "21.07"},
        {"raj2000", "332.202274"},
        {"dej2000", "-2.056767"},
        {"ra_obs", "332.202275"},
        {"dec_obs", "-2.056768"},
        {"ssa_dateObs", "55858.5208333"},
        {"ssa_timestart", "55858.4818981"},
        {"ssa_timestop", "55858.560706"},
        {"ssa_timeExt", "6809"},
        {"ssa_exptime", "5400"},
        {"spectral_start", "3920.5"},
        {"spectral_end", "3925.125"},
        {"bin_size", "1.5"},
        {"ssa_resppower", "1800"},
        {"ssa_length", "6"},
        {"helio", "1"},
        {"helio_rv", "25.11536"},
        {"ssa_fluxStatError", "1"}, /* the median of 0.5, 1, 2 */
        {"samples_masked", "3"},
        {"lmjd", "55859"},
        {"spid", "1"},
        {"fiberid", "1"},
        {"planid", "F5902"},
        {"seeing", "3.4"},
        {"ssa_csysequinox", "2000"},
        {"file", "2011/x.fits.gz"},
        {"file_is_gzip", "0"},
        {"ssa_deleted", ""},
        {"shard", ""},
        {NULL, NULL},
    };
    struct reading reading;

    (void)state;
    read_layout(write_c, &USUAL, "2011/x.fits.gz", &reading);
    assert_read(&reading, 1);
    assert_columns(&reading.spectra[0].entry, rows);
    assert_int_equal(reading.spectra[0].entry.file_raw_size,
                     reading.spectra[0].entry.file_size);
    reading_finish(&reading);
}

static void placeholders_and_older_cards_are_understood(void **state)
{
    static const struct {
        const char *cards[3]; /* put before the usual ones */
        struct expected_column column;
    } rows[] = {
        {{"OBSID   =               -28762"}, {"obsid", "-28762"}},
        {{"OBSID   =           1247301005"}, {"obsid", "1247301005"}},
        {{"OBSID   = '        '"}, {"obsid", ""}},
        {{"OBSID   = ''"},
         {"ssa_creatorDID", "ivo://org.lamost/spectra?spec-55859-F5902_sp01-001.fits"}},
        {{"OBSID   = ''", "FILENAME= 'a?b#c.fits'"},
         {"ssa_creatorDID", "ivo://org.lamost/spectra?a%3Fb%23c.fits"}},
        {{"FIBERID = '27      '"}, {"fiberid", "27"}},
        {{"Z       =                -9999"}, {"ssa_redshift", ""}},
        {{"Z       =             -9999.00"}, {"ssa_redshift", ""}},
        {{"Z       =           3.90000000"}, {"ssa_redshift", "3.9"}},
        {{"Z       = '0.5     '"}, {"ssa_redshift", "0.5"}},
        {{"Z_ERR   =                -9999"}, {"ssa_derredshifterr", ""}},
        {{"Z_ERR   =                -0.01"}, {"ssa_derredshifterr", ""}},
        {{"CLASS   = 'Unknown '"}, {"ssa_targclass", "unknown"}},
        {{"CLASS   = 'GALAXY  '", "SUBCLASS= 'Non     '"}, {"ssa_targsubclass", ""}},
        {{"CLASS   = 'QSO     '", "SUBCLASS= 'Non     '"},
         {"ssa_dstitle", "LAMOST DR7 101001 J220848.54-020324.3 QSO"}},
        {{"DATA_V  = '        '"},
         {"ssa_dstitle", "x 101001 LAMOST J220848.54-020324.3 STAR G7"}},
        {{"DATA_V  = '        '"}, {"ssa_collection", ""}},
        {{"VERSPIPE= '        '"}, {"ssa_cversion", "LAMOST DR7"}},
        {{"SEEING  =              -999.00"}, {"seeing", ""}},
        {{"SEEING  = '        '"}, {"seeing", ""}},
        {{"EXPTIME =                -9999"}, {"ssa_exptime", ""}},
        {{"SNRG    = '        '", "SN_G    =                71.41"},
         {"ssa_snr", "71.41"}},
        {{"SNRU    = '        '", "SN_U    =                99.00"}, {"snru", "99"}},
        {{"RA_OBS  = '        '", "DEC_OBS = '        '"}, {"ra_obs", "332.202274"}},
        {{"RA_OBS  = ''", "OBS_RA  =           332.202277"}, {"ra_obs", "332.202277"}},
        {{"RA_OBS  =                -9999"}, {"dec_obs", "-2.056767"}},
        {{"RA      =                400.0"}, {"dej2000", ""}},
        {{"RA      = '332.5   '"}, {"raj2000", "332.5"}},
        {{"DESIG   = '        '"}, {"ssa_targname", "1237679997693591573"}},
        {{"DESIG   = ''", "OBJNAME = 'NULL'"}, {"ssa_targname", "101001"}},
        {{"DESIG   = ''", "OBJNAME = '-'", "OBSID   = ''"}, {"ssa_targname", "UNKNOWN"}},
        {{"OBJTYPE = 'NULL    '"}, {"ssa_targdesc", "from input catalogue JF_LEGAS_S"}},
        {{"TSOURCE = '-       '"}, {"ssa_targdesc", "Star"}},
        {{"TSOURCE = ''", "OBJSOURC= 'PILOT'"},
         {"ssa_targdesc", "Star from input catalogue PILOT"}},
        {{"OBJTYPE = '.'", "TSOURCE = '.'"}, {"ssa_targdesc", ""}},
        {{"DATE    = '2014-12-26 22:02:03'"}, {"ssa_cdate", "2014-12-26T22:02:03"}},
        {{"DATE    = 'yesterday'"}, {"ssa_cdate", ""}},
        {{"DATE-OBS= '2024-10-07T18:01:48.388'"}, {"ssa_dateObs", "60590.7512545"}},
        {{"DATE-OBS= '2011-10-27T20:02:34.19'"}, {"ssa_dateObs", "55861.8351179"}},
        {{"DATE-BEG= '        '"}, {"ssa_timestart", ""}},
        {{"DATE-BEG= '        '"}, {"ssa_timeExt", "5400"}},
        {{"HELIO   =                    F"}, {"helio", "0"}},
        {{"HELIO   = '        '"}, {"helio", ""}},
        {{"SPID    = '        '"}, {"ssa_instrument", "LAMOST LRS"}},
        {{"LMJD    =                -9999"}, {"lmjd", ""}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *const cards[] = {rows[i].cards[0], rows[i].cards[1], rows[i].cards[2],
                                     NULL};
        const struct recipe recipe = {.cards = cards};
        struct reading reading;
        char text[64];

        print_message("%s: %s\n", rows[i].cards[0], rows[i].column.name);
        read_layout(write_c, &recipe, "x.fits", &reading);
        assert_read(&reading, 1);
        assert_string_equal(
            column_text(&reading.spectra[0].entry, rows[i].column.name, text),
            rows[i].column.value);
        reading_finish(&reading);
    }
}

static void the_spectra_of_an_mrs_file_have_names_and_times_of_their_own(void **state)
{
    /* The samples' start, in local minutes: 84107311 / 1440 - 1 / 3 = 58407.5215278. */
    static const struct expected_column coadd[] = {
        {"path", "m/med/B"},
        {"name", "med"},
        {"spectrum", "B"},
        {"survey", "MRS"},
        {"ssa_dstitle", "LAMOST DR7 101001 J220848.54-020324.3 B"},
        {"ssa_creatorDID", "ivo://org.lamost/spectra?101001/B"},
        {"ssa_instrument", "LAMOST MRS spectrograph 1"},
        {"ssa_bandpass", "B"},
        {"ssa_cversion", "LAMOST DR7"},
        {"ssa_targclass", ""},
        {"ssa_targsubclass", ""},
        {"ssa_redshift", ""},
        {"ssa_snr", "120.75"},
        {"ssa_dateObs", "55858.5208333"},
        {"ssa_exptime", "2400"},
        {"ssa_timeExt", "6809"},
        {"ssa_resppower", "7500"},
        {NULL, NULL},
    };
    static const struct expected_column exposure[] = {
        {"path", "m/med/R-84107311"},
        {"spectrum", "R-84107311"},
        {"ssa_dstitle", "LAMOST DR7 101001 J220848.54-020324.3 R-84107311"},
        {"ssa_creatorDID", "ivo://org.lamost/spectra?101001/R-84107311"},
        {"ssa_bandpass", "R"},
        {"ssa_snr", "41.38"},
        {"ssa_dateObs", "58407.5215278"},
        {"ssa_timestart", "58407.5215278"},
        {"ssa_timestop", "58407.5354167"},
        {"ssa_timeExt", "1200"},
        {"ssa_exptime", "1200"},
        {NULL, NULL},
    };
    static const struct expected_column dated[] = {
        {"path", "m/med/B-84756889"},
        {"ssa_dateObs", "58858.6243056"},
        {"ssa_timestart", "58858.6175463"},
        {"ssa_timeExt", "1200"},
        {"ssa_snr", "7.5"},
        {NULL, NULL},
    };
    static const char *const paths[] = {"m/med/B", "m/med/R", "m/med/B-84107311",
                                        "m/med/B-84107335", "m/med/R-84107311"};
    struct reading reading;

    (void)state;
    read_layout(write_e, &USUAL, "m/med.fits", &reading);
    assert_read(&reading, 5);
    for (size_t i = 0; i < 5; i++)
        assert_string_equal(reading.spectra[i].entry.path, paths[i]);
    assert_columns(&reading.spectra[0].entry, coadd);
    assert_columns(&reading.spectra[4].entry, exposure);
    assert_true(reading.spectra[1].entry.exposure == 1200);
    reading_finish(&reading);

    read_layout(write_f, &USUAL, "m/med.fits", &reading);
    assert_read(&reading, 2);
    assert_columns(&reading.spectra[1].entry, dated);
    assert_true(reading.spectra[0].entry.exposure == 1200);
    assert_true(reading.spectra[0].entry.time_extent == 2602);
    reading_finish(&reading);
}

/* ---- refusals ---- */

static void write_image_and_table(struct buffer *fits, const struct recipe *recipe)
{
    write_c(fits, recipe);
    add_coadd(fits, "COADD", 'E', true, recipe, NULL);
}

static void write_primary_alone(struct buffer *fits, const struct recipe *recipe)
{
    add_primary(fits, recipe, LRS_CARDS);
}

static void write_two_coadds(struct buffer *fits, const struct recipe *recipe)
{
    write_d(fits, recipe);
    add_coadd(fits, "COADD", 'E', true, recipe, NULL);
}

static void write_coadd_of_both_surveys(struct buffer *fits, const struct recipe *recipe)
{
    write_d(fits, recipe);
    add_coadd(fits, "COADD_B", 'E', true, recipe, NULL);
}

static void write_exposure_twice(struct buffer *fits, const struct recipe *recipe)
{
    write_f(fits, recipe);
    add_exposure(fits, "B-84756889", DATED_EXPOSURE);
}

static void write_unknown_extension(struct buffer *fits, const struct recipe *recipe)
{
    write_f(fits, recipe);
    add_exposure(fits, "B-../../x", DATED_EXPOSURE);
}

/* Like an SDSS spectrum: COADD, one row a sample, masks of other names. */
static void write_other_columns(struct buffer *fits, const struct recipe *recipe)
{
    const struct fits_field fields[] = {{"flux", 'E', FLUX},
                                        {"loglam", 'E', LOGLAM},
                                        {"ivar", 'E', IVAR},
                                        {"and_mask", 'J', AND_MASK}};

    add_primary(fits, recipe, LRS_CARDS);
    fits_add_table(fits, "COADD", fields, 4, N, false, NULL);
}

static void replace(struct buffer *fits, const char *text, const char *by)
{
    memcpy(memmem(fits->bytes, fits->length, text, strlen(text)), by, strlen(by));
}

/* The row is as long as before. */
static void write_columns_of_two_lengths(struct buffer *fits, const struct recipe *recipe)
{
    write_d(fits, recipe);
    replace(fits, "TFORM2  = '6E'", "TFORM2  = '5E'");
    replace(fits, "TFORM3  = '6E'", "TFORM3  = '7E'");
}

static void write_flux_as_integers(struct buffer *fits, const struct recipe *recipe)
{
    const struct fits_field fields[] = {{"FLUX", 'J', AND_MASK},
                                        {"IVAR", 'E', IVAR},
                                        {"WAVELENGTH", 'E', WAVELENGTH},
                                        {"PIXMASK", 'I', AND_MASK}};

    add_primary(fits, recipe, NULL);
    fits_add_table(fits, "COADD", fields, 4, N, true, NULL);
}

static void what_is_no_spectrum_is_refused_in_one_line(void **state)
{
    static const char *const sdss[] = {"TELESCOP= 'SDSS 2.5-M'", NULL};
    static const char *const nameless[] = {"TELESCOP= '        '", NULL};
    static const char *const no_formula[] = {"COEFF0  = '        '", NULL};
    static const char *const scaled[] = {"BSCALE  =                  2.0", NULL};
    static const double equal[N] = {3920, 3921, 3921, 3922, 3923, 3924};
    static const double zigzag[N] = {3920, 3921, 3922, 3921.5, 3923, 3924};
    static const double negative[N] = {-2, -1, 0, 1, 2, 3};
    static const double not_finite[N] = {3920, 3921, (double)INFINITY, 3923, 3924, 3925};
    static const double not_a_number[N] = {3920, (double)NAN, 3922, 3923, 3924, 3925};
    static const double half[N] = {0, 0.5, 0, 0, 0, 0};
    static const double large[N] = {0, 0, 0, 32768, 0, 0};
    static const double unknown[N] = {0, 0, (double)NAN, 0, 0, 0};
    static const struct {
        void (*write)(struct buffer *fits, const struct recipe *recipe);
        struct recipe recipe;
        const char *reason;
    } rows[] = {
        {write_c, {.cards = sdss}, "HDU 0: not of LAMOST: TELESCOP is SDSS 2.5-M"},
        {write_c, {.cards = nameless}, "HDU 0: not of LAMOST: no TELESCOP"},
        {write_c, {.cards = scaled}, "HDU 0: a scaled image (BSCALE, BZERO)"},
        {write_a, {.cards = no_formula}, "HDU 0: neither a row of wavelengths"},
        {write_image_and_table,
         {0},
         "HDU 0: no layout of LAMOST: an image of 6 x 5 (BITPIX -32), HDUs: 2"},
        {write_primary_alone, {0}, "HDU 0: no layout of LAMOST: 0 axes, 1 HDUs"},
        {write_two_coadds, {0}, "HDU 2 (COADD): the same spectrum as in HDU 1"},
        {write_coadd_of_both_surveys,
         {0},
         "HDU 2 (COADD_B): the same spectrum as in HDU 1"},
        {write_exposure_twice, {0}, "HDU 3 (B-84756889): the same spectrum as in HDU 2"},
        {write_unknown_extension,
         {0},
         "HDU 3 (B-../../x): an extension that LAMOST has not"},
        {write_other_columns, {0}, "HDU 1 (COADD): no column ANDMASK"},
        {write_columns_of_two_lengths,
         {0},
         "HDU 1 (COADD): column IVAR: 5 elements where FLUX has 6"},
        {write_flux_as_integers, {0}, "HDU 1 (COADD): column FLUX: not of type ED"},
        {write_c, {.wavelength = equal}, "HDU 0: sample 2: wavelength 3921 after 3921"},
        {write_c,
         {.wavelength = zigzag},
         "HDU 0: sample 3: wavelength 3921.5 after 3922"},
        {write_c, {.wavelength = negative}, "HDU 0: sample 0: wavelength -2"},
        {write_c, {.wavelength = not_finite}, "HDU 0: sample 2: wavelength inf"},
        {write_d, {.wavelength = not_a_number}, "HDU 1 (COADD): sample 1: wavelength "},
        {write_b, {.and_mask = half}, "HDU 0: sample 1: and-mask 0.5 is no integer"},
        {write_c, {.and_mask = large}, "HDU 0: sample 3: and-mask 32768 is no integer"},
        {write_d, {.and_mask = unknown}, "HDU 1 (COADD): sample 2: and-mask "},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct reading reading;

        print_message("%s\n", rows[i].reason);
        read_layout(rows[i].write, &rows[i].recipe, "x.fits", &reading);
        assert_int_equal(reading.outcome, READING_REFUSED);
        assert_int_equal(reading.count, 0);
        if (strncmp(reading.reason, rows[i].reason, strlen(rows[i].reason)) != 0)
            fail_msg("'%s', expected '%s'", reading.reason, rows[i].reason);
        assert_null(strchr(reading.reason, '\n'));
        reading_finish(&reading);
    }
}

static void bytes_that_are_no_fits_are_refused(void **state)
{
    static const char *const rows[] = {
        "", "S", "SIMPLE", "\x1f\x8b", "\x1f\x8b\x08", "<html>not here</html>"};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct reading reading;

        reading_init(&reading);
        lamost_read("x.fits", rows[i], strlen(rows[i]), &reading);
        assert_int_equal(reading.outcome, READING_REFUSED);
        assert_non_null(reading.reason);
        reading_finish(&reading);
    }
}

/* ---- gzip ---- */

static void compress(struct buffer *fits)
{
    struct libdeflate_compressor *compressor = libdeflate_alloc_compressor(6);
    size_t room = libdeflate_gzip_compress_bound(compressor, fits->length);
    struct buffer out;

    buffer_init(&out);
    buffer_added(&out, libdeflate_gzip_compress(compressor, fits->bytes, fits->length,
                                                buffer_room(&out, room), room));
    libdeflate_free_compressor(compressor);
    buffer_finish(fits);
    *fits = out;
}

static void gzip_is_told_by_content_and_not_by_name(void **state)
{
    struct reading plain, packed;
    struct buffer fits;
    size_t raw_size;

    (void)state;
    buffer_init(&fits);
    write_d(&fits, &USUAL);
    raw_size = fits.length;
    reading_init(&plain);
    lamost_read("x.fits", fits.bytes, fits.length, &plain);
    compress(&fits);
    reading_init(&packed);
    lamost_read("x.fits", fits.bytes, fits.length, &packed);

    assert_read(&plain, 1);
    assert_read(&packed, 1);
    assert_int_equal(packed.spectra[0].entry.file_is_gzip, 1);
    assert_int_equal(packed.spectra[0].entry.file_size, fits.length);
    assert_int_equal(packed.spectra[0].entry.file_raw_size, raw_size);
    packed.spectra[0].entry.file_is_gzip = 0;
    packed.spectra[0].entry.file_size = (int64_t)raw_size;
    assert_null(entry_difference(&plain.spectra[0].entry, &packed.spectra[0].entry));
    assert_int_equal(plain.spectra[0].record_size, packed.spectra[0].record_size);
    assert_memory_equal(plain.spectra[0].record, packed.spectra[0].record,
                        packed.spectra[0].record_size);
    reading_finish(&plain);
    reading_finish(&packed);
    buffer_finish(&fits);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_layout_gives_the_samples_of_the_file),
        cmocka_unit_test(the_mask_of_an_exposure_is_both_masks),
        cmocka_unit_test(falling_wavelengths_are_turned_with_all_arrays),
        cmocka_unit_test(wide_masks_get_wide_records),
        cmocka_unit_test(an_lrs_spectrum_has_the_columns_of_its_cards),
        cmocka_unit_test(placeholders_and_older_cards_are_understood),
        cmocka_unit_test(the_spectra_of_an_mrs_file_have_names_and_times_of_their_own),
        cmocka_unit_test(what_is_no_spectrum_is_refused_in_one_line),
        cmocka_unit_test(bytes_that_are_no_fits_are_refused),
        cmocka_unit_test(gzip_is_told_by_content_and_not_by_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
