#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake_archive.h"

#include "bulk/bulk_form.h"
#include "sdm/sdm_frame.h"

#include <stdio.h>

/* The bytes of answers, by the arithmetic of the FITS standard (4.0) and VOTable 1.4. */

#define STAR "dr7/spec-55859-F5902_sp01-001"
#define BARE "dr1/spec-55862-B6212_sp06-003"
#define ARM "mrs/med-58859-NT054013S012745S01_sp15-092/B"
#define DID_OF "ivo://" FAKE_AUTHORITY "/~?" FAKE_COLLECTION "/"
#define HK "BAND=3.92e-7+3.98e-7"

enum { BLOCK = 2880, CARD = 80 };

static const struct collection_settings collection = {.name = FAKE_COLLECTION};
static const struct service_settings settings = {
    .base_url = "https://spectra.example",
    .authority = FAKE_AUTHORITY,
    .collections = &collection,
    .collection_count = 1,
};

static int open_samples(void **state)
{
    (void)state;
    fake_open();
    fake.lost = NULL;
    return 0;
}

static int close_samples(void **state)
{
    (void)state;
    fake_close();
    return 0;
}

/* One answer: what was promised, and what came. */
struct answer {
    int64_t promised;
    struct buffer body;
};

static void drain(struct producer producer, struct answer *out)
{
    struct failure failure;
    size_t before;

    out->promised = producer.length;
    do {
        struct buffer piece = {0};

        assert_int_equal(producer.produce(producer.state, &piece, &failure), STATUS_OK);
        before = out->body.length;
        buffer_add(&out->body, piece.bytes, piece.length);
        buffer_finish(&piece);
    } while (out->body.length > before);
    producer.close(producer.state);
    buffer_add_char(&out->body, '\0');
    out->body.length--;
}

/* IDs are ended by NULL; `lost` is the path of a record that is damaged when it is read.
 */
static struct answer answer_to(const char *query, const char *const *ids,
                               const char *lost)
{
    static struct archive_reader reader;
    struct sdm_frame *frame = sdm_frame_open(&settings, &collection);
    struct service_collection served = {
        .settings = &collection, .reader = &reader, .frame = frame};
    struct service service = {.settings = &settings, .collections = &served};
    struct answer answer = {.promised = 0};
    struct bulk_query asked;
    struct bulk_list *list;
    struct params params;
    struct arena arena;
    struct failure failure;

    arena_init(&arena);
    params_init(&params, &arena);
    assert_int_equal(params_read(&params, query, strlen(query), &failure), STATUS_OK);
    assert_int_equal(bulk_query_read(&params, &arena, &asked, &failure), STATUS_OK);
    list = bulk_list_open(&service, &served, &asked);
    for (; *ids; ids++)
        assert_int_equal(bulk_list_add(list, *ids, &failure), STATUS_OK);
    for (size_t i = 0; lost && i < SAMPLE_COUNT; i++)
        if (strcmp(fake.samples[i].entry.path, lost) == 0)
            fake.lost = &fake.samples[i];
    drain(bulk_form_open(&service, &served, list, &asked, (struct waker){0}), &answer);
    fake.lost = NULL;
    arena_finish(&arena);
    sdm_frame_close(frame);
    return answer;
}

/* ---- FITS, read anew ---- */

/* The value of a card, as it stands there; NULL if the header has none. */
static const char *card(const uint8_t *header, const char *keyword)
{
    static char value[CARD + 1];

    for (;; header += CARD) {
        if (memcmp(header, "END     ", 8) == 0)
            return NULL;
        if (strncmp((const char *)header, keyword, strlen(keyword)) == 0 &&
            strchr(" =", header[strlen(keyword)]))
            break;
    }
    memcpy(value, header + 10, CARD - 10);
    value[CARD - 10] = '\0';
    return value;
}

static int64_t number(const uint8_t *header, const char *keyword)
{
    const char *value = card(header, keyword);

    assert_non_null(value);
    return strtoll(value, NULL, 10);
}

/* Where a header that begins here ends: at a block's end behind END (section 3.3.1). */
static const uint8_t *behind(const uint8_t *header)
{
    const uint8_t *begin = header;

    while (memcmp(header, "END     ", 8) != 0)
        header += CARD;
    return begin + ((size_t)(header + CARD - begin) + BLOCK - 1) / BLOCK * BLOCK;
}

static size_t in_blocks(size_t size)
{
    return (size + BLOCK - 1) / BLOCK * BLOCK;
}

static uint64_t take(const uint8_t **at, int bytes)
{
    uint64_t value = 0;

    for (int i = 0; i < bytes; i++)
        value = value << 8 | *(*at)++;
    return value;
}

static double take_double(const uint8_t **at)
{
    uint64_t bits = take(at, 8);
    double value;

    memcpy(&value, &bits, sizeof(value));
    return value;
}

static float take_float(const uint8_t **at)
{
    uint32_t bits = (uint32_t)take(at, 4);
    float value;

    memcpy(&value, &bits, sizeof(value));
    return value;
}

/* A sample's own arrays beside those of a row, column after column. */
static void assert_arrays(const uint8_t **at, const struct spectrum *spectrum,
                          size_t first, size_t count)
{
    for (size_t i = first; i < first + count; i++)
        assert_true(take_double(at) == axis_at(&spectrum->axis, i));
    for (size_t i = first; i < first + count; i++)
        assert_true(take_float(at) == spectrum->flux[i]);
    for (size_t i = first; i < first + count; i++) {
        float error = take_float(at);

        assert_true(error == spectrum->flux_error[i] ||
                    (isnan(error) && isnan(spectrum->flux_error[i])));
    }
    for (size_t i = first; i < first + count; i++)
        assert_int_equal((int16_t)take(at, 2),
                         mask_at(spectrum->and_mask, spectrum->mask_width, i));
    for (size_t i = first; i < first + count; i++)
        assert_int_equal((int16_t)take(at, 2),
                         mask_at(spectrum->or_mask, spectrum->mask_width, i));
}

/* Counts of the last HDU: requested, ok, empty, unknown, damaged. */
static void assert_fits_ledger(const uint8_t *header, const int64_t expected[5])
{
    const uint8_t *at = behind(header);

    assert_memory_equal(card(header, "EXTNAME"), "'LEDGER", 7);
    for (int i = 0; i < 5; i++)
        assert_int_equal(take(&at, 8), expected[i]);
}

static void finish(struct answer *answer)
{
    buffer_finish(&answer->body);
}

/* The first sample of a window in Angstrom, and how many there are, by looking at each.
 */
static size_t window_of(const struct axis *axis, double lower, double upper,
                        size_t *count)
{
    size_t first = 0;

    while (first < axis->samples && axis_at(axis, first) < lower)
        first++;
    for (*count = 0; first + *count < axis->samples; ++*count)
        if (axis_at(axis, first + *count) > upper)
            break;
    return first;
}

static void arrays_of_one_length_lie_in_the_rows_of_a_fits_table(void **state)
{
    static const char *const ids[] = {STAR, DID_OF STAR, NULL};
    static const int64_t ledger[] = {2, 2, 0, 0, 0};
    struct answer answer = answer_to(HK "&RESPONSEFORMAT=fits", ids, NULL);
    const struct sample *star = &fake.samples[0];
    const uint8_t *table = answer.body.bytes + BLOCK, *at;
    size_t count, first = window_of(&star->spectrum.axis, 3920, 3980, &count);
    /* DID, band, status, n, four doubles, class, subclass, and the arrays. */
    size_t row = strlen(DID_OF STAR) + 16 + 7 + 4 + 4 * 8 + strlen("starK3") +
                 count * (8 + 4 + 4 + 2 + 2);

    (void)state;
    assert_int_equal(count, 66);
    assert_int_equal(number(table, "NAXIS1"), row);
    assert_int_equal(number(table, "NAXIS2"), 2);
    assert_int_equal(number(table, "PCOUNT"), 0);
    assert_int_equal(number(table, "TFIELDS"), 15);
    assert_memory_equal(card(table, "EXTNAME"), "'CUTOUTS", 8);
    assert_memory_equal(card(table, "TFORM12"), "'66E", 4);
    at = behind(table);
    assert_int_equal(answer.promised, answer.body.length);
    assert_int_equal(
        answer.body.length,
        (size_t)(at - answer.body.bytes) + in_blocks(2 * row) +
            (size_t)(behind(at + in_blocks(2 * row)) - (at + in_blocks(2 * row))) +
            BLOCK);
    for (int i = 0; i < 2; i++) {
        assert_memory_equal(at, DID_OF STAR, strlen(DID_OF STAR));
        at += strlen(DID_OF STAR);
        assert_true(fabs(take_double(&at) - 3.92e-7) < 1e-20);
        assert_true(fabs(take_double(&at) - 3.98e-7) < 1e-20);
        assert_memory_equal(at, "ok\0\0\0\0", 7);
        at += 7;
        assert_int_equal(take(&at, 4), count);
        assert_true(take_double(&at) == star->entry.ra);
        assert_true(take_double(&at) == star->entry.dec);
        assert_true(take_double(&at) == star->entry.redshift);
        assert_memory_equal(at, "starK3", 6);
        at += 6;
        assert_true(take_double(&at) == star->entry.snr);
        assert_arrays(&at, &star->spectrum, first, count);
    }
    while ((at - answer.body.bytes) % BLOCK)
        assert_int_equal(*at++, 0);
    assert_fits_ledger(at, ledger);
    finish(&answer);
}

/* Section 7.3.5: a count and an offset each, both of 64 bits. */
static void arrays_of_several_lengths_lie_behind_the_rows(void **state)
{
    static const char *const ids[] = {STAR, "nothing", ARM, BARE, STAR, NULL};
    static const char *const of[] = {STAR, NULL, NULL, BARE, STAR};
    static const int64_t ledger[] = {5, 3, 1, 1, 0};
    struct answer answer = answer_to(
        HK "&RESPONSEFORMAT=fits&COLUMNS=spectral,flux,flux_error,and_mask,or_mask", ids,
        NULL);
    const uint8_t *table = answer.body.bytes + BLOCK, *rows = behind(table);
    const uint8_t *heap = rows + 5 * 5 * 16, *at = rows;
    size_t used = 0;

    (void)state;
    assert_int_equal(answer.promised, answer.body.length);
    assert_int_equal(number(table, "NAXIS1"), 5 * 16);
    for (int i = 0; i < 5; i++) {
        static const size_t sizes[] = {8, 4, 4, 2, 2};
        const struct sample *sample = NULL;
        const uint8_t *arrays = heap + used;
        size_t count = 0, first = 0;

        if (of[i])
            sample = strcmp(of[i], STAR) == 0 ? &fake.samples[0] : &fake.samples[1];
        if (sample)
            first = window_of(&sample->spectrum.axis, 3920, 3980, &count);
        for (int column = 0; column < 5; column++) {
            assert_int_equal(take(&at, 8), count);
            assert_int_equal(take(&at, 8), used);
            used += count * sizes[column];
        }
        if (sample)
            assert_arrays(&arrays, &sample->spectrum, first, count);
    }
    assert_int_equal(number(table, "PCOUNT"), used);
    assert_fits_ledger(rows + in_blocks(5 * 5 * 16 + used), ledger);
    finish(&answer);
}

static void what_is_damaged_keeps_its_place_without_values(void **state)
{
    static const char *const ids[] = {STAR, BARE, STAR, NULL};
    static const int64_t ledger[] = {3, 2, 0, 0, 1};
    struct answer answer =
        answer_to(HK "&RESPONSEFORMAT=fits&COLUMNS=n,spectral,flux,and_mask", ids, BARE);
    const uint8_t *at = behind(answer.body.bytes + BLOCK);

    (void)state;
    assert_int_equal(answer.promised, answer.body.length);
    at += 4 + 66 * 14;
    assert_int_equal(take(&at, 4), 0);
    for (int i = 0; i < 66; i++)
        assert_true(isnan(take_double(&at)));
    for (int i = 0; i < 66; i++)
        assert_true(isnan(take_float(&at)));
    for (int i = 0; i < 66; i++)
        assert_int_equal(take(&at, 2), 0);
    assert_int_equal(take(&at, 4), 66);
    assert_fits_ledger(behind(answer.body.bytes + BLOCK) + in_blocks(3 * (4 + 66 * 14)),
                       ledger);
    finish(&answer);
}

/* ---- VOTable ---- */

static const char *text_of(const struct answer *answer)
{
    return (const char *)answer->body.bytes;
}

/* What stands between the two, decoded (RFC 4648, section 4). */
static struct buffer decoded(const struct answer *answer, const char *begin,
                             const char *end)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = strstr(text_of(answer), begin), *last;
    struct buffer out = {0};
    uint32_t bits = 0;
    int count = 0;

    assert_non_null(at);
    at += strlen(begin);
    last = strstr(at, end);
    assert_non_null(last);
    for (; at < last; at++) {
        const char *found = strchr(alphabet, *at);

        if (!found)
            continue;
        bits = bits << 6 | (uint32_t)(found - alphabet);
        count += 6;
        if (count >= 8)
            buffer_add_char(&out, (char)(bits >> (count -= 8)));
    }
    return out;
}

/* The value of an INFO of the ledger, -1 if there is none. */
static long info(const struct answer *answer, const char *name)
{
    char begin[64];
    const char *at;

    snprintf(begin, sizeof(begin), "<INFO name=\"%s\" value=\"", name);
    at = strstr(text_of(answer), begin);
    return at ? strtol(at + strlen(begin), NULL, 10) : -1;
}

static void rows_of_binary2_have_flags_counts_and_big_endian_values(void **state)
{
    static const char *const ids[] = {STAR, "<&>", BARE, NULL};
    struct answer answer = answer_to(HK "&COLUMNS=ssa_pubDID,status,n,ssa_targclass,"
                                        "spectral,flux,flux_error,and_mask,or_mask",
                                     ids, NULL);
    struct buffer stream = decoded(&answer, "<STREAM encoding=\"base64\">", "</STREAM>");
    const uint8_t *at = stream.bytes;

    (void)state;
    assert_int_equal(answer.promised, answer.body.length);
    for (int i = 0; i < 3; i++) {
        const struct sample *sample = i == 0 ? &fake.samples[0] : &fake.samples[1];
        const char *did = i == 0 ? DID_OF STAR : i == 1 ? "<&>" : DID_OF BARE;
        const char *class = i == 0 ? "star" : "";
        size_t count = 0, first = 0, size;

        if (i != 1)
            first = window_of(&sample->spectrum.axis, 3920, 3980, &count);
        assert_int_equal(take(&at, 2), 0); /* nine columns, none null */
        size = take(&at, 4);
        assert_int_equal(size, strlen(did));
        assert_memory_equal(at, did, size);
        at += size;
        assert_memory_equal(at, i == 1 ? "unknown" : "ok\0\0\0\0", 7);
        at += 7;
        assert_int_equal(take(&at, 4), count);
        assert_int_equal(take(&at, 4), strlen(class));
        assert_memory_equal(at, class, strlen(class));
        at += strlen(class);
        if (count == 0) {
            for (int column = 0; column < 5; column++)
                assert_int_equal(take(&at, 4), 0);
            continue;
        }
        /* Each array has a count before it: compare by column. */
        assert_int_equal(take(&at, 4), count);
        for (size_t j = first; j < first + count; j++)
            assert_true(take_double(&at) == axis_at(&sample->spectrum.axis, j));
        assert_int_equal(take(&at, 4), count);
        for (size_t j = first; j < first + count; j++)
            assert_true(take_float(&at) == sample->spectrum.flux[j]);
        assert_int_equal(take(&at, 4), count);
        at += 4 * count;
        assert_int_equal(take(&at, 4), count);
        for (size_t j = first; j < first + count; j++)
            assert_int_equal(
                (int16_t)take(&at, 2),
                mask_at(sample->spectrum.and_mask, sample->spectrum.mask_width, j));
        assert_int_equal(take(&at, 4), count);
        at += 2 * count;
    }
    assert_int_equal(at - stream.bytes, stream.length);
    assert_int_equal(info(&answer, "requested"), 3);
    assert_int_equal(info(&answer, "ok"), 2);
    assert_int_equal(info(&answer, "unknown"), 1);
    buffer_finish(&stream);
    finish(&answer);
}

/* ---- texts ---- */

static void csv_has_a_line_for_each_sample_and_for_each_row_without(void **state)
{
    static const char *const ids[] = {STAR, "a,\"b\"", ARM, "#x", NULL};
    struct answer answer = answer_to("BAND=3.92e-7+3.922e-7&RESPONSEFORMAT=csv&COLUMNS="
                                     "ssa_pubDID,band,status,n,spectral",
                                     ids, NULL);
    const struct axis *axis = &fake.samples[0].spectrum.axis;
    size_t count, first = window_of(axis, 3920, 3922, &count);
    char expected[2048] = "ssa_pubDID,band_lower,band_upper,status,n,spectral\n";
    char *at = expected + strlen(expected);

    (void)state;
    assert_int_equal(count, 3);
    for (size_t i = first; i < first + count; i++) {
        char wavelength[32];

        /* As few digits as give the number back. */
        for (int digits = 1; digits < 18; digits++) {
            snprintf(wavelength, sizeof(wavelength), "%.*g", digits, axis_at(axis, i));
            if (strtod(wavelength, NULL) == axis_at(axis, i))
                break;
        }
        at += sprintf(at, DID_OF STAR ",3.92e-07,3.922e-07,ok,3,%s\n", wavelength);
    }
    at += sprintf(at, "\"a,\"\"b\"\"\",3.92e-07,3.922e-07,unknown,0,\n");
    at += sprintf(at, DID_OF ARM ",3.92e-07,3.922e-07,empty,0,\n");
    at += sprintf(at, "\"#x\",3.92e-07,3.922e-07,unknown,0,\n");
    sprintf(at, "# requested=4 ok=1 empty=1 unknown=2 damaged=0\n");
    assert_string_equal(text_of(&answer), expected);
    finish(&answer);
}

static void cells_of_tabledata_are_escaped_and_arrays_have_blanks_between(void **state)
{
    static const char *const ids[] = {"<&\">\xce\xb1", ARM, NULL};
    struct answer answer = answer_to("BAND=4.9e-7+4.9002e-7&RESPONSEFORMAT=tabledata&"
                                     "COLUMNS=ssa_pubDID,status,n,or_mask",
                                     ids, NULL);
    const struct spectrum *spectrum = &fake.samples[2].spectrum;
    size_t count, first = window_of(&spectrum->axis, 4900, 4900.2, &count);
    char expected[512];

    (void)state;
    assert_int_equal(count, 2);
    assert_non_null(strstr(text_of(&answer), "<TR><TD>&lt;&amp;"));
    assert_non_null(strstr(text_of(&answer),
                           "?"
                           "?</TD><TD>unknown</TD><TD>0</TD><TD></TD></TR>"));
    snprintf(expected, sizeof(expected),
             "<TR><TD>" DID_OF ARM "</TD><TD>ok</TD><TD>2</TD><TD>%d %d</TD></TR>",
             ((const int16_t *)spectrum->or_mask)[first],
             ((const int16_t *)spectrum->or_mask)[first + 1]);
    assert_non_null(strstr(text_of(&answer), expected));
    finish(&answer);
}

/* ---- whatever is asked ---- */

static void as_many_bytes_are_written_as_were_promised(void **state)
{
    static const char *const lists[][6] = {
        {STAR, NULL},
        {STAR, STAR, STAR, NULL},
        {STAR, BARE, DID_OF STAR, NULL},
        {STAR, ARM, NULL},
        {ARM, ARM, NULL},
        {"nothing", NULL},
        {"nothing", "several", "broken", "gone", "", NULL},
        {"damaged", STAR, "damaged", NULL},
        {STAR, "nothing", "damaged", ARM, BARE, NULL},
    };
    static const char *const queries[] = {
        HK,
        "",
        HK "&BAND=6.5e-7+6.6e-7",
        HK "&BAND=3.92e-7+3.98e-7&BAND=1e-7+2e-7",
        HK "&FRAME=rest",
        HK "&COLUMNS=n",
        HK "&COLUMNS=ssa_pubDID",
        HK "&COLUMNS=flux",
        HK "&COLUMNS=ssa_targclass,ssa_targsubclass,or_mask",
        "BAND=5e-7+5e-7",
        "BAND=-Inf+Inf",
        HK "&CIRCLE=332.2+-2.05+1",
    };
    static const char *const forms[] = {"fits", "votable", "tabledata", "csv", "tar"};
    static const char *const lost[] = {NULL, STAR, BARE};

    (void)state;
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
        for (size_t j = 0; j < sizeof(queries) / sizeof(queries[0]); j++)
            for (size_t k = 0; k < sizeof(forms) / sizeof(forms[0]) * 3; k++) {
                char query[256];
                struct answer answer;

                if (k % 5 == 4 && strstr(queries[j], "COLUMNS"))
                    continue; /* files have no columns to choose */
                snprintf(query, sizeof(query), "%s&RESPONSEFORMAT=%s", queries[j],
                         forms[k % 5]);
                answer = answer_to(query, lists[i], lost[k / 5]);
                if (answer.promised >= 0 &&
                    answer.promised != (int64_t)answer.body.length)
                    print_message("%s, list %zu, lost %s\n", query, i,
                                  lost[k / 5] ? lost[k / 5] : "-");
                if (answer.promised >= 0)
                    assert_int_equal(answer.promised, answer.body.length);
                assert_int_equal(fake.holdings, 0);
                finish(&answer);
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arrays_of_one_length_lie_in_the_rows_of_a_fits_table),
        cmocka_unit_test(arrays_of_several_lengths_lie_behind_the_rows),
        cmocka_unit_test(what_is_damaged_keeps_its_place_without_values),
        cmocka_unit_test(rows_of_binary2_have_flags_counts_and_big_endian_values),
        cmocka_unit_test(csv_has_a_line_for_each_sample_and_for_each_row_without),
        cmocka_unit_test(cells_of_tabledata_are_escaped_and_arrays_have_blanks_between),
        cmocka_unit_test(as_many_bytes_are_written_as_were_promised),
    };

    return cmocka_run_group_tests(tests, open_samples, close_samples);
}
