#include "ingest/fits_file.h"

#include "base/memory.h"
#include "ingest/card.h"
#include "ingest/fits_header.h"

#include <fitsio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 2880 };

/* Where an HDU lies, in bytes from the start of the file; `name` is its EXTNAME. */
struct extent {
    int64_t header;
    int64_t data;
    int64_t end; /* padding included */
    const char *name;
};

/* CFITSIO keeps the addresses of `memory` and `size`. */
struct fits_file {
    fitsfile *handle;
    void *memory;
    size_t size;
    struct extent *hdus;
    int hdu_count;
    struct arena arena;
};

/* CFITSIO also stacks messages of its own, for a process that would print them. */
static enum status refuse(struct failure *failure, int error, const char *what)
{
    char text[FLEN_STATUS];

    fits_get_errstatus(error, text);
    fits_clear_errmsg();
    return failure_set(failure, STATUS_REFUSED, "%s: %s (CFITSIO %d)", what, text, error);
}

static const char *cards_at(const struct fits_file *file, int64_t place)
{
    return (const char *)file->memory + place;
}

/*
 * Cards are looked up where they lie: fits_read_key would walk through the whole header,
 * card by card, for each of the sixty that a spectrum has for us.
 */
static const char *find_card(const struct fits_file *file, int hdu, const char *keyword)
{
    const struct extent *extent = &file->hdus[hdu];

    return card_find(cards_at(file, extent->header),
                     (size_t)(extent->data - extent->header) / CARD_SIZE, keyword);
}

static bool header_begins(const struct fits_file *file, int64_t place)
{
    return (int64_t)file->size - place >= BLOCK &&
           card_find(cards_at(file, place), 1, place ? "XTENSION" : "SIMPLE");
}

static enum status check_header(const struct fits_file *file, int64_t place,
                                struct failure *failure)
{
    return fits_header_check(cards_at(file, place),
                             (file->size - (size_t)place) / CARD_SIZE, failure);
}

static enum status move_to(struct fits_file *file, int hdu, struct failure *failure)
{
    int error = 0;

    if (fits_movabs_hdu(file->handle, hdu + 1, NULL, &error))
        return refuse(failure, error, "header");
    return STATUS_OK;
}

/* Parse the header of the next HDU, and see that all of its data are there: CFITSIO
 * itself looks only when they are read. */
static enum status add_hdu(struct fits_file *file, int64_t place, struct failure *failure)
{
    int hdu = file->hdu_count;
    struct extent *extent = &file->hdus[hdu];
    LONGLONG header, data, end;
    int error = 0;
    enum status status;

    *extent = (struct extent){.name = ""};
    if (!header_begins(file, place))
        return failure_set(failure, STATUS_REFUSED,
                           "damaged: no header at byte %lld of %zu, where HDU %d ends",
                           (long long)place, file->size, hdu - 1);
    if ((status = check_header(file, place, failure)) ||
        (status = move_to(file, hdu, failure)))
        return status;
    if (fits_get_hduaddrll(file->handle, &header, &data, &end, &error))
        return refuse(failure, error, "header");
    if (header != place || data <= header || data > (int64_t)file->size || end < data)
        return failure_set(failure, STATUS_REFUSED, "header: its sizes make no sense");
    *extent = (struct extent){.header = header, .data = data, .end = end, .name = ""};
    fits_file_text(file, hdu, "EXTNAME", &file->arena, &extent->name);
    if (end > (int64_t)file->size)
        return failure_set(failure, STATUS_REFUSED,
                           "cut short: ends at byte %lld, the file at %zu",
                           (long long)end, file->size);
    file->hdu_count++;
    return STATUS_OK;
}

static enum status add_hdus(struct fits_file *file, struct failure *failure)
{
    int64_t place = 0;

    file->hdus = arena_take(&file->arena, (file->size / BLOCK + 1) * sizeof(*file->hdus));
    while (place < (int64_t)file->size) {
        if (add_hdu(file, place, failure))
            return fits_file_blame(file, file->hdu_count, failure);
        place = file->hdus[file->hdu_count - 1].end;
    }
    return STATUS_OK;
}

enum status fits_file_open(const void *bytes, size_t size, struct fits_file **out,
                           struct failure *failure)
{
    AUTO(fits_file_close) struct fits_file *file = NULL;
    int error = 0;

    memory_new(file);
    arena_init(&file->arena);
    memcpy(&file->memory, &bytes, sizeof(bytes)); /* CFITSIO only reads, without const */
    file->size = size;
    if (!header_begins(file, 0))
        return failure_set(failure, STATUS_REFUSED, "not a FITS file");
    if (check_header(file, 0, failure))
        return failure_prefix(failure, "HDU 0: ");
    if (fits_open_memfile(&file->handle, "", READONLY, &file->memory, &file->size, 0,
                          NULL, &error))
        return refuse(failure, error, "HDU 0: header");
    if (add_hdus(file, failure))
        return failure->status;
    *out = file;
    file = NULL;
    return STATUS_OK;
}

void fits_file_close(struct fits_file *file)
{
    int error = 0;

    if (!file)
        return;
    if (file->handle)
        fits_close_file(file->handle, &error);
    fits_clear_errmsg();
    arena_finish(&file->arena);
    free(file);
}

int fits_file_hdu_count(const struct fits_file *file)
{
    return file->hdu_count;
}

const char *fits_file_extname(const struct fits_file *file, int hdu)
{
    return file->hdus[hdu].name;
}

enum status fits_file_blame(const struct fits_file *file, int hdu,
                            struct failure *failure)
{
    const char *name = fits_file_extname(file, hdu);

    if (*name)
        return failure_prefix(failure, "HDU %d (%s): ", hdu, name);
    return failure_prefix(failure, "HDU %d: ", hdu);
}

static enum fits_hdu_kind kind_of(struct fits_file *file, int type, int *error)
{
    if (type == IMAGE_HDU && !fits_is_compressed_image(file->handle, error))
        return FITS_IMAGE;
    return type == BINARY_TBL ? FITS_TABLE : FITS_OTHER;
}

enum status fits_file_hdu(struct fits_file *file, int hdu, struct fits_hdu *out,
                          struct failure *failure)
{
    struct fits_hdu found = {.kind = FITS_OTHER};
    LONGLONG axis[2] = {0}, rows = 0;
    int type = 0, error = 0;
    enum status status;

    if ((status = move_to(file, hdu, failure)))
        return status;
    fits_get_hdu_type(file->handle, &type, &error);
    found.kind = kind_of(file, type, &error);
    if (found.kind == FITS_IMAGE)
        fits_get_img_paramll(file->handle, 2, &found.bitpix, &found.axes, axis, &error);
    if (found.kind == FITS_TABLE)
        fits_get_num_rowsll(file->handle, &rows, &error);
    if (error)
        return refuse(failure, error, "header");
    found.axis[0] = axis[0];
    found.axis[1] = axis[1];
    found.rows = rows;
    *out = found;
    return STATUS_OK;
}

bool fits_file_text(const struct fits_file *file, int hdu, const char *keyword,
                    struct arena *arena, const char **out)
{
    const char *card = find_card(file, hdu, keyword);

    return card && card_text(card, arena, out);
}

bool fits_file_integer(const struct fits_file *file, int hdu, const char *keyword,
                       int64_t *out)
{
    const char *card = find_card(file, hdu, keyword);

    return card && card_integer(card, out);
}

bool fits_file_real(const struct fits_file *file, int hdu, const char *keyword,
                    double *out)
{
    const char *card = find_card(file, hdu, keyword);

    return card && card_real(card, out);
}

bool fits_file_logical(const struct fits_file *file, int hdu, const char *keyword,
                       bool *out)
{
    const char *card = find_card(file, hdu, keyword);

    return card && card_logical(card, out);
}

static char letter_of(int typecode)
{
    switch (typecode) {
    case TFLOAT:
        return 'E';
    case TDOUBLE:
        return 'D';
    case TSHORT:
        return 'I';
    case TLONG:
        return 'J';
    case TLONGLONG:
        return 'K';
    case TBYTE:
        return 'B';
    default:
        return 0;
    }
}

bool fits_file_column(struct fits_file *file, int hdu, const char *name,
                      struct fits_column *out)
{
    char wanted[FLEN_VALUE];
    struct failure failure;
    LONGLONG repeat;
    int number, typecode, error = 0;

    if (move_to(file, hdu, &failure))
        return false;
    snprintf(wanted, sizeof(wanted), "%s", name);
    if (fits_get_colnum(file->handle, CASEINSEN, wanted, &number, &error) ||
        fits_get_coltypell(file->handle, number, &typecode, &repeat, NULL, &error)) {
        fits_clear_errmsg();
        return false;
    }
    *out = (struct fits_column){
        .number = number, .type = letter_of(typecode), .repeat = repeat};
    return true;
}

/* Does a card say anything else than this? */
static bool says_other(const struct fits_file *file, int hdu, const char *keyword,
                       double usual)
{
    double value;

    return find_card(file, hdu, keyword) &&
           (!fits_file_real(file, hdu, keyword, &value) || value != usual);
}

static bool is_scaled(const struct fits_file *file, int hdu, const char *scale,
                      const char *zero)
{
    return says_other(file, hdu, scale, 1) || says_other(file, hdu, zero, 0);
}

enum status fits_file_image_row(struct fits_file *file, int hdu, int64_t row,
                                int64_t count, double *out, struct failure *failure)
{
    int error = 0;
    enum status status;
    struct fits_hdu image;

    if ((status = fits_file_hdu(file, hdu, &image, failure)))
        return status;
    if (is_scaled(file, hdu, "BSCALE", "BZERO"))
        return failure_set(failure, STATUS_REFUSED, "a scaled image (BSCALE, BZERO)");
    if (fits_read_img(file->handle, TDOUBLE, 1 + row * image.axis[0], count, NULL, out,
                      NULL, &error))
        return refuse(failure, error, "data");
    return STATUS_OK;
}

enum status fits_file_column_values(struct fits_file *file, int hdu,
                                    const struct fits_column *column, int64_t count,
                                    double *out, struct failure *failure)
{
    char scale[FLEN_KEYWORD], zero[FLEN_KEYWORD];
    int error = 0;
    enum status status;

    if ((status = move_to(file, hdu, failure)))
        return status;
    snprintf(scale, sizeof(scale), "TSCAL%d", column->number);
    snprintf(zero, sizeof(zero), "TZERO%d", column->number);
    if (is_scaled(file, hdu, scale, zero))
        return failure_set(failure, STATUS_REFUSED, "a scaled column (%s, %s)", scale,
                           zero);
    if (fits_read_col(file->handle, TDOUBLE, column->number, 1, 1, count, NULL, out, NULL,
                      &error))
        return refuse(failure, error, "data");
    return STATUS_OK;
}
