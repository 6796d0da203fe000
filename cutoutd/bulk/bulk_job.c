#include "bulk/bulk_job.h"

#include "bulk/bulk_form.h"
#include "bulk/bulk_ids.h"
#include "cutout/form.h"
#include "service/file_name.h"

#include <string.h>

/* IDs that are resolved before the job asks whether to go on. */
enum { TURN = 64 };

/* ---- whether ---- */

static int count(const struct params *params, const char *name)
{
    const struct param *param = NULL;
    int found = 0;

    while ((param = params_next(params, name, param)))
        found += *param->value != '\0';
    return found;
}

/* A table has one value of each filter. */
static bool has_several_filters(const struct params *params)
{
    return count(params, "POS") > 1 || count(params, "CIRCLE") > 1 ||
           count(params, "POLYGON") > 1 || count(params, "TIME") > 1;
}

bool bulk_job_is_asked(const struct params *params, bool has_list)
{
    bool has_form = count(params, "RESPONSEFORMAT") || count(params, "FORMAT");
    struct form_choice choice;
    struct failure ignored; /* what is wrong is said by who reads it for its own sake */

    if (has_list || params_next(params, "COLUMNS", NULL))
        return true;
    if (!has_form || has_several_filters(params) || form_read(params, &choice, &ignored))
        return false;
    return !choice.form->write ||
           (bulk_form_named(choice.form->name) &&
            (count(params, "ID") > 1 || count(params, "BAND") > 1));
}

/* ---- making ---- */

static enum status gather_ids(const struct params *params, int file, struct bulk_ids *ids,
                              struct failure *failure)
{
    const struct param *param = NULL;
    enum status status = file < 0 ? STATUS_OK : bulk_ids_read(ids, file, failure);

    while (!status && (param = params_next(params, "ID", param)))
        status = bulk_ids_add(ids, param->value, strlen(param->value), failure);
    if (!status && bulk_ids_count(ids) == 0)
        return failure_set(failure, STATUS_BAD_PARAMETER, "ID: say which spectra");
    return status;
}

static enum status resolve(struct bulk_ids *ids, struct bulk_list *list,
                           struct uws_run *run, struct failure *failure)
{
    const char *id = "";
    enum status status = STATUS_OK;

    while (id && !status && !uws_run_should_stop(run)) {
        for (int i = 0; i < TURN && id && !status; i++)
            if (!(status = bulk_ids_next(ids, &id, failure)) && id)
                status = bulk_list_add(list, id, failure);
    }
    return status;
}

/* *goes_on: false when the body is whole, or nobody wants it any more. */
static enum status write_piece(const struct producer *body, struct uws_run *run,
                               struct uws_output *output, bool *goes_on,
                               struct failure *failure)
{
    struct buffer piece = {0};
    enum status status = body->produce(body->state, &piece, failure);

    *goes_on = status == STATUS_PENDING || (!status && piece.length);
    if (status == STATUS_PENDING)
        status = STATUS_OK;
    if (!status && piece.length)
        status = uws_output_write(output, piece.bytes, piece.length, failure);
    buffer_finish(&piece);
    *goes_on &= !status && !uws_run_should_stop(run);
    return status;
}

static enum status write_body(const struct producer *body,
                              const struct uws_result *result, struct uws_run *run,
                              struct failure *failure)
{
    struct uws_output *output;
    bool goes_on = true;
    enum status status = uws_output_open(run, &output, failure);

    if (status)
        return status;
    while (goes_on)
        status = write_piece(body, run, output, &goes_on, failure);
    if (!status)
        return uws_output_close(output, result, failure);
    uws_output_drop(output);
    return status;
}

/* The list is the body's from here on. */
static enum status write_list(const struct service *service,
                              const struct service_collection *collection,
                              struct bulk_list *list, const struct bulk_query *query,
                              struct uws_run *run, struct arena *arena,
                              struct failure *failure)
{
    struct producer body =
        bulk_form_open(service, collection, list, query, (struct waker){0});
    const struct uws_result result = {
        .id = "result",
        .content_type = query->content_type,
        .file_name =
            file_name_safe(collection->settings->name, query->form->suffix, arena),
    };
    enum status status = write_body(&body, &result, run, failure);

    body.close(body.state);
    return status;
}

enum status bulk_job_run(const struct service *service,
                         const struct service_collection *collection,
                         const struct params *params, int id_file, struct uws_run *run,
                         struct failure *failure)
{
    struct bulk_ids *ids = bulk_ids_open(service->settings->max_bulk_ids);
    struct bulk_query *query = arena_take(params->arena, sizeof(*query));
    struct bulk_list *list = NULL;
    enum status status = gather_ids(params, id_file, ids, failure);

    if (!status && !(status = bulk_query_read(params, params->arena, query, failure))) {
        list = bulk_list_open(service, collection, query);
        status = resolve(ids, list, run, failure);
    }
    bulk_ids_close(ids);
    if (list && !status && !uws_run_should_stop(run))
        return write_list(service, collection, list, query, run, params->arena, failure);
    bulk_list_close(list);
    return status;
}
