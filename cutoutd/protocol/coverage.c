#include "protocol/coverage.h"

#include "base/checksum.h"
#include "format/fits_table.h"
#include "plot/sky_map.h"
#include "protocol/endpoints.h"
#include "service/freshness.h"

#include <endian.h>
#include <string.h>
#include <strings.h>

/* ---- the MOC ---- */

static void add_pixel(void *context, int64_t pixel, int64_t spectra)
{
    struct moc *moc = context;

    (void)spectra;
    moc_add(moc, pixel >> 2 * (CATALOGUE_PIXEL_ORDER - moc->order));
}

enum status coverage_moc(const struct service_collection *collection, int order,
                         struct moc *out, struct failure *failure)
{
    struct moc moc;
    enum status status;

    moc_init(&moc, order);
    status = archive_each_pixel(collection->reader, add_pixel, &moc, failure);
    if (status)
        moc_finish(&moc);
    else
        *out = moc;
    return status;
}

/* ---- FITS ---- */

struct uniq_writing {
    struct buffer *out;
    int64_t base; /* of the order: 4 * 4^order */
};

static void add_uniq_run(void *context, int64_t first, int64_t last)
{
    const struct uniq_writing *writing = context;

    for (; first <= last; first++) {
        int64_t uniq = (int64_t)htobe64((uint64_t)(writing->base + first));

        buffer_add(writing->out, &uniq, sizeof(uniq));
    }
}

static void write_cells(const struct moc *moc, struct buffer *out)
{
    for (int order = 0; order <= moc->order; order++) {
        struct uniq_writing writing = {out, INT64_C(4) << 2 * order};

        moc_each_run(moc, order, add_uniq_run, &writing);
    }
}

void coverage_write_fits(const struct moc *moc, struct buffer *out)
{
    static const struct fits_column column = {.name = "UNIQ", .form = "1K"};
    struct buffer cells = {0};
    size_t begin = out->length;

    write_cells(moc, &cells);
    fits_primary(out);
    fits_table_open(out, "MOC", &column, 1, cells.length / sizeof(int64_t));
    fits_write_text(out, "MOCVERS", "2.0", "version of the standard");
    fits_write_text(out, "MOCDIM", "SPACE", "what it covers");
    fits_write_text(out, "ORDERING", "NUNIQ", "how cells are numbered");
    fits_write_text(out, "COORDSYS", "C", "ICRS");
    fits_write_integer(out, "MOCORD_S", moc->order, "finest order");
    fits_write_integer(out, "MOCORDER", moc->order, "the same, for readers of MOC 1");
    fits_write_text(out, "PIXTYPE", "HEALPIX", NULL);
    fits_write_text(out, "MOCTOOL", "cutoutd " CUTOUTD_VERSION, NULL);
    fits_header_close(out, begin);
    buffer_add(out, cells.bytes, cells.length);
    fits_data_close(out, begin);
    buffer_finish(&cells);
}

/* ---- as answers ---- */

static const struct moc_form {
    const char *name, *content_type;
    void (*write)(const struct moc *moc, struct buffer *out);
} moc_forms[] = {
    {"ascii", "text/plain", moc_write_ascii},
    {"json", "application/json", moc_write_json},
    {"fits", "application/fits", coverage_write_fits},
};
enum { MOC_FORM_COUNT = sizeof(moc_forms) / sizeof(moc_forms[0]) };

static enum status read_form(const struct params *params, const struct moc_form **out,
                             struct failure *failure)
{
    const char *asked;
    enum status status = params_single(params, "RESPONSEFORMAT", &asked, failure);

    if (status)
        return status;
    *out = &moc_forms[0];
    for (int i = 0; i < MOC_FORM_COUNT && asked; i++) {
        *out = &moc_forms[i];
        if (strcasecmp(asked, (*out)->name) == 0 ||
            strcasecmp(asked, (*out)->content_type) == 0)
            return STATUS_OK;
    }
    return asked ? failure_set(failure, STATUS_BAD_PARAMETER,
                               "RESPONSEFORMAT: a MOC comes as ascii (text/plain), json "
                               "(application/json) or fits (application/fits), not as "
                               "'%.80s'",
                               asked)
                 : STATUS_OK;
}

/* Of what is true until ingest commits. */
static struct validators validators_of(const struct service_collection *collection,
                                       const struct request *request)
{
    struct validators validators = freshness_of(collection, request);
    uint64_t generation = archive_generation(collection->reader);

    validators.tag = checksum_chain(validators.tag, &generation, sizeof(generation));
    validators.modified = -1;
    return validators;
}

enum status coverage_serve(void *context, const struct request *request,
                           struct response *response, struct failure *failure)
{
    const struct service_collection *collection;
    const struct moc_form *form = NULL;
    struct validators validators;
    struct moc moc;
    enum status status;

    if ((status = service_collection(context, request, &collection, failure)) ||
        (status = read_form(&request->params, &form, failure)))
        return status;
    validators = validators_of(collection, request);
    freshness_may_gzip(&validators, request);
    if (conditional_answer(request, &validators, response))
        return STATUS_OK;
    if ((status = coverage_moc(collection, collection->settings->coverage_order, &moc,
                               failure)))
        return status;
    form->write(&moc, response_bytes(response, 200, form->content_type));
    moc_finish(&moc);
    freshness_encode(&validators, response);
    return STATUS_OK;
}

/* ---- the picture ---- */

static void count_pixel(void *context, int64_t pixel, int64_t spectra)
{
    int64_t *counts = context;

    counts[pixel >> 2 * (CATALOGUE_PIXEL_ORDER - SKY_MAP_ORDER)] += spectra;
}

enum status coverage_picture_serve(void *context, const struct request *request,
                                   struct response *response, struct failure *failure)
{
    const struct service_collection *collection;
    struct validators validators;
    int64_t *counts;
    enum status status = service_collection(context, request, &collection, failure);

    if (status)
        return status;
    validators = validators_of(collection, request);
    if (conditional_answer(request, &validators, response))
        return STATUS_OK;
    counts = arena_take(request->arena, SKY_MAP_PIXELS * sizeof(*counts));
    memset(counts, 0, SKY_MAP_PIXELS * sizeof(*counts));
    if ((status = archive_each_pixel(collection->reader, count_pixel, counts, failure)))
        return status;
    return sky_map_write(counts, response_bytes(response, 200, "image/png"), failure);
}
