#include "protocol/record.h"

#include "format/markup.h"
#include "protocol/capabilities.h"

#include <math.h>
#include <string.h>
#include <time.h>

/* As its schema wants them, one after the other. */

static void open_record(const struct record *record, struct buffer *out)
{
    time_t time = record->time;
    char text[32];
    struct tm parts;

    gmtime_r(&time, &parts);
    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts);
    markup_add(
        out,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<ri:Resource xmlns:ri=\"http://www.ivoa.net/xml/RegistryInterface/v1.0\"\n"
        "    xmlns:vr=\"http://www.ivoa.net/xml/VOResource/v1.0\"\n"
        "    xmlns:vs=\"http://www.ivoa.net/xml/VODataService/v1.1\"\n"
        "    xmlns:ssap=\"http://www.ivoa.net/xml/SSA/v1.1\"\n"
        "    xmlns:tr=\"http://www.ivoa.net/xml/TAPRegExt/v1.0\"\n"
        "    xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"\n"
        "    xsi:type=\"vs:CatalogService\" status=\"active\" created=\"{}\" "
        "updated=\"{}\">\n",
        text, text);
}

static const char *publisher_id(const struct record *record)
{
    return record->settings->publisher_did_root
               ? record->settings->publisher_did_root
               : arena_format(record->arena, "ivo://%s", record->settings->authority);
}

static void write_curation(const struct record *record, struct buffer *out)
{
    const struct service_settings *settings = record->settings;

    markup_add(out,
               "  <title>{}</title>\n  <shortName>{}</shortName>\n"
               "  <identifier>ivo://{}/{}</identifier>\n"
               "  <curation>\n    <publisher ivo-id=\"{}\">{}</publisher>\n",
               record->collection->title,
               arena_format(record->arena, "%.16s", record->collection->name),
               settings->authority, record->collection->name, publisher_id(record),
               settings->publisher);
    if (record->collection->creator)
        markup_add(out, "    <creator><name>{}</name></creator>\n",
                   record->collection->creator);
    markup_add(out, "    <contact><name>{}</name>",
               settings->contact_name ? settings->contact_name : settings->publisher);
    if (settings->contact_email)
        markup_add(out, "<email>{}</email>", settings->contact_email);
    buffer_add_literal(out, "</contact>\n  </curation>\n");
}

static void write_content(const struct record *record, struct buffer *out)
{
    static const size_t BIBCODE_LENGTH = 19;
    const struct collection_settings *collection = record->collection;

    markup_add(out,
               "  <content>\n    <subject>spectroscopy</subject>\n"
               "    <subject>surveys</subject>\n    <description>{}</description>\n",
               collection->description ? collection->description : collection->title);
    if (collection->reference && strlen(collection->reference) == BIBCODE_LENGTH)
        markup_add(out, "    <source format=\"bibcode\">{}</source>\n",
                   collection->reference);
    markup_add(out,
               "    <referenceURL>{}/{}</referenceURL>\n    <type>Survey</type>\n"
               "    <contentLevel>Research</contentLevel>\n  </content>\n",
               record->settings->base_url, collection->name);
    if (collection->rights)
        markup_add(out, "  <rights>{}</rights>\n", collection->rights);
}

/* Photon energies, J, of wavelengths, Angstrom: the longest has the least. */
static const char *energies(const struct record *record)
{
    static const double HC = 6.62607015e-34 * 299792458 * 1e10; /* J Angstrom */

    return arena_format(record->arena, "%.6g %.6g", HC / record->summary->spectral_end,
                        HC / record->summary->spectral_start);
}

static void write_coverage(const struct record *record, struct buffer *out)
{
    const struct catalogue_summary *summary = record->summary;

    buffer_add_literal(out, "  <facility>LAMOST</facility>\n  <coverage>\n");
    if (record->moc->count) {
        buffer_add_literal(out, "    <spatial>");
        moc_write_ascii(record->moc, out);
        buffer_add_literal(out, "</spatial>\n");
    }
    if (!isnan(summary->time_start))
        markup_add(out, "    <temporal>{}</temporal>\n",
                   arena_format(record->arena, "%.4f %.4f", summary->time_start,
                                summary->time_end));
    if (!isnan(summary->spectral_start))
        markup_add(out, "    <spectral>{}</spectral>\n", energies(record));
    markup_add(out,
               "    <footprint ivo-id=\"ivo://ivoa.net/std/moc\">{}/{}/coverage"
               "</footprint>\n    <waveband>Optical</waveband>\n  </coverage>\n",
               record->settings->base_url, record->collection->name);
}

void record_write(const struct record *record, struct buffer *out)
{
    open_record(record, out);
    write_curation(record, out);
    write_content(record, out);
    capabilities_write_rows(record->settings, record->collection, out);
    write_coverage(record, out);
    buffer_add_literal(out, "</ri:Resource>\n");
}
