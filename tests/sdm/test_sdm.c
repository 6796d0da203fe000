#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../protocol/samples.h"
#include "sdm/sdm.h"
#include "sdm/sdm_frame.h"
#include "service/service.h"

#include <endian.h>
#include <stdio.h>
#include <stdlib.h>

static const struct collection_settings collection = {.name = "c", .title = "A & B"};
static const struct service_settings settings = {.authority = "test.example"};

static struct sample *samples;
static struct sdm_frame *frame;

static int open_samples(void **state)
{
    (void)state;
    samples = calloc(SAMPLE_COUNT, sizeof(*samples));
    samples_make(samples);
    frame = sdm_frame_open(&settings, &collection);
    return 0;
}

static int close_samples(void **state)
{
    (void)state;
    sdm_frame_close(frame);
    free(samples);
    return 0;
}

static struct sdm_document document_of(const struct sample *sample, size_t first,
                                       size_t count, enum sdm_format format)
{
    return (struct sdm_document){
        .frame = frame,
        .publisher_did = "ivo://test.example/~?c/x",
        .entry = &sample->entry,
        .slice = {&sample->spectrum, first, count},
        .is_cutout = count != sample->spectrum.axis.samples,
        .format = format,
    };
}

static char *written(const struct sdm_document *document)
{
    struct buffer out = {0};

    sdm_write(document, &out);
    buffer_add_char(&out, '\0');
    return (char *)out.bytes;
}

static unsigned value_of(char character)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *found = strchr(alphabet, character);

    assert_true(character && found);
    return (unsigned)(found - alphabet);
}

/* The bytes of the STREAM, by the book. */
static uint8_t *stream_of(const char *document, size_t *size)
{
    const char *text = strstr(document, "<STREAM encoding=\"base64\">") + 26;
    size_t length = (size_t)(strstr(text, "</STREAM>") - text);
    uint8_t *bytes = malloc(length);

    *size = 0;
    assert_int_equal(length % 4, 0);
    for (size_t i = 0; i < length; i += 4) {
        unsigned bits = 0;

        for (size_t j = 0; j < 4; j++)
            bits = bits << 6 | value_of(text[i + j]); /* 21 bytes a row: never padded */
        bytes[(*size)++] = (uint8_t)(bits >> 16);
        bytes[(*size)++] = (uint8_t)(bits >> 8);
        bytes[(*size)++] = (uint8_t)bits;
    }
    return bytes;
}

static uint64_t big_endian(const uint8_t *bytes, int size)
{
    uint64_t value = 0;

    while (size--)
        value = value << 8 | *bytes++;
    return value;
}

static uint32_t bits_of_float(float value)
{
    uint32_t bits;

    memcpy(&bits, &value, sizeof(bits));
    return bits;
}

/* VOTable 1.4, sections 5.4 and 6. */
static void rows_of_binary2_are_the_samples_bit_for_bit(void **state)
{
    static const struct {
        int sample;
        size_t first, count;
    } rows[] = {{0, 0, 3909}, {0, 251, 66}, {0, 63, 1},   {0, 3908, 1},
                {1, 10, 64},  {1, 10, 65},  {2, 0, 3909}, {4, 100, 128}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct spectrum *spectrum = &samples[rows[i].sample].spectrum;
        struct sdm_document document = document_of(
            &samples[rows[i].sample], rows[i].first, rows[i].count, SDM_BINARY2);
        char *text = written(&document);
        size_t size;
        uint8_t *bytes = stream_of(text, &size), *row = bytes;

        print_message("sample %d, %zu rows\n", rows[i].sample, rows[i].count);
        assert_int_equal(size, rows[i].count * 21);
        for (size_t j = rows[i].first; j < rows[i].first + rows[i].count;
             j++, row += 21) {
            double wavelength = axis_at(&spectrum->axis, j);
            uint64_t bits;

            memcpy(&bits, &wavelength, sizeof(bits));
            assert_int_equal(row[0], 0);
            assert_int_equal(big_endian(row + 1, 8), bits);
            assert_int_equal(big_endian(row + 9, 4), bits_of_float(spectrum->flux[j]));
            assert_int_equal(big_endian(row + 13, 4),
                             bits_of_float(spectrum->flux_error[j]));
            assert_int_equal((int16_t)big_endian(row + 17, 2),
                             mask_at(spectrum->and_mask, spectrum->mask_width, j));
            assert_int_equal((int16_t)big_endian(row + 19, 2),
                             mask_at(spectrum->or_mask, spectrum->mask_width, j));
        }
        free(bytes);
        free(text);
    }
}

static void the_length_is_known_without_the_samples(void **state)
{
    (void)state;
    for (int i = 0; i < SAMPLE_COUNT; i++) {
        struct sdm_document document =
            document_of(&samples[i], 0, SAMPLE_LENGTH, SDM_BINARY2);
        char *text = written(&document);

        document.slice.spectrum = NULL;
        assert_int_equal(sdm_length(&document), strlen(text));
        free(text);
    }
}

/* What caches and validators of answers rest on. */
static void a_document_is_the_same_each_time(void **state)
{
    struct sdm_document document = document_of(&samples[0], 251, 66, SDM_BINARY2);
    char *text = written(&document), *again = written(&document);

    (void)state;
    assert_string_equal(text, again);
    free(text);
    free(again);
}

static bool has(const char *document, const char *utype, const char *value)
{
    char text[256];

    snprintf(text, sizeof(text), "utype=\"spec:Spectrum.%s\" value=\"%s\"", utype, value);
    return strstr(document, text) != NULL;
}

static bool mentions(const char *document, const char *utype)
{
    char text[256];

    snprintf(text, sizeof(text), "utype=\"spec:Spectrum.%s\"", utype);
    return strstr(document, text) != NULL;
}

/* SpectrumDM 1.2, section 5.5: a cut-out tells of itself. */
static void a_cut_out_tells_of_itself_and_a_whole_spectrum_of_the_whole(void **state)
{
    struct sdm_document whole = document_of(&samples[0], 0, SAMPLE_LENGTH, SDM_BINARY2);
    struct sdm_document cutout = document_of(&samples[0], 251, 66, SDM_BINARY2);
    struct sdm_document one = document_of(&samples[0], 251, 1, SDM_BINARY2);
    char *text = written(&whole);

    (void)state;
    assert_true(has(text, "Length", "3909"));
    assert_true(has(text, "DataID.CreationType", "archival"));
    assert_true(has(text, "Char.SpectralAxis.Coverage.Bounds.Start", "3699.986328125"));
    assert_true(has(text, "Char.SpectralAxis.Accuracy.BinSize", "1.3362548828125"));
    free(text);

    text = written(&cutout);
    assert_true(has(text, "Length", "66"));
    assert_true(has(text, "DataID.CreationType", "cutout"));
    assert_true(has(text, "Char.SpectralAxis.Coverage.Bounds.Start", "3920.126953125"));
    assert_true(has(text, "Char.SpectralAxis.Coverage.Bounds.Stop", "3979.239990234375"));
    assert_true(has(text, "Char.SpectralAxis.Coverage.Bounds.Extent", "59.113037109375"));
    free(text);

    text = written(&one);
    assert_true(has(text, "Length", "1"));
    assert_true(has(text, "Char.SpectralAxis.Coverage.Bounds.Extent", "0"));
    assert_true(has(text, "Char.SpectralAxis.Accuracy.BinSize", "1.3362548828125"));
    free(text);
}

/* SpectrumDM 1.2, section 3.2: mandatory fields may say UNKNOWN but not be missing. */
static void what_is_not_known_is_left_out_unless_the_model_demands_it(void **state)
{
    struct sdm_document document =
        document_of(&samples[1], 0, SAMPLE_LENGTH, SDM_BINARY2);
    char *text = written(&document);

    (void)state;
    assert_true(has(text, "DataID.Title", "UNKNOWN"));
    assert_true(has(text, "Curation.Publisher", "UNKNOWN"));
    assert_true(has(text, "Curation.Reference", ""));
    assert_true(has(text, "Char.FluxAxis.Unit", ""));
    assert_true(has(text, "Char.FluxAxis.Accuracy.StatError", "NaN"));
    assert_true(has(text, "Char.SpatialAxis.Coverage.Support.Area", ""));
    assert_non_null(
        strstr(text, "Coverage.Location.Value\" ref=\"cs\" value=\"NaN NaN\""));
    assert_non_null(strstr(text, "Coverage.Location.Value\" ref=\"ts\" value=\"NaN\""));
    assert_false(mentions(text, "DataID.Collection"));
    assert_false(mentions(text, "Target.Redshift"));
    assert_false(mentions(text, "Derived.SNR"));
    assert_null(strstr(text, "name=\"obsid\""));
    assert_true(has(text, "CoordSys.SpectralFrame.RefPos", "TOPOCENTER"));
    free(text);
}

/* Row keys that fall on one place of the frame's memory, asked for in every order. */
static void a_document_that_is_remembered_is_the_same(void **state)
{
    static const size_t windows[][2] = {{0, 3}, {5, 1}, {2, 66}, {0, 0 /* whole */}};

    (void)state;
    for (int turn = 0; turn < 60; turn++) {
        const struct sample *sample = &samples[turn % 7 % SAMPLE_COUNT];
        size_t samples_of_it = sample->spectrum.axis.samples;
        const size_t *window = windows[turn % 4];
        size_t count = window[1] ? window[1] : samples_of_it;
        struct sdm_document document = document_of(sample, window[0], count, SDM_BINARY2);
        char *expected, *remembered;

        if (window[0] + count > samples_of_it)
            continue;
        expected = written(&document);
        document.row = 1000u + 1024u * (uint64_t)(sample - samples);
        remembered = written(&document);
        assert_string_equal(remembered, expected);
        free(remembered);
        remembered = written(&document);
        assert_string_equal(remembered, expected);
        assert_int_equal(sdm_length(&document), strlen(expected));
        free(remembered);
        free(expected);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_of_binary2_are_the_samples_bit_for_bit),
        cmocka_unit_test(the_length_is_known_without_the_samples),
        cmocka_unit_test(a_document_is_the_same_each_time),
        cmocka_unit_test(a_document_that_is_remembered_is_the_same),
        cmocka_unit_test(a_cut_out_tells_of_itself_and_a_whole_spectrum_of_the_whole),
        cmocka_unit_test(what_is_not_known_is_left_out_unless_the_model_demands_it),
    };

    return cmocka_run_group_tests(tests, open_samples, close_samples);
}
