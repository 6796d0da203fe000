#include "archive/catalogue.h"

#include "archive/catalogue_database.h"
#include "archive/cone.h"
#include "base/file.h"
#include "sky/healpix.h"

#include <errno.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* ---- transactions ---- */

static bool is_changing(const struct catalogue *catalogue)
{
    return !sqlite3_get_autocommit(catalogue->connection);
}

static enum status run_plain(struct catalogue *catalogue, enum catalogue_sql sql,
                             struct failure *failure)
{
    struct sqlite3_stmt *statement;
    enum status status;

    if ((status = catalogue_statement(catalogue, sql, &statement, failure)))
        return status;
    return catalogue_run(catalogue, statement, failure);
}

/* The statement of a change. SQLite gives up the whole transaction when the disk is full:
   what came after would then be committed alone. */
static enum status change_statement(struct catalogue *catalogue, enum catalogue_sql sql,
                                    struct sqlite3_stmt **out, struct failure *failure)
{
    if (!is_changing(catalogue))
        return failure_set(failure, STATUS_SYSTEM, "%s: a change outside a transaction",
                           catalogue->path);
    return catalogue_statement(catalogue, sql, out, failure);
}

enum status catalogue_begin(struct catalogue *catalogue, struct failure *failure)
{
    return run_plain(catalogue, SQL_BEGIN, failure);
}

/* For good, before the commit that makes them wrong, even where the machine stops between
 * the two. */
static enum status remove_outlines(struct catalogue *catalogue, struct failure *failure)
{
    int folder_length = (int)(strrchr(catalogue->path, '/') - catalogue->path);
    char folder[PATH_MAX], path[PATH_MAX + sizeof("/" CATALOGUE_OUTLINES)];

    snprintf(folder, sizeof(folder), "%.*s", folder_length, catalogue->path);
    snprintf(path, sizeof(path), "%s/" CATALOGUE_OUTLINES, folder);
    if (unlink(path) == 0)
        return file_sync_folder(folder, failure);
    return errno == ENOENT ? STATUS_OK : failure_system(failure, "%s", path);
}

enum status catalogue_commit(struct catalogue *catalogue, struct failure *failure)
{
    enum status status;

    if ((status = remove_outlines(catalogue, failure)) ||
        (status = catalogue_counter_begin(&catalogue->counter, failure)))
        return status;
    status = run_plain(catalogue, SQL_COMMIT, failure);
    catalogue_counter_end(&catalogue->counter);
    return status;
}

void catalogue_roll_back(struct catalogue *catalogue)
{
    struct failure ignored; /* closing would undo what this does not */

    if (is_changing(catalogue))
        run_plain(catalogue, SQL_ROLL_BACK, &ignored);
}

/* ---- files ---- */

enum status catalogue_put_file(struct catalogue *catalogue,
                               const struct catalogue_file *file, int64_t *number,
                               struct failure *failure)
{
    struct sqlite3_stmt *statement;
    enum status status;
    int result;

    if ((status = change_statement(catalogue, SQL_PUT_FILE, &statement, failure)))
        return status;
    sqlite3_bind_text(statement, 1, file->path, -1, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 2, file->size);
    sqlite3_bind_int64(statement, 3, file->mtime);
    sqlite3_bind_int64(statement, 4, (int64_t)file->checksum);
    sqlite3_bind_int(statement, 5, file->refused);
    sqlite3_bind_int(statement, 6, file->gone);
    sqlite3_bind_text(statement, 7, file->reason, -1, SQLITE_STATIC);
    sqlite3_bind_int(statement, 8, file->reader);
    result = sqlite3_step(statement);
    if (result == SQLITE_ROW) {
        *number = sqlite3_column_int64(statement, 0);
        result = sqlite3_step(statement);
    }
    status = catalogue_result(catalogue, result, failure);
    sqlite3_reset(statement);
    return status;
}

/* ---- spectra ---- */

static void bind_column(struct sqlite3_stmt *statement, int i, const struct entry *entry,
                        const struct entry_column *column)
{
    switch (column->type) {
    case ENTRY_TEXT:
        sqlite3_bind_text(statement, i, entry_text(entry, column), -1, SQLITE_STATIC);
        break;
    case ENTRY_INTEGER:
        if (entry_integer(entry, column) == ENTRY_NO_INTEGER)
            sqlite3_bind_null(statement, i);
        else
            sqlite3_bind_int64(statement, i, entry_integer(entry, column));
        break;
    case ENTRY_REAL:
        sqlite3_bind_double(statement, i, entry_real(entry, column)); /* NaN is NULL */
        break;
    }
}

static void bind_pixel(struct sqlite3_stmt *statement, int i, const struct entry *entry)
{
    int64_t pixel = healpix_pixel(CATALOGUE_PIXEL_ORDER, entry->ra, entry->dec);

    if (pixel < 0)
        sqlite3_bind_null(statement, i);
    else
        sqlite3_bind_int64(statement, i, pixel);
}

enum status catalogue_put_spectrum(struct catalogue *catalogue, const struct entry *entry,
                                   int64_t file_number, struct failure *failure)
{
    struct sqlite3_stmt *statement;
    enum status status;

    if (!entry->path || entry->shard == ENTRY_NO_INTEGER ||
        entry->record_size == ENTRY_NO_INTEGER)
        return failure_set(failure, STATUS_SYSTEM,
                           "%s: a spectrum without a path or a place", catalogue->path);
    if ((status = change_statement(catalogue, SQL_PUT_SPECTRUM, &statement, failure)))
        return status;
    sqlite3_bind_int64(statement, 1, file_number);
    sqlite3_bind_int64(statement, 2, cell_of(entry->ra, entry->dec));
    bind_pixel(statement, 3, entry);
    for (size_t i = 0; i < entry_column_count; i++)
        bind_column(statement, (int)i + 4, entry, &entry_columns[i]);
    return catalogue_run(catalogue, statement, failure);
}

static enum status delete_spectrum(struct catalogue *catalogue, int64_t number,
                                   const char *when, struct failure *failure)
{
    struct sqlite3_stmt *statement;
    enum status status;

    if ((status = change_statement(catalogue, SQL_DELETE_SPECTRUM, &statement, failure)))
        return status;
    sqlite3_bind_int64(statement, 1, number);
    sqlite3_bind_text(statement, 2, when, -1, SQLITE_STATIC);
    return catalogue_run(catalogue, statement, failure);
}

static bool is_among(const char *path, const char *const *paths, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(path, paths[i]) == 0)
            return true;
    return false;
}

enum status catalogue_delete_spectra(struct catalogue *catalogue, int64_t file_number,
                                     const char *const *kept, size_t kept_count,
                                     const char *when, int64_t *count,
                                     struct failure *failure)
{
    struct sqlite3_stmt *statement;
    int64_t deleted = 0;
    int result = SQLITE_DONE;
    enum status status =
        change_statement(catalogue, SQL_LIST_FILE_PATHS, &statement, failure);

    if (status)
        return status;
    sqlite3_bind_int64(statement, 1, file_number);
    while (!status && (result = sqlite3_step(statement)) == SQLITE_ROW) {
        if (is_among((const char *)sqlite3_column_text(statement, 1), kept, kept_count))
            continue;
        status =
            delete_spectrum(catalogue, sqlite3_column_int64(statement, 0), when, failure);
        deleted++;
    }
    sqlite3_reset(statement);
    if (!status && !(status = catalogue_result(catalogue, result, failure)))
        *count = deleted;
    return status;
}

/* ---- shards ---- */

enum status catalogue_put_shard(struct catalogue *catalogue,
                                const struct catalogue_shard *shard,
                                struct failure *failure)
{
    struct sqlite3_stmt *statement;
    enum status status;

    if ((status = change_statement(catalogue, SQL_PUT_SHARD, &statement, failure)))
        return status;
    sqlite3_bind_int64(statement, 1, shard->number);
    sqlite3_bind_int64(statement, 2, shard->size);
    return catalogue_run(catalogue, statement, failure);
}

enum status catalogue_forget_shard(struct catalogue *catalogue, int64_t number,
                                   struct failure *failure)
{
    struct sqlite3_stmt *statement;
    enum status status;

    if ((status = change_statement(catalogue, SQL_FORGET_SHARD, &statement, failure)))
        return status;
    sqlite3_bind_int64(statement, 1, number);
    if ((status = catalogue_run(catalogue, statement, failure)))
        return status;
    if (sqlite3_changes(catalogue->connection) == 0)
        return failure_set(failure, STATUS_SYSTEM,
                           "shard %lld still holds living spectra", (long long)number);
    return STATUS_OK;
}
