#include "format/votable_column.h"

#include "base/memory.h"
#include "format/votable_binary.h"

#include <expat.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_FIELDS = 4096 };

struct votable_column {
    struct votable_wish wish;
    XML_Parser parser;
    struct failure failure; /* of a handler; status 0: none */

    /* The table. */
    bool in_table, is_over; /* over: its data have been read */
    struct votable_extent fields[MOST_FIELDS];
    size_t count, wanted;
    int rank;             /* of the one that is wanted */
    bool has_odd_extents; /* of a type that no binary stream can have */

    /* Its data. */
    size_t cell;  /* of the row, from 1 on */
    bool in_cell; /* of the column */
    size_t text_length;
    char text[VOTABLE_CELL];
    struct votable_binary *binary;
    bool is_binary2, in_stream;
};

/* ---- failures: the parser is stopped, and the first one kept ---- */

static void stop(struct votable_column *column, const char *what)
{
    if (!column->failure.status)
        failure_set(&column->failure, STATUS_BAD_PARAMETER, "the VOTable: %s", what);
    XML_StopParser(column->parser, XML_FALSE);
}

static void stop_if(struct votable_column *column, enum status status)
{
    if (status)
        XML_StopParser(column->parser, XML_FALSE);
}

static void on_entity(void *state, const XML_Char *name, int is_parameter,
                      const XML_Char *value, int length, const XML_Char *base,
                      const XML_Char *system, const XML_Char *public,
                      const XML_Char *notation)
{
    (void)name, (void)is_parameter, (void)value, (void)length, (void)base;
    (void)system, (void)public, (void)notation;
    stop(state, "entities are not taken");
}

/* ---- elements ---- */

static const char *attribute(const XML_Char **attributes, const char *name)
{
    for (; *attributes; attributes += 2)
        if (strcmp(attributes[0], name) == 0)
            return attributes[1];
    return NULL;
}

static const char *or_empty(const char *text)
{
    return text ? text : "";
}

static void on_field(struct votable_column *column, const XML_Char **attributes)
{
    const char *datatype = attribute(attributes, "datatype");
    int rank = column->wish.rank(or_empty(attribute(attributes, "name")),
                                 or_empty(attribute(attributes, "ucd")));

    if (column->count == MOST_FIELDS) {
        stop(column, "too many fields");
        return;
    }
    if (!votable_extent_read(or_empty(datatype), attribute(attributes, "arraysize"),
                             &column->fields[column->count]))
        column->has_odd_extents = true;
    if (rank > column->rank) {
        column->rank = rank;
        column->wanted = column->count;
    }
    column->count++;
}

static void on_data(struct votable_column *column)
{
    if (column->rank)
        return;
    if (!column->failure.status)
        failure_set(&column->failure, STATUS_BAD_PARAMETER, "the VOTable: %s",
                    column->wish.described);
    XML_StopParser(column->parser, XML_FALSE);
}

static void on_stream(struct votable_column *column, const XML_Char **attributes)
{
    const char *encoding = attribute(attributes, "encoding");

    if (!column->rank || column->binary)
        stop(column, "a stream where none belongs");
    else if (attribute(attributes, "href") ||
             (encoding && strcmp(encoding, "base64") != 0))
        stop(column, "its rows must be in it, as base64");
    else if (column->has_odd_extents)
        stop(column, "a field of a type or size that is not VOTable's");
    else if (!column->failure.status)
        stop_if(column, votable_binary_open(column->fields, column->count, column->wanted,
                                            column->is_binary2, column->wish,
                                            &column->binary, &column->failure));
    column->in_stream = column->binary != NULL;
}

static void on_cell(struct votable_column *column)
{
    column->in_cell = column->cell++ == column->wanted;
    column->text_length = 0;
}

/* Without a prefix of its namespace. */
static const char *local_name(const XML_Char *name)
{
    const char *colon = strchr(name, ':');

    return colon ? colon + 1 : name;
}

static void on_begin(void *state, const XML_Char *qualified, const XML_Char **attributes)
{
    struct votable_column *column = state;
    const char *name = local_name(qualified);

    if (column->is_over || column->failure.status)
        return;
    if (strcmp(name, "TABLE") == 0)
        column->in_table = true;
    else if (!column->in_table)
        return;
    else if (strcmp(name, "TD") == 0)
        on_cell(column);
    else if (strcmp(name, "TR") == 0)
        column->cell = 0;
    else if (strcmp(name, "FIELD") == 0)
        on_field(column, attributes);
    else if (strcmp(name, "DATA") == 0)
        on_data(column);
    else if (strcmp(name, "BINARY2") == 0)
        column->is_binary2 = true;
    else if (strcmp(name, "STREAM") == 0)
        on_stream(column, attributes);
    else if (strcmp(name, "FITS") == 0)
        stop(column, "rows as FITS are not taken");
}

/* A table without data is passed over: another may follow. */
static void end_table(struct votable_column *column)
{
    column->in_table = false;
    column->count = 0;
    column->rank = 0;
    column->has_odd_extents = false;
}

static void on_end(void *state, const XML_Char *qualified)
{
    struct votable_column *column = state;
    const char *name = local_name(qualified);

    if (column->is_over || column->failure.status)
        return;
    if (strcmp(name, "TD") == 0 && column->in_cell) {
        column->in_cell = false;
        stop_if(column, column->wish.cell(column->wish.state, column->text,
                                          column->text_length, &column->failure));
    } else if (strcmp(name, "STREAM") == 0 && column->in_stream) {
        column->in_stream = false;
        stop_if(column, votable_binary_end(column->binary, &column->failure));
    } else if (strcmp(name, "DATA") == 0 && column->in_table) {
        column->is_over = true;
    } else if (strcmp(name, "TABLE") == 0) {
        end_table(column);
    }
}

static void on_text(void *state, const XML_Char *text, int length)
{
    struct votable_column *column = state;
    size_t room = sizeof(column->text) - column->text_length;
    size_t size = (size_t)length < room ? (size_t)length : room;

    if (column->failure.status)
        return;
    if (column->in_stream) {
        stop_if(column, votable_binary_add(column->binary, text, (size_t)length,
                                           &column->failure));
    } else if (column->in_cell) {
        memcpy(column->text + column->text_length, text, size);
        column->text_length += size;
    }
}

/* ---- the document ---- */

struct votable_column *votable_column_open(struct votable_wish wish)
{
    struct votable_column *column = memory_new(column);

    column->wish = wish;
    column->parser = XML_ParserCreate(NULL);
    if (!column->parser)
        abort();
    XML_SetUserData(column->parser, column);
    XML_SetElementHandler(column->parser, on_begin, on_end);
    XML_SetCharacterDataHandler(column->parser, on_text);
    XML_SetEntityDeclHandler(column->parser, on_entity);
    return column;
}

void votable_column_close(struct votable_column *column)
{
    if (!column)
        return;
    XML_ParserFree(column->parser);
    votable_binary_close(column->binary);
    free(column);
}

static enum status parse(struct votable_column *column, const char *bytes, size_t length,
                         bool is_last, struct failure *failure)
{
    if (XML_Parse(column->parser, bytes, (int)length, is_last) == XML_STATUS_OK)
        return STATUS_OK;
    if (column->failure.status) {
        *failure = column->failure;
        return failure->status;
    }
    return failure_set(failure, STATUS_BAD_PARAMETER, "the VOTable: line %lu: %s",
                       (unsigned long)XML_GetCurrentLineNumber(column->parser),
                       XML_ErrorString(XML_GetErrorCode(column->parser)));
}

enum status votable_column_add(struct votable_column *column, const char *bytes,
                               size_t length, struct failure *failure)
{
    enum { STEP = 1 << 20 };
    enum status status = STATUS_OK;

    while (length && !status) {
        size_t step = length < STEP ? length : STEP;

        status = parse(column, bytes, step, false, failure);
        bytes += step;
        length -= step;
    }
    return status;
}

enum status votable_column_end(struct votable_column *column, struct failure *failure)
{
    enum status status = parse(column, "", 0, true, failure);

    if (status)
        return status;
    return column->is_over ? STATUS_OK
                           : failure_set(failure, STATUS_BAD_PARAMETER,
                                         "the VOTable: there is no table with data");
}
