#include "ingest/lamost.h"

#include "ingest/fits_file.h"
#include "ingest/gzip.h"
#include "ingest/lamost_header.h"
#include "ingest/lamost_image.h"
#include "ingest/lamost_table.h"
#include "ingest/samples.h"

#include <math.h>
#include <string.h>

enum { MOST_HDUS = 1000 }; /* more than the exposures of a night */

/* ---- which spectra a file has ---- */

static enum status check_telescope(const struct fits_file *file, struct arena *arena,
                                   struct failure *failure)
{
    const char *telescope;

    if (!fits_file_text(file, 0, "TELESCOP", arena, &telescope))
        return failure_set(failure, STATUS_REFUSED, "not of LAMOST: no TELESCOP");
    if (strcmp(telescope, "LAMOST") != 0)
        return failure_set(failure, STATUS_REFUSED, "not of LAMOST: TELESCOP is %s",
                           telescope);
    return STATUS_OK;
}

/* "B-84107311": an arm and the local modified Julian minute of an exposure. */
static bool is_exposure(const char *name)
{
    enum { MOST_DIGITS = 10 };
    size_t length = strlen(name);

    return length > 2 && length <= 2 + MOST_DIGITS && strchr("BR", name[0]) &&
           name[1] == '-' && strspn(name + 2, "0123456789") == length - 2;
}

/* The spectrum in an extension of this name: NULL for the only one of an LRS file. */
static enum status name_spectrum(const char *extension, const char **spectrum,
                                 struct failure *failure)
{
    if (strcmp(extension, "COADD") == 0)
        *spectrum = NULL;
    else if (strcmp(extension, "COADD_B") == 0)
        *spectrum = "B";
    else if (strcmp(extension, "COADD_R") == 0)
        *spectrum = "R";
    else if (is_exposure(extension))
        *spectrum = extension;
    else
        return failure_set(failure, STATUS_REFUSED, "an extension that LAMOST has not");
    return STATUS_OK;
}

/* A name is an identifier: two of one name could not be told apart, nor could LRS and MRS
 * in one file. */
static enum status check_name(const struct lamost_source *sources, size_t count,
                              const char *spectrum, struct failure *failure)
{
    for (size_t i = 0; i < count; i++)
        if (!spectrum || !sources[i].spectrum ||
            strcmp(sources[i].spectrum, spectrum) == 0)
            return failure_set(failure, STATUS_REFUSED,
                               "the same spectrum as in HDU %d by its name",
                               sources[i].hdu);
    return STATUS_OK;
}

static enum status list_tables(struct fits_file *file, struct arena *arena,
                               struct lamost_source *sources, size_t *count,
                               struct failure *failure)
{
    int hdus = fits_file_hdu_count(file);

    for (int hdu = 1; hdu < hdus; hdu++) {
        struct lamost_source *source = &sources[*count];
        const char *spectrum = NULL;

        if (name_spectrum(fits_file_extname(file, hdu), &spectrum, failure) ||
            check_name(sources, *count, spectrum, failure))
            return fits_file_blame(file, hdu, failure);
        *source = (struct lamost_source){
            .file = file, .hdu = hdu, .spectrum = arena_copy_string(arena, spectrum)};
        ++*count;
    }
    return STATUS_OK;
}

static void refuse_layout(const struct fits_hdu *primary, int hdus,
                          struct failure *failure)
{
    if (primary->axes == 2)
        failure_set(failure, STATUS_REFUSED,
                    "no layout of LAMOST: an image of %lld x %lld (BITPIX %d), HDUs: %d",
                    (long long)primary->axis[0], (long long)primary->axis[1],
                    primary->bitpix, hdus);
    else
        failure_set(failure, STATUS_REFUSED, "no layout of LAMOST: %d axes, %d HDUs",
                    primary->axes, hdus);
}

/* Told by structure: an image of five rows alone, or an empty primary and tables after
 * it. */
static enum status list_spectra(struct fits_file *file, struct arena *arena,
                                struct lamost_source **out, size_t *count,
                                struct failure *failure)
{
    int hdus = fits_file_hdu_count(file);
    struct fits_hdu primary;

    if (check_telescope(file, arena, failure) ||
        fits_file_hdu(file, 0, &primary, failure))
        return fits_file_blame(file, 0, failure);
    *out = arena_take(arena, (size_t)hdus * sizeof(**out));
    *count = 0;
    if (lamost_image_is(&primary) && hdus == 1) {
        (*out)[(*count)++] = (struct lamost_source){.file = file, .hdu = 0};
        return STATUS_OK;
    }
    if (primary.axes == 0 && hdus > 1 && hdus <= MOST_HDUS)
        return list_tables(file, arena, *out, count, failure);
    refuse_layout(&primary, hdus, failure);
    return fits_file_blame(file, 0, failure);
}

/* ---- reading them ---- */

static enum status read_samples(const struct lamost_source *source, struct arena *scratch,
                                struct arena *arena, struct reading_spectrum *out,
                                struct failure *failure)
{
    struct samples samples;
    enum status status =
        source->hdu == 0
            ? lamost_image_read(source->file, scratch, &samples, failure)
            : lamost_table_read(source->file, source->hdu, scratch, &samples, failure);

    return status ? status : samples_store(&samples, scratch, arena, out, failure);
}

static enum status read_spectrum(const struct lamost_source *source, struct arena *arena,
                                 struct reading_spectrum *out, struct failure *failure)
{
    struct arena scratch;
    enum status status;

    arena_init(&scratch);
    entry_init(&out->entry);
    status = read_samples(source, &scratch, arena, out, failure);
    arena_finish(&scratch);
    if (status)
        return fits_file_blame(source->file, source->hdu, failure);
    lamost_header_read(source, arena, &out->entry);
    return STATUS_OK;
}

/* An MRS coadd says nowhere how long it was exposed: as long as the exposures of its arm
 * together. */
static void add_up_exposures(struct reading *reading)
{
    for (size_t i = 0; i < reading->count; i++) {
        struct entry *coadd = &reading->spectra[i].entry;
        double sum = 0;

        if (!coadd->spectrum || coadd->spectrum[1] || !isnan(coadd->exposure))
            continue;
        for (size_t j = 0; j < reading->count; j++) {
            const struct entry *other = &reading->spectra[j].entry;

            if (other->spectrum[0] == coadd->spectrum[0] && other->spectrum[1] == '-')
                sum += other->exposure;
        }
        coadd->exposure = sum > 0 ? sum : (double)NAN;
    }
}

static enum status read_spectra(struct fits_file *file, const char *path,
                                struct reading *out, struct failure *failure)
{
    struct lamost_source *sources = NULL;
    struct reading_spectrum *spectra;
    size_t count = 0;
    enum status status;

    if ((status = list_spectra(file, &out->arena, &sources, &count, failure)))
        return status;
    spectra = arena_take(&out->arena, count * sizeof(*spectra));
    for (size_t i = 0; i < count; i++) {
        sources[i].path = path;
        if ((status = read_spectrum(&sources[i], &out->arena, &spectra[i], failure)))
            return status;
    }
    out->spectra = spectra;
    out->count = count;
    add_up_exposures(out);
    return STATUS_OK;
}

/* ---- the file ---- */

static const char *without_suffix(const char *path, struct arena *arena)
{
    static const char *const suffixes[] = {".fits", ".fits.gz"};
    size_t length = strlen(path);

    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
        size_t end = strlen(suffixes[i]);

        if (length > end && strcmp(path + length - end, suffixes[i]) == 0)
            return arena_copy(arena, path, length - end);
    }
    return arena_copy_string(arena, path);
}

static enum status read_plain(const char *path, const void *bytes, size_t size,
                              struct reading *out, struct failure *failure)
{
    AUTO(fits_file_close) struct fits_file *file = NULL;
    enum status status;

    if ((status = fits_file_open(bytes, size, &file, failure)))
        return status;
    return read_spectra(file, without_suffix(path, &out->arena), out, failure);
}

static void describe_file(const char *path, size_t size, size_t raw_size, bool is_gzip,
                          struct reading *out)
{
    const char *file = arena_copy_string(&out->arena, path);

    for (size_t i = 0; i < out->count; i++) {
        struct entry *entry = &out->spectra[i].entry;

        entry->file = file;
        entry->file_size = (int64_t)size;
        entry->file_raw_size = (int64_t)raw_size;
        entry->file_is_gzip = is_gzip;
    }
}

void lamost_read(const char *path, const void *bytes, size_t size, struct reading *out)
{
    bool is_gzip = gzip_is(bytes, size);
    struct buffer inflated;
    struct failure failure;
    enum status status = STATUS_OK;

    buffer_init(&inflated);
    if (is_gzip)
        status = gzip_inflate(bytes, size, LAMOST_LARGEST, &inflated, &failure);
    if (status == STATUS_OK)
        status = read_plain(path, is_gzip ? inflated.bytes : bytes,
                            is_gzip ? inflated.length : size, out, &failure);
    out->outcome = status ? READING_REFUSED : READING_SPECTRA;
    if (status)
        out->reason = arena_copy_string(&out->arena, failure.message);
    else
        describe_file(path, size, is_gzip ? inflated.length : size, is_gzip, out);
    buffer_finish(&inflated);
}
