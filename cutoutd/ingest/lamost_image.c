#include "ingest/lamost_image.h"

#include <math.h>
#include <string.h>

enum { ROWS = 5 };
enum { SINGLE = -32, DOUBLE = -64 }; /* BITPIX */

bool lamost_image_is(const struct fits_hdu *primary)
{
    return primary->kind == FITS_IMAGE && primary->axes == 2 &&
           (primary->bitpix == SINGLE || primary->bitpix == DOUBLE) &&
           primary->axis[1] == ROWS;
}

/*
 * EXTEN0 names the rows; layout A has "Subcontinuum" in the place of "Wavelength".
 * Without the card the numbers tell: a flux over its continuum is about one, a wavelength
 * some thousand.
 */
static bool has_wavelengths(const struct fits_file *file, const double *row,
                            struct arena *arena)
{
    const double least_wavelength = 1000;
    const char *names;

    if (fits_file_text(file, 0, "EXTEN0", arena, &names))
        return strcasestr(names, "Wavelength");
    return row[0] > least_wavelength;
}

/* Layout A has log10 of the first wavelength and the step in its header only. */
static enum status compute_wavelengths(const struct fits_file *file,
                                       struct samples *samples, struct failure *failure)
{
    double first, step;

    if (!fits_file_real(file, 0, "COEFF0", &first) ||
        !fits_file_real(file, 0, "COEFF1", &step))
        return failure_set(failure, STATUS_REFUSED,
                           "neither a row of wavelengths (EXTEN0) nor COEFF0 and COEFF1");
    for (size_t i = 0; i < samples->count; i++)
        samples->wavelength[i] = pow(10, first + step * (double)i);
    samples->axis_type = AXIS_FLOAT64;
    return STATUS_OK;
}

static enum status read_rows(struct fits_file *file, struct samples *out,
                             struct failure *failure)
{
    double *const rows[ROWS] = {out->flux, out->ivar, out->wavelength, out->and_mask,
                                out->or_mask};

    for (int row = 0; row < ROWS; row++) {
        enum status status =
            fits_file_image_row(file, 0, row, (int64_t)out->count, rows[row], failure);

        if (status)
            return status;
    }
    return STATUS_OK;
}

enum status lamost_image_read(struct fits_file *file, struct arena *arena,
                              struct samples *out, struct failure *failure)
{
    struct fits_hdu image;
    enum status status;

    if ((status = fits_file_hdu(file, 0, &image, failure)) ||
        (status = samples_take(out, image.axis[0], arena, failure)) ||
        (status = read_rows(file, out, failure)))
        return status;
    if (!has_wavelengths(file, out->wavelength, arena))
        return compute_wavelengths(file, out, failure);
    out->axis_type = image.bitpix == SINGLE ? AXIS_FLOAT32 : AXIS_FLOAT64;
    return STATUS_OK;
}
