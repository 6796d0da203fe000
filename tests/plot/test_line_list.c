#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "plot/line_list.h"

#include <math.h>

/* Air wavelengths as NIST's tables and the lists of the field have them (Angstrom). */
static void lines_lie_where_the_air_wavelengths_say(void **state)
{
    static const double in_air[] = {
        3726.03, 3728.82, 3868.76, 3933.66, 3968.47, 4101.74, 4340.46, 4861.33, 4958.91,
        5006.84, 5167.32, 5172.68, 5183.60, 5875.62, 5889.95, 5895.92, 6300.30, 6548.05,
        6562.79, 6583.45, 6716.44, 6730.82, 8498.02, 8542.09, 8662.14};
    size_t k = 0;

    (void)state;
    for (size_t i = 0; i < spectral_line_count; i++) {
        double air = wavelength_in_air(spectral_lines[i].wavelength);

        if (i)
            assert_true(spectral_lines[i].wavelength > spectral_lines[i - 1].wavelength);
        if (k < sizeof(in_air) / sizeof(in_air[0]) && fabs(air - in_air[k]) < 0.06)
            k++;
    }
    assert_int_equal(k, sizeof(in_air) / sizeof(in_air[0]));
}

static void air_shortens_waves_a_little(void **state)
{
    (void)state;
    for (double vacuum = 2500; vacuum < 11000; vacuum += 37) {
        double air = wavelength_in_air(vacuum);

        assert_true(vacuum - air > 0.7 && vacuum - air < 3.1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_lie_where_the_air_wavelengths_say),
        cmocka_unit_test(air_shortens_waves_a_little),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
