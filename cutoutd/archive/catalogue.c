#include "archive/catalogue.h"

#include "archive/catalogue_database.h"
#include "base/buffer.h"
#include "base/file.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* "CUTC" in the file's head, for file(1) and for us. */
enum { APPLICATION_ID = 0x43555443 };

/* ---- errors ---- */

/* SQLite has a code for a full disk, but not for a quota: there errno still says why the
 * last write failed. */
static bool is_no_space(int result)
{
    return result == SQLITE_FULL ||
           (result == SQLITE_IOERR &&
            (errno == ENOSPC || errno == EDQUOT || errno == EFBIG));
}

static enum status status_of(int result)
{
    switch (result) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return STATUS_OK;
    case SQLITE_BUSY:
        return STATUS_UNAVAILABLE;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return STATUS_DAMAGED;
    default:
        return is_no_space(result) ? STATUS_NO_SPACE : STATUS_SYSTEM;
    }
}

static const char *reason_of(struct catalogue *catalogue, int result)
{
    if (is_no_space(result))
        return "the disk is full, or its quota used up";
    if (result == SQLITE_READONLY)
        return "its folder must be writable: readers lock by a file beside it";
    return sqlite3_errmsg(catalogue->connection);
}

enum status catalogue_result(struct catalogue *catalogue, int result,
                             struct failure *failure)
{
    enum status status = status_of(result & 0xff); /* the rest says how exactly */

    if (!status)
        return STATUS_OK;
    return failure_set(failure, status, "%s: %s", catalogue->path,
                       reason_of(catalogue, result & 0xff));
}

/* ---- statements ---- */

static enum status prepare(struct catalogue *catalogue, enum catalogue_sql sql,
                           struct failure *failure)
{
    struct buffer text;
    int result;

    buffer_init(&text);
    catalogue_sql_text(sql, &text);
    result =
        sqlite3_prepare_v3(catalogue->connection, (const char *)text.bytes, -1,
                           SQLITE_PREPARE_PERSISTENT, &catalogue->statements[sql], NULL);
    buffer_finish(&text);
    return catalogue_result(catalogue, result, failure);
}

enum status catalogue_statement(struct catalogue *catalogue, enum catalogue_sql sql,
                                struct sqlite3_stmt **out, struct failure *failure)
{
    enum status status = STATUS_OK;

    if (!catalogue->statements[sql])
        status = prepare(catalogue, sql, failure);
    if (!status)
        *out = catalogue->statements[sql];
    return status;
}

enum status catalogue_run(struct catalogue *catalogue, struct sqlite3_stmt *statement,
                          struct failure *failure)
{
    enum status status = catalogue_result(catalogue, sqlite3_step(statement), failure);

    sqlite3_reset(statement);
    return status;
}

/* ---- opening ---- */

/*
 * SQLite counts its memory under a lock that all threads share; nobody reads the count.
 * And it takes twenty pages at once for each small table that it makes on the way, which
 * makes a query that lists two files five times as slow as one that takes them singly.
 */
static void configure_sqlite(void)
{
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    sqlite3_config(SQLITE_CONFIG_PAGECACHE, NULL, 0, 0);
    catalogue_register_layer();
}

static enum status execute(struct catalogue *catalogue, const char *sql,
                           struct failure *failure)
{
    return catalogue_result(
        catalogue, sqlite3_exec(catalogue->connection, sql, NULL, NULL, NULL), failure);
}

static enum status connect(struct catalogue *catalogue, enum catalogue_mode mode,
                           struct failure *failure)
{
    static pthread_once_t configured = PTHREAD_ONCE_INIT;
    int flags = SQLITE_OPEN_NOMUTEX |
                (mode == CATALOGUE_READ ? SQLITE_OPEN_READONLY
                                        : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
    int result;

    pthread_once(&configured, configure_sqlite);
    if (mode == CATALOGUE_READ && access(catalogue->path, F_OK) < 0 && errno == ENOENT)
        return failure_set(failure, STATUS_NOT_FOUND, "%s: no such file",
                           catalogue->path);
    result =
        sqlite3_open_v2(catalogue->path, &catalogue->connection, flags, CATALOGUE_LAYER);
    if (result == SQLITE_OK)
        sqlite3_extended_result_codes(catalogue->connection, 1);
    return catalogue_result(catalogue, result, failure);
}

/*
 * Readers map the file (catalogue_map.c; its size here says only that), so that looking a
 * row up takes no system call for each page; most of the pages that they need are then
 * the kernel's, and their own cache can be small. The writer syncs at each commit: ingest
 * removes shards that a committed state no longer needs. What undoes one statement it
 * keeps in memory, so that no second disk can be full.
 */
static enum status set_up(struct catalogue *catalogue, enum catalogue_mode mode,
                          struct failure *failure)
{
    return execute(catalogue,
                   mode == CATALOGUE_READ
                       ? "PRAGMA busy_timeout = 1000; PRAGMA cache_size = -2000;"
                         "PRAGMA mmap_size = 2147418112;"
                       : "PRAGMA busy_timeout = 10000; PRAGMA page_size = 8192;"
                         "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                         "PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY;"
                         "PRAGMA journal_size_limit = 67108864;",
                   failure);
}

/* ---- format ---- */

struct format {
    int64_t tables; /* none in a new file */
    int64_t application;
    int64_t version;
};

static enum status read_format(struct catalogue *catalogue, struct format *out,
                               struct failure *failure)
{
    struct sqlite3_stmt *statement;
    enum status status = catalogue_result(
        catalogue,
        sqlite3_prepare_v2(
            catalogue->connection,
            "SELECT (SELECT count(*) FROM sqlite_schema), application_id,"
            " user_version FROM pragma_application_id, pragma_user_version",
            -1, &statement, NULL),
        failure);

    if (status)
        return status;
    status = catalogue_result(catalogue, sqlite3_step(statement), failure);
    *out = (struct format){sqlite3_column_int64(statement, 0),
                           sqlite3_column_int64(statement, 1),
                           sqlite3_column_int64(statement, 2)};
    sqlite3_finalize(statement);
    return status;
}

static enum status create(struct catalogue *catalogue, struct failure *failure)
{
    struct buffer sql;
    enum status status;

    buffer_init(&sql);
    buffer_add_literal(&sql, "BEGIN IMMEDIATE;");
    catalogue_schema(&sql);
    buffer_format(&sql, "PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT;",
                  APPLICATION_ID, catalogue_format());
    status = execute(catalogue, (const char *)sql.bytes, failure);
    buffer_finish(&sql);
    return status;
}

static enum status expect_format(struct catalogue *catalogue, enum catalogue_mode mode,
                                 struct failure *failure)
{
    struct format format;
    enum status status = read_format(catalogue, &format, failure);

    if (status)
        return status;
    if (format.tables == 0 && mode == CATALOGUE_WRITE)
        return create(catalogue, failure);
    if (format.tables == 0)
        return failure_set(failure, STATUS_NOT_FOUND, "%s: empty as yet",
                           catalogue->path);
    if (format.application != APPLICATION_ID)
        return failure_set(failure, STATUS_DAMAGED, "%s: not a catalogue of cutoutd",
                           catalogue->path);
    if (format.version != catalogue_format())
        return failure_set(
            failure, STATUS_DAMAGED,
            "%s: written by another version of cutoutd, in another format: "
            "name an empty cache folder in the configuration and run "
            "cutoutd ingest, or go back to that version",
            catalogue->path);
    return STATUS_OK;
}

static void note_file(struct catalogue *catalogue)
{
    struct stat facts = {0}; /* a file that went already is not current */

    stat(catalogue->path, &facts);
    catalogue->device = facts.st_dev;
    catalogue->inode = facts.st_ino;
}

enum status catalogue_open(const char *cache_folder, enum catalogue_mode mode,
                           struct catalogue **out, struct failure *failure)
{
    struct catalogue *catalogue = memory_new(catalogue);
    enum status status;

    snprintf(catalogue->path, sizeof(catalogue->path), "%s/catalogue.sqlite",
             cache_folder);
    if ((status =
             catalogue_counter_open(&catalogue->counter, cache_folder, mode, failure)) ||
        (status = connect(catalogue, mode, failure)) ||
        (status = set_up(catalogue, mode, failure)) ||
        (status = expect_format(catalogue, mode, failure))) {
        catalogue_close(catalogue);
        return status;
    }
    note_file(catalogue);
    *out = catalogue;
    return STATUS_OK;
}

bool catalogue_is_current(const struct catalogue *catalogue)
{
    struct stat facts;

    return stat(catalogue->path, &facts) == 0 && facts.st_ino == catalogue->inode &&
           facts.st_dev == catalogue->device;
}

void catalogue_close(struct catalogue *catalogue)
{
    if (!catalogue)
        return;
    for (size_t i = 0; i < SQL_COUNT; i++)
        sqlite3_finalize(catalogue->statements[i]);
    sqlite3_close(catalogue->connection); /* rolls back */
    catalogue_counter_close(&catalogue->counter);
    free(catalogue);
}

static enum status sync_file(const char *path, struct failure *failure)
{
    AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0 || fsync(fd) < 0)
        return failure_system(failure, "%s: sync", path);
    return STATUS_OK;
}

enum status catalogue_copy(struct catalogue *catalogue, const char *path,
                           struct failure *failure)
{
    struct sqlite3_stmt *statement;
    enum status status;

    if (access(path, F_OK) == 0)
        return failure_set(failure, STATUS_SYSTEM, "%s: is there already", path);
    if ((status = catalogue_statement(catalogue, SQL_COPY, &statement, failure)))
        return status;
    sqlite3_bind_text(statement, 1, path, -1, SQLITE_STATIC);
    if ((status = catalogue_run(catalogue, statement, failure)) ||
        (status = sync_file(path, failure)))
        unlink(path); /* half of it */
    return status;
}
