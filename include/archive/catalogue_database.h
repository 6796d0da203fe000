/*
 * catalogue_database.h - what the parts of the catalogue share: the connection and its
 * statements.
 *
 * Nobody but the catalogue's own sources includes it.
 */
#pragma once

#include "archive/catalogue.h"
#include "base/status.h"

#include <stdint.h>
#include <sys/types.h>

struct sqlite3;
struct sqlite3_stmt;

/* Every statement has its text in catalogue_sql.c; it is prepared once for a connection,
 * when first used. */
enum catalogue_sql {
    SQL_DATA_VERSION,
    SQL_FIND,
    SQL_FIND_NUMBER,
    SQL_FIRST,
    SQL_LIST_BY_NAME,
    SQL_LIST_BY_OBSID,
    SQL_LIST_BY_FILE,
    SQL_LIST_BY_SHARD,
    SQL_SUMMARISE,
    SQL_EACH_OUTLINE,
    SQL_EACH_PIXEL,
    SQL_FIND_FILE,
    SQL_KNOWS_PATH,
    SQL_EACH_FILE,
    SQL_LIST_SHARDS,
    SQL_NEXT_SHARD,
    SQL_CHECK_FIRST, /* those of catalogue_check(): */
    SQL_CHECK_FILE = SQL_CHECK_FIRST,
    SQL_CHECK_CELLS,
    SQL_CHECK_PIXELS,
    SQL_CHECK_PIXEL_COUNTS,
    SQL_CHECK_SHARD_COUNTS,
    SQL_CHECK_LAST = SQL_CHECK_SHARD_COUNTS,
    SQL_COPY,
    SQL_HOLD,
    SQL_BEGIN,
    SQL_COMMIT,
    SQL_ROLL_BACK,
    SQL_PUT_FILE,
    SQL_PUT_SPECTRUM,
    SQL_LIST_FILE_PATHS,
    SQL_DELETE_SPECTRUM,
    SQL_PUT_SHARD,
    SQL_FORGET_SHARD,
    SQL_COUNT
};

/* The generation of a catalogue as its writer counts it, in a file of 8 bytes beside it
 * (catalogue_generation.c). */
struct catalogue_counter {
    int fd;                 /* of the writer; else -1 */
    const uint64_t *mapped; /* NULL: there is none */
};

struct catalogue {
    char path[4096];
    dev_t device; /* of the file that was opened */
    ino_t inode;
    struct sqlite3 *connection;
    struct sqlite3_stmt *statements[SQL_COUNT]; /* NULL until first used */
    struct catalogue_counter counter;
};

/* Beside the catalogue: outlines.h. A commit removes it. */
#define CATALOGUE_OUTLINES "catalogue.outlines"

/* ---- catalogue.c ---- */

/* A prepared statement, ready for binding. The caller resets it as soon as it has its
   answer: until then the connection keeps to the state it saw. */
enum status catalogue_statement(struct catalogue *catalogue, enum catalogue_sql sql,
                                struct sqlite3_stmt **out, struct failure *failure);

/* Run a statement that gives no rows, and reset it. */
enum status catalogue_run(struct catalogue *catalogue, struct sqlite3_stmt *statement,
                          struct failure *failure);

/* What SQLite's result means for us; STATUS_OK for SQLITE_OK, SQLITE_ROW and SQLITE_DONE.
 */
enum status catalogue_result(struct catalogue *catalogue, int result,
                             struct failure *failure);

/* ---- catalogue_sql.c ---- */

/* The tables, with their indexes and triggers, and the number of this format: it follows
   from the text, so that no change of a column can be forgotten. Append to *out. */
void catalogue_schema(struct buffer *out);
int32_t catalogue_format(void);
void catalogue_sql_text(enum catalogue_sql sql, struct buffer *out);

/* ---- catalogue_map.c ---- */

/* What all connections open their files by: readers map them, however large. Once, before
 * the first connection. */
#define CATALOGUE_LAYER "cutoutd"
void catalogue_register_layer(void);

/* ---- catalogue_generation.c ---- */

enum status catalogue_counter_open(struct catalogue_counter *counter,
                                   const char *cache_folder, enum catalogue_mode mode,
                                   struct failure *failure);
void catalogue_counter_close(struct catalogue_counter *counter);

/* Around a commit: between the two the count is odd, which says that it is not to be
 * relied on. */
enum status catalogue_counter_begin(struct catalogue_counter *counter,
                                    struct failure *failure);
void catalogue_counter_end(struct catalogue_counter *counter);
