#include "archive/catalogue.h"

#include "archive/catalogue_database.h"
#include "archive/catalogue_search.h"
#include "base/number.h"

#include <math.h>
#include <sqlite3.h>
#include <string.h>

/* ---- rows ---- */

/* A copy in the arena. Taken as a blob, since as a text SQLite would copy it too, to end
 * it with NUL. */
static const char *text_of(struct sqlite3_value *value, struct arena *arena)
{
    const char *text;

    if (sqlite3_value_type(value) == SQLITE_NULL)
        return NULL;
    text = sqlite3_value_blob(value);
    return arena_copy(arena, text, (size_t)sqlite3_value_bytes(value));
}

static int64_t integer_of(struct sqlite3_value *value)
{
    return sqlite3_value_type(value) == SQLITE_NULL ? ENTRY_NO_INTEGER
                                                    : sqlite3_value_int64(value);
}

static double real_of(struct sqlite3_value *value)
{
    return sqlite3_value_type(value) == SQLITE_NULL ? (double)NAN
                                                    : sqlite3_value_double(value);
}

/* The row of a statement that selects @columns. */
static void entry_at(struct sqlite3_stmt *row, struct arena *arena, struct entry *out)
{
    for (size_t i = 0; i < entry_column_count; i++) {
        const struct entry_column *column = &entry_columns[i];
        struct sqlite3_value *value = sqlite3_column_value(row, (int)i);

        switch (column->type) {
        case ENTRY_TEXT:
            entry_set_text(out, column, text_of(value, arena));
            break;
        case ENTRY_INTEGER:
            entry_set_integer(out, column, integer_of(value));
            break;
        case ENTRY_REAL:
            entry_set_real(out, column, real_of(value));
            break;
        }
    }
}

static struct catalogue_file file_at(struct sqlite3_stmt *row, struct arena *arena)
{
    return (struct catalogue_file){
        .number = sqlite3_column_int64(row, 0),
        .path = text_of(sqlite3_column_value(row, 1), arena),
        .size = sqlite3_column_int64(row, 2),
        .mtime = sqlite3_column_int64(row, 3),
        .checksum = (uint64_t)sqlite3_column_int64(row, 4),
        .refused = sqlite3_column_int(row, 5),
        .gone = sqlite3_column_int(row, 6),
        .reason = text_of(sqlite3_column_value(row, 7), arena),
        .reader = sqlite3_column_int(row, 8),
    };
}

/* ---- one row ---- */

static enum status not_found(struct failure *failure)
{
    return failure_set(failure, STATUS_NOT_FOUND, "%s", "");
}

/* Step to the one row that is looked for. */
static enum status step_to_row(struct catalogue *catalogue,
                               struct sqlite3_stmt *statement, struct failure *failure)
{
    int result = sqlite3_step(statement);

    return result == SQLITE_DONE ? not_found(failure)
                                 : catalogue_result(catalogue, result, failure);
}

/* The one row of a bound statement, which is then ready for the next time. */
static enum status read_entry(struct catalogue *catalogue, struct sqlite3_stmt *statement,
                              struct arena *arena, struct entry *out,
                              struct failure *failure)
{
    enum status status = step_to_row(catalogue, statement, failure);

    if (!status)
        entry_at(statement, arena, out);
    sqlite3_reset(statement);
    return status;
}

/* Step to the row of a text; whatever comes of it, the caller resets *row. */
static enum status step_to_text(struct catalogue *catalogue, enum catalogue_sql sql,
                                const char *text, struct sqlite3_stmt **row,
                                struct failure *failure)
{
    enum status status = catalogue_statement(catalogue, sql, row, failure);

    if (status)
        return status;
    sqlite3_bind_text(*row, 1, text, -1, SQLITE_STATIC);
    return step_to_row(catalogue, *row, failure);
}

enum status catalogue_find(struct catalogue *catalogue, const char *path,
                           struct arena *arena, struct entry *out,
                           struct failure *failure)
{
    struct sqlite3_stmt *row = NULL;
    enum status status = step_to_text(catalogue, SQL_FIND, path, &row, failure);

    if (!status)
        entry_at(row, arena, out);
    sqlite3_reset(row);
    return status;
}

enum status catalogue_first(struct catalogue *catalogue, struct arena *arena,
                            struct entry *out, struct failure *failure)
{
    struct sqlite3_stmt *statement;
    enum status status;

    if ((status = catalogue_statement(catalogue, SQL_FIRST, &statement, failure)))
        return status;
    return read_entry(catalogue, statement, arena, out, failure);
}

enum status catalogue_find_number(struct catalogue *catalogue, int64_t number,
                                  struct arena *arena, struct entry *out,
                                  struct failure *failure)
{
    struct sqlite3_stmt *statement;
    enum status status;

    if ((status = catalogue_statement(catalogue, SQL_FIND_NUMBER, &statement, failure)))
        return status;
    sqlite3_bind_int64(statement, 1, number);
    return read_entry(catalogue, statement, arena, out, failure);
}

enum status catalogue_find_file(struct catalogue *catalogue, const char *path,
                                struct arena *arena, struct catalogue_file *out,
                                struct failure *failure)
{
    struct sqlite3_stmt *row = NULL;
    enum status status = step_to_text(catalogue, SQL_FIND_FILE, path, &row, failure);

    if (!status)
        *out = file_at(row, arena);
    sqlite3_reset(row);
    return status;
}

enum status catalogue_knows_path(struct catalogue *catalogue, const char *path,
                                 bool *knows, struct failure *failure)
{
    struct sqlite3_stmt *row = NULL;
    enum status status = step_to_text(catalogue, SQL_KNOWS_PATH, path, &row, failure);

    if (!status)
        *knows = sqlite3_column_int(row, 0);
    sqlite3_reset(row);
    return status;
}

int64_t catalogue_next_shard(struct catalogue *catalogue)
{
    struct sqlite3_stmt *statement;
    struct failure ignored;
    int64_t answer = -1;

    if (catalogue_statement(catalogue, SQL_NEXT_SHARD, &statement, &ignored))
        return -1;
    if (sqlite3_step(statement) == SQLITE_ROW)
        answer = sqlite3_column_int64(statement, 0);
    sqlite3_reset(statement);
    return answer;
}

enum status catalogue_summarise(struct catalogue *catalogue,
                                struct catalogue_summary *out, struct failure *failure)
{
    struct sqlite3_stmt *statement;
    enum status status;

    if ((status = catalogue_statement(catalogue, SQL_SUMMARISE, &statement, failure)))
        return status;
    status = step_to_row(catalogue, statement, failure);
    if (!status)
        *out = (struct catalogue_summary){
            .spectra = sqlite3_column_int64(statement, 0),
            .files = sqlite3_column_int64(statement, 1),
            .refused = sqlite3_column_int64(statement, 2),
            .spectral_start = real_of(sqlite3_column_value(statement, 3)),
            .spectral_end = real_of(sqlite3_column_value(statement, 4)),
            .time_start = real_of(sqlite3_column_value(statement, 5)),
            .time_end = real_of(sqlite3_column_value(statement, 6)),
        };
    sqlite3_reset(statement);
    return status;
}

/* ---- a few rows ---- */

/* Room for one more at the end of an array in an arena; its capacity is a power of two.
 */
static void *array_grow(struct arena *arena, void *array, size_t count, size_t size)
{
    bool is_full = (count & (count - 1)) == 0;
    void *larger;

    if (!is_full)
        return array;
    larger = arena_take(arena, (count ? 2 * count : 1) * size);
    if (count)
        memcpy(larger, array, count * size);
    return larger;
}

static enum status collect_entries(struct catalogue *catalogue,
                                   struct sqlite3_stmt *statement, struct arena *arena,
                                   struct entry **out, size_t *count,
                                   struct failure *failure)
{
    struct entry *entries = NULL;
    size_t length = 0;
    int result;

    while ((result = sqlite3_step(statement)) == SQLITE_ROW) {
        entries = array_grow(arena, entries, length, sizeof(*entries));
        entry_at(statement, arena, &entries[length++]);
    }
    sqlite3_reset(statement);
    if (result == SQLITE_DONE) {
        *out = entries;
        *count = length;
    }
    return catalogue_result(catalogue, result, failure);
}

static enum catalogue_sql sql_of_key(enum catalogue_key key)
{
    static const enum catalogue_sql sql[] = {
        [CATALOGUE_BY_NAME] = SQL_LIST_BY_NAME,
        [CATALOGUE_BY_OBSID] = SQL_LIST_BY_OBSID,
        [CATALOGUE_BY_FILE] = SQL_LIST_BY_FILE,
        [CATALOGUE_BY_SHARD] = SQL_LIST_BY_SHARD,
    };

    return sql[key];
}

enum status catalogue_list(struct catalogue *catalogue, enum catalogue_key key,
                           const char *value, size_t limit, struct arena *arena,
                           struct entry **out, size_t *count, struct failure *failure)
{
    struct sqlite3_stmt *statement;
    int64_t number;
    enum status status;

    if ((status = catalogue_statement(catalogue, sql_of_key(key), &statement, failure)))
        return status;
    if (key != CATALOGUE_BY_OBSID && key != CATALOGUE_BY_SHARD) {
        sqlite3_bind_text(statement, 1, value, -1, SQLITE_STATIC);
    } else if (number_read_integer(value, strlen(value), &number)) {
        sqlite3_bind_int64(statement, 1, number);
    } else {
        *count = 0;
        return STATUS_OK;
    }
    sqlite3_bind_int64(statement, 2, limit > INT64_MAX ? INT64_MAX : (int64_t)limit);
    return collect_entries(catalogue, statement, arena, out, count, failure);
}

enum status catalogue_list_shards(struct catalogue *catalogue, struct arena *arena,
                                  struct catalogue_shard **out, size_t *count,
                                  struct failure *failure)
{
    struct catalogue_shard *shards = NULL;
    struct sqlite3_stmt *statement;
    size_t length = 0;
    enum status status;
    int result;

    if ((status = catalogue_statement(catalogue, SQL_LIST_SHARDS, &statement, failure)))
        return status;
    while ((result = sqlite3_step(statement)) == SQLITE_ROW) {
        shards = array_grow(arena, shards, length, sizeof(*shards));
        shards[length++] = (struct catalogue_shard){
            .number = sqlite3_column_int64(statement, 0),
            .size = sqlite3_column_int64(statement, 1),
            .live = sqlite3_column_int64(statement, 2),
        };
    }
    sqlite3_reset(statement);
    if (result == SQLITE_DONE) {
        *out = shards;
        *count = length;
    }
    return catalogue_result(catalogue, result, failure);
}

/* ---- all rows ---- */

static const char *text_or_empty(struct sqlite3_stmt *row, int column)
{
    const char *text = (const char *)sqlite3_column_text(row, column);

    return text ? text : "";
}

/* The row of SQL_EACH_OUTLINE. */
static struct outline outline_at(struct sqlite3_stmt *row)
{
    return (struct outline){
        .path = text_or_empty(row, 0),
        .target_class = text_or_empty(row, 1),
        .target_subclass = text_or_empty(row, 2),
        .ra = real_of(sqlite3_column_value(row, 3)),
        .dec = real_of(sqlite3_column_value(row, 4)),
        .redshift = real_of(sqlite3_column_value(row, 5)),
        .snr = real_of(sqlite3_column_value(row, 6)),
        .shard = sqlite3_column_int64(row, 7),
        .record_offset = sqlite3_column_int64(row, 8),
        .record_size = sqlite3_column_int64(row, 9),
        .axis_offset = sqlite3_column_int64(row, 10),
        .axis_size = sqlite3_column_int64(row, 11),
        .record_checksum = (uint64_t)sqlite3_column_int64(row, 12),
    };
}

enum status catalogue_each_outline(struct catalogue *catalogue,
                                   enum status (*visit)(void *context,
                                                        const struct outline *outline,
                                                        struct failure *failure),
                                   void *context, struct failure *failure)
{
    struct sqlite3_stmt *statement;
    enum status status =
        catalogue_statement(catalogue, SQL_EACH_OUTLINE, &statement, failure);
    int result = SQLITE_DONE;

    if (status)
        return status;
    while (!status && (result = sqlite3_step(statement)) == SQLITE_ROW) {
        struct outline outline = outline_at(statement);

        status = visit(context, &outline, failure);
    }
    sqlite3_reset(statement);
    return status ? status : catalogue_result(catalogue, result, failure);
}

enum status catalogue_each_pixel(struct catalogue *catalogue,
                                 void (*visit)(void *context, int64_t pixel,
                                               int64_t spectra),
                                 void *context, struct failure *failure)
{
    struct sqlite3_stmt *statement;
    enum status status =
        catalogue_statement(catalogue, SQL_EACH_PIXEL, &statement, failure);
    int result;

    if (status)
        return status;
    while ((result = sqlite3_step(statement)) == SQLITE_ROW)
        visit(context, sqlite3_column_int64(statement, 0),
              sqlite3_column_int64(statement, 1));
    sqlite3_reset(statement);
    return catalogue_result(catalogue, result, failure);
}

enum status catalogue_each_file(struct catalogue *catalogue,
                                enum status (*visit)(void *context,
                                                     const struct catalogue_file *file,
                                                     struct failure *failure),
                                void *context, struct failure *failure)
{
    struct sqlite3_stmt *statement;
    enum status status =
        catalogue_statement(catalogue, SQL_EACH_FILE, &statement, failure);
    int result = SQLITE_DONE;
    struct arena arena;

    if (status)
        return status;
    arena_init(&arena);
    while (!status && (result = sqlite3_step(statement)) == SQLITE_ROW) {
        struct catalogue_file file;

        arena_reset(&arena);
        file = file_at(statement, &arena);
        status = visit(context, &file, failure);
    }
    sqlite3_reset(statement);
    arena_finish(&arena);
    return status ? status : catalogue_result(catalogue, result, failure);
}
