#include "archive/catalogue_database.h"

#include "base/checksum.h"

#include <stdbool.h>
#include <string.h>

/*
 * In the texts below @columns stands for the names of entry_columns, @excluded for the
 * same as those of the row that could not be inserted, @values for as many ?,
 * @definitions for names with types; @add and @subtract for what the triggers share. A
 * spectrum is alive while ssa_deleted is NULL.
 */

/* ---- tables ---- */

/*
 * `shards` is kept by triggers: whatever changes a row of `spectra`, the bytes and the
 * number of the living records of its shard are right; where they reach to only grows,
 * until the shard is forgotten. A shard that has no size yet is growing, or was
 * forgotten: its row stays, so that no number is given twice. `pixels` is kept alike: how
 * many living spectra each HEALPix pixel of the sky has. The indexes are for the
 * living, as nearly all spectra are.
 */
static const char schema[] =
    "CREATE TABLE files ("
    " number INTEGER PRIMARY KEY,"
    " path TEXT NOT NULL UNIQUE,"
    " size INTEGER NOT NULL,"
    " mtime INTEGER NOT NULL,"
    " checksum INTEGER NOT NULL,"
    " refused INTEGER NOT NULL,"
    " gone INTEGER NOT NULL,"
    " reason TEXT,"
    " reader INTEGER NOT NULL) STRICT;"
    "CREATE INDEX files_out ON files(refused, gone) WHERE refused OR gone;"

    "CREATE TABLE shards ("
    " number INTEGER PRIMARY KEY,"
    " size INTEGER,"
    " live INTEGER NOT NULL DEFAULT 0,"
    " spectra INTEGER NOT NULL DEFAULT 0,"
    " spectral_start REAL,"
    " spectral_end REAL,"
    " time_start REAL,"
    " time_end REAL) STRICT;"

    "CREATE TABLE spectra ("
    " number INTEGER PRIMARY KEY,"
    " file_number INTEGER NOT NULL,"
    " cell INTEGER NOT NULL," /* cone.h */
    " pixel INTEGER,"         /* as in pixels; NULL: no position */
    " @definitions) STRICT;"
    "CREATE UNIQUE INDEX spectra_path ON spectra(path);"
    "CREATE INDEX spectra_name ON spectra(name) WHERE ssa_deleted IS NULL;"
    "CREATE INDEX spectra_obsid ON spectra(obsid) WHERE ssa_deleted IS NULL;"
    "CREATE INDEX spectra_file ON spectra(file_number) WHERE ssa_deleted IS NULL;"
    "CREATE INDEX spectra_cell ON spectra(cell);"
    "CREATE INDEX spectra_target ON spectra(ssa_targname COLLATE NOCASE);"
    "CREATE INDEX spectra_class ON spectra(ssa_targclass COLLATE NOCASE);"
    "CREATE INDEX spectra_place ON spectra(shard, record_offset)"
    " WHERE ssa_deleted IS NULL;"

    "CREATE TABLE pixels ("
    " pixel INTEGER PRIMARY KEY,"
    " spectra INTEGER NOT NULL) STRICT;"

    "CREATE TRIGGER spectra_added AFTER INSERT ON spectra"
    " WHEN new.ssa_deleted IS NULL BEGIN @add; END;"
    "CREATE TRIGGER spectra_moved AFTER UPDATE OF shard, record_offset, record_size,"
    " ssa_deleted ON spectra BEGIN @subtract; @add; END;"
    "CREATE TRIGGER files_touched AFTER UPDATE OF mtime ON files"
    " WHEN new.mtime <> old.mtime BEGIN"
    " UPDATE spectra SET file_mtime = new.mtime"
    " WHERE file_number = new.number AND ssa_deleted IS NULL; END;";

static const char subtract[] =
    "UPDATE shards SET live = live - old.record_size, spectra = spectra - 1"
    " WHERE number = old.shard AND old.ssa_deleted IS NULL;"
    "UPDATE pixels SET spectra = spectra - 1"
    " WHERE pixel = old.pixel AND old.ssa_deleted IS NULL";

static const char add[] =
    "INSERT INTO shards(number, live, spectra, spectral_start, spectral_end, time_start,"
    " time_end)"
    " SELECT new.shard, new.record_size, 1, new.spectral_start, new.spectral_end,"
    " ifnull(new.ssa_timestart, new.ssa_dateObs), ifnull(new.ssa_timestop, "
    "new.ssa_dateObs)"
    " WHERE new.ssa_deleted IS NULL"
    " ON CONFLICT(number) DO UPDATE SET"
    " live = live + excluded.live,"
    " spectra = spectra + 1,"
    " spectral_start = min(ifnull(spectral_start, excluded.spectral_start),"
    " ifnull(excluded.spectral_start, spectral_start)),"
    " spectral_end = max(ifnull(spectral_end, excluded.spectral_end),"
    " ifnull(excluded.spectral_end, spectral_end)),"
    " time_start = min(ifnull(time_start, excluded.time_start),"
    " ifnull(excluded.time_start, time_start)),"
    " time_end = max(ifnull(time_end, excluded.time_end),"
    " ifnull(excluded.time_end, time_end));"
    "INSERT INTO pixels(pixel, spectra) SELECT new.pixel, 1"
    " WHERE new.pixel IS NOT NULL AND new.ssa_deleted IS NULL"
    " ON CONFLICT(pixel) DO UPDATE SET spectra = spectra + 1";

/* ---- statements ---- */

static const char *const texts[SQL_COUNT] = {
    [SQL_DATA_VERSION] = "PRAGMA data_version",

    [SQL_FIND] = "SELECT @columns FROM spectra WHERE path = ?1",
    [SQL_FIRST] = "SELECT @columns FROM spectra WHERE ssa_deleted IS NULL"
                  " ORDER BY shard, record_offset LIMIT 1",
    [SQL_FIND_NUMBER] = "SELECT @columns FROM spectra WHERE number = ?1",
    [SQL_LIST_BY_NAME] = "SELECT @columns FROM spectra WHERE name = ?1"
                         " AND ssa_deleted IS NULL ORDER BY path LIMIT ?2",
    [SQL_LIST_BY_OBSID] = "SELECT @columns FROM spectra WHERE obsid = ?1"
                          " AND ssa_deleted IS NULL ORDER BY path LIMIT ?2",
    [SQL_LIST_BY_FILE] =
        "SELECT @columns FROM spectra WHERE file_number IN (SELECT number FROM files"
        " WHERE path IN (?1 || '.fits', ?1 || '.fits.gz'))"
        " AND ssa_deleted IS NULL ORDER BY path LIMIT ?2",
    [SQL_LIST_BY_SHARD] = "SELECT @columns FROM spectra WHERE shard = ?1"
                          " AND ssa_deleted IS NULL ORDER BY record_offset LIMIT ?2",
    /* Files are never removed from the table, so the last number is how many there are.
     */
    [SQL_SUMMARISE] =
        "SELECT (SELECT ifnull(sum(spectra), 0) FROM shards),"
        " (SELECT ifnull(max(number), 0) FROM files)"
        "  - (SELECT count(*) FROM files WHERE refused OR gone),"
        " (SELECT count(*) FROM files WHERE (refused OR gone) AND refused AND NOT gone),"
        " min(spectral_start), max(spectral_end), min(time_start), max(time_end)"
        " FROM shards WHERE spectra > 0",

    [SQL_EACH_OUTLINE] =
        "SELECT path, ssa_targclass, ssa_targsubclass, raj2000, dej2000, ssa_redshift,"
        " ssa_snr, shard, record_offset, record_size, axis_offset, axis_size,"
        " record_checksum FROM spectra WHERE ssa_deleted IS NULL",
    [SQL_EACH_PIXEL] =
        "SELECT pixel, spectra FROM pixels WHERE spectra > 0 ORDER BY pixel",
    [SQL_FIND_FILE] = "SELECT number, path, size, mtime, checksum, refused, gone, reason,"
                      " reader FROM files WHERE path = ?1",
    [SQL_KNOWS_PATH] = "SELECT EXISTS (SELECT 1 FROM files WHERE path = ?1"
                       " OR (path > ?1 || '/' AND path < ?1 || '0'))",
    [SQL_EACH_FILE] = "SELECT number, path, size, mtime, checksum, refused, gone, reason,"
                      " reader FROM files WHERE NOT gone ORDER BY number",

    [SQL_LIST_SHARDS] = "SELECT number, size, live FROM shards WHERE size IS NOT NULL"
                        " ORDER BY number",
    [SQL_NEXT_SHARD] = "SELECT ifnull(max(number), 0) + 1 FROM shards",

    /* Each gives a row for what is wrong: where, what, what is there, what should be. */
    [SQL_CHECK_FILE] = "SELECT 'catalogue', 'contents', integrity_check, 'ok'"
                       " FROM pragma_integrity_check WHERE integrity_check <> 'ok'",
    [SQL_CHECK_CELLS] =
        "SELECT path, 'cell', cell, cell_of(raj2000, dej2000) FROM spectra"
        " WHERE cell <> cell_of(raj2000, dej2000)",
    [SQL_CHECK_PIXELS] =
        "SELECT path, 'pixel', pixel, pixel_of(raj2000, dej2000) FROM spectra"
        " WHERE pixel IS NOT pixel_of(raj2000, dej2000)",
    [SQL_CHECK_PIXEL_COUNTS] =
        "SELECT 'pixel ' || pixel, 'spectra', sum(counted), sum(alive) FROM"
        " (SELECT pixel, spectra AS counted, 0 AS alive FROM pixels UNION ALL"
        "  SELECT pixel, 0, 1 FROM spectra"
        "  WHERE ssa_deleted IS NULL AND pixel IS NOT NULL)"
        " GROUP BY pixel HAVING sum(counted) <> sum(alive)",
    [SQL_CHECK_SHARD_COUNTS] =
        "SELECT 'shard ' || shard, 'spectra and their bytes',"
        " sum(counted) || ', ' || sum(bytes), sum(alive) || ', ' || sum(living) FROM"
        " (SELECT number AS shard, spectra AS counted, live AS bytes, 0 AS alive,"
        "  0 AS living FROM shards UNION ALL"
        "  SELECT shard, 0, 0, 1, record_size FROM spectra WHERE ssa_deleted IS NULL)"
        " GROUP BY shard HAVING sum(counted) <> sum(alive) OR sum(bytes) <> sum(living)",

    [SQL_COPY] = "VACUUM INTO ?1",

    [SQL_HOLD] = "BEGIN",
    [SQL_BEGIN] = "BEGIN IMMEDIATE",
    [SQL_COMMIT] = "COMMIT",
    [SQL_ROLL_BACK] = "ROLLBACK",

    [SQL_PUT_FILE] =
        "INSERT INTO files(path, size, mtime, checksum, refused, gone, reason, reader)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT(path) DO UPDATE"
        " SET (size, mtime, checksum, refused, gone, reason, reader) = (excluded.size,"
        " excluded.mtime, excluded.checksum, excluded.refused, excluded.gone,"
        " excluded.reason, excluded.reader) RETURNING number",
    [SQL_PUT_SPECTRUM] =
        "INSERT INTO spectra(file_number, cell, pixel, @columns)"
        " VALUES (?, ?, ?, @values)"
        " ON CONFLICT(path) DO UPDATE SET (file_number, cell, pixel, @columns)"
        " = (excluded.file_number, excluded.cell, excluded.pixel, @excluded)",
    [SQL_LIST_FILE_PATHS] = "SELECT number, path FROM spectra WHERE file_number = ?1"
                            " AND ssa_deleted IS NULL",
    [SQL_DELETE_SPECTRUM] = "UPDATE spectra SET ssa_deleted = ?2 WHERE number = ?1",
    [SQL_PUT_SHARD] = "INSERT INTO shards(number, size) VALUES (?1, ?2)"
                      " ON CONFLICT(number) DO UPDATE SET size = excluded.size",
    [SQL_FORGET_SHARD] = "UPDATE shards SET size = NULL WHERE number = ?1"
                         " AND spectra = 0",
};

/* ---- what stands for what ---- */

/* The names of all columns, with a word before each and the type behind. */
static void write_names(struct buffer *out, const char *before, bool with_type)
{
    static const char *const types[] = {
        [ENTRY_TEXT] = " TEXT", [ENTRY_INTEGER] = " INTEGER", [ENTRY_REAL] = " REAL"};

    for (size_t i = 0; i < entry_column_count; i++)
        buffer_format(out, "%s%s%s%s", i ? ", " : "", before, entry_columns[i].name,
                      with_type ? types[entry_columns[i].type] : "");
}

static void write_marks(struct buffer *out)
{
    for (size_t i = 0; i < entry_column_count; i++)
        buffer_add_string(out, i ? ", ?" : "?");
}

/* Write what the word stands for. */
static void write_word(const char *word, size_t length, struct buffer *out)
{
    if (strncmp(word, "@columns", length) == 0)
        write_names(out, "", false);
    else if (strncmp(word, "@excluded", length) == 0)
        write_names(out, "excluded.", false);
    else if (strncmp(word, "@definitions", length) == 0)
        write_names(out, "", true);
    else if (strncmp(word, "@values", length) == 0)
        write_marks(out);
    else if (strncmp(word, "@add", length) == 0)
        buffer_add_string(out, add);
    else if (strncmp(word, "@subtract", length) == 0)
        buffer_add_string(out, subtract);
}

/* Append a text with its words replaced, and a NUL that is not counted. */
static void write_text(const char *text, struct buffer *out)
{
    while (*text) {
        size_t plain = strcspn(text, "@");
        size_t word =
            text[plain] ? 1 + strspn(text + plain + 1, "abcdefghijklmnopqrstuvwxyz") : 0;

        buffer_add(out, text, plain);
        if (word)
            write_word(text + plain, word, out);
        text += plain + word;
    }
    *buffer_room(out, 1) = '\0';
}

void catalogue_sql_text(enum catalogue_sql sql, struct buffer *out)
{
    write_text(texts[sql], out);
}

void catalogue_schema(struct buffer *out)
{
    write_text(schema, out);
}

int32_t catalogue_format(void)
{
    struct buffer text;
    int32_t format;

    buffer_init(&text);
    catalogue_schema(&text);
    /* Never 0, which is what SQLite gives to a new file. */
    format = (int32_t)(checksum_of(text.bytes, text.length) % INT32_MAX) + 1;
    buffer_finish(&text);
    return format;
}
