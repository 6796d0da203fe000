#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../support/sample_entry.h"
#include "archive/reading.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void make_reading(struct reading *reading, size_t spectra)
{
    reading_init(reading);
    reading->outcome = spectra ? READING_SPECTRA : READING_REFUSED;
    reading->reason = spectra ? NULL : "HDU 2 (COADD_B): cut short";
    reading->file = "dr9/spec-1.fits.gz";
    reading->file_size = 45000;
    reading->file_mtime = 1600000000123456789;
    reading->file_checksum = 0xfedcba9876543210;
    reading->count = spectra;
    reading->spectra = arena_take(&reading->arena, spectra * sizeof(*reading->spectra));
    for (size_t i = 0; i < spectra; i++) {
        struct reading_spectrum *spectrum = &reading->spectra[i];

        sample_entry(&reading->arena, (int)i, &spectrum->entry);
        spectrum->axis = arena_format(&reading->arena, "axis %zu", i);
        spectrum->axis_size = strlen(spectrum->axis);
        spectrum->record = arena_format(&reading->arena, "record number %zu", i);
        spectrum->record_size = strlen(spectrum->record);
    }
}

static void assert_same_spectra(const struct reading *a, const struct reading *b)
{
    assert_int_equal(a->count, b->count);
    for (size_t i = 0; i < a->count; i++) {
        const struct reading_spectrum *one = &a->spectra[i], *other = &b->spectra[i];

        assert_null(entry_difference(&one->entry, &other->entry));
        assert_string_equal(one->entry.file, other->entry.file);
        assert_int_equal(one->axis_size, other->axis_size);
        assert_memory_equal(one->axis, other->axis, one->axis_size);
        assert_int_equal(one->record_size, other->record_size);
        assert_memory_equal(one->record, other->record, one->record_size);
        assert_int_equal((uintptr_t)other->axis % 8, 0);
        assert_int_equal((uintptr_t)other->record % 8, 0);
    }
}

static void a_packed_reading_unpacks_to_the_same(void **state)
{
    (void)state;
    for (size_t spectra = 0; spectra < 4; spectra++) {
        struct reading reading, again;
        struct failure failure;
        struct buffer packed;

        make_reading(&reading, spectra);
        buffer_init(&packed);
        reading_pack(&reading, &packed);
        reading_init(&again);
        assert_int_equal(reading_unpack(packed.bytes, packed.length, &again, &failure),
                         STATUS_OK);
        buffer_finish(&packed); /* nothing may be borrowed from it */
        assert_int_equal(again.outcome, reading.outcome);
        assert_string_equal(again.file, reading.file);
        assert_int_equal(again.file_size, 45000);
        assert_true(again.file_mtime == 1600000000123456789);
        assert_true(again.file_checksum == 0xfedcba9876543210);
        if (spectra)
            assert_null(again.reason);
        else
            assert_string_equal(again.reason, "HDU 2 (COADD_B): cut short");
        assert_same_spectra(&reading, &again);
        reading_finish(&reading);
        reading_finish(&again);
    }
}

static void a_reading_of_wrong_length_makes_no_sense(void **state)
{
    struct reading reading, again;
    struct failure failure;
    struct buffer packed;

    (void)state;
    make_reading(&reading, 2);
    buffer_init(&packed);
    reading_pack(&reading, &packed);
    reading_init(&again);
    for (size_t size = 0; size < packed.length; size++)
        assert_int_equal(reading_unpack(packed.bytes, size, &again, &failure),
                         STATUS_SYSTEM);
    buffer_add_char(&packed, 'x');
    assert_int_equal(reading_unpack(packed.bytes, packed.length, &again, &failure),
                     STATUS_SYSTEM);
    assert_null(again.spectra); /* as it was */
    buffer_finish(&packed);
    reading_finish(&reading);
    reading_finish(&again);
}

/* Offsets in a packed reading without reason: outcome 0, reason 8, file 12. */
static void lengths_and_counts_that_lie_make_no_sense(void **state)
{
    static const size_t COUNT = 12 + 4 + 18 + 8 + 8 + 8;
    const struct {
        size_t offset;
        int64_t value;
    } rows[] = {
        {0, -1},
        {0, READING_FAILED + 1},
        {0, READING_REFUSED}, /* with spectra */
        {COUNT, 0},           /* READING_SPECTRA with none */
        {COUNT, 2},           /* one more than there are */
        {COUNT, -1},
        {COUNT, INT64_MAX},
        {COUNT, (int64_t)1 << 32}, /* times a spectrum's size that is 0 in 32 bits */
    };
    struct reading reading;
    struct buffer packed;

    (void)state;
    make_reading(&reading, 1);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct reading again;
        struct failure failure;

        print_message("%zu: %lld\n", rows[i].offset, (long long)rows[i].value);
        buffer_init(&packed);
        reading_pack(&reading, &packed);
        memcpy(packed.bytes + rows[i].offset, &rows[i].value, 8);
        reading_init(&again);
        assert_int_equal(reading_unpack(packed.bytes, packed.length, &again, &failure),
                         STATUS_SYSTEM);
        reading_finish(&again);
        buffer_finish(&packed);
    }
    reading_finish(&reading);
}

static void random_damage_never_crashes(void **state)
{
    struct reading reading;
    struct buffer packed;

    (void)state;
    make_reading(&reading, 2);
    buffer_init(&packed);
    reading_pack(&reading, &packed);
    srand(20240817);
    for (int round = 0; round < 20000; round++) {
        size_t place = (size_t)rand() % packed.length;
        uint8_t before = packed.bytes[place];
        struct reading again;
        struct failure failure;

        packed.bytes[place] = (uint8_t)rand();
        reading_init(&again);
        reading_unpack(packed.bytes, packed.length, &again, &failure);
        reading_finish(&again);
        packed.bytes[place] = before;
    }
    buffer_finish(&packed);
    reading_finish(&reading);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_packed_reading_unpacks_to_the_same),
        cmocka_unit_test(a_reading_of_wrong_length_makes_no_sense),
        cmocka_unit_test(lengths_and_counts_that_lie_make_no_sense),
        cmocka_unit_test(random_damage_never_crashes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
