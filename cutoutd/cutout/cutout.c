#include "cutout/cutout.h"

#include "cutout/frame.h"
#include "cutout/picture.h"
#include "service/file_name.h"
#include "spectrum/relative.h"
#include "spectrum/rest.h"

#include <strings.h>

void cutout_query_init(struct cutout_query *query, const char *id,
                       const struct form *form)
{
    *query = (struct cutout_query){
        .id = id,
        .band = BAND_ALL,
        .choice = {form, form->content_type},
    };
    plot_settings_init(&query->plot);
}

/* The survey's flux is relative already; what can be had besides is the one scale that
 * makes windows comparable. */
static enum status read_fluxcalib(const struct params *params, bool *out,
                                  struct failure *failure)
{
    const char *text;
    enum status status = params_single(params, "FLUXCALIB", &text, failure);

    if (status)
        return status;
    if (text && strcasecmp(text, "RELATIVE") != 0)
        return failure_set(
            failure, STATUS_BAD_PARAMETER,
            "FLUXCALIB: '%.40s' is not RELATIVE (the largest flux made 1); "
            "leave it out for the flux as the survey gives it",
            text);
    *out = text != NULL;
    return STATUS_OK;
}

/* A picture has FRAME among its own parameters, and BAND is as observed there. */
static enum status read_frame(const struct params *params, struct cutout_query *query,
                              struct failure *failure)
{
    enum status status = query->choice.form->is_picture
                             ? picture_settings_read(params, &query->plot, failure)
                             : frame_read(params, &query->at_rest, failure);

    query->plot.band = query->band;
    return status;
}

enum status cutout_query_read(const struct params *params, struct arena *arena,
                              struct cutout_query *out, struct failure *failure)
{
    struct cutout_query query = {.band = BAND_ALL};
    const char *band = NULL;
    enum status status;

    if ((status = params_single(params, "ID", &query.id, failure)) ||
        (status = params_single(params, "BAND", &band, failure)) ||
        (band && (status = band_parse(band, &query.band, failure))) ||
        (status = form_read(params, &query.choice, failure)) ||
        (status = read_fluxcalib(params, &query.is_relative, failure)) ||
        (status = soda_filters_read(params, arena, &query.filters, failure)) ||
        (status = read_frame(params, &query, failure)))
        return status;
    if (!query.id)
        return failure_set(
            failure, STATUS_BAD_PARAMETER,
            "ID: say which spectrum, e.g. ID=<its publisher DID>, and by BAND "
            "which wavelengths of it, e.g. BAND=3.92e-7 3.98e-7 (metres)");
    query.has_band = band != NULL;
    *out = query;
    return STATUS_OK;
}

/* At rest, the band is one at rest, and so are the wavelengths. */
static struct slice slice_of(const struct cutout_query *query, const struct entry *entry,
                             const struct spectrum *spectrum)
{
    return slice_by_band(spectrum, query->at_rest
                                       ? rest_band_observed(query->band, entry->redshift)
                                       : query->band);
}

static const char *find_reason(const struct cutout_query *query,
                               const struct entry *entry, const struct slice *slice)
{
    if (query->at_rest && !rest_is_known(entry->redshift))
        return "the object has no redshift";
    return slice->count == 0 || !soda_filters_pass(&query->filters, entry)
               ? "no data of this spectrum lie within what was asked for"
               : NULL;
}

static enum status cut(const struct cutout_query *query, struct arena *arena,
                       struct cutout *cutout, struct failure *failure)
{
    struct sdm_document *document = &cutout->subject.document;
    const struct entry *entry = cutout->holding.entry;
    struct spectrum as_measured = cutout->spectrum;
    struct slice slice = slice_of(query, entry, &as_measured);
    enum status status = STATUS_OK;

    cutout->empty_because = find_reason(query, entry, &slice);
    if (query->is_relative && !cutout->empty_because)
        status = slice_make_relative(&slice, arena, &cutout->spectrum, &document->scale,
                                     failure);
    if (query->at_rest && !cutout->empty_because)
        rest_move(&slice, entry->redshift, arena, &cutout->spectrum);
    document->slice = slice;
    document->slice.spectrum = &cutout->spectrum;
    return status;
}

static void fill(const struct service *service,
                 const struct service_collection *collection,
                 const struct cutout_query *query, struct arena *arena,
                 struct cutout *cutout)
{
    struct sdm_document *document = &cutout->subject.document;

    document->frame = collection->frame;
    document->entry = cutout->holding.entry;
    document->row = query->at_rest ? 0 : cutout->holding.checksum;
    document->publisher_did = service_publisher_did(
        service->settings, collection->settings, document->entry, arena);
    document->is_cutout = query->has_band || query->at_rest;
    document->at_rest = query->at_rest;
    cutout->subject.plot = query->plot;
    cutout->form = query->choice.form;
    cutout->content_type = query->choice.content_type;
    cutout->suffix = query->at_rest ? arena_format(arena, "_rest%s", cutout->form->suffix)
                                    : cutout->form->suffix;
    cutout->file_name =
        file_name_of(document->entry, &document->slice,
                     query->has_band ? &query->band : NULL, cutout->suffix, arena);
}

/* The slice points into *out, so it is made in its place. */
enum status cutout_open(const struct service *service,
                        const struct service_collection *collection,
                        const struct cutout_query *query, struct waker waker,
                        struct arena *arena, struct cutout *out, struct failure *failure)
{
    enum status status;

    *out = (struct cutout){0};
    if ((status =
             archive_find(collection->reader, query->id, waker, &out->holding, failure)))
        return status;
    if ((status = archive_spectrum(&out->holding, &out->spectrum, failure)) ||
        (status = cut(query, arena, out, failure)) ||
        (status = archive_check(&out->holding, failure))) {
        cutout_close(out);
        return status;
    }
    fill(service, collection, query, arena, out);
    return STATUS_OK;
}

enum status cutout_make(const struct service *service,
                        const struct service_collection *collection,
                        const struct cutout_query *query, const struct entry *entry,
                        uint64_t checksum, const struct spectrum *spectrum,
                        struct arena *arena, struct cutout *out, struct failure *failure)
{
    enum status status;

    *out = (struct cutout){.holding = {.entry = entry, .checksum = checksum},
                           .spectrum = *spectrum};
    if (!(status = cut(query, arena, out, failure)))
        fill(service, collection, query, arena, out);
    return status;
}

void cutout_close(struct cutout *cutout)
{
    archive_release(&cutout->holding);
}

enum status cutout_write(const struct cutout *cutout, struct buffer *out,
                         struct failure *failure)
{
    enum status status = cutout->form->write(&cutout->subject, out, failure);

    return status ? status : archive_check(&cutout->holding, failure);
}
