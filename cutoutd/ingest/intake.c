#include "ingest/intake.h"

#include "archive/record.h"
#include "ingest/lamost.h"
#include "ingest/rival.h"

#include <string.h>
#include <time.h>

enum { MOST_SPECTRA = 1000 }; /* of one file; LAMOST's have some twenty */

void intake_init(struct intake *intake, struct store *store, struct seen *seen,
                 struct report *report)
{
    *intake = (struct intake){.store = store, .seen = seen, .report = report};
    arena_init(&intake->arena);
}

void intake_finish(struct intake *intake)
{
    arena_finish(&intake->arena);
}

const char *intake_now(struct arena *arena)
{
    time_t now = time(NULL);
    struct tm utc;
    char text[32];

    gmtime_r(&now, &utc);
    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &utc);
    return arena_copy_string(arena, text);
}

/* ---- before reading ---- */

/* *is_known: there is a row, and the file was there at the last ingest. */
static enum status find_file(struct intake *intake, const char *path,
                             struct catalogue_file *out, bool *is_known,
                             struct failure *failure)
{
    enum status status = catalogue_find_file(store_catalogue(intake->store), path,
                                             &intake->arena, out, failure);

    *is_known = status == STATUS_OK && !out->gone;
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

/* Size and time tell, but for a file that an older program refused. */
static bool is_as_known(const struct walk_item *item, const struct catalogue_file *known)
{
    return known->size == item->size && known->mtime == item->mtime &&
           (!known->refused || known->reader >= LAMOST_READER);
}

/* A refused file is always read, whatever its content. */
static struct errand errand_for(const struct walk_item *item,
                                const struct catalogue_file *known)
{
    return (struct errand){
        .path = item->path,
        .size = item->size,
        .mtime = item->mtime,
        .has_expected = known && !known->refused && !store_has_lost(known),
        .expected = known ? known->checksum : 0,
    };
}

enum status intake_look(struct intake *intake, const struct walk_item *item,
                        bool *must_read, struct errand *out, struct failure *failure)
{
    struct catalogue_file known;
    bool is_known;
    enum status status;

    arena_reset(&intake->arena);
    if ((status = find_file(intake, item->path, &known, &is_known, failure)))
        return status;
    if (is_known)
        seen_add(intake->seen, known.number);
    *must_read = !is_known || !is_as_known(item, &known);
    if (*must_read)
        *out = errand_for(item, is_known ? &known : NULL);
    else if (known.refused)
        report_refused(intake->report, item->path, known.reason);
    else
        intake->report->summary.unchanged++;
    return STATUS_OK;
}

/* ---- after reading ---- */

/* A worker that a hostile file got hold of must not write over the spectra of another,
   nor bring in what cannot be served. */
static bool is_of_file(const struct reading_spectrum *spectrum, const char *path)
{
    const struct entry *entry = &spectrum->entry;
    size_t stem = walk_stem(path);
    struct spectrum ignored_spectrum;
    struct failure ignored;

    return entry->path && entry->file && strcmp(entry->file, path) == 0 &&
           strncmp(entry->path, path, stem) == 0 &&
           (entry->path[stem] == '\0' || entry->path[stem] == '/') &&
           record_view(spectrum->record, spectrum->record_size, spectrum->axis,
                       spectrum->axis_size, true, &ignored_spectrum,
                       &ignored) == STATUS_OK;
}

static bool makes_sense(const struct reading *reading, const char *path)
{
    if (reading->count == 0 || reading->count > MOST_SPECTRA)
        return false;
    for (size_t i = 0; i < reading->count; i++)
        if (!is_of_file(&reading->spectra[i], path))
            return false;
    return true;
}

/* Size and time are those that the worker saw on the descriptor it read from; a worker
 * that died tells none. */
static struct catalogue_file file_of(const struct errand *errand,
                                     const struct reading *reading)
{
    bool was_seen = reading->file_mtime != 0;

    return (struct catalogue_file){
        .path = errand->path,
        .size = was_seen ? reading->file_size : errand->size,
        .mtime = was_seen ? reading->file_mtime : errand->mtime,
        .checksum = reading->file_checksum,
        .reader = LAMOST_READER,
    };
}

static enum status put_file(struct intake *intake, struct catalogue_file *file,
                            struct failure *failure)
{
    enum status status;

    if ((status = store_change(intake->store, failure)) ||
        (status = catalogue_put_file(store_catalogue(intake->store), file, &file->number,
                                     failure)))
        return status;
    seen_add(intake->seen, file->number);
    return STATUS_OK;
}

static enum status withdraw(struct intake *intake, int64_t file_number,
                            const char *const *kept, size_t kept_count,
                            struct failure *failure)
{
    int64_t count;

    return catalogue_delete_spectra(store_catalogue(intake->store), file_number, kept,
                                    kept_count, intake_now(&intake->arena), &count,
                                    failure);
}

/* "x.fits" for "x.fits.gz" and the other way round. */
static const char *other_form(struct arena *arena, const char *path)
{
    size_t stem = walk_stem(path);
    bool is_plain = strcmp(path + stem, ".fits") == 0;

    return arena_format(arena, "%.*s%s", (int)stem, path,
                        is_plain ? ".fits.gz" : ".fits");
}

/* Two forms of a file are one: what is left of the other gives way to this one. */
static enum status displace_other_form(struct intake *intake, const char *path,
                                       bool *was_there, struct failure *failure)
{
    const char *other_path = other_form(&intake->arena, path);
    struct catalogue_file other;
    enum status status;

    if ((status = find_file(intake, other_path, &other, was_there, failure)) ||
        !*was_there)
        return status;
    other.gone = true;
    if ((status = put_file(intake, &other, failure)))
        return status;
    return withdraw(intake, other.number, NULL, 0, failure);
}

static const char **paths_of(const struct reading *reading, struct arena *arena)
{
    const char **paths = arena_take(arena, reading->count * sizeof(*paths));

    for (size_t i = 0; i < reading->count; i++)
        paths[i] = reading->spectra[i].entry.path;
    return paths;
}

static enum status put_spectra(struct intake *intake, const struct reading *reading,
                               int64_t file_number, struct failure *failure)
{
    enum status status;

    for (size_t i = 0; i < reading->count; i++)
        if ((status = store_put_spectrum(intake->store, &reading->spectra[i], file_number,
                                         failure)))
            return status;
    return withdraw(intake, file_number, paths_of(reading, &intake->arena),
                    reading->count, failure);
}

static enum status take_spectra(struct intake *intake, const struct errand *errand,
                                const struct reading *reading, struct failure *failure)
{
    struct ingest_summary *summary = &intake->report->summary;
    struct catalogue_file file = file_of(errand, reading), before;
    bool was_known, was_lost, other_was_there;
    enum status status;

    if ((status = find_file(intake, errand->path, &before, &was_known, failure)))
        return status;
    was_lost = was_known && store_has_lost(&before);
    if ((status = put_file(intake, &file, failure)) ||
        (status = put_spectra(intake, reading, file.number, failure)) ||
        (status = displace_other_form(intake, errand->path, &other_was_there, failure)))
        return status;
    *(was_lost                       ? &summary->repaired
      : was_known || other_was_there ? &summary->changed
                                     : &summary->fresh) += 1;
    summary->spectra += (int64_t)reading->count;
    return STATUS_OK;
}

static enum status put_refused(struct intake *intake, struct catalogue_file *file,
                               const char *reason, struct failure *failure)
{
    bool other_was_there;
    enum status status;

    file->refused = true;
    file->reason = reason;
    if ((status = put_file(intake, file, failure)) ||
        (status = withdraw(intake, file->number, NULL, 0, failure)) ||
        (status = displace_other_form(intake, file->path, &other_was_there, failure)))
        return status;
    report_refused(intake->report, file->path, reason);
    return STATUS_OK;
}

static enum status take_refused(struct intake *intake, const struct errand *errand,
                                const struct reading *reading, const char *reason,
                                struct failure *failure)
{
    struct catalogue_file file = file_of(errand, reading);

    return put_refused(intake, &file, reason, failure);
}

/* Read again each time, for its rival may go. */
static enum status take_rival(struct intake *intake, const struct errand *errand,
                              const struct reading *reading, const char *reason,
                              struct failure *failure)
{
    struct catalogue_file file = file_of(errand, reading);

    file.mtime = 0;
    return put_refused(intake, &file, reason, failure);
}

/* The same bytes at another time: the catalogue passes the time on to the file's spectra.
 */
static enum status take_unchanged(struct intake *intake, const struct errand *errand,
                                  const struct reading *reading, struct failure *failure)
{
    struct catalogue_file file = file_of(errand, reading);
    enum status status;

    file.checksum = errand->expected;
    if ((status = put_file(intake, &file, failure)))
        return status;
    intake->report->summary.unchanged++;
    return STATUS_OK;
}

static enum status take_if_it_may_be(struct intake *intake, const struct errand *errand,
                                     const struct reading *reading,
                                     struct failure *failure)
{
    const char *rival;
    enum status status;

    if (!makes_sense(reading, errand->path))
        return take_refused(intake, errand, reading,
                            "the reader process answered nonsense on this file", failure);
    if ((status = rival_find(store_catalogue(intake->store), reading, errand->path,
                             &intake->arena, &rival, failure)))
        return status;
    return rival ? take_rival(intake, errand, reading, rival, failure)
                 : take_spectra(intake, errand, reading, failure);
}

enum status intake_take(struct intake *intake, const struct errand *errand,
                        const struct reading *reading, struct failure *failure)
{
    arena_reset(&intake->arena);
    intake->report->read += reading->outcome != READING_ABSENT;
    intake->report->bytes_read += reading->file_size;
    switch (reading->outcome) {
    case READING_SPECTRA:
        return take_if_it_may_be(intake, errand, reading, failure);
    case READING_UNCHANGED:
        return take_unchanged(intake, errand, reading, failure);
    case READING_REFUSED:
        return take_refused(intake, errand, reading, reading->reason, failure);
    case READING_FAILED:
        report_failed(intake->report, errand->path, reading->reason);
        return STATUS_OK;
    case READING_ABSENT:
    default:
        return STATUS_OK; /* it went since it was seen: the next ingest calls it gone */
    }
}
