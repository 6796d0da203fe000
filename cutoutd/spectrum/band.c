#include "spectrum/band.h"

#include "base/number.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const double ANGSTROM_PER_METRE = 1e10;
static const double LONGEST_METRES =
    1e-3; /* nobody's spectra reach it; Angstrom and nm lie above */

const struct band BAND_ALL = {-(double)INFINITY, (double)INFINITY};

static const char *const BLANKS = " \t\r\n";

/* Read the next number and move *text behind it. */
static bool next_number(const char **text, double *out)
{
    const char *start = *text + strspn(*text, BLANKS);
    size_t length = strcspn(start, BLANKS);

    *text = start + length;
    return number_read_double(start, length, out);
}

static bool is_other_unit(double metres)
{
    return isfinite(metres) && metres > LONGEST_METRES;
}

/* A number between 1000 and 100000 is most likely Angstrom, a smaller one nanometres. */
static double probably_meant(double number)
{
    return is_other_unit(number) ? number * (number >= 1000 ? 1e-10 : 1e-9) : number;
}

enum status band_parse(const char *text, struct band *out, struct failure *failure)
{
    const char *rest = text;
    double lower, upper;
    struct band band;

    if (!next_number(&rest, &lower) || !next_number(&rest, &upper) ||
        rest[strspn(rest, BLANKS)] != '\0')
        return failure_set(
            failure, STATUS_BAD_PARAMETER,
            "BAND: expected two wavelengths in metres, e.g. 3.92e-7 3.98e-7, "
            "got '%.80s'",
            text);
    if (is_other_unit(lower) || is_other_unit(upper))
        return failure_set(failure, STATUS_BAD_PARAMETER,
                           "BAND is in metres: did you mean %.10g %.10g?",
                           probably_meant(lower), probably_meant(upper));
    if (lower > upper)
        return failure_set(failure, STATUS_BAD_PARAMETER,
                           "BAND: lower end above upper end in '%.80s'", text);
    band = (struct band){lower * ANGSTROM_PER_METRE, upper * ANGSTROM_PER_METRE};
    if (isinf(band.lower) && band.lower == band.upper) /* -1e300 m is too far, too */
        return failure_set(failure, STATUS_BAD_PARAMETER,
                           "BAND: both ends are the same infinity in '%.80s'", text);
    *out = band;
    return STATUS_OK;
}
