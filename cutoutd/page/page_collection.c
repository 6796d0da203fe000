#include "page/page.h"

#include "cutout/window.h"
#include "format/markup.h"
#include "page/snippets.h"

#include <math.h>

/* The page at /{c}: what the collection holds and how it is asked for. With ID it leads
 * to the page of that spectrum. */

struct collection_page {
    const struct service *service;
    const struct service_collection *collection;
    const char *root; /* of links: {root of the service}/{c} */
    struct arena *arena;
    struct catalogue_summary summary;
    bool has_example;
    struct entry example;
};

static enum status gather(struct collection_page *page, struct failure *failure)
{
    struct archive_reader *reader = page->collection->reader;
    enum status status = archive_summarise(reader, &page->summary, failure);

    if (status)
        return status;
    status = archive_first(reader, page->arena, &page->example, failure);
    page->has_example = status == STATUS_OK;
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

static void write_facts(const struct collection_page *page, struct buffer *out)
{
    const struct catalogue_summary *summary = &page->summary;
    struct arena *arena = page->arena;

    markup_add(out, "<dl class=\"facts\">\n<dt>Spectra</dt><dd>{}, from {} files</dd>\n",
               page_count(summary->spectra, arena), page_count(summary->files, arena));
    if (!isnan(summary->time_start))
        markup_add(out, "<dt>Observed</dt><dd>{} to {}</dd>\n",
                   page_date(summary->time_start, arena),
                   page_date(summary->time_end, arena));
    if (!isnan(summary->spectral_start))
        markup_add(out, "<dt>Wavelengths</dt><dd>{} to {} nm, vacuum</dd>\n",
                   arena_format(arena, "%.1f", summary->spectral_start / 10),
                   arena_format(arena, "%.1f", summary->spectral_end / 10));
    if (page->has_example && page->example.release)
        markup_add(out, "<dt>Release</dt><dd>{}</dd>\n", page->example.release);
    if (page->collection->settings->rights)
        markup_add(out, "<dt>Rights</dt><dd>{}</dd>\n",
                   page->collection->settings->rights);
    if (page->collection->settings->documentation_url)
        markup_add(out, "<dt>Documentation</dt><dd><a href=\"{}\">{}</a></dd>\n",
                   page->collection->settings->documentation_url,
                   page->collection->settings->documentation_url);
    buffer_add_literal(out, "</dl>\n");
}

static void write_search(const struct collection_page *page, const char *asked,
                         const char *trouble, struct buffer *out)
{
    markup_add(
        out,
        "<form action=\"{}\" method=\"get\"><p>\n<label for=\"id\">Find a spectrum "
        "by OBSID, file name or publisher DID</label>\n"
        "<input id=\"id\" name=\"ID\" type=\"search\" size=\"40\" value=\"{}\">\n"
        "<button type=\"submit\">Find</button></p>\n",
        page->root, asked ? asked : "");
    if (trouble)
        markup_add(out, "<p class=\"trouble\" role=\"alert\">{}</p>\n", trouble);
    buffer_add_literal(out, "</form>\n");
}

static void write_example(const struct collection_page *page, struct buffer *out)
{
    const struct collection_settings *settings = page->collection->settings;
    const struct entry *entry = &page->example;
    const char *root = page_root(page->service->settings);
    const char *did =
        service_publisher_did(page->service->settings, settings, entry, page->arena);

    markup_add(out,
               "<figure><a href=\"{}\"><img src=\"{}\" width=\"960\" height=\"420\" "
               "alt=\"Plot of the spectrum of {}\"></a>\n<figcaption>{}: "
               "<a href=\"{}\">its page</a>, <a href=\"{}/links?ID={}\">its links</a>"
               "</figcaption></figure>\n",
               page_spectrum_url(root, settings, entry->path, "", page->arena),
               page_spectrum_url(root, settings, entry->path, ".svg", page->arena),
               entry->target_name ? entry->target_name : entry->name,
               entry->target_name ? entry->target_name : entry->name,
               page_spectrum_url(root, settings, entry->path, "", page->arena),
               page->root, page_encoded(did, page->arena));
}

static void write_coverage(const struct collection_page *page, struct buffer *out)
{
    markup_add(
        out,
        "<section><h2>Where on the sky</h2>\n<figure>"
        "<img src=\"{}/coverage.png\" width=\"900\" height=\"500\" loading=\"lazy\" "
        "alt=\"Map of the sky with the density of spectra\">\n"
        "<figcaption>Coverage map (MOC): <a href=\"{}/coverage\">ASCII</a>, "
        "<a href=\"{}/coverage?RESPONSEFORMAT=json\">JSON</a>, "
        "<a href=\"{}/coverage?RESPONSEFORMAT=fits\">FITS</a>"
        "</figcaption></figure>\n</section>\n",
        page->root, page->root, page->root, page->root);
}

static void write_services(const struct collection_page *page, struct buffer *out)
{
    static const struct {
        const char *standard, *path, *use;
    } services[] = {
        {"SSA", "ssa",
         "finds spectra by position, wavelength, time, name, class, redshift; for the "
         "SSA "
         "windows of TOPCAT, Aladin and SPLAT"},
        {"DataLink", "links", "what belongs to an ID"},
        {"SODA", "sync",
         "windows of spectra, by ID and BAND (metres, vacuum); several of them make one "
         "table"},
        {"SODA, in the background", "async", "the same as jobs"},
    };
    const char *base =
        arena_format(page->arena, "%s/%s", page->service->settings->base_url,
                     page->collection->settings->name);

    buffer_add_literal(out, "<section><h2>Services</h2>\n<dl class=\"facts\">\n");
    for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++)
        markup_add(out, "<dt>{}</dt><dd><code>{}/{}</code>: {}</dd>\n",
                   services[i].standard, base, services[i].path, services[i].use);
    markup_add(out,
               "</dl>\n<p><a href=\"{}/examples\">Examples</a>, "
               "<a href=\"{}/capabilities\">capabilities</a>, "
               "<a href=\"{}/availability\">availability</a></p>\n</section>\n",
               page->root, page->root, page->root);
}

static void write_acknowledgement(const struct collection_page *page, struct buffer *out)
{
    const struct collection_settings *settings = page->collection->settings;

    if (!settings->acknowledgement)
        return;
    markup_add(out, "<section><h2>In papers</h2>\n<p>{}</p>\n",
               settings->acknowledgement);
    if (settings->reference)
        markup_add(out, "<p>Reference: {}</p>\n", settings->reference);
    buffer_add_literal(out, "</section>\n");
}

static void write_page(const struct collection_page *page, const char *asked,
                       const char *trouble, struct buffer *out)
{
    if (page->collection->settings->description)
        markup_add(out, "<p class=\"lead\">{}</p>\n",
                   page->collection->settings->description);
    write_facts(page, out);
    write_search(page, asked, trouble, out);
    if (page->has_example)
        write_example(page, out);
    else
        buffer_add_literal(out, "<p>No spectrum is in the cache yet.</p>\n");
    if (page->has_example)
        write_coverage(page, out);
    write_services(page, out);
    if (page->has_example)
        snippets_write(
            &(struct snippet_subject){
                .settings = page->service->settings,
                .collection = page->collection->settings,
                .entry = &page->example,
                .band = window_for_example(&page->example),
                .arena = page->arena,
            },
            out);
    write_acknowledgement(page, out);
}

/* Lead to the page of the spectrum that was asked for; else *trouble says why not. */
static enum status find(const struct collection_page *page, const char *asked,
                        struct waker waker, const char **url, const char **trouble,
                        struct failure *failure)
{
    AUTO_HOLDING holding = {0};
    enum status status =
        archive_find(page->collection->reader, asked, waker, &holding, failure);

    if (status == STATUS_NOT_FOUND || status == STATUS_BAD_PARAMETER ||
        status == STATUS_REFUSED) {
        *trouble = arena_copy_string(page->arena, failure->message);
        return STATUS_OK;
    }
    if (!status)
        *url = page_spectrum_url(page_root(page->service->settings),
                                 page->collection->settings, holding.entry->path, "",
                                 page->arena);
    return status;
}

enum status page_collection_serve(void *context, const struct request *request,
                                  struct response *response, struct failure *failure)
{
    struct collection_page page = {.service = context, .arena = request->arena};
    const char *asked = NULL, *url = NULL, *trouble = NULL;
    struct buffer *out;
    enum status status;

    if ((status = service_collection(page.service, request, &page.collection, failure)) ||
        (status = params_single(&request->params, "ID", &asked, failure)) ||
        (asked && (status = find(&page, asked, request->waker, &url, &trouble, failure))))
        return status;
    if (url) {
        page_redirect(url, response);
        return STATUS_OK;
    }
    page.root = arena_format(page.arena, "%s/%s", page_root(page.service->settings),
                             page.collection->settings->name);
    if ((status = gather(&page, failure)))
        return status;
    out = page_open(page.service->settings, NULL, page.collection->settings->title,
                    response);
    write_page(&page, asked, trouble, out);
    page_close(page.service->settings, request, response);
    if (trouble && response->code == 200)
        response->code = 404;
    return STATUS_OK;
}
