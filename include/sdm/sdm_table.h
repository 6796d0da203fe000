/*
 * sdm_table.h - the PARAMs and columns of an SDM document, as text that does not depend
 * on the spectrum.
 *
 * Made at build time from sdm_fields.tsv, which says name, utype, UCD, unit and datatype
 * of every field. Fields are numbered by enum sdm_field of the generated sdm_fields.h.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct sdm_text {
    const char *text;
    size_t length;
};

enum sdm_kind { SDM_KIND_TEXT, SDM_KIND_INTEGER, SDM_KIND_REAL, SDM_KIND_POSITION };

struct sdm_param {
    struct sdm_text groups; /* GROUPs that end and begin before it */
    struct sdm_text head;   /* up to its value */
    struct sdm_text tail;   /* behind its value */
    struct sdm_text absent; /* the value when there is none */
    bool is_optional;       /* left out when there is no value */
    enum sdm_kind kind;
    const char *name;
    const char *keywords[2]; /* of FITS: of a position two, of some fields none */
    const char *comment;     /* of its card in FITS: "[Angstrom] ssa_specmid", the unit as
                                FITS 4.0 has it in section 4.3.2 */
};

extern const struct sdm_param sdm_params[];
extern const size_t sdm_param_count;

/* A column, for documents that are no VOTable. */
struct sdm_column {
    const char *name;
    const char *fits_form;                        /* TFORMn */
    const char *datatype;                         /* as ECSV has it */
    const char *unit, *ucd, *utype, *description; /* NULL: none */
};
enum { SDM_COLUMN_COUNT = 5 };
extern const struct sdm_column sdm_column_table[SDM_COLUMN_COUNT];

/* Ends the groups of the last PARAM; the GROUPs of columns, and the FIELDs. */
extern const struct sdm_text sdm_columns;
