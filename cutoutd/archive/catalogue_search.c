#include "archive/catalogue_search.h"

#include "archive/catalogue_database.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "base/memory.h"

#include <math.h>
#include <sqlite3.h>
#include <stdlib.h>

/*
 * One statement goes through the rows that an index offers, and tells of each whether the
 * other conditions hold. They are no part of its WHERE, for SQLite would then not come
 * back before it found a row, which may take it through all of the catalogue.
 */

enum way {
    BY_PATH,
    BY_TARGET_NAME,
    BY_CELL,
    BY_TARGET_CLASS,
    BY_NUMBER, /* all */
};

struct catalogue_search {
    const struct catalogue_query *query;
    enum way way;
    struct cell_range ranges[CONE_RANGES]; /* BY_CELL */
    size_t range_count;
    size_t range;        /* that is being read */
    int64_t last_cell;   /* seen in it; */
    int64_t last_number; /* rows up to this one are done */
    ino_t inode;         /* of the catalogue; 0 before the first piece */
};

static enum way best_way(const struct catalogue_query *query)
{
    if (query->path)
        return BY_PATH;
    if (query->target_name)
        return BY_TARGET_NAME;
    if (query->cone)
        return BY_CELL;
    return query->target_classes.count == 1 ? BY_TARGET_CLASS : BY_NUMBER;
}

static void begin_range(struct catalogue_search *search)
{
    search->last_number = -1;
    if (search->way == BY_CELL && search->range < search->range_count)
        search->last_cell = search->ranges[search->range].first;
}

struct catalogue_search *catalogue_search_open(const struct catalogue_query *query)
{
    struct catalogue_search *search = memory_new(search);

    search->query = query;
    search->way = best_way(query);
    search->range_count =
        search->way == BY_CELL ? cone_ranges(query->cone, search->ranges) : 1;
    begin_range(search);
    return search;
}

void catalogue_search_close(struct catalogue_search *search)
{
    free(search);
}

/* ---- the statement ---- */

/* A text and what stands for its question marks, in their order. */
struct question {
    struct buffer text;
    struct buffer values; /* of struct value */
};

struct value {
    enum entry_type type;
    const char *text;
    int64_t integer;
    double real;
};

static void add_value(struct question *question, struct value value)
{
    buffer_add(&question->values, &value, sizeof(value));
}

static void ask(struct question *question, const char *condition)
{
    buffer_add_string(&question->text, condition);
}

static void ask_text(struct question *question, const char *condition, const char *text)
{
    ask(question, condition);
    add_value(question, (struct value){.type = ENTRY_TEXT, .text = text});
}

static void ask_integer(struct question *question, const char *condition, int64_t number)
{
    ask(question, condition);
    add_value(question, (struct value){.type = ENTRY_INTEGER, .integer = number});
}

static void ask_real(struct question *question, const char *condition, double number)
{
    ask(question, condition);
    add_value(question, (struct value){.type = ENTRY_REAL, .real = number});
}

/* A row of values between `first` and `last` that overlaps one of the ranges, if there
 * are any; `before` comes before the first, then OR. */
static const char *ask_overlap(struct question *question, const char *before,
                               const struct catalogue_ranges *ranges, const char *last,
                               const char *first)
{
    for (size_t i = 0; i < ranges->count; i++) {
        ask(question, before);
        ask_real(question, last, ranges->ranges[i].first);
        ask_real(question, first, ranges->ranges[i].last);
        before = " OR ";
    }
    return before;
}

static const char *ask_names(struct question *question, const char *before,
                             const struct catalogue_names *names, const char *condition)
{
    for (size_t i = 0; i < names->count; i++) {
        ask(question, before);
        ask_text(question, condition, names->names[i]);
        before = " OR ";
    }
    return before;
}

static void ask_lists(struct question *question, const struct catalogue_query *query)
{
    const char *before = ask_overlap(question, " AND (", &query->wavelengths,
                                     "spectral_end >= ?", " AND spectral_start <= ?");

    before = ask_names(question, before, &query->bandpasses,
                       "ssa_bandpass = ? COLLATE NOCASE");
    if (query->wavelengths.count + query->bandpasses.count)
        ask(question, ")");
    if (query->times.count) {
        ask_overlap(question, " AND (", &query->times,
                    "ifnull(ssa_timestop, ssa_dateObs) >= ?",
                    " AND ifnull(ssa_timestart, ssa_dateObs) <= ?");
        ask(question, ")");
    }
    if (query->redshifts.count) {
        ask_overlap(question, " AND (", &query->redshifts, "ssa_redshift >= ?",
                    " AND ssa_redshift <= ?");
        ask(question, ")");
    }
    if (query->modified.count) {
#define MODIFIED                                                                         \
    "ifnull(julianday(ssa_deleted) - 2400000.5, file_mtime / 86400e9 + 40587)"
        ask_overlap(question, " AND (", &query->modified, MODIFIED " >= ?",
                    " AND " MODIFIED " <= ?");
        ask(question, ")");
    }
    if (query->target_classes.count) {
        ask_names(question, " AND (", &query->target_classes,
                  "ssa_targclass = ? COLLATE NOCASE");
        ask(question, ")");
    }
}

static void ask_conditions(struct question *question, const struct catalogue_query *query)
{
    ask(question, query->with_deleted ? "1" : "ssa_deleted IS NULL");
    if (!isnan(query->snr))
        ask_real(question, " AND ssa_snr >= ?", query->snr);
    if (!isnan(query->resolving_power))
        ask_real(question, " AND ssa_resppower >= ?", query->resolving_power);
    if (query->target_name)
        ask_text(question, " AND ssa_targname = ? COLLATE NOCASE", query->target_name);
    if (query->creator_did)
        ask_text(question, " AND ssa_creatorDID = ? COLLATE NOCASE", query->creator_did);
    if (query->release)
        ask_text(question, " AND instr(lower(ssa_collection), lower(?)) > 0",
                 query->release);
    ask_lists(question, query);
}

/* Where to go on reading. */
static void ask_where(struct question *question, const struct catalogue_search *search)
{
    const struct catalogue_query *query = search->query;

    switch (search->way) {
    case BY_CELL:
        ask_integer(question, " WHERE cell >= ?", search->last_cell);
        ask_integer(question, " AND cell <= ? ORDER BY cell, number",
                    search->ranges[search->range].last);
        return;
    case BY_PATH:
        ask_text(question, " WHERE path = ?", query->path);
        break;
    case BY_TARGET_NAME:
        ask_text(question, " WHERE ssa_targname = ? COLLATE NOCASE", query->target_name);
        break;
    case BY_TARGET_CLASS:
        ask_text(question, " WHERE ssa_targclass = ? COLLATE NOCASE",
                 query->target_classes.names[0]);
        break;
    case BY_NUMBER:
        ask(question, " WHERE true");
        break;
    }
    ask_integer(question, " AND number > ? ORDER BY number", search->last_number);
}

static void bind_values(struct sqlite3_stmt *statement, const struct question *question)
{
    const struct value *values =
        (const struct value *)(const void *)question->values.bytes;
    int count = (int)(question->values.length / sizeof(*values));

    for (int i = 0; i < count; i++)
        switch (values[i].type) {
        case ENTRY_TEXT:
            sqlite3_bind_text(statement, i + 1, values[i].text, -1, SQLITE_STATIC);
            break;
        case ENTRY_INTEGER:
            sqlite3_bind_int64(statement, i + 1, values[i].integer);
            break;
        case ENTRY_REAL:
            sqlite3_bind_double(statement, i + 1, values[i].real);
            break;
        }
}

/* The text is the same for each range, so *statement is made for the first (it is NULL
 * then) and only bound anew for others. */
static enum status prepare(const struct catalogue_search *search,
                           struct catalogue *catalogue, struct sqlite3_stmt **statement,
                           struct failure *failure)
{
    struct question question = {0};
    int result = SQLITE_OK;
    enum status status;

    ask(&question, "SELECT number, cell, raj2000, dej2000, ");
    ask_conditions(&question, search->query);
    ask(&question, " FROM spectra");
    ask_where(&question, search);
    if (!*statement)
        result =
            sqlite3_prepare_v2(catalogue->connection, (const char *)question.text.bytes,
                               (int)question.text.length, statement, NULL);
    status = catalogue_result(catalogue, result, failure);
    if (!status)
        bind_values(*statement, &question);
    buffer_finish(&question.text);
    buffer_finish(&question.values);
    return status;
}

/* ---- a state ---- */

static void run(struct catalogue *catalogue, enum catalogue_sql sql)
{
    struct sqlite3_stmt *statement;
    struct failure ignored;

    if (!catalogue_statement(catalogue, sql, &statement, &ignored))
        catalogue_run(catalogue, statement, &ignored);
}

void catalogue_hold(struct catalogue *catalogue)
{
    run(catalogue, SQL_HOLD);
}

void catalogue_release(struct catalogue *catalogue)
{
    if (!sqlite3_get_autocommit(catalogue->connection))
        run(catalogue, SQL_COMMIT);
}

/* ---- a piece ---- */

struct piece {
    struct catalogue_hit *hits;
    size_t most;
    size_t count;
    int64_t end;                    /* of its time, nanoseconds */
    size_t rows;                    /* looked at */
    struct sqlite3_stmt *statement; /* NULL before the first range */
};

/* The clock is asked now and then. */
static bool is_full(struct piece *piece)
{
    return piece->count == piece->most ||
           (piece->rows++ % 64 == 63 && clock_nanoseconds() >= piece->end);
}

static bool is_done_already(const struct catalogue_search *search, int64_t cell,
                            int64_t number)
{
    return search->way == BY_CELL && cell == search->last_cell &&
           number <= search->last_number;
}

static void take_row(struct catalogue_search *search, struct sqlite3_stmt *row,
                     struct piece *piece)
{
    const struct cone *cone = search->query->cone;
    struct catalogue_hit hit = {.number = sqlite3_column_int64(row, 0)};
    int64_t cell = sqlite3_column_int64(row, 1);

    if (is_done_already(search, cell, hit.number))
        return;
    search->last_cell = cell;
    search->last_number = hit.number;
    if (!sqlite3_column_int(row, 4))
        return;
    if (cone) {
        if (cell < 0)
            return;
        hit.separation = direction_separation(
            cone->centre,
            direction_of(sqlite3_column_double(row, 2), sqlite3_column_double(row, 3)));
        if (!cone_has(cone, hit.separation))
            return;
    }
    piece->hits[piece->count++] = hit;
}

/* Read on in one range, to its end or the piece's. */
static enum status read_range(struct catalogue_search *search,
                              struct catalogue *catalogue, struct piece *piece,
                              struct failure *failure)
{
    int result = SQLITE_ROW;
    enum status status = prepare(search, catalogue, &piece->statement, failure);

    if (status)
        return status;
    while (!is_full(piece) && (result = sqlite3_step(piece->statement)) == SQLITE_ROW)
        take_row(search, piece->statement, piece);
    status = catalogue_result(catalogue, result, failure);
    sqlite3_reset(piece->statement);
    if (result == SQLITE_DONE) {
        search->range++;
        begin_range(search);
    }
    return status;
}

enum status catalogue_search_next(struct catalogue_search *search,
                                  struct catalogue *catalogue, int64_t nanoseconds,
                                  struct catalogue_hit *out, size_t most, size_t *count,
                                  bool *has_ended, struct failure *failure)
{
    struct piece piece = {
        .hits = out, .most = most, .end = clock_nanoseconds() + nanoseconds};
    enum status status = STATUS_OK;

    if (search->inode && search->inode != catalogue->inode)
        return failure_set(failure, STATUS_UNAVAILABLE,
                           "the catalogue was made anew meanwhile");
    search->inode = catalogue->inode;
    while (!status && search->range < search->range_count && piece.count < most &&
           clock_nanoseconds() < piece.end)
        status = read_range(search, catalogue, &piece, failure);
    sqlite3_finalize(piece.statement);
    if (status)
        return status;
    *count = piece.count;
    *has_ended = search->range == search->range_count;
    return STATUS_OK;
}
