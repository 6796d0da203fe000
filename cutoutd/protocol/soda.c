#include "protocol/endpoints.h"

#include "protocol/sdm_response.h"
#include "protocol/service.h"

/*
 * SODA 1.0, {sync}: ID and BAND, each once.
 *
 * The standard leaves open what becomes of other parameters. We ignore those we do not
 * know, as other protocols of the Virtual Observatory demand, but refuse SODA's own
 * filters that spectra cannot be cut by: leaving one out would answer with more than was
 * asked for.
 */

struct query {
    const char *id;
    bool has_band;
    struct band band;
    struct sdm_form form;
};

static enum status refuse_other_filters(const struct params *params,
                                        struct failure *failure)
{
    static const char *const filters[] = {"POS", "CIRCLE", "POLYGON", "TIME", "POL"};

    for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++) {
        const struct param *param = params_next(params, filters[i], NULL);

        if (param && *param->value)
            return failure_set(failure, STATUS_BAD_PARAMETER,
                               "%s: these spectra can be cut by BAND only", filters[i]);
    }
    return STATUS_OK;
}

static enum status query_read(const struct params *params, struct query *out,
                              struct failure *failure)
{
    const char *band = NULL;
    enum status status;

    *out = (struct query){.band = BAND_ALL};
    if ((status = params_single(params, "ID", &out->id, failure)) ||
        (status = params_single(params, "BAND", &band, failure)) ||
        (status = sdm_form_read(params, &out->form, failure)) ||
        (status = refuse_other_filters(params, failure)))
        return status;
    if (!out->id)
        return failure_set(
            failure, STATUS_BAD_PARAMETER,
            "ID: say which spectrum, e.g. ID=<its publisher DID>, and by BAND "
            "which wavelengths of it, e.g. BAND=3.92e-7 3.98e-7 (metres)");
    out->has_band = band != NULL;
    return band ? band_parse(band, &out->band, failure) : STATUS_OK;
}

static void respond(const struct service *service,
                    const struct service_collection *collection,
                    const struct query *query, const struct entry *entry,
                    struct slice slice, struct response *response)
{
    struct sdm_document document = {
        .frame = collection->frame,
        .publisher_did = service_publisher_did(service->settings, collection->settings,
                                               entry, response->arena),
        .entry = entry,
        .slice = slice,
        .is_cutout = query->has_band,
        .format = query->form.format,
    };

    sdm_respond(&document, query->form.content_type,
                query->has_band ? &query->band : NULL, response);
}

enum status soda_serve(void *context, const struct request *request,
                       struct response *response, struct failure *failure)
{
    const struct service *service = context;
    const struct service_collection *collection;
    AUTO_HOLDING holding = {0};
    struct spectrum spectrum;
    struct slice slice;
    struct query query;
    enum status status;

    if ((status = service_collection(service, request, &collection, failure)) ||
        (status = query_read(&request->params, &query, failure)) ||
        (status = archive_find(collection->reader, query.id, request->waker, &holding,
                               failure)) ||
        (status = archive_spectrum(&holding, &spectrum, failure)))
        return status;
    slice = slice_by_band(&spectrum, query.band);
    if (slice.count == 0)
        response->code = 204; /* SODA 1.0, section 5.1 */
    else
        respond(service, collection, &query, holding.entry, slice, response);
    return STATUS_OK;
}
