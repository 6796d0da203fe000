#include "page/page.h"

#include "archive/identifier.h"
#include "base/checksum.h"
#include "dali/percent.h"
#include "format/markup.h"
#include "page/assets.h"
#include "service/freshness.h"

#include <math.h>
#include <string.h>
#include <time.h>

/* Nothing is loaded from elsewhere, and nothing runs. */
static const char POLICY[] = "default-src 'none'; style-src 'self'; img-src 'self'; "
                             "form-action 'self'; base-uri 'none'; "
                             "frame-ancestors 'self'";

const char *page_root(const struct service_settings *settings)
{
    const char *host = strstr(settings->base_url, "://");
    const char *path = host ? strchr(host + 3, '/') : NULL;

    return path ? path : "";
}

struct buffer *page_open(const struct service_settings *settings,
                         const struct collection_settings *collection, const char *title,
                         struct response *response)
{
    struct buffer *out = response_bytes(response, 200, "text/html; charset=utf-8");
    const char *root = page_root(settings);

    markup_add(out,
               "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
               "<title>{}</title>\n"
               "<meta name=\"viewport\" content=\"width=device-width\">\n"
               "<meta name=\"color-scheme\" content=\"light dark\">\n"
               "<link rel=\"stylesheet\" href=\"{}/assets/{}\">\n</head>\n<body>\n"
               "<header><nav aria-label=\"where\"><a href=\"{}/\">{}</a>",
               title, root, asset_hashed("page.css"), root, settings->publisher);
    if (collection)
        markup_add(out, " / <a href=\"{}/{}\">{}</a>", root, collection->name,
                   collection->name);
    markup_add(out, "</nav></header>\n<main>\n<h1>{}</h1>\n", title);
    return out;
}

static void write_contact(const struct service_settings *settings, struct buffer *out)
{
    const char *name =
        settings->contact_name ? settings->contact_name : settings->contact_email;

    if (settings->contact_email)
        markup_add(out, " Questions: <a href=\"mailto:{}\">{}</a>.",
                   settings->contact_email, name);
    else if (name)
        markup_add(out, " Questions: {}.", name);
}

void page_close(const struct service_settings *settings, const struct request *request,
                struct response *response)
{
    struct buffer *out = &response->bytes;
    struct validators validators = {.modified = -1};

    buffer_add_literal(out, "</main>\n<footer><p>Served by cutoutd " CUTOUTD_VERSION ".");
    write_contact(settings, out);
    buffer_add_literal(out, "</p></footer>\n</body>\n</html>\n");
    response_header_add(response, "Content-Security-Policy", POLICY);
    response_header_add(response, "X-Content-Type-Options", "nosniff");
    response_header_add(response, "Referrer-Policy", "no-referrer");
    validators.tag = checksum_of(out->bytes, out->length);
    freshness_may_gzip(&validators, request);
    if (!conditional_answer(request, &validators, response)) {
        freshness_encode(&validators, response);
        return;
    }
    buffer_clear(out);
    response->kind = BODY_NONE;
    response->content_type = NULL;
}

void page_redirect(const char *url, struct response *response)
{
    response->code = 303;
    response_header_add(response, "Location", url);
}

const char *page_spectrum_url(const char *root,
                              const struct collection_settings *collection,
                              const char *path, const char *suffix, struct arena *arena)
{
    struct buffer text = {0};
    const char *url;

    identifier_write_url_path(&text, path);
    *buffer_room(&text, 1) = '\0';
    url = arena_format(arena, "%s/%s/spectra/%s%s", root, collection->name,
                       (const char *)text.bytes, suffix);
    buffer_finish(&text);
    return url;
}

const char *page_encoded(const char *text, struct arena *arena)
{
    struct buffer encoded = {0};
    const char *copy;

    percent_encode(text, &encoded);
    copy = arena_copy(arena, (const char *)encoded.bytes, encoded.length);
    buffer_finish(&encoded);
    return copy;
}

/* Thousands apart by a narrow blank that does not break. */
const char *page_count(int64_t count, struct arena *arena)
{
    static const char BLANK[] = "\xE2\x80\xAF";

    if (count < 1000)
        return arena_format(arena, "%lld", (long long)count);
    return arena_format(arena, "%s%s%03lld", page_count(count / 1000, arena), BLANK,
                        (long long)(count % 1000));
}

const char *page_date(double mjd, struct arena *arena)
{
    static const double UNIX_EPOCH = 40587; /* MJD of 1970-01-01 */
    char text[32];
    struct tm parts;
    time_t seconds;

    if (isnan(mjd) || fabs(mjd) > 1e6)
        return "";
    seconds = (time_t)floor((mjd - UNIX_EPOCH) * 86400);
    gmtime_r(&seconds, &parts);
    strftime(text, sizeof(text), "%Y-%m-%d", &parts);
    return arena_copy_string(arena, text);
}
