#include "protocol/ssa_table.h"

#include "archive/identifier.h"
#include "base/number.h"
#include "dali/percent.h"
#include "format/xml.h"
#include "sdm/sdm.h"
#include "sdm/sdm_fields.h"
#include "sdm/sdm_values.h"

#include <math.h>
#include <string.h>

const char SSA_ID_FIELD[] = "ssa_pubDID";

static const char *const media_types[SSA_FORM_COUNT] = {
    [SSA_FORM_VOTABLE] = "application/x-votable+xml",
    [SSA_FORM_FITS] = "application/fits",
};

/* Of the survey's own files; "Spectrum-1.0" would promise columns that they do not have.
 */
static const char *const models[SSA_FORM_COUNT] = {
    [SSA_FORM_VOTABLE] = "Spectrum-1.0",
    [SSA_FORM_FITS] = "LAMOST-FITS",
};

/* ---- the head ---- */

static bool is_param(const struct ssa_field *field)
{
    if (field->origin == SSA_DOCUMENT)
        return sdm_value_is_shared((size_t)field->of);
    return field->origin == SSA_NOWHERE || field->of == SSA_ASSOCTYPE ||
           field->of == SSA_ASSOCKEY;
}

/* What stands where there is no value: a PARAM must have one (VOTable 1.4, section 4.1).
 */
static const char *absent(const struct ssa_field *field)
{
    return strcmp(field->field.datatype, "char") == 0 ? "" : "NaN";
}

static void add_shared_value(const struct service_settings *settings,
                             const struct collection_settings *collection,
                             const struct ssa_field *field, struct buffer *out)
{
    if (field->origin == SSA_OWN && field->of == SSA_ASSOCTYPE)
        buffer_add_literal(out, "MultiFormat");
    else if (field->origin == SSA_OWN && field->of == SSA_ASSOCKEY)
        buffer_add_literal(out, "@mime");
    else if (field->origin != SSA_DOCUMENT ||
             !sdm_value_add_shared(settings, collection, (size_t)field->of, out))
        buffer_add_string(out, absent(field));
    buffer_add(out, "", 1);
}

static void add_param(const struct service_settings *settings,
                      const struct collection_settings *collection,
                      const struct ssa_field *field, struct buffer *out)
{
    struct buffer value = {0};

    add_shared_value(settings, collection, field, &value);
    votable_param(out, &field->field, (const char *)value.bytes);
    buffer_finish(&value);
}

void ssa_table_head(const struct service_settings *settings,
                    const struct collection_settings *collection, struct buffer *out)
{
    for (size_t i = 0; i < ssa_field_count; i++)
        if (is_param(&ssa_fields[i]))
            add_param(settings, collection, &ssa_fields[i], out);
    for (size_t i = 0; i < ssa_field_count; i++)
        if (!is_param(&ssa_fields[i]))
            votable_field(out, &ssa_fields[i].field);
}

void ssa_table_outputs(const struct service_settings *settings,
                       const struct collection_settings *collection, struct buffer *out)
{
    for (size_t i = 0; i < ssa_field_count; i++) {
        struct ssa_field output = ssa_fields[i];
        struct buffer name = {0};

        buffer_format(&name, "OUTPUT:%s", output.field.name);
        buffer_add(&name, "", 1);
        output.field.id = NULL;
        output.field.name = (const char *)name.bytes;
        if (is_param(&ssa_fields[i]))
            add_param(settings, collection, &output, out);
        else
            votable_param(out, &output.field,
                          output.field.arraysize && *output.field.arraysize == '2'
                              ? "NaN NaN"
                          : strcmp(output.field.datatype, "long") == 0 ? "0"
                                                                       : absent(&output));
        buffer_finish(&name);
    }
}

/* ---- a row ---- */

static void add_url(const struct ssa_row *row, const char *of, struct buffer *out)
{
    buffer_add_string(out, row->settings->base_url);
    buffer_add_char(out, '/');
    buffer_add_string(out, row->collection->settings->name);
    buffer_add_string(out, of);
}

static void add_access_url(const struct ssa_row *row, struct buffer *out)
{
    add_url(row, "/spectra/", out);
    if (row->form == SSA_FORM_VOTABLE) {
        identifier_write_url_path(out, row->entry->path);
        buffer_add_literal(out, ".vot");
    } else {
        char path[IDENTIFIER_LENGTH];
        size_t length = strlen(row->entry->path);

        if (row->entry->spectrum)
            length -= strlen(row->entry->spectrum) + 1;
        if (length >= sizeof(path))
            length = sizeof(path) - 1;
        memcpy(path, row->entry->path, length);
        path[length] = '\0';
        identifier_write_url_path(out, path);
        buffer_add_literal(out, ".fits");
    }
}

static void add_real(double value, struct buffer *out)
{
    if (!isnan(value))
        buffer_added(out,
                     number_write_double((char *)buffer_room(out, NUMBER_LENGTH), value));
}

static void add_integer(int64_t value, struct buffer *out)
{
    buffer_added(out,
                 number_write_integer((char *)buffer_room(out, NUMBER_LENGTH), value));
}

/* The day alone: some clients take no time of day here. */
static void add_date(const char *date, struct buffer *out)
{
    if (date)
        buffer_add(out, date, strcspn(date, "T"));
}

static void add_own(const struct ssa_row *row, enum ssa_own own, struct buffer *out)
{
    const struct entry *entry = row->entry;

    switch (own) {
    case SSA_SCORE:
        add_real(row->score, out);
        break;
    case SSA_ASSOCTYPE:
    case SSA_ASSOCKEY:
        break; /* PARAMs */
    case SSA_ASSOCID:
        if (row->is_associated)
            buffer_add_string(out, row->publisher_did);
        break;
    case SSA_ACCREF:
        add_access_url(row, out);
        break;
    case SSA_MIME:
        buffer_add_string(out, media_types[row->form]);
        break;
    case SSA_ACCSIZE:
        if (row->size >= 0)
            add_integer((row->size + 1023) / 1024, out);
        break;
    case SSA_MODEL:
        buffer_add_string(out, models[row->form]);
        break;
    case SSA_DELETED:
        if (entry->deleted)
            buffer_add_string(out, entry->deleted);
        break;
    case SSA_CDATE:
        add_date(entry->date, out);
        break;
    case SSA_RAJ2000:
        add_real(entry->ra, out);
        break;
    case SSA_DEJ2000:
        add_real(entry->dec, out);
        break;
    case SSA_OBSID:
        if (entry->obsid != ENTRY_NO_INTEGER)
            add_integer(entry->obsid, out);
        break;
    case SSA_DATALINK_URL:
        add_url(row, "/links?ID=", out);
        percent_encode(row->publisher_did, out);
        break;
    }
}

/* Angstrom to metres: the number with its point moved, which is exact and quick. */
static void scale(struct buffer *out, size_t from)
{
    if (out->length > from)
        buffer_add_literal(out, "e-10");
}

static void add_cell(const struct ssa_row *row, const struct sdm_document *document,
                     const struct ssa_field *field, struct buffer *out)
{
    size_t from;

    buffer_add_literal(out, "<TD>");
    from = out->length;
    if (field->origin == SSA_OWN)
        add_own(row, (enum ssa_own)field->of, out);
    else
        sdm_value_add(document, (size_t)field->of, out);
    if (field->is_scaled)
        scale(out, from);
    xml_escape_tail(out, from);
    buffer_add_literal(out, "</TD>");
}

void ssa_table_row(const struct ssa_row *row, struct buffer *out)
{
    struct sdm_document document = {
        .frame = row->collection->frame,
        .publisher_did = row->publisher_did,
        .entry = row->entry,
        .slice = {.count = (size_t)row->entry->length},
    };

    votable_row_open(out);
    for (size_t i = 0; i < ssa_field_count; i++)
        if (!is_param(&ssa_fields[i]))
            add_cell(row, &document, &ssa_fields[i], out);
    votable_row_close(out);
}
