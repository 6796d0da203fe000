#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fits_writer.h"
#include "ingest/fits_file.h"

#include <math.h>

enum { COLUMNS = 3, ROWS = 2, SAMPLES = 4 };

static const double PIXELS[ROWS][COLUMNS] = {{1, -2.5, 3}, {4, 5, 6.25}};
static const double FLUX[SAMPLES] = {0.5, -1.5, 2.5, 1e30};
static const double PRECISE[SAMPLES] = {1e-300, 0.1, -0.2, 1e300};
static const double MASK[SAMPLES] = {0, 1, -1, 32767};
static const double LONGS[SAMPLES] = {0, 2147483647, -2147483647, 3};
static const struct fits_field FIELDS[] = {{"FLUX", 'E', FLUX},
                                           {"Precise", 'D', PRECISE},
                                           {"MASK", 'I', MASK},
                                           {"LONGS", 'J', LONGS}};

/* An image, a table of rows, a table of one row of vectors, an image extension without
 * data. */
static void write_file(struct buffer *fits)
{
    buffer_init(fits);
    fits_add_image_head(fits, -32, COLUMNS, ROWS);
    fits_add_card(fits, "OBSID   =                 1234");
    fits_add_card(fits, "TEXT    = 'with blanks   '");
    fits_add_card(fits, "TRUTH   =                    T");
    fits_end_header(fits);
    for (int row = 0; row < ROWS; row++)
        for (int i = 0; i < COLUMNS; i++)
            fits_add_number(fits, 'E', PIXELS[row][i]);
    fits_end_data(fits);
    fits_add_table(fits, "ROWS", FIELDS, 4, SAMPLES, false, NULL);
    fits_add_table(fits, "VECTORS", FIELDS, 4, SAMPLES, true, NULL);
    fits_add_card(fits, "XTENSION= 'IMAGE   '");
    fits_add_card(fits, "BITPIX  =                    8");
    fits_add_card(fits, "NAXIS   =                    0");
    fits_add_card(fits, "PCOUNT  =                    0");
    fits_add_card(fits, "GCOUNT  =                    1");
    fits_end_header(fits);
}

static struct fits_file *open_file(const struct buffer *fits)
{
    struct fits_file *file = NULL;
    struct failure failure = {0};

    if (fits_file_open(fits->bytes, fits->length, &file, &failure))
        fail_msg("%s", failure.message);
    return file;
}

static void hdus_are_told_by_kind_and_name(void **state)
{
    struct buffer fits;
    struct fits_file *file;
    struct fits_hdu hdu;
    struct failure failure;

    (void)state;
    write_file(&fits);
    file = open_file(&fits);
    assert_int_equal(fits_file_hdu_count(file), 4);
    assert_int_equal(fits_file_hdu(file, 0, &hdu, &failure), STATUS_OK);
    assert_int_equal(hdu.kind, FITS_IMAGE);
    assert_int_equal(hdu.bitpix, -32);
    assert_int_equal(hdu.axes, 2);
    assert_int_equal(hdu.axis[0], COLUMNS);
    assert_int_equal(hdu.axis[1], ROWS);
    assert_string_equal(fits_file_extname(file, 0), "");
    assert_int_equal(fits_file_hdu(file, 1, &hdu, &failure), STATUS_OK);
    assert_int_equal(hdu.kind, FITS_TABLE);
    assert_int_equal(hdu.rows, SAMPLES);
    assert_string_equal(fits_file_extname(file, 1), "ROWS");
    assert_int_equal(fits_file_hdu(file, 2, &hdu, &failure), STATUS_OK);
    assert_int_equal(hdu.rows, 1);
    assert_string_equal(fits_file_extname(file, 2), "VECTORS");
    assert_int_equal(fits_file_hdu(file, 3, &hdu, &failure), STATUS_OK);
    assert_int_equal(hdu.kind, FITS_IMAGE);
    assert_int_equal(hdu.axes, 0);
    fits_file_close(file);
    buffer_finish(&fits);
}

static void cards_are_those_of_their_hdu(void **state)
{
    struct buffer fits;
    struct fits_file *file;
    struct arena arena;
    const char *text;
    int64_t integer;
    double real;
    bool logical;

    (void)state;
    write_file(&fits);
    file = open_file(&fits);
    arena_init(&arena);
    assert_true(fits_file_integer(file, 0, "OBSID", &integer));
    assert_int_equal(integer, 1234);
    assert_true(fits_file_real(file, 0, "OBSID", &real));
    assert_true(real == 1234);
    assert_true(fits_file_text(file, 0, "TEXT", &arena, &text));
    assert_string_equal(text, "with blanks");
    assert_true(fits_file_logical(file, 0, "TRUTH", &logical));
    assert_true(logical);
    assert_false(fits_file_integer(file, 1, "OBSID", &integer));
    assert_false(fits_file_integer(file, 0, "TFIELDS", &integer));
    assert_true(fits_file_integer(file, 2, "TFIELDS", &integer));
    arena_finish(&arena);
    fits_file_close(file);
    buffer_finish(&fits);
}

static void image_rows_come_as_stored(void **state)
{
    double values[COLUMNS];
    struct buffer fits;
    struct fits_file *file;
    struct failure failure;

    (void)state;
    write_file(&fits);
    file = open_file(&fits);
    for (int row = 0; row < ROWS; row++) {
        assert_int_equal(fits_file_image_row(file, 0, row, COLUMNS, values, &failure),
                         STATUS_OK);
        assert_memory_equal(values, PIXELS[row], sizeof(values));
    }
    assert_int_equal(fits_file_image_row(file, 0, ROWS, COLUMNS, values, &failure),
                     STATUS_REFUSED);
    fits_file_close(file);
    buffer_finish(&fits);
}

static void columns_come_as_stored_in_rows_and_in_vectors(void **state)
{
    struct buffer fits;
    struct fits_file *file;

    (void)state;
    write_file(&fits);
    file = open_file(&fits);
    for (int hdu = 1; hdu <= 2; hdu++)
        for (size_t i = 0; i < sizeof(FIELDS) / sizeof(FIELDS[0]); i++) {
            struct fits_column column;
            struct failure failure;
            double values[SAMPLES];

            print_message("HDU %d %s\n", hdu, FIELDS[i].name);
            assert_true(fits_file_column(file, hdu, FIELDS[i].name, &column));
            assert_int_equal(column.type, FIELDS[i].type);
            assert_int_equal(column.repeat, hdu == 1 ? 1 : SAMPLES);
            assert_int_equal(
                fits_file_column_values(file, hdu, &column, SAMPLES, values, &failure),
                STATUS_OK);
            for (int sample = 0; sample < SAMPLES; sample++)
                assert_true(values[sample] ==
                            (FIELDS[i].type == 'E'
                                 ? (double)(float)FIELDS[i].values[sample]
                                 : FIELDS[i].values[sample]));
        }
    fits_file_close(file);
    buffer_finish(&fits);
}

static void columns_are_found_without_case(void **state)
{
    struct fits_column column;
    struct buffer fits;
    struct fits_file *file;

    (void)state;
    write_file(&fits);
    file = open_file(&fits);
    assert_true(fits_file_column(file, 1, "flux", &column));
    assert_int_equal(column.number, 1);
    assert_true(fits_file_column(file, 1, "PRECISE", &column));
    assert_false(fits_file_column(file, 1, "IVAR", &column));
    assert_false(fits_file_column(file, 0, "FLUX", &column)); /* an image */
    fits_file_close(file);
    buffer_finish(&fits);
}

static void missing_values_stay_what_they_are(void **state)
{
    const double odd[] = {(double)NAN, (double)INFINITY, -0.0, 1};
    const struct fits_field field = {"FLUX", 'E', odd};
    struct fits_column column;
    struct failure failure;
    double values[SAMPLES];
    struct buffer fits;
    struct fits_file *file;

    (void)state;
    buffer_init(&fits);
    fits_add_empty_head(&fits);
    fits_end_header(&fits);
    fits_add_table(&fits, "ODD", &field, 1, SAMPLES, true, NULL);
    file = open_file(&fits);
    assert_true(fits_file_column(file, 1, "FLUX", &column));
    assert_int_equal(fits_file_column_values(file, 1, &column, SAMPLES, values, &failure),
                     STATUS_OK);
    assert_true(isnan(values[0]));
    assert_true(isinf(values[1]));
    assert_true(signbit(values[2]) && values[2] == 0);
    fits_file_close(file);
    buffer_finish(&fits);
}

static void scaled_arrays_are_refused(void **state)
{
    const char *const scale[] = {"TSCAL1  =                  2.0", NULL};
    const char *const zero[] = {"TZERO1  =                32768", NULL};
    const char *const identity[] = {"TSCAL1  =                  1.0", "TZERO1  = 0",
                                    NULL};
    const struct {
        const char *const *cards;
        enum status status;
    } rows[] = {{scale, STATUS_REFUSED}, {zero, STATUS_REFUSED}, {identity, STATUS_OK}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct fits_column column;
        struct failure failure;
        double values[SAMPLES];
        struct buffer fits;
        struct fits_file *file;

        print_message("row %zu\n", i);
        buffer_init(&fits);
        fits_add_empty_head(&fits);
        fits_end_header(&fits);
        fits_add_table(&fits, "SCALED", FIELDS, 4, SAMPLES, false, rows[i].cards);
        file = open_file(&fits);
        assert_true(fits_file_column(file, 1, "FLUX", &column));
        assert_int_equal(
            fits_file_column_values(file, 1, &column, SAMPLES, values, &failure),
            rows[i].status);
        fits_file_close(file);
        buffer_finish(&fits);
    }
}

static void an_invalid_naxis1_beyond_naxis_does_not_count(void **state)
{
    struct buffer fits;
    struct fits_file *file;
    struct fits_hdu hdu;
    struct failure failure;

    (void)state;
    buffer_init(&fits);
    fits_add_empty_head(&fits);
    fits_add_card(&fits, "NAXIS1  =                 3909");
    fits_add_card(&fits, "NAXIS2  =                    5");
    fits_end_header(&fits);
    fits_add_table(&fits, "COADD", FIELDS, 4, SAMPLES, true, NULL);
    file = open_file(&fits);
    assert_int_equal(fits_file_hdu_count(file), 2);
    assert_int_equal(fits_file_hdu(file, 0, &hdu, &failure), STATUS_OK);
    assert_int_equal(hdu.axes, 0);
    fits_file_close(file);
    buffer_finish(&fits);
}

/* Put a card, or bytes, over what stands at a place. */
static void overwrite(struct buffer *fits, size_t place, const char *text)
{
    memcpy(fits->bytes + place, text, strlen(text));
}

static void assert_refused(const void *bytes, size_t size, const char *reason)
{
    struct fits_file *file = NULL;
    struct failure failure;

    assert_int_equal(fits_file_open(bytes, size, &file, &failure), STATUS_REFUSED);
    assert_null(file);
    if (strncmp(failure.message, reason, strlen(reason)) != 0)
        fail_msg("'%s', expected '%s'", failure.message, reason);
}

/* Blocks of the file: 0 header, 1 data, 2 header, 3 data, 4 header, 5 data, 6 header. */
enum {
    FIRST_TABLE = 2 * FITS_BLOCK,
    SECOND_TABLE = 4 * FITS_BLOCK,
    LAST = 6 * FITS_BLOCK
};

static void damaged_files_are_refused_by_hdu(void **state)
{
    static const struct {
        size_t place;
        const char *text;
        const char *reason;
    } rows[] = {
        {0, "SIMPLY", "not a FITS file"},
        {FITS_CARD, "BITPIX  =                   xx", "HDU 0: header: no valid BITPIX"},
        {2 * FITS_CARD, "NAXIS   =                   -1",
         "HDU 0: header: no valid NAXIS"},
        {2 * FITS_CARD, "NAXES", "HDU 0: header: no valid NAXIS"},
        {3 * FITS_CARD, "NAXIS1  =              3000000", "HDU 0: cut short"},
        {3 * FITS_CARD, "NAXIS1  =   9223372036854775807",
         "HDU 0: header: no valid NAXIS1"},
        {FIRST_TABLE, "EXTENSION", "HDU 1: damaged: no header at byte 5760 of"},
        {FIRST_TABLE + 3 * FITS_CARD, "NAXIS1  =                   19",
         "HDU 1: header: "},
        {FIRST_TABLE + 4 * FITS_CARD, "NAXIS2  =\014", "HDU 1: header: no valid NAXIS2"},
        {FIRST_TABLE + 4 * FITS_CARD, "NAXIS2  =                  200",
         "HDU 2: damaged: no header at byte 14400 of"},
        {FIRST_TABLE + 4 * FITS_CARD, "NAXIS2  =               500000",
         "HDU 1 (ROWS): cut short"},
        {FIRST_TABLE + 5 * FITS_CARD, "PCOUNT  =                   -1",
         "HDU 1: header: no valid PCOUNT"},
        {FIRST_TABLE + 6 * FITS_CARD, "GCOUNT  =                    2",
         "HDU 1: header: no valid GCOUNT"},
        {FIRST_TABLE + 7 * FITS_CARD, "TFIELDS =                 1000",
         "HDU 1: header: no valid TFIELDS"},
        {FIRST_TABLE + 7 * FITS_CARD, "TFIELDS =                    5",
         "HDU 1: header: "},
        {FIRST_TABLE + 9 * FITS_CARD,
         "TTYPE1  = "
         "FLUXFLUXFLUXFLUXFLUXFLUXFLUXFLUXFLUXFLUXFLUXFLUXFLUXFLUXFLUXFLUXFLUXFL",
         "HDU 1: header: card 10 has a value that none can be"},
        {FIRST_TABLE + 9 * FITS_CARD,
         "TTYPE1  =\""
         "FLUXFLUXFLUXFLUXFLUXFLUXFLUXFLUXFLUXFLUXFLUXFLUXFLUXFLUXFLUXFLUXFLUXFL",
         "HDU 1: header: card 10 has a value that none can be"},
        {FIRST_TABLE + 9 * FITS_CARD,
         "HIERARCH TTYPE1= "
         "FLUXFLUXFLUXFLUXFLUXFLUXFLUXFLUXFLUXFLUXFLUXFLUXFLUXFLUXFLUXFLU",
         "HDU 1: header: card 10 has a value that none can be"},
        {SECOND_TABLE + 5 * FITS_CARD, "PCOUNT  =              5000000",
         "HDU 2 (VECTORS): cut short"},
        {SECOND_TABLE + 5 * FITS_CARD, "PCOUNT  =  9223372036854775807",
         "HDU 2: header: no valid PCOUNT"},
        {LAST, "\xef\xbf\xbd", "HDU 3: damaged: no header at byte 17280 of"},
        {LAST + 5 * FITS_CARD, "DNE", "HDU 3: header: "},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct buffer fits;

        print_message("%zu: %s\n", rows[i].place, rows[i].text);
        write_file(&fits);
        assert_int_equal(fits.length, 7 * FITS_BLOCK);
        overwrite(&fits, rows[i].place, rows[i].text);
        assert_refused(fits.bytes, fits.length, rows[i].reason);
        buffer_finish(&fits);
    }
}

static void a_file_cut_short_anywhere_is_refused(void **state)
{
    struct buffer fits;

    (void)state;
    write_file(&fits);
    for (size_t size = 0; size < fits.length; size += 7)
        /* Whole HDUs are a file too. */
        if (size != FIRST_TABLE && size != SECOND_TABLE && size != LAST)
            assert_refused(fits.bytes, size,
                           size < FITS_BLOCK ? "not a FITS file" : "HDU ");
    assert_refused(fits.bytes, fits.length - 1, "HDU 3: damaged");
    buffer_finish(&fits);
}

static void bytes_after_the_last_hdu_are_refused(void **state)
{
    struct buffer fits;

    (void)state;
    write_file(&fits);
    buffer_add_char(&fits, 0);
    assert_refused(fits.bytes, fits.length, "HDU 4: damaged");
    fits_end_data(&fits);
    assert_refused(fits.bytes, fits.length, "HDU 4: damaged");
    buffer_finish(&fits);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hdus_are_told_by_kind_and_name),
        cmocka_unit_test(cards_are_those_of_their_hdu),
        cmocka_unit_test(image_rows_come_as_stored),
        cmocka_unit_test(columns_come_as_stored_in_rows_and_in_vectors),
        cmocka_unit_test(columns_are_found_without_case),
        cmocka_unit_test(missing_values_stay_what_they_are),
        cmocka_unit_test(scaled_arrays_are_refused),
        cmocka_unit_test(an_invalid_naxis1_beyond_naxis_does_not_count),
        cmocka_unit_test(damaged_files_are_refused_by_hdu),
        cmocka_unit_test(a_file_cut_short_anywhere_is_refused),
        cmocka_unit_test(bytes_after_the_last_hdu_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
