/*
 * ssa_table.h - the fields of an SSA answer (SSA 1.1, section 4.2; every ssa: utype of
 * sdm_fields.tsv, and scalar positions, OBSID and the URL of the links), and its rows.
 *
 * What is the same in all rows is a PARAM of the TABLE, the rest its FIELDs.
 */
#pragma once

#include "archive/entry.h"
#include "base/buffer.h"
#include "format/votable.h"
#include "service/service.h"

#include <stdbool.h>
#include <stddef.h>

enum ssa_origin {
    SSA_NOWHERE,  /* no spectrum of ours has a value */
    SSA_DOCUMENT, /* the field `of` of the spectrum's document, enum sdm_field */
    SSA_OWN,      /* of the answer, enum ssa_own */
};

enum ssa_own {
    SSA_SCORE,
    SSA_ASSOCTYPE,
    SSA_ASSOCID,
    SSA_ASSOCKEY,
    SSA_ACCREF,
    SSA_MIME,
    SSA_ACCSIZE,
    SSA_MODEL,
    SSA_DELETED,
    SSA_CDATE,
    SSA_RAJ2000,
    SSA_DEJ2000,
    SSA_OBSID,
    SSA_DATALINK_URL,
};

struct ssa_field {
    struct votable_field field;
    enum ssa_origin origin;
    int of;
    bool is_scaled; /* Angstrom in the document, metres here */
};

/* Made from sdm_fields.tsv when this is built. */
extern const struct ssa_field ssa_fields[];
extern const size_t ssa_field_count;

/* XML ID of the column of publisher DIDs, for descriptors to refer to. */
extern const char SSA_ID_FIELD[];

/* The forms a spectrum is listed in; a row each. */
enum ssa_form { SSA_FORM_VOTABLE, SSA_FORM_FITS };
enum { SSA_FORM_COUNT = 2 };

struct ssa_row {
    const struct service_settings *settings;
    const struct service_collection *collection;
    const struct entry *entry;
    const char *publisher_did;
    enum ssa_form form;
    bool is_associated; /* its other form has a row, too */
    int64_t size;       /* bytes, of what accref gives; below 0: not known */
    double score;
};

/* PARAMs and FIELDs of an open TABLE. */
void ssa_table_head(const struct service_settings *settings,
                    const struct collection_settings *collection, struct buffer *out);

/* A row of an open TABLEDATA. */
void ssa_table_row(const struct ssa_row *row, struct buffer *out);

/* The fields as PARAMs named OUTPUT:... (section 6). */
void ssa_table_outputs(const struct service_settings *settings,
                       const struct collection_settings *collection, struct buffer *out);
