#include "page/page_spectrum.h"

#include "base/number.h"
#include "cutout/cutout.h"
#include "cutout/picture.h"
#include "cutout/window.h"
#include "format/markup.h"
#include "page/page.h"
#include "page/snippets.h"

#include <math.h>
#include <string.h>

/* The page of one spectrum: its query string is that of its picture. */

struct spectrum_page {
    const struct service *service;
    const struct service_collection *collection;
    struct arena *arena;
    const char *url; /* of this page, without a query */
    const struct entry *entry;
    const char *band_text; /* as given; NULL: the whole */
    struct band window;    /* that is shown; Angstrom */
    const char *drawing;   /* parameters of the picture besides BAND: "&SMOOTH=9" */
    const struct params *params;
    const struct spectrum *spectrum;
};

/* ---- addresses ---- */

static const char *with_query(const char *url, const char *band, const char *drawing,
                              struct arena *arena)
{
    if (band)
        return arena_format(arena, "%s?BAND=%s%s", url, page_encoded(band, arena),
                            drawing);
    return *drawing ? arena_format(arena, "%s?%s", url, drawing + 1) : url;
}

/* The picture's parameters other than its window and size, which the page chooses. */
static const char *drawing_of(const struct params *params, struct arena *arena)
{
    const char *text = "";

    for (const struct param *param = params->first; param; param = param->next)
        if (picture_knows(param->name) && strcmp(param->name, "BAND") != 0 &&
            strcmp(param->name, "WIDTH") != 0 && strcmp(param->name, "HEIGHT") != 0 &&
            *param->value)
            text = arena_format(arena, "%s&%s=%s", text, param->name,
                                page_encoded(param->value, arena));
    return text;
}

static const char *cutout_url(const struct spectrum_page *page, const char *form,
                              bool is_whole)
{
    struct arena *arena = page->arena;
    const struct service_settings *settings = page->service->settings;
    const struct collection_settings *collection = page->collection->settings;
    const char *did = page_encoded(
        service_publisher_did(settings, collection, page->entry, arena), arena);
    const char *band =
        is_whole ? ""
                 : arena_format(arena, "&BAND=%s",
                                page_encoded(window_band(page->window, arena), arena));

    return arena_format(arena, "%s/%s/sync?ID=%s%s&RESPONSEFORMAT=%s",
                        page_root(settings), collection->name, did, band, form);
}

static const char *file_url(const struct spectrum_page *page, const char *suffix)
{
    return page_spectrum_url(page_root(page->service->settings),
                             page->collection->settings, page->entry->path, suffix,
                             page->arena);
}

/* ---- parts ---- */

static void fact(const char *name, const char *value, struct buffer *out)
{
    if (value && *value)
        markup_add(out, "<tr><th scope=\"row\">{}</th><td>{}</td></tr>\n", name, value);
}

static const char *class_of(const struct entry *entry, struct arena *arena)
{
    if (!entry->target_class)
        return "";
    return arena_format(arena, "%s%s%s", entry->target_class,
                        entry->target_subclass ? " " : "",
                        entry->target_subclass ? entry->target_subclass : "");
}

static const char *with_error(double value, double error, struct arena *arena)
{
    if (isnan(value))
        return NULL;
    return isnan(error) ? arena_format(arena, "%.6g", value)
                        : arena_format(arena, "%.6g \xC2\xB1 %.2g", value, error);
}

static const char *position(const struct entry *entry, struct arena *arena)
{
    return isnan(entry->ra) || isnan(entry->dec)
               ? NULL
               : arena_format(arena, "%.6f %+.6f", entry->ra, entry->dec);
}

static const char *samples(const struct entry *entry, struct arena *arena)
{
    return arena_format(
        arena, "%lld, %lld of them without data", (long long)entry->length,
        (long long)(entry->samples_masked == ENTRY_NO_INTEGER ? 0
                                                              : entry->samples_masked));
}

static void write_facts(const struct spectrum_page *page, struct buffer *out)
{
    const struct entry *entry = page->entry;
    struct arena *arena = page->arena;

    buffer_add_literal(out, "<section><h2>Facts</h2>\n<table class=\"facts\"><tbody>\n");
    fact("Object", entry->target_name, out);
    fact("Class", class_of(entry, arena), out);
    fact("Redshift", with_error(entry->redshift, entry->redshift_error, arena), out);
    fact("Signal to noise", with_error(entry->snr, (double)NAN, arena), out);
    fact("RA, Dec (degrees, ICRS)", position(entry, arena), out);
    fact("Observed", page_date(entry->date_obs, arena), out);
    fact("Exposure (s)", with_error(entry->exposure, (double)NAN, arena), out);
    fact("Wavelengths (nm, vacuum)",
         arena_format(arena, "%.1f to %.1f", entry->spectral_start / 10,
                      entry->spectral_end / 10),
         out);
    fact("Samples", samples(entry, arena), out);
    fact("Instrument", entry->instrument, out);
    fact("Release", entry->release, out);
    if (entry->obsid != ENTRY_NO_INTEGER)
        fact("OBSID", arena_format(arena, "%lld", (long long)entry->obsid), out);
    fact("Spectrum", entry->spectrum, out);
    fact("File", entry->file, out);
    fact("Publisher DID",
         service_publisher_did(page->service->settings, page->collection->settings, entry,
                               arena),
         out);
    buffer_add_literal(out, "</tbody></table></section>\n");
}

static void write_window_link(const struct spectrum_page *page, const char *name,
                              const char *band, struct buffer *out)
{
    bool is_shown =
        band ? page->band_text && strcmp(band, page->band_text) == 0 : !page->band_text;

    buffer_add_string(out, is_shown ? "<a aria-current=\"true\"" : "<a");
    markup_add(out, " href=\"{}\">{}</a>\n",
               with_query(page->url, band, page->drawing, page->arena), name);
}

static void write_windows(const struct spectrum_page *page, struct buffer *out)
{
    buffer_add_literal(out, "<nav class=\"windows\" aria-label=\"windows\">\n");
    write_window_link(page, "All", NULL, out);
    for (size_t i = 0; i < window_count; i++) {
        struct band band;

        if (window_of(&windows[i], page->entry, &band))
            write_window_link(page, windows[i].name, window_band(band, page->arena), out);
    }
    buffer_add_literal(out, "</nav>\n");
}

static void write_figure(const struct spectrum_page *page, struct buffer *out)
{
    struct arena *arena = page->arena;
    const char *picture =
        with_query(file_url(page, ".svg"), page->band_text, page->drawing, arena);
    const char *small = arena_format(arena, "%s%sWIDTH=480&HEIGHT=400", picture,
                                     strchr(picture, '?') ? "&" : "?");

    markup_add(out,
               "<figure><picture><source media=\"(max-width: 40em)\" srcset=\"{}\">"
               "<img src=\"{}\" width=\"960\" height=\"420\" alt=\"Flux of {} against "
               "wavelength, {} to {} nm\"></picture></figure>\n",
               small, picture,
               page->entry->target_name ? page->entry->target_name : page->entry->name,
               window_nanometres(page->window.lower, arena),
               window_nanometres(page->window.upper, arena));
}

/* ---- the form ---- */

struct control {
    const char *label, *name;
    const char
        *options[6][2]; /* value, and as people read it; the first is the default */
};

static const struct control controls[] = {
    {"Smooth", "SMOOTH", {{"0", "no"}, {"5", "5 samples"}, {"15", "15 samples"}}},
    {"Lines",
     "LINES",
     {{"auto", "by class"},
      {"stellar", "stellar"},
      {"galaxy", "galaxy"},
      {"qso", "quasar"},
      {"none", "none"}}},
    {"Wavelengths", "FRAME", {{"observed", "observed"}, {"rest", "at rest"}}},
};
enum { CONTROL_COUNT = sizeof(controls) / sizeof(controls[0]) };

static void write_control(const struct control *control, const struct params *params,
                          struct buffer *out)
{
    const struct param *given = params_next(params, control->name, NULL);

    markup_add(out, "<label>{} <select name=\"{}\">", control->label, control->name);
    for (int i = 0; i < 6 && control->options[i][0]; i++) {
        const char *value = control->options[i][0];

        buffer_add_string(out, given && strcmp(given->value, value) == 0
                                   ? "<option selected"
                                   : "<option");
        markup_add(out, " value=\"{}\">{}</option>", value, control->options[i][1]);
    }
    buffer_add_literal(out, "</select></label>\n");
}

static void write_form(const struct spectrum_page *page, struct buffer *out)
{
    struct arena *arena = page->arena;

    markup_add(
        out,
        "<form action=\"{}\" method=\"get\"><p>\n"
        "<label>Window, nm: from <input name=\"FROM\" type=\"number\" step=\"any\" "
        "value=\"{}\"></label>\n<label>to <input name=\"TO\" type=\"number\" "
        "step=\"any\" value=\"{}\"></label>\n",
        page->url, window_nanometres(page->window.lower, arena),
        window_nanometres(page->window.upper, arena));
    for (int i = 0; i < CONTROL_COUNT; i++)
        write_control(&controls[i], page->params, out);
    buffer_add_literal(out, "<button type=\"submit\">Show</button></p></form>\n");
}

/* ---- downloads ---- */

static const char *size_of(int64_t bytes, struct arena *arena)
{
    if (bytes < 0)
        return "";
    return bytes < 10000 ? arena_format(arena, " (%.1f kB)", (double)bytes / 1000)
                         : arena_format(arena, " (%.0f kB)", (double)bytes / 1000);
}

static void write_downloads(const struct spectrum_page *page,
                            const struct form_subject *subject, bool is_whole,
                            struct buffer *out)
{
    for (size_t i = 0; i < FORM_COUNT; i++)
        markup_add(out, "<li><a href=\"{}\">{}</a>{}</li>\n",
                   cutout_url(page, forms[i].name, is_whole), forms[i].name,
                   size_of(forms[i].length ? forms[i].length(subject) : -1, page->arena));
}

static void write_files(const struct spectrum_page *page, const struct cutout *cutout,
                        struct buffer *out)
{
    struct form_subject whole = cutout->subject;
    struct form_subject window = cutout->subject;
    struct arena *arena = page->arena;
    struct band band;

    whole.document.slice = slice_by_band(page->spectrum, BAND_ALL);
    whole.document.is_cutout = false;
    band = page->window;
    window.document.slice = slice_by_band(page->spectrum, band);
    window.document.is_cutout = true;
    buffer_add_literal(out, "<section class=\"files\"><h2>Files</h2>\n");
    if (page->band_text && window.document.slice.count) {
        markup_add(out, "<h3>This window, {} to {} nm</h3>\n<ul>\n",
                   window_nanometres(band.lower, arena),
                   window_nanometres(band.upper, arena));
        write_downloads(page, &window, false, out);
        buffer_add_literal(out, "</ul>\n");
    }
    buffer_add_literal(out, "<h3>The whole spectrum</h3>\n<ul>\n");
    write_downloads(page, &whole, true, out);
    buffer_add_literal(out, "</ul>\n");
}

/* The archive's own file, and what else belongs to the spectrum. */
static void write_archived(const struct spectrum_page *page, struct buffer *out)
{
    struct arena *arena = page->arena;
    const struct entry *entry = page->entry;
    const char *file = entry->file;
    const char *suffix = strstr(file, ".fits");
    const char *stem = suffix ? arena_copy(arena, file, (size_t)(suffix - file)) : file;
    const char *root = page_root(page->service->settings);
    const char *did = service_publisher_did(page->service->settings,
                                            page->collection->settings, entry, arena);

    markup_add(
        out,
        "<p><a href=\"{}\">The survey's FITS file</a>{}. "
        "<a href=\"{}/{}/links?ID={}\">All that belongs to it (DataLink)</a>.</p>\n"
        "</section>\n",
        page_spectrum_url(root, page->collection->settings, stem, ".fits", arena),
        size_of(entry->file_raw_size, arena), root, page->collection->settings->name,
        page_encoded(did, arena));
}

static enum status write_siblings(const struct spectrum_page *page,
                                  const struct holding *holding, struct buffer *out,
                                  struct failure *failure)
{
    struct entry *siblings;
    size_t count;
    enum status status =
        archive_siblings(holding, page->arena, &siblings, &count, failure);

    if (status || count == 0)
        return status;
    buffer_add_literal(out, "<section><h2>Other spectra of this file</h2>\n<ul>\n");
    for (size_t i = 0; i < count; i++)
        markup_add(out, "<li><a href=\"{}\">{}</a></li>\n",
                   page_spectrum_url(page_root(page->service->settings),
                                     page->collection->settings, siblings[i].path, "",
                                     page->arena),
                   siblings[i].spectrum ? siblings[i].spectrum : siblings[i].name);
    buffer_add_literal(out, "</ul></section>\n");
    return STATUS_OK;
}

/* ---- the whole ---- */

static const char *title_of(const struct spectrum_page *page)
{
    const struct entry *entry = page->entry;
    const char *class = class_of(entry, page->arena);

    return arena_format(
        page->arena, "%s%s%s%s%s", entry->target_name ? entry->target_name : entry->name,
        entry->spectrum ? " " : "", entry->spectrum ? entry->spectrum : "",
        *class ? ", " : "", class);
}

static enum status write_page(struct spectrum_page *page, const struct cutout *cutout,
                              struct response *response, struct failure *failure)
{
    struct buffer *out = page_open(page->service->settings, page->collection->settings,
                                   title_of(page), response);
    enum status status;

    write_figure(page, out);
    write_windows(page, out);
    write_form(page, out);
    write_files(page, cutout, out);
    write_archived(page, out);
    write_facts(page, out);
    if ((status = write_siblings(page, &cutout->holding, out, failure)))
        return status;
    snippets_write(
        &(struct snippet_subject){
            .settings = page->service->settings,
            .collection = page->collection->settings,
            .entry = page->entry,
            .band = page->band_text ? page->window : window_for_example(page->entry),
            .arena = page->arena,
        },
        out);
    return STATUS_OK;
}

/* The window that the form sends, as the text of a BAND; NULL if it sends none. */
static enum status read_form_window(const struct params *params, struct arena *arena,
                                    const char **band, struct failure *failure)
{
    const char *from, *to;
    double lower, upper;
    enum status status;

    if ((status = params_single(params, "FROM", &from, failure)) ||
        (status = params_single(params, "TO", &to, failure)))
        return status;
    if (!from && !to)
        return STATUS_OK;
    if (!from || !to || !number_read_double(from, strlen(from), &lower) ||
        !number_read_double(to, strlen(to), &upper) || !(lower <= upper))
        return failure_set(failure, STATUS_BAD_PARAMETER,
                           "FROM and TO: a window is two numbers, in nanometres, the "
                           "smaller first");
    *band = window_band((struct band){10 * lower, 10 * upper}, arena);
    return STATUS_OK;
}

/* The parameters of a picture, checked: the page would show a broken one. */
static enum status read_query(const struct params *params, struct cutout_query *query,
                              const char **band_text, struct failure *failure)
{
    enum status status;

    if ((status = params_single(params, "BAND", band_text, failure)) ||
        (*band_text && (status = band_parse(*band_text, &query->band, failure))))
        return status;
    return picture_settings_read(params, &query->plot, failure);
}

enum status page_spectrum_serve(const struct service *service,
                                const struct service_collection *collection,
                                const char *path, const struct request *request,
                                struct response *response, struct failure *failure)
{
    AUTO_CUTOUT cutout = {0};
    struct spectrum_page page = {
        .service = service,
        .collection = collection,
        .arena = request->arena,
        .drawing = drawing_of(&request->params, request->arena),
        .params = &request->params,
    };
    const char *chosen = NULL;
    struct cutout_query query;
    enum status status;

    cutout_query_init(&query, path, form_named("votable"));
    if ((status = read_form_window(&request->params, page.arena, &chosen, failure)) ||
        (status = read_query(&request->params, &query, &page.band_text, failure)) ||
        (status = cutout_open(service, collection, &query, request->waker, page.arena,
                              &cutout, failure)))
        return status;
    page.entry = cutout.holding.entry;
    page.spectrum = &cutout.spectrum;
    page.window = window_clamped(query.band, page.entry);
    page.url = file_url(&page, "");
    if (chosen) {
        page_redirect(with_query(page.url, chosen, page.drawing, page.arena), response);
        return STATUS_OK;
    }
    if ((status = write_page(&page, &cutout, response, failure)))
        return status;
    page_close(service->settings, request, response);
    return STATUS_OK;
}
