#include "commands.h"

#include "archive/reading.h"
#include "archive/record.h"
#include "archive/worker.h"
#include "base/buffer.h"
#include "base/file.h"
#include "base/log.h"
#include "config.h"
#include "cutout/cutout.h"
#include "sdm/sdm_frame.h"
#include "service/service.h"
#include "spectrum/band.h"

#include <errno.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The file as a collection has it, so that the document is the one that its server gives.
 */
struct origin {
    struct config *config;
    const struct config_collection *collection;
    const char *path; /* in the collection's archive */
};

/* The part of `path` beneath a folder, or NULL. Both absolute and without links. */
static const char *beneath(const char *path, const char *folder)
{
    size_t length = strlen(folder);

    return strncmp(path, folder, length) == 0 && path[length] == '/' ? path + length + 1
                                                                     : NULL;
}

static bool find_collection(struct origin *origin, const char *path)
{
    for (size_t i = 0; i < origin->config->collection_count; i++) {
        char *folder = realpath(origin->config->collections[i].archive_folder, NULL);
        const char *rest = folder ? beneath(path, folder) : NULL;

        free(folder);
        if (!rest)
            continue;
        origin->collection = &origin->config->collections[i];
        origin->path = arena_copy_string(&origin->config->arena, rest);
        return true;
    }
    return false;
}

/* A file of no configured collection is one of its own folder's. */
static enum status find_in_folder(struct origin *origin, const char *path,
                                  struct failure *failure)
{
    char *folder = strndup(path, (size_t)(strrchr(path, '/') - path) + 1);
    enum status status = config_of_folder("lamost", folder, &origin->config, failure);

    free(folder);
    if (status)
        return status;
    origin->collection = &origin->config->collections[0];
    origin->path = arena_copy_string(&origin->config->arena, strrchr(path, '/') + 1);
    return STATUS_OK;
}

static enum status find_origin(const struct options *options, struct origin *out,
                               struct failure *failure)
{
    const char *config_path = options_config_path(options);
    bool is_configured = options->config_path || access(config_path, R_OK) == 0;
    char *path = realpath(options->arguments[0], NULL);
    enum status status = STATUS_OK;

    if (!path)
        return failure_system(failure, "%s", options->arguments[0]);
    if (is_configured)
        status = config_open(config_path, &out->config, failure);
    if (!status && !(is_configured && find_collection(out, path))) {
        config_close(out->config);
        out->config = NULL;
        status = find_in_folder(out, path, failure);
    }
    free(path);
    return status;
}

static enum status read_file(const struct origin *origin, struct reading *out,
                             struct failure *failure)
{
    struct worker_settings settings = {.archive_folder =
                                           origin->collection->archive_folder};
    struct worker *worker;
    enum status status;

    if ((status = worker_open(&settings, &worker, failure)))
        return status;
    if (!(status = worker_ask(worker, WORKER_READ_FILE, origin->path, NULL, failure)))
        status = worker_take(worker, out, failure);
    worker_close(worker);
    if (!status && out->outcome != READING_SPECTRA)
        return failure_set(failure, STATUS_REFUSED, "%s: %s", origin->path,
                           out->reason ? out->reason : "there is no such file");
    return status;
}

static enum status list_spectra(const struct reading *reading, const char *asked,
                                struct failure *failure)
{
    failure_set(failure, STATUS_BAD_PARAMETER, "%s%s; --spectrum takes one of:",
                asked ? "there is no spectrum " : "the file has several",
                asked ? asked : " spectra");
    for (size_t i = 0; i < reading->count; i++) {
        const char *name = reading->spectra[i].entry.spectrum;
        size_t length = strlen(failure->message);

        snprintf(failure->message + length, sizeof(failure->message) - length, " %s",
                 name ? name : "(one without a name: leave --spectrum out)");
    }
    return failure->status;
}

static enum status choose(const struct reading *reading, const char *asked,
                          const struct reading_spectrum **out, struct failure *failure)
{
    for (size_t i = 0; i < reading->count; i++) {
        const char *name = reading->spectra[i].entry.spectrum;

        if (asked ? name && strcmp(name, asked) == 0 : reading->count == 1) {
            *out = &reading->spectra[i];
            return STATUS_OK;
        }
    }
    return list_spectra(reading, asked, failure);
}

static enum status read_format(const char *text, const struct form **out,
                               struct failure *failure)
{
    char known[128] = "";

    for (size_t i = 0; i < FORM_COUNT; i++) {
        if (strcmp(text ? text : "votable", forms[i].name) == 0) {
            *out = &forms[i];
            return STATUS_OK;
        }
        strcat(strcat(known, *known ? ", " : ""), forms[i].name);
    }
    return failure_set(failure, STATUS_BAD_SETTING, "--format: %s is not one of %s", text,
                       known);
}

static enum status read_frame(const char *text, bool *at_rest, struct failure *failure)
{
    if (text && strcmp(text, "observed") != 0 && strcmp(text, "rest") != 0)
        return failure_set(failure, STATUS_BAD_SETTING,
                           "--frame: %s is neither observed nor rest", text);
    *at_rest = text && strcmp(text, "rest") == 0;
    return STATUS_OK;
}

/* What the server reads from parameters. */
static enum status read_query(const struct options *options, struct cutout_query *out,
                              struct failure *failure)
{
    const struct form *form = NULL;
    enum status status = read_format(options->format, &form, failure);

    if (status)
        return status;
    cutout_query_init(out, NULL, form);
    out->has_band = options->band != NULL;
    if ((out->has_band && (status = band_parse(options->band, &out->band, failure))) ||
        (status = read_frame(options->frame, &out->at_rest, failure)))
        return status;
    if (form->is_picture) { /* which has both among its own settings */
        out->plot.band = out->band;
        out->plot.frame = out->at_rest ? PLOT_FRAME_REST : PLOT_FRAME_OBSERVED;
        out->at_rest = false;
    }
    return STATUS_OK;
}

static enum status write_document(const struct cutout *cutout, struct failure *failure)
{
    struct buffer bytes = {0};
    enum status status = cutout->form->write(&cutout->subject, &bytes, failure);

    if (!status)
        status = file_write(STDOUT_FILENO, bytes.bytes, bytes.length, failure);
    buffer_finish(&bytes);
    return status;
}

static enum status cut(const struct origin *origin, const struct cutout_query *query,
                       const struct reading_spectrum *chosen, int *exit_status,
                       struct failure *failure)
{
    const struct service service = {.settings = &origin->config->service};
    const struct collection_settings *settings = &origin->collection->settings;
    AUTO(sdm_frame_close)
    struct sdm_frame *frame = sdm_frame_open(service.settings, settings);
    const struct service_collection collection = {.settings = settings, .frame = frame};
    struct spectrum spectrum;
    struct cutout cutout;
    enum status status;

    if ((status = record_view(chosen->record, chosen->record_size, chosen->axis,
                              chosen->axis_size, true, &spectrum, failure)) ||
        (status = cutout_make(&service, &collection, query, &chosen->entry, 0, &spectrum,
                              &origin->config->arena, &cutout, failure)))
        return status;
    if (!cutout.empty_because)
        return write_document(&cutout, failure);
    log_notice("%s: %s", origin->path, cutout.empty_because);
    *exit_status = EXIT_FOUND_WRONG;
    return STATUS_OK;
}

enum status cut_command(const struct options *options, int *exit_status,
                        struct failure *failure)
{
    const struct reading_spectrum *chosen = NULL;
    struct origin origin = {0};
    struct cutout_query query;
    struct reading reading;
    enum status status;

    reading_init(&reading);
    if (!(status = read_query(options, &query, failure)) &&
        !(status = find_origin(options, &origin, failure)) &&
        !(status = read_file(&origin, &reading, failure)) &&
        !(status = choose(&reading, options->spectrum, &chosen, failure)))
        status = cut(&origin, &query, chosen, exit_status, failure);
    reading_finish(&reading);
    config_close(origin.config);
    return status;
}
