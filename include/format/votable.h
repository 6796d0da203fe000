/*
 * votable.h - VOTable 1.4 written piece by piece into a buffer.
 *
 * The caller opens and closes elements in the order of the schema; this floor knows how
 * they are spelled, escaped and how cells are encoded (TABLEDATA; BINARY and BINARY2 in
 * base64).
 */
#pragma once

#include "base/buffer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What FIELD and PARAM have in common; NULL leaves an attribute out. */
struct votable_field {
    const char *id; /* XML ID */
    const char *name;
    const char
        *datatype; /* "double", "float", "short", "int", "long", "char", "boolean" */
    const char *arraysize;
    const char *xtype;
    const char *unit;
    const char *ucd;
    const char *utype;
    const char *ref;
    const char *null; /* VALUES null= */
    const char *description;
};

void votable_open(struct buffer *out); /* XML declaration and VOTABLE */
void votable_close(struct buffer *out);

void votable_resource_open(struct buffer *out, const char *type, const char *id,
                           const char *name, const char *utype);
void votable_resource_close(struct buffer *out);
void votable_table_open(struct buffer *out, const char *name, const char *utype);
void votable_table_close(struct buffer *out);
void votable_group_open(struct buffer *out, const char *name, const char *utype);
void votable_group_close(struct buffer *out);

void votable_description(struct buffer *out, const char *text);
void votable_info(struct buffer *out, const char *name, const char *value,
                  const char *content);
void votable_field(struct buffer *out, const struct votable_field *field);
void votable_param(struct buffer *out, const struct votable_field *param,
                   const char *value);

/* A PARAM that is nothing but a name and a text, as service descriptors have them. */
void votable_param_text(struct buffer *out, const char *name, const char *value);

/* A PARAM with VALUES: MIN and MAX (either both or none) and OPTIONs (ended by NULL; NULL
 * for none). */
void votable_param_values(struct buffer *out, const struct votable_field *param,
                          const char *value, const char *min, const char *max,
                          const char *const *options);

/* Rows. */
void votable_tabledata_open(struct buffer *out);
void votable_tabledata_close(struct buffer *out);
void votable_row_open(struct buffer *out);
void votable_row_close(struct buffer *out);
void votable_cell_text(struct buffer *out, const char *text); /* NULL: an empty cell */
void votable_cell_double(struct buffer *out, double value);
void votable_cell_float(struct buffer *out, float value);
void votable_cell_integer(struct buffer *out, int64_t value);

/* The same for whoever spells rows of many numbers by himself. */
#define VOTABLE_ROW_BEGIN "<TR><TD>"
#define VOTABLE_CELL_NEXT "</TD><TD>"
#define VOTABLE_ROW_END "</TD></TR>\n"

enum votable_binary { VOTABLE_BINARY, VOTABLE_BINARY2 };
void votable_stream_open(struct buffer *out, enum votable_binary binary);
void votable_stream_close(struct buffer *out, enum votable_binary binary);
