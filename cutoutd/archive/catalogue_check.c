#include "archive/catalogue_database.h"
#include "archive/cone.h"
#include "sky/healpix.h"

#include <math.h>
#include <sqlite3.h>

/* ---- functions that the statements call ---- */

static double degrees_of(struct sqlite3_value *value)
{
    return sqlite3_value_type(value) == SQLITE_NULL ? (double)NAN
                                                    : sqlite3_value_double(value);
}

static void call_cell_of(struct sqlite3_context *call, int count,
                         struct sqlite3_value **position)
{
    (void)count;
    sqlite3_result_int64(call, cell_of(degrees_of(position[0]), degrees_of(position[1])));
}

static void call_pixel_of(struct sqlite3_context *call, int count,
                          struct sqlite3_value **position)
{
    int64_t pixel = healpix_pixel(CATALOGUE_PIXEL_ORDER, degrees_of(position[0]),
                                  degrees_of(position[1]));

    (void)count;
    if (pixel >= 0)
        sqlite3_result_int64(call, pixel);
}

static enum status add_functions(struct catalogue *catalogue, struct failure *failure)
{
    static const struct {
        const char *name;
        void (*call)(struct sqlite3_context *, int, struct sqlite3_value **);
    } functions[] = {{"cell_of", call_cell_of}, {"pixel_of", call_pixel_of}};
    int result = SQLITE_OK;

    for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]) && !result; i++)
        result = sqlite3_create_function(catalogue->connection, functions[i].name, 2,
                                         SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL,
                                         functions[i].call, NULL, NULL);
    return catalogue_result(catalogue, result, failure);
}

/* ---- the checks ---- */

/* NULL as people say it. */
static const char *word_at(struct sqlite3_stmt *row, int i)
{
    const char *text = (const char *)sqlite3_column_text(row, i);

    return text ? text : "nothing";
}

static enum status check(struct catalogue *catalogue, enum catalogue_sql sql,
                         struct catalogue_faults faults, struct failure *failure)
{
    struct sqlite3_stmt *statement;
    enum status status = catalogue_statement(catalogue, sql, &statement, failure);
    int result;

    if (status)
        return status;
    while ((result = sqlite3_step(statement)) == SQLITE_ROW)
        faults.tell(faults.context, word_at(statement, 0), word_at(statement, 1),
                    word_at(statement, 2), word_at(statement, 3));
    status = catalogue_result(catalogue, result, failure);
    sqlite3_reset(statement);
    return status;
}

enum status catalogue_check(struct catalogue *catalogue, struct catalogue_faults faults,
                            struct failure *failure)
{
    enum status status = add_functions(catalogue, failure);

    for (enum catalogue_sql sql = SQL_CHECK_FIRST; sql <= SQL_CHECK_LAST && !status;
         sql++)
        status = check(catalogue, sql, faults, failure);
    return status;
}
