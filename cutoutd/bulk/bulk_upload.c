#include "bulk/bulk_upload.h"

#include "base/buffer.h"
#include "base/memory.h"
#include "dali/multipart.h"
#include "format/votable_column.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    LONGEST_VALUE = 64 * 1024, /* of a parameter */
    LONGEST_LINE = 4096,       /* what is kept of one; no ID is as long */
    MOST_PARAMETERS = 1000,
};

struct bulk_upload {
    struct multipart *multipart;
    struct params *params;
    struct bulk_ids *ids;
    enum { PART_PARAMETER, PART_UNKNOWN, PART_LINES, PART_VOTABLE } part;
    struct buffer name;           /* of the parameter */
    struct buffer text;           /* its value, or a line begun */
    bool has_line;                /* of the file: the first may be a header */
    struct buffer file;           /* name of the field that was a file */
    struct votable_column *table; /* being read */
};

/* ---- lines ---- */

static void add_to_line(struct bulk_upload *upload, const char *bytes, size_t length)
{
    size_t room = LONGEST_LINE - upload->text.length;

    buffer_add(&upload->text, bytes, length < room ? length : room);
}

/* Files that hold a table, but not as we read one; no ID begins so. */
static enum status refuse_other_tables(const struct bulk_upload *upload,
                                       struct failure *failure)
{
    static const struct {
        const char *begin, *what;
    } others[] = {{"SIMPLE  =", "a FITS file"}, {"\x1f\x8b", "a gzip file"}};
    const struct buffer *line = &upload->text;

    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        size_t length = strlen(others[i].begin);

        if (line->length >= length && memcmp(line->bytes, others[i].begin, length) == 0)
            return failure_set(failure, STATUS_BAD_PARAMETER,
                               "%.80s: this is %s; send a VOTable, or a text with an ID "
                               "on each line",
                               (const char *)upload->name.bytes, others[i].what);
    }
    return STATUS_OK;
}

/* Of a column of IDs: as here, in SSA or in ObsCore. */
static const char *const id_names[] = {"ID", "ssa_pubDID", "obs_publisher_did"};
enum { ID_NAMES = sizeof(id_names) / sizeof(id_names[0]) };

static bool is_id_name(const char *text, size_t length)
{
    static const char AROUND[] = " \t\r\"";

    while (length && strchr(AROUND, *text))
        text++, length--;
    while (length && strchr(AROUND, text[length - 1]))
        length--;
    for (size_t i = 0; i < ID_NAMES; i++)
        if (length == strlen(id_names[i]) && strncasecmp(text, id_names[i], length) == 0)
            return true;
    return false;
}

/* Whether the first line names a column of IDs, as CSV has it; other columns beside it
 * are one too many. */
static enum status read_header(struct bulk_upload *upload, bool *is_header,
                               struct failure *failure)
{
    const char *next = (const char *)upload->text.bytes;
    const char *end = next + upload->text.length;
    int columns = 0;

    upload->has_line = true;
    *is_header = false;
    while (next < end) {
        const char *comma = memchr(next, ',', (size_t)(end - next));
        const char *stop = comma ? comma : end;

        columns++;
        *is_header |= is_id_name(next, (size_t)(stop - next));
        next = comma ? comma + 1 : end;
    }
    return *is_header && columns > 1
               ? failure_set(failure, STATUS_BAD_PARAMETER,
                             "%.80s: this is a CSV table of %d columns; send the one "
                             "with IDs alone, or a VOTable",
                             (const char *)upload->name.bytes, columns)
               : STATUS_OK;
}

static enum status end_line(struct bulk_upload *upload, struct failure *failure)
{
    bool is_header = false;
    enum status status;

    if ((status = refuse_other_tables(upload, failure)) ||
        (!upload->has_line && (status = read_header(upload, &is_header, failure))))
        return status;
    if (!is_header)
        status = bulk_ids_add(upload->ids, (const char *)upload->text.bytes,
                              upload->text.length, failure);
    buffer_clear(&upload->text);
    return status;
}

static enum status take_lines(struct bulk_upload *upload, const char *bytes,
                              size_t length, struct failure *failure)
{
    const char *end = bytes + length;
    enum status status = STATUS_OK;

    while (bytes < end && !status) {
        const char *line_end = memchr(bytes, '\n', (size_t)(end - bytes));

        add_to_line(upload, bytes, (size_t)((line_end ? line_end : end) - bytes));
        if (line_end)
            status = end_line(upload, failure);
        bytes = line_end ? line_end + 1 : end;
    }
    return status;
}

/* ---- tables ---- */

/* By name; else by what it means. */
static int rank(const char *name, const char *ucd)
{
    static const char *const meanings[] = {
        "meta.id;meta.main", "meta.ref.url;meta.curation", "meta.ref.uri;meta.curation",
        "meta.ref.ivoid;meta.id"};
    int best = 100;

    for (size_t i = 0; i < ID_NAMES; i++, best--)
        if (strcasecmp(name, id_names[i]) == 0)
            return best;
    for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++, best--)
        if (strcasecmp(ucd, meanings[i]) == 0)
            return best;
    return 0;
}

static enum status take_cell(void *state, const char *text, size_t length,
                             struct failure *failure)
{
    return bulk_ids_add(state, text, length, failure);
}

static void open_table(struct bulk_upload *upload)
{
    votable_column_close(upload->table);
    upload->table = votable_column_open((struct votable_wish){
        .rank = rank,
        .cell = take_cell,
        .state = upload->ids,
        .described = "no column of IDs: it must be named ID, ssa_pubDID or "
                     "obs_publisher_did, or have the UCD meta.id;meta.main or "
                     "meta.ref.url;meta.curation",
    });
}

/* ---- parts ---- */

static enum status begin_part(void *state, const char *name, const char *file_name,
                              struct failure *failure)
{
    struct bulk_upload *upload = state;
    bool is_list = strcasecmp(name, "IDS") == 0;

    buffer_clear(&upload->text);
    upload->has_line = false;
    buffer_clear(&upload->name);
    buffer_add(&upload->name, name, strlen(name) + 1);
    upload->part = is_list || file_name ? PART_UNKNOWN : PART_PARAMETER;
    if (upload->part == PART_PARAMETER || is_list)
        return STATUS_OK;
    if (upload->file.length)
        return failure_set(failure, STATUS_BAD_PARAMETER,
                           "UPLOAD: one table at a time, '%.80s' is another", name);
    buffer_add(&upload->file, name, strlen(name) + 1);
    return STATUS_OK;
}

/* A VOTable begins with markup, and no ID does. Blanks and the mark of UTF-8 ahead of
 * either are skipped; returns how many bytes that were. */
static size_t look_at_file(struct bulk_upload *upload, const char *bytes, size_t length)
{
    static const char skipped[] = " \t\r\n\xEF\xBB\xBF";
    size_t first = 0;

    while (first < length && memchr(skipped, bytes[first], sizeof(skipped) - 1))
        first++;
    if (first == length)
        return length;
    upload->part = bytes[first] == '<' ? PART_VOTABLE : PART_LINES;
    if (upload->part == PART_VOTABLE)
        open_table(upload);
    return first;
}

static enum status take_value(struct bulk_upload *upload, const char *bytes,
                              size_t length, struct failure *failure)
{
    if (upload->text.length + length > LONGEST_VALUE)
        return failure_set(failure, STATUS_TOO_LARGE,
                           "%s: more than %d bytes; a list of IDs is a file or the "
                           "field IDS",
                           (const char *)upload->name.bytes, LONGEST_VALUE);
    buffer_add(&upload->text, bytes, length);
    return STATUS_OK;
}

static enum status take_part(void *state, const char *bytes, size_t length,
                             struct failure *failure)
{
    struct bulk_upload *upload = state;

    if (upload->part == PART_UNKNOWN) {
        size_t skipped = look_at_file(upload, bytes, length);

        bytes += skipped;
        length -= skipped;
    }
    switch (upload->part) {
    case PART_PARAMETER:
        return take_value(upload, bytes, length, failure);
    case PART_LINES:
        return take_lines(upload, bytes, length, failure);
    case PART_VOTABLE:
        return votable_column_add(upload->table, bytes, length, failure);
    case PART_UNKNOWN:
        break;
    }
    return STATUS_OK;
}

static enum status add_parameter(struct bulk_upload *upload, struct failure *failure)
{
    const char *name = (const char *)upload->name.bytes;
    const char *value = (const char *)upload->text.bytes;
    size_t length = upload->text.length;

    if (!*name || (length && memchr(value, '\0', length)))
        return failure_set(failure, STATUS_BAD_PARAMETER,
                           "a field without a name, or with a NUL in it");
    if (upload->params->count == MOST_PARAMETERS)
        return failure_set(failure, STATUS_TOO_LARGE,
                           "more than %d fields; a list of IDs is a file or the field "
                           "IDS",
                           MOST_PARAMETERS);
    params_add(upload->params, name, strlen(name), length ? value : "", length);
    return STATUS_OK;
}

static enum status end_part(void *state, struct failure *failure)
{
    struct bulk_upload *upload = state;

    switch (upload->part) {
    case PART_PARAMETER:
        return add_parameter(upload, failure);
    case PART_LINES:
        return end_line(upload, failure);
    case PART_VOTABLE:
        return votable_column_end(upload->table, failure);
    case PART_UNKNOWN:
        break;
    }
    return STATUS_OK;
}

/* ---- the body ---- */

enum status bulk_upload_open(const char *content_type, struct params *params,
                             struct bulk_ids *ids, struct bulk_upload **out,
                             struct failure *failure)
{
    struct bulk_upload *upload = memory_new(upload);
    struct multipart_reader reader = {begin_part, take_part, end_part, upload};
    enum status status =
        multipart_open(content_type, reader, &upload->multipart, failure);

    if (status) {
        free(upload);
        return status;
    }
    upload->params = params;
    upload->ids = ids;
    *out = upload;
    return STATUS_OK;
}

void bulk_upload_close(struct bulk_upload *upload)
{
    if (!upload)
        return;
    multipart_close(upload->multipart);
    votable_column_close(upload->table);
    buffer_finish(&upload->name);
    buffer_finish(&upload->text);
    buffer_finish(&upload->file);
    free(upload);
}

enum status bulk_upload_add(struct bulk_upload *upload, const char *bytes, size_t length,
                            struct failure *failure)
{
    return multipart_add(upload->multipart, bytes, length, failure);
}

/* UPLOAD=name,param:field */
static enum status check_named(const struct bulk_upload *upload, struct failure *failure)
{
    const char *file = upload->file.length ? (const char *)upload->file.bytes : NULL;
    const char *text, *comma;
    enum status status = params_single(upload->params, "UPLOAD", &text, failure);

    if (status || (!text && !file))
        return status;
    if (!text)
        return failure_set(failure, STATUS_BAD_PARAMETER,
                           "UPLOAD: missing: the file '%.80s' is named by "
                           "UPLOAD=ids,param:%.80s, or sent as the field IDS",
                           file, file);
    comma = strchr(text, ',');
    if (!comma || strncasecmp(comma, ",param:", 7) != 0)
        return failure_set(failure, STATUS_BAD_PARAMETER,
                           "UPLOAD: expected NAME,param:FIELD for a file of this very "
                           "request, got '%.80s'",
                           text);
    if (strcasecmp(comma + 7, "IDS") == 0 || (file && strcmp(comma + 7, file) == 0))
        return STATUS_OK;
    return failure_set(failure, STATUS_BAD_PARAMETER,
                       "UPLOAD: there is no file in the field '%.80s'", comma + 7);
}

enum status bulk_upload_end(struct bulk_upload *upload, struct failure *failure)
{
    enum status status = multipart_end(upload->multipart, failure);

    return status ? status : check_named(upload, failure);
}
