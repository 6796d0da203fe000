#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../support/fake_worker.h"
#include "ingest/difference.h"

#include <math.h>

/* A spectrum of four samples, and what of it is to be another. */
struct sample {
    float wavelength[4], flux[4], flux_error[4];
    int16_t and_mask[4], or_mask[4];
};

static const struct sample SAMPLE = {
    {4000, 4001, 4002, 4003}, {1, -2, 0, 4}, {1, NAN, 1, 1}, {0, 0, 1, 0}, {0, 0, 5, 0}};

static void encode(const struct sample *sample, struct buffer *axis,
                   struct buffer *record)
{
    struct spectrum spectrum = {
        .axis = {.values = sample->wavelength, .samples = 4, .type = AXIS_FLOAT32},
        .flux = sample->flux,
        .flux_error = sample->flux_error,
        .and_mask = sample->and_mask,
        .or_mask = sample->or_mask,
        .mask_width = MASK_SHORT,
    };

    buffer_init(axis);
    buffer_init(record);
    record_encode(&spectrum, axis_encode(&spectrum.axis, axis), record);
}

/* What is told of a cache with this sample and row, and a file with those. */
static void expect(const struct sample *cached_sample, const struct entry *cached_entry,
                   const struct sample *fresh_sample, const struct entry *fresh_entry,
                   const char *told)
{
    struct buffer axis, record, fresh_axis, fresh_record, text;

    encode(cached_sample, &axis, &record);
    encode(fresh_sample, &fresh_axis, &fresh_record);
    buffer_init(&text);
    assert_int_equal(
        difference_find(&(struct cached_spectrum){cached_entry, axis.bytes, axis.length,
                                                  record.bytes, record.length},
                        &(struct reading_spectrum){*fresh_entry, fresh_axis.bytes,
                                                   fresh_axis.length, fresh_record.bytes,
                                                   fresh_record.length},
                        &text),
        told != NULL);
    buffer_add_char(&text, '\0');
    assert_string_equal((const char *)text.bytes, told ? told : "");
    buffer_finish(&axis);
    buffer_finish(&record);
    buffer_finish(&fresh_axis);
    buffer_finish(&fresh_record);
    buffer_finish(&text);
}

static void samples_are_compared_bit_for_bit(void **state)
{
    struct sample other = SAMPLE;
    struct entry entry;

    (void)state;
    entry_init(&entry);
    expect(&SAMPLE, &entry, &SAMPLE, &entry, NULL);
    other.wavelength[3] = 4003.5f;
    expect(&SAMPLE, &entry, &other, &entry,
           "spectral of sample 3: cache 4003, file 4003.5");
    other = SAMPLE;
    other.flux[1] = -3;
    expect(&SAMPLE, &entry, &other, &entry, "flux of sample 1: cache -2, file -3");
    other = SAMPLE;
    other.flux[2] = -0.0f;
    expect(&SAMPLE, &entry, &other, &entry,
           "record: cache and file differ in the bits of equal values");
    other = SAMPLE;
    other.flux_error[1] = 9;
    expect(&SAMPLE, &entry, &other, &entry, "flux_error of sample 1: cache NaN, file 9");
    other = SAMPLE;
    other.and_mask[0] = 300;
    expect(&SAMPLE, &entry, &other, &entry, "and_mask of sample 0: cache 0, file 300");
    other = SAMPLE;
    other.or_mask[2] = 1;
    expect(&SAMPLE, &entry, &other, &entry, "or_mask of sample 2: cache 5, file 1");
}

static void columns_are_compared_by_value(void **state)
{
    struct entry entry, other;

    (void)state;
    entry_init(&entry);
    entry.obsid = -28762;
    entry.title = "a";
    other = entry;
    other.shard = 7; /* where it lies is no difference */
    expect(&SAMPLE, &entry, &SAMPLE, &other, NULL);
    other.obsid = ENTRY_NO_INTEGER;
    expect(&SAMPLE, &entry, &SAMPLE, &other, "obsid: cache -28762, file nothing");
    other = entry;
    other.title = NULL;
    expect(&SAMPLE, &entry, &SAMPLE, &other, "ssa_dstitle: cache 'a', file nothing");
    other = entry;
    other.file_size = 9;
    expect(&SAMPLE, &entry, &SAMPLE, &other, "file_size: cache nothing, file 9");
    other = entry;
    other.redshift = 0.5;
    expect(&SAMPLE, &entry, &SAMPLE, &other, "ssa_redshift: cache NaN, file 0.5");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_are_compared_bit_for_bit),
        cmocka_unit_test(columns_are_compared_by_value),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
