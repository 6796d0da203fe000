#include "page/page.h"

#include "cutout/window.h"
#include "format/markup.h"
#include "page/snippets.h"

#include <math.h>

/* The page at `/`: which collections there are. */

static const char *range(const char *from, const char *to, const char *unit,
                         struct arena *arena)
{
    return *from ? arena_format(arena, "%s to %s%s", from, to, unit) : "";
}

static void write_row(const char *root, const struct collection_settings *collection,
                      const struct catalogue_summary *summary, struct arena *arena,
                      struct buffer *out)
{
    bool is_empty = isnan(summary->spectral_start);

    markup_add(
        out,
        "<tr><th scope=\"row\"><a href=\"{}/{}\">{}</a></th>"
        "<td class=\"number\">{}</td><td>{}</td><td>{}</td></tr>\n",
        root, collection->name, collection->title, page_count(summary->spectra, arena),
        range(page_date(summary->time_start, arena), page_date(summary->time_end, arena),
              "", arena),
        range(is_empty ? "" : arena_format(arena, "%.0f", summary->spectral_start / 10),
              arena_format(arena, "%.0f", summary->spectral_end / 10), " nm", arena));
}

static enum status write_table(const struct service *service, struct arena *arena,
                               struct buffer *out, struct failure *failure)
{
    const struct service_settings *settings = service->settings;

    buffer_add_literal(out, "<div class=\"wide\"><table>\n<thead><tr>"
                            "<th scope=\"col\">Collection</th>"
                            "<th scope=\"col\" class=\"number\">Spectra</th>"
                            "<th scope=\"col\">Observed</th>"
                            "<th scope=\"col\">Wavelengths</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < settings->collection_count; i++) {
        struct catalogue_summary summary;
        enum status status =
            archive_summarise(service->collections[i].reader, &summary, failure);

        if (status)
            return status;
        write_row(page_root(settings), &settings->collections[i], &summary, arena, out);
    }
    buffer_add_literal(out, "</tbody></table></div>\n");
    return STATUS_OK;
}

/* Of the first collection that has a spectrum. */
static void write_snippets(const struct service *service, struct arena *arena,
                           struct buffer *out)
{
    for (size_t i = 0; i < service->settings->collection_count; i++) {
        struct failure ignored;
        struct entry entry;

        if (archive_first(service->collections[i].reader, arena, &entry, &ignored))
            continue;
        snippets_write(
            &(struct snippet_subject){
                .settings = service->settings,
                .collection = &service->settings->collections[i],
                .entry = &entry,
                .band = window_for_example(&entry),
                .arena = arena,
            },
            out);
        return;
    }
}

enum status page_home_serve(void *context, const struct request *request,
                            struct response *response, struct failure *failure)
{
    const struct service *service = context;
    struct buffer *out =
        page_open(service->settings, NULL, "Spectra, whole and in part", response);
    enum status status;

    buffer_add_literal(
        out, "<p class=\"lead\">Spectra of the sky survey LAMOST, and any window "
             "of wavelengths of them, over the protocols of the Virtual "
             "Observatory: DataLink and SODA.</p>\n");
    if ((status = write_table(service, request->arena, out, failure)))
        return status;
    write_snippets(service, request->arena, out);
    page_close(service->settings, request, response);
    return STATUS_OK;
}
