#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ingest/samples.h"

#include <math.h>
#include <stdlib.h>

static int compare(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;

    return (x > y) - (x < y);
}

static double median_by_sorting(float *values, size_t count)
{
    qsort(values, count, sizeof(*values), compare);
    if (count == 0)
        return (double)NAN;
    if (count % 2)
        return (double)values[count / 2];
    return ((double)values[count / 2 - 1] + (double)values[count / 2]) / 2;
}

/* Samples whose inverse variances are few different numbers, so that equal ones meet, or
 * many. */
static void fill(struct samples *samples, int different)
{
    for (size_t i = 0; i < samples->count; i++) {
        samples->wavelength[i] = 4000 + (double)i;
        samples->flux[i] = 1;
        samples->ivar[i] = rand() % different; /* 0: no data */
        samples->and_mask[i] = samples->or_mask[i] = 0;
    }
}

static void the_median_error_is_that_of_the_sorted_errors(void **state)
{
    enum { MOST = 60 };

    (void)state;
    srand(1);
    for (int different = 1; different <= 1000; different *= 10)
        for (int count = 1; count <= MOST; count++) {
            struct arena arena;
            struct samples samples;
            struct reading_spectrum stored;
            struct failure failure;
            float errors[MOST];
            size_t known = 0;
            double expected;

            arena_init(&arena);
            entry_init(&stored.entry);
            assert_int_equal(samples_take(&samples, count, &arena, &failure), STATUS_OK);
            fill(&samples, different);
            for (int i = 0; i < count; i++)
                if (samples.ivar[i] > 0)
                    errors[known++] = (float)(1 / sqrt(samples.ivar[i]));
            expected = median_by_sorting(errors, known);
            assert_int_equal(samples_store(&samples, &arena, &arena, &stored, &failure),
                             STATUS_OK);
            assert_int_equal(stored.entry.samples_masked, count - (int)known);
            if (known)
                assert_true(stored.entry.flux_error_median == expected);
            else
                assert_true(isnan(stored.entry.flux_error_median));
            arena_finish(&arena);
        }
}

static void a_single_sample_is_a_spectrum_without_a_step(void **state)
{
    struct arena arena;
    struct samples samples;
    struct reading_spectrum stored;
    struct failure failure;

    (void)state;
    arena_init(&arena);
    entry_init(&stored.entry);
    assert_int_equal(samples_take(&samples, 1, &arena, &failure), STATUS_OK);
    fill(&samples, 1);
    assert_int_equal(samples_store(&samples, &arena, &arena, &stored, &failure),
                     STATUS_OK);
    assert_true(stored.entry.spectral_start == 4000 && stored.entry.spectral_end == 4000);
    assert_true(isnan(stored.entry.bin_size));
    arena_finish(&arena);
}

static void no_spectrum_has_none_or_millions_of_samples(void **state)
{
    static const int64_t rows[] = {-1, 0, SAMPLES_MOST + 1, INT64_MAX};
    struct arena arena;

    (void)state;
    arena_init(&arena);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct samples samples;
        struct failure failure;

        assert_int_equal(samples_take(&samples, rows[i], &arena, &failure),
                         STATUS_REFUSED);
    }
    arena_finish(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_median_error_is_that_of_the_sorted_errors),
        cmocka_unit_test(a_single_sample_is_a_spectrum_without_a_step),
        cmocka_unit_test(no_spectrum_has_none_or_millions_of_samples),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
