/* Any text: a BAND that is accepted has its ends in order, and survives being written and
 * read again. */
#include "base/number.h"
#include "spectrum/band.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static double metres(double angstrom)
{
    return angstrom * 1e-10;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[256] = "", again[2 * NUMBER_LENGTH + 2];
    struct band band, second;
    struct failure failure;
    size_t length;

    if (size >= sizeof(text))
        return 0;
    memcpy(text, data, size);
    if (band_parse(text, &band, &failure) != STATUS_OK) {
        assert(strncmp(failure.message, "BAND", 4) == 0);
        return 0;
    }
    assert(band.lower <= band.upper);
    length = number_write_double(again, metres(band.lower));
    again[length++] = ' ';
    number_write_double(again + length, metres(band.upper));
    if (metres(band.lower) <= metres(band.upper) && band.upper <= 1e7)
        assert(band_parse(again, &second, &failure) == STATUS_OK);
    return 0;
}
