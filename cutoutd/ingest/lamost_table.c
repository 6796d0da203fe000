#include "ingest/lamost_table.h"

#include <math.h>
#include <string.h>

/* All columns have the same shape: many rows of one element, or one row of many. */
struct table {
    struct fits_file *file;
    int hdu;
    int64_t rows;
    int64_t repeat;
};

static bool has_column(const struct table *table, const char *name)
{
    struct fits_column column;

    return fits_file_column(table->file, table->hdu, name, &column);
}

/* Read a column whose type is one of the letters. */
static enum status read_column(const struct table *table, const char *name,
                               const char *types, double *out, struct failure *failure)
{
    struct fits_column column;
    enum status status;

    if (!fits_file_column(table->file, table->hdu, name, &column))
        return failure_set(failure, STATUS_REFUSED, "no column %s", name);
    if (!column.type || !strchr(types, column.type))
        return failure_set(failure, STATUS_REFUSED, "column %s: not of type %s", name,
                           types);
    if (column.repeat != table->repeat)
        return failure_set(failure, STATUS_REFUSED,
                           "column %s: %lld elements where FLUX has %lld", name,
                           (long long)column.repeat, (long long)table->repeat);
    status = fits_file_column_values(table->file, table->hdu, &column,
                                     table->rows * table->repeat, out, failure);
    return status ? failure_prefix(failure, "column %s: ", name) : STATUS_OK;
}

static enum status read_reals(const struct table *table, const char *name, double *out,
                              struct failure *failure)
{
    return read_column(table, name, "ED", out, failure);
}

/* Layout D has its masks as floats. */
static enum status read_mask(const struct table *table, const char *name, double *out,
                             struct failure *failure)
{
    return read_column(table, name, "BIJKED", out, failure);
}

static enum status read_logarithms(const struct table *table, struct samples *out,
                                   struct failure *failure)
{
    enum status status = read_reals(table, "LOGLAM", out->wavelength, failure);

    if (status)
        return status;
    for (size_t i = 0; i < out->count; i++)
        out->wavelength[i] = pow(10, out->wavelength[i]);
    out->axis_type = AXIS_FLOAT64;
    return STATUS_OK;
}

static enum status read_wavelengths(const struct table *table, struct samples *out,
                                    struct failure *failure)
{
    struct fits_column column;

    if (has_column(table, "LOGLAM"))
        return read_logarithms(table, out, failure);
    if (fits_file_column(table->file, table->hdu, "WAVELENGTH", &column))
        out->axis_type = column.type == 'E' ? AXIS_FLOAT32 : AXIS_FLOAT64;
    return read_reals(table, "WAVELENGTH", out->wavelength, failure);
}

/* A single exposure has one mask, which is then both. */
static enum status read_masks(const struct table *table, struct samples *out,
                              struct failure *failure)
{
    enum status status;

    if (!has_column(table, "PIXMASK")) {
        status = read_mask(table, "ANDMASK", out->and_mask, failure);
        return status ? status : read_mask(table, "ORMASK", out->or_mask, failure);
    }
    status = read_mask(table, "PIXMASK", out->and_mask, failure);
    if (status == STATUS_OK)
        memcpy(out->or_mask, out->and_mask, out->count * sizeof(*out->or_mask));
    return status;
}

/* The shape is that of FLUX. */
static enum status find_shape(struct table *table, struct failure *failure)
{
    struct fits_hdu hdu;
    struct fits_column flux;
    enum status status;

    if ((status = fits_file_hdu(table->file, table->hdu, &hdu, failure)))
        return status;
    if (hdu.kind != FITS_TABLE)
        return failure_set(failure, STATUS_REFUSED, "no binary table");
    if (!fits_file_column(table->file, table->hdu, "FLUX", &flux))
        return failure_set(failure, STATUS_REFUSED, "no column FLUX");
    if (hdu.rows != 1 && flux.repeat != 1)
        return failure_set(failure, STATUS_REFUSED,
                           "column FLUX: %lld rows of %lld elements", (long long)hdu.rows,
                           (long long)flux.repeat);
    table->rows = hdu.rows;
    table->repeat = flux.repeat;
    return STATUS_OK;
}

enum status lamost_table_read(struct fits_file *file, int hdu, struct arena *arena,
                              struct samples *out, struct failure *failure)
{
    struct table table = {.file = file, .hdu = hdu};
    enum status status;

    if ((status = find_shape(&table, failure)) ||
        (status = samples_take(out, table.rows * table.repeat, arena, failure)) ||
        (status = read_reals(&table, "FLUX", out->flux, failure)) ||
        (status = read_reals(&table, "IVAR", out->ivar, failure)) ||
        (status = read_wavelengths(&table, out, failure)))
        return status;
    return read_masks(&table, out, failure);
}
