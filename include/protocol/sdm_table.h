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

struct sdm_param {
    struct sdm_text groups; /* GROUPs that end and begin before it */
    struct sdm_text head;   /* up to its value */
    struct sdm_text tail;   /* behind its value */
    struct sdm_text absent; /* the value when there is none */
    bool is_optional;       /* left out when there is no value */
};

extern const struct sdm_param sdm_params[];
extern const size_t sdm_param_count;

/* Ends the groups of the last PARAM; the GROUPs of columns, and the FIELDs. */
extern const struct sdm_text sdm_columns;
