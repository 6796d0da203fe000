#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "archive/record.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 16 };

/* The samples of a spectrum, and its blocks. */
struct case_of {
    double wavelengths64[MOST];
    float wavelengths32[MOST];
    float flux[MOST], flux_error[MOST];
    uint8_t bytes[2][MOST];
    int16_t shorts[2][MOST];
    struct spectrum spectrum;
    struct buffer axis, record;
    uint64_t axis_checksum, record_checksum;
};

static void make_case(struct case_of *made, uint32_t samples, enum axis_type type,
                      enum mask_width width)
{
    for (int i = 0; i < MOST; i++) {
        made->wavelengths64[i] = 3700 + i / 3.0;
        made->wavelengths32[i] = 3700 + (float)i / 3;
        made->flux[i] = (float)i - 5;
        made->flux_error[i] = i % 3 ? (float)i / 7 : NAN;
        made->bytes[0][i] = (uint8_t)i;
        made->bytes[1][i] = (uint8_t)(255 - i);
        made->shorts[0][i] = (int16_t)(-i);
        made->shorts[1][i] = (int16_t)(300 * i);
    }
    made->spectrum = (struct spectrum){
        .axis = {.values = type == AXIS_FLOAT64 ? (const void *)made->wavelengths64
                                                : made->wavelengths32,
                 .samples = samples,
                 .type = type},
        .flux = made->flux,
        .flux_error = made->flux_error,
        .and_mask = width == MASK_BYTE ? (const void *)made->bytes[0] : made->shorts[0],
        .or_mask = width == MASK_BYTE ? (const void *)made->bytes[1] : made->shorts[1],
        .mask_width = width};
    buffer_init(&made->axis);
    buffer_init(&made->record);
    made->axis_checksum = axis_encode(&made->spectrum.axis, &made->axis);
    made->record_checksum =
        record_encode(&made->spectrum, made->axis_checksum, &made->record);
}

static void free_case(struct case_of *made)
{
    buffer_finish(&made->axis);
    buffer_finish(&made->record);
}

static enum status view(const struct case_of *made, struct spectrum *out)
{
    struct failure failure;

    return record_view(made->record.bytes, made->record.length, made->axis.bytes,
                       made->axis.length, true, out, &failure);
}

static void assert_same_samples(const struct spectrum *a, const struct spectrum *b)
{
    size_t samples = a->axis.samples;

    assert_int_equal(samples, b->axis.samples);
    assert_int_equal(a->axis.type, b->axis.type);
    assert_int_equal(a->mask_width, b->mask_width);
    assert_memory_equal(a->axis.values, b->axis.values, samples * a->axis.type);
    assert_memory_equal(a->flux, b->flux, samples * sizeof(float));
    assert_memory_equal(a->flux_error, b->flux_error, samples * sizeof(float));
    assert_memory_equal(a->and_mask, b->and_mask, samples * a->mask_width);
    assert_memory_equal(a->or_mask, b->or_mask, samples * a->mask_width);
}

static const struct {
    uint32_t samples;
    enum axis_type type;
    enum mask_width width;
    size_t axis_size, record_size; /* counted by hand from record.h */
} shapes[] = {
    {1, AXIS_FLOAT32, MASK_BYTE, 24 + 8, 32 + 8 + 8 + 8 + 8},
    {1, AXIS_FLOAT64, MASK_SHORT, 24 + 8, 32 + 8 + 8 + 8 + 8},
    {2, AXIS_FLOAT32, MASK_BYTE, 24 + 8, 32 + 8 + 8 + 8 + 8},
    {5, AXIS_FLOAT64, MASK_SHORT, 24 + 40, 32 + 24 + 24 + 16 + 16},
    {8, AXIS_FLOAT32, MASK_BYTE, 24 + 32, 32 + 32 + 32 + 8 + 8},
    {9, AXIS_FLOAT32, MASK_SHORT, 24 + 40, 32 + 40 + 40 + 24 + 24},
    {16, AXIS_FLOAT64, MASK_BYTE, 24 + 128, 32 + 64 + 64 + 16 + 16},
};

static void a_record_gives_back_what_was_encoded(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
        struct case_of made;
        struct spectrum spectrum;

        print_message("%u samples, axis %d, mask %d\n", shapes[i].samples, shapes[i].type,
                      shapes[i].width);
        make_case(&made, shapes[i].samples, shapes[i].type, shapes[i].width);
        assert_int_equal(made.axis.length, shapes[i].axis_size);
        assert_int_equal(made.record.length, shapes[i].record_size);
        assert_int_equal(view(&made, &spectrum), STATUS_OK);
        assert_same_samples(&made.spectrum, &spectrum);
        free_case(&made);
    }
}

static void blocks_can_be_viewed_wherever_8_bytes_are_aligned(void **state)
{
    struct case_of made;
    uint8_t *records, *axes;

    (void)state;
    make_case(&made, 9, AXIS_FLOAT64, MASK_SHORT);
    records = aligned_alloc(64, 1024);
    axes = aligned_alloc(64, 1024);
    for (size_t shift = 0; shift < 64 * 64; shift++) {
        uint8_t *record = records + shift / 64, *axis = axes + shift % 64;
        struct spectrum spectrum;
        struct failure failure;
        enum status status;

        memcpy(record, made.record.bytes, made.record.length);
        memcpy(axis, made.axis.bytes, made.axis.length);
        status = record_view(record, made.record.length, axis, made.axis.length, true,
                             &spectrum, &failure);
        assert_int_equal(status,
                         shift / 64 % 8 || shift % 8 ? STATUS_DAMAGED : STATUS_OK);
        if (!status)
            assert_same_samples(&made.spectrum, &spectrum);
    }
    free(records);
    free(axes);
    free_case(&made);
}

static void blocks_follow_each_other_in_one_buffer(void **state)
{
    struct case_of made;
    struct spectrum spectrum;
    struct failure failure;
    struct buffer both;
    uint64_t checksum;
    size_t axis_size;

    (void)state;
    make_case(&made, 5, AXIS_FLOAT32, MASK_BYTE);
    buffer_init(&both);
    checksum = axis_encode(&made.spectrum.axis, &both);
    axis_size = both.length;
    assert_true(checksum == made.axis_checksum);
    assert_true(record_encode(&made.spectrum, checksum, &both) == made.record_checksum);
    assert_int_equal(record_view(both.bytes + axis_size, both.length - axis_size,
                                 both.bytes, axis_size, true, &spectrum, &failure),
                     STATUS_OK);
    assert_same_samples(&made.spectrum, &spectrum);
    buffer_finish(&both);
    free_case(&made);
}

static void every_flipped_bit_is_found(void **state)
{
    struct case_of made;

    (void)state;
    make_case(&made, 5, AXIS_FLOAT32, MASK_BYTE);
    for (int which = 0; which < 2; which++) {
        struct buffer *block = which ? &made.record : &made.axis;

        for (size_t bit = 0; bit < 8 * block->length; bit++) {
            struct spectrum spectrum;

            block->bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
            assert_int_equal(view(&made, &spectrum), STATUS_DAMAGED);
            block->bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
    }
    free_case(&made);
}

static void wrong_sizes_are_found_without_reading_the_contents(void **state)
{
    struct case_of made;
    struct spectrum spectrum;
    struct failure failure;

    (void)state;
    make_case(&made, 5, AXIS_FLOAT64, MASK_SHORT);
    for (size_t size = 0; size < made.record.length; size++)
        assert_int_equal(record_view(made.record.bytes, size, made.axis.bytes,
                                     made.axis.length, false, &spectrum, &failure),
                         STATUS_DAMAGED);
    for (size_t size = 0; size < made.axis.length; size++)
        assert_int_equal(record_view(made.record.bytes, made.record.length,
                                     made.axis.bytes, size, false, &spectrum, &failure),
                         STATUS_DAMAGED);
    buffer_add_literal(&made.record, "8 bytes.");
    assert_int_equal(record_view(made.record.bytes, made.record.length, made.axis.bytes,
                                 made.axis.length, false, &spectrum, &failure),
                     STATUS_DAMAGED);
    free_case(&made);
}

static void heads_that_lie_are_found_without_reading_the_contents(void **state)
{
    static const struct {
        bool in_record;
        size_t offset;
        uint32_t value;
    } rows[] = {
        {false, offsetof(struct axis_head, magic), RECORD_MAGIC},
        {false, offsetof(struct axis_head, samples), 0},
        {false, offsetof(struct axis_head, samples), 0xffffffff},
        {false, offsetof(struct axis_head, type), 0},
        {false, offsetof(struct axis_head, type), 5},
        {false, offsetof(struct axis_head, zero), 1},
        {true, offsetof(struct record_head, magic), AXIS_MAGIC},
        {true, offsetof(struct record_head, samples), 0},
        {true, offsetof(struct record_head, samples), 0xffffffff},
        {true, offsetof(struct record_head, mask_width), 0},
        {true, offsetof(struct record_head, mask_width), 3},
        {true, offsetof(struct record_head, zero), 1},
        {true, offsetof(struct record_head, axis_checksum), 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct case_of made;
        struct spectrum spectrum;
        struct failure failure;
        struct buffer *block;

        print_message("%s byte %zu: %u\n", rows[i].in_record ? "record" : "axis",
                      rows[i].offset, rows[i].value);
        make_case(&made, 8, AXIS_FLOAT64, MASK_SHORT);
        block = rows[i].in_record ? &made.record : &made.axis;
        memcpy(block->bytes + rows[i].offset, &rows[i].value, sizeof(rows[i].value));
        assert_int_equal(record_view(made.record.bytes, made.record.length,
                                     made.axis.bytes, made.axis.length, false, &spectrum,
                                     &failure),
                         STATUS_DAMAGED);
        free_case(&made);
    }
}

static void the_axis_of_another_record_is_refused(void **state)
{
    struct case_of one, other;
    struct spectrum spectrum;
    struct failure failure;

    (void)state;
    make_case(&one, 5, AXIS_FLOAT32, MASK_BYTE);
    make_case(&other, 5, AXIS_FLOAT64, MASK_BYTE);
    assert_int_equal(record_view(one.record.bytes, one.record.length, other.axis.bytes,
                                 other.axis.length, false, &spectrum, &failure),
                     STATUS_DAMAGED);
    free_case(&one);
    free_case(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_gives_back_what_was_encoded),
        cmocka_unit_test(blocks_can_be_viewed_wherever_8_bytes_are_aligned),
        cmocka_unit_test(blocks_follow_each_other_in_one_buffer),
        cmocka_unit_test(every_flipped_bit_is_found),
        cmocka_unit_test(wrong_sizes_are_found_without_reading_the_contents),
        cmocka_unit_test(heads_that_lie_are_found_without_reading_the_contents),
        cmocka_unit_test(the_axis_of_another_record_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
