#include "protocol/capabilities.h"

#include "format/markup.h"
#include "protocol/endpoints.h"
#include "protocol/ssa_query.h"

#include <string.h>

/* ---- the list: a new standard is a row here and an endpoint ---- */

static const struct capability_param links_params[] = {
    {"ID", true, NULL, "meta.id;meta.main", "string", NULL,
     "Publisher DID of a spectrum; may be repeated"},
    {"RESPONSEFORMAT", false, NULL, "meta.code.mime", "string", NULL,
     "How the answer is labelled"},
    {.name = NULL},
};

static const struct capability_param soda_params[] = {
    {"ID", true, NULL, "meta.ref.url;meta.curation", "string", NULL,
     "Publisher DID of a spectrum"},
    {"BAND", false, "m", "em.wl;stat.interval", "real", "2",
     "Vacuum wavelengths to keep, both ends included"},
    {"RESPONSEFORMAT", false, NULL, "meta.code.mime", "string", NULL,
     "Form of the answer, by media type or short name"},
    {"FRAME", false, NULL, NULL, "string", NULL,
     "rest: wavelengths asked for and given back are those at rest with the object"},
    {"SORT", false, NULL, NULL, "string", NULL,
     "Of many cut-outs the column to sort by, descending behind a minus sign"},
    {"COLUMNS", false, NULL, NULL, "string", NULL,
     "Of a table of many cut-outs the columns that are wanted, between commas"},
    {.name = NULL},
};

static const struct capability_param ssa_params[] = {
    {"POS", false, "deg", "pos.eq", "string", NULL,
     "Centre, ICRS: right ascension,declination"},
    {"SIZE", false, "deg", "phys.angSize", "real", NULL, "Diameter around POS"},
    {"BAND", false, "m", "em.wl", "string", NULL,
     "Vacuum wavelengths or ranges of them, such as 3.9e-7/4.1e-7"},
    {"TIME", false, NULL, "time", "string", NULL,
     "UTC dates or ranges of them, such as 2012-03/2012-05-15"},
    {"FORMAT", false, NULL, "meta.code.mime", "string", NULL,
     "all, compliant, native, metadata, or media types"},
    {"TARGETNAME", false, NULL, "meta.id;src", "string", NULL, "Name of the target"},
    {"TARGETCLASS", false, NULL, "src.class", "string", NULL,
     "List of classes: star, galaxy, qso, unknown"},
    {"REDSHIFT", false, NULL, "src.redshift", "string", NULL, "Range, such as 0.1/0.2"},
    {"SNR", false, NULL, "stat.snr", "real", NULL, "Least signal to noise"},
    {"MAXREC", false, NULL, "meta.number", "integer", NULL, "Most rows"},
    {.name = NULL},
};

/* SimpleDALRegExt, "SimpleSpectralAccess", in the order of its schema. */
static void write_ssa_limits(const struct service_settings *settings,
                             const struct collection_settings *collection,
                             struct buffer *out)
{
    (void)settings, (void)collection;
    buffer_add_literal(out, "    <complianceLevel>full</complianceLevel>\n"
                            "    <dataSource>survey</dataSource>\n"
                            "    <creationType>archival</creationType>\n"
                            "    <supportedFrame>ICRS</supportedFrame>\n"
                            "    <maxSearchRadius>180</maxSearchRadius>\n");
    buffer_format(out,
                  "    <maxRecords>%d</maxRecords>\n"
                  "    <defaultMaxRecords>%d</defaultMaxRecords>\n",
                  SSA_ROWS_MOST, SSA_ROWS_DEFAULT);
    buffer_add_literal(
        out, "    <testQuery><queryDataCmd>MAXREC=1</queryDataCmd></testQuery>\n");
}

#define VOSI "ivo://ivoa.net/std/VOSI#"

const struct capability capabilities[] = {
    {.standard_id = VOSI "capabilities",
     .path = "capabilities",
     .interface = "vs:ParamHTTP",
     .version = "1.0",
     .use = "full",
     .url_end = ""},
    {.standard_id = VOSI "availability",
     .path = "availability",
     .interface = "vs:ParamHTTP",
     .version = "1.0",
     .use = "full",
     .url_end = ""},
    {.standard_id = "ivo://ivoa.net/std/DALI#examples",
     .path = "examples",
     .interface = "vr:WebBrowser",
     .use = "full",
     .url_end = ""},
    {.standard_id = "ivo://ivoa.net/std/DataLink#links-1.1",
     .path = "links",
     .interface = "vs:ParamHTTP",
     .role = "std",
     .version = "1.1",
     .use = "base",
     .url_end = "",
     .takes_post = true,
     .result_type = "application/x-votable+xml;content=datalink",
     .params = links_params},
    {.standard_id = "ivo://ivoa.net/std/SODA#sync-1.0",
     .path = "sync",
     .interface = "vs:ParamHTTP",
     .role = "std",
     .version = "1.0",
     .use = "full",
     .url_end = "",
     .takes_post = true,
     .result_type = "application/x-votable+xml",
     .params = soda_params},
    {.standard_id = "ivo://ivoa.net/std/SODA#async-1.0",
     .path = "async",
     .interface = "vs:ParamHTTP",
     .role = "std",
     .version = "1.0",
     .use = "full",
     .url_end = "",
     .takes_post = true,
     .params = soda_params},
    {.standard_id = "ivo://ivoa.net/std/SSA",
     .path = "ssa",
     .type = "ssap:SimpleSpectralAccess",
     .interface = "vs:ParamHTTP",
     .role = "std",
     .version = "1.1",
     .use = "base",
     .url_end = "?",
     .takes_post = true,
     .result_type = "application/x-votable+xml",
     .params = ssa_params,
     .write_more = write_ssa_limits},
    {.standard_id = NULL},
};

/* ---- the document ---- */

static bool is_served(const struct capability *capability)
{
    static const char before[] = "/{c}/";

    for (const struct endpoint *endpoint = service_endpoints; endpoint->pattern;
         endpoint++)
        if (strncmp(endpoint->pattern, before, sizeof(before) - 1) == 0 &&
            strcmp(endpoint->pattern + sizeof(before) - 1, capability->path) == 0)
            return true;
    return false;
}

static void add_attribute(struct buffer *out, const char *name, const char *value)
{
    if (value)
        markup_add(out, " {}=\"{}\"", name, value);
}

static void add_element(struct buffer *out, const char *name, const char *value)
{
    if (value)
        markup_add(out, "<{}>{}</{}>", name, value, name);
}

/* In the order of the schema of VODataService. What is ours and not of the standard has
 * no UCD. */
static void add_param(struct buffer *out, const struct capability_param *param)
{
    markup_add(out, "\n      <param std=\"{}\" use=\"{}\">",
               param->ucd ? "true" : "false",
               param->is_required ? "required" : "optional");
    add_element(out, "name", param->name);
    add_element(out, "description", param->description);
    add_element(out, "unit", param->unit);
    add_element(out, "ucd", param->ucd);
    buffer_add_literal(out, "<dataType");
    add_attribute(out, "arraysize", param->arraysize);
    markup_add(out, ">{}</dataType></param>", param->type);
}

static void add_interface(struct buffer *out, const struct capability *capability,
                          const struct service_settings *settings,
                          const struct collection_settings *collection)
{
    buffer_add_literal(out, "    <interface");
    add_attribute(out, "xsi:type", capability->interface);
    add_attribute(out, "role", capability->role);
    add_attribute(out, "version", capability->version);
    markup_add(out, ">\n      <accessURL use=\"{}\">{}/{}/{}{}</accessURL>",
               capability->use, settings->base_url, collection->name, capability->path,
               capability->url_end);
    if (capability->params)
        add_element(out, "queryType", "GET");
    if (capability->takes_post)
        add_element(out, "queryType", "POST");
    add_element(out, "resultType", capability->result_type);
    for (const struct capability_param *param = capability->params; param && param->name;
         param++)
        add_param(out, param);
    buffer_add_literal(out, "\n    </interface>\n");
}

/* Some clients know these prefixes by their spelling, so they are bound here. */
static const char root[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<vosi:capabilities xmlns:vosi=\"http://www.ivoa.net/xml/VOSICapabilities/v1.0\"\n"
    "    xmlns:vr=\"http://www.ivoa.net/xml/VOResource/v1.0\"\n"
    "    xmlns:vs=\"http://www.ivoa.net/xml/VODataService/v1.1\"\n"
    "    xmlns:ssap=\"http://www.ivoa.net/xml/SSA/v1.1\"\n"
    "    xmlns:tr=\"http://www.ivoa.net/xml/TAPRegExt/v1.0\"\n"
    "    xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\n";

void capabilities_write_rows(const struct service_settings *settings,
                             const struct collection_settings *collection,
                             struct buffer *out)
{
    for (const struct capability *row = capabilities; row->standard_id; row++) {
        if (!is_served(row))
            continue;
        buffer_add_literal(out, "  <capability");
        add_attribute(out, "standardID", row->standard_id);
        add_attribute(out, "xsi:type", row->type);
        buffer_add_literal(out, ">\n");
        add_interface(out, row, settings, collection);
        if (row->write_more)
            row->write_more(settings, collection, out);
        buffer_add_literal(out, "  </capability>\n");
    }
}

void capabilities_write(const struct service_settings *settings,
                        const struct collection_settings *collection, struct buffer *out)
{
    buffer_add_string(out, root);
    capabilities_write_rows(settings, collection, out);
    buffer_add_literal(out, "</vosi:capabilities>\n");
}
