/* A file of any bytes is refused in one line, or gives spectra whose wavelengths rise. */
#include "archive/record.h"
#include "ingest/lamost.h"

#include <assert.h>
#include <math.h>
#include <string.h>

static void check_spectrum(const struct reading_spectrum *read)
{
    struct spectrum spectrum;
    struct failure failure;
    double before = 0;

    assert(record_view(read->record, read->record_size, read->axis, read->axis_size, true,
                       &spectrum, &failure) == STATUS_OK);
    for (size_t i = 0; i < spectrum.axis.samples; i++) {
        double wavelength = axis_at(&spectrum.axis, i);

        assert(isfinite(wavelength) && wavelength > before);
        before = wavelength;
    }
    assert(read->entry.path && read->entry.title && read->entry.target_name);
    assert(read->entry.length == spectrum.axis.samples);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reading reading;

    reading_init(&reading);
    lamost_read("folder/name.fits", data, size, &reading);
    if (reading.outcome == READING_REFUSED)
        assert(reading.reason && !strchr(reading.reason, '\n') && reading.count == 0);
    else
        assert(reading.outcome == READING_SPECTRA && reading.count > 0);
    for (size_t i = 0; i < reading.count; i++)
        check_spectrum(&reading.spectra[i]);
    reading_finish(&reading);
    return 0;
}
