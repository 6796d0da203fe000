#include "plot/line_list.h"

#define ALL (LINE_STELLAR | LINE_GALAXY | LINE_QSO)
#define ABSORPTION (LINE_STELLAR | LINE_GALAXY)
#define EMISSION (LINE_GALAXY | LINE_QSO)

const struct spectral_line spectral_lines[] = {
    {1215.670, "Lyα", LINE_QSO},
    {1240.81, "N V", LINE_QSO},
    {1397.61, "Si IV", LINE_QSO},
    {1549.48, "C IV", LINE_QSO},
    {1908.734, "C III]", LINE_QSO},
    {2798.75, "Mg II", LINE_QSO},
    {3727.092, "[O II]", EMISSION},
    {3729.875, "[O II]", EMISSION},
    {3869.857, "[Ne III]", EMISSION},
    {3934.777, "Ca K", ABSORPTION},
    {3969.591, "Ca H", ABSORPTION},
    {4102.892, "Hδ", ALL},
    {4305.61, "G", ABSORPTION},
    {4341.684, "Hγ", ALL},
    {4862.683, "Hβ", ALL},
    {4960.295, "[O III]", EMISSION},
    {5008.240, "[O III]", EMISSION},
    {5168.761, "Mg b", ABSORPTION},
    {5174.125, "Mg b", ABSORPTION},
    {5185.048, "Mg b", ABSORPTION},
    {5877.249, "He I", EMISSION},
    {5891.583, "Na D", ABSORPTION},
    {5897.558, "Na D", ABSORPTION},
    {6302.046, "[O I]", LINE_GALAXY},
    {6549.859, "[N II]", LINE_GALAXY},
    {6564.614, "Hα", ALL},
    {6585.268, "[N II]", LINE_GALAXY},
    {6718.294, "[S II]", LINE_GALAXY},
    {6732.678, "[S II]", LINE_GALAXY},
    {8500.36, "Ca II", ABSORPTION},
    {8544.44, "Ca II", ABSORPTION},
    {8664.52, "Ca II", ABSORPTION},
};
const size_t spectral_line_count = sizeof(spectral_lines) / sizeof(spectral_lines[0]);

const struct sky_band sky_bands[] = {
    {5574, 5584, "[O I]"}, {6298, 6306, "[O I]"}, {6868, 6946, "O2 B"},
    {7168, 7340, "H2O"},   {7596, 7702, "O2 A"},  {8140, 8350, "H2O"},
    {8960, 9800, "H2O"},
};
const size_t sky_band_count = sizeof(sky_bands) / sizeof(sky_bands[0]);

double wavelength_in_air(double vacuum)
{
    double squared = 1e8 / (vacuum * vacuum); /* wave number, per micrometre, squared */

    return vacuum /
           (1 + 6.4328e-5 + 2.94981e-2 / (146 - squared) + 2.5540e-4 / (41 - squared));
}
