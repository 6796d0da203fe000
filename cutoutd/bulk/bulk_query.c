#include "bulk/bulk_query.h"

#include "bulk/bulk_column.h"
#include "bulk/bulk_form.h"
#include "cutout/form.h"
#include "cutout/frame.h"
#include "cutout/picture.h"
#include "plot/stack_picture.h"

#include <string.h>
#include <strings.h>

static enum status read_bands(const struct params *params, struct bulk_query *query,
                              struct failure *failure)
{
    const struct param *param = NULL;
    enum status status;

    while ((param = params_next(params, "BAND", param))) {
        if (!*param->value)
            continue;
        if (query->band_count == BULK_BANDS)
            return failure_set(failure, STATUS_TOO_LARGE,
                               "BAND: one request takes %d windows, ask for more in "
                               "another",
                               BULK_BANDS);
        if ((status =
                 band_parse(param->value, &query->bands[query->band_count], failure)))
            return status;
        query->band_count++;
    }
    query->has_band = query->band_count > 0;
    if (!query->has_band)
        query->bands[query->band_count++] = BAND_ALL;
    return STATUS_OK;
}

/* Columns that tell of the object: what rows can be sorted by. */
static bool is_sortable(int column)
{
    return column >= BULK_RA && column <= BULK_SNR;
}

static enum status unknown_column(const char *parameter, const char *name, size_t length,
                                  bool (*is_known)(int column), struct failure *failure)
{
    char known[512] = "";

    for (int i = 0; i < BULK_COLUMNS; i++) {
        if (is_known && !is_known(i))
            continue;
        strcat(known, *known ? ", " : "");
        strcat(known, bulk_columns[i].name);
    }
    return failure_set(failure, STATUS_BAD_PARAMETER, "%s: '%.*s' is not one of %s",
                       parameter, length < 80 ? (int)length : 80, name, known);
}

static bool is_name(const char *name, const char *text, size_t length)
{
    return strlen(name) == length && strncasecmp(name, text, length) == 0;
}

/* Names between commas and blanks. */
static enum status choose_columns(const char *text, bool *wanted, struct failure *failure)
{
    static const char between[] = ", \t";

    for (text += strspn(text, between); *text; text += strspn(text, between)) {
        size_t length = strcspn(text, between);
        int i = 0;

        while (i < BULK_COLUMNS && !is_name(bulk_columns[i].name, text, length))
            i++;
        if (i == BULK_COLUMNS)
            return unknown_column("COLUMNS", text, length, NULL, failure);
        wanted[i] = true;
        text += length;
    }
    return STATUS_OK;
}

static enum status read_columns(const struct params *params, struct bulk_query *query,
                                struct failure *failure)
{
    bool wanted[BULK_COLUMNS] = {false};
    const struct param *param = NULL;
    enum status status;

    while ((param = params_next(params, "COLUMNS", param)))
        if ((status = choose_columns(param->value, wanted, failure)))
            return status;
    if (!memchr(wanted, true, sizeof(wanted)))
        memset(wanted, true, sizeof(wanted));
    for (int i = 0; i < BULK_COLUMNS; i++) {
        if (!wanted[i])
            continue;
        query->columns[query->column_count++] = (enum bulk_column)i;
        query->has_samples |= bulk_columns[i].kind == BULK_ARRAY;
    }
    return STATUS_OK;
}

/* A column, and the other way round behind a minus sign. */
static enum status read_sort(const struct params *params, struct bulk_query *query,
                             struct failure *failure)
{
    const char *text;
    enum status status = params_single(params, "SORT", &text, failure);

    if (status || !text)
        return status;
    query->is_sorted = true;
    query->sort_descends = *text == '-';
    text += query->sort_descends;
    for (int i = 0; i < BULK_COLUMNS; i++) {
        query->sort_column = (enum bulk_column)i;
        if (is_sortable(i) && strcasecmp(bulk_columns[i].name, text) == 0)
            return STATUS_OK;
    }
    return unknown_column("SORT", text, strlen(text), is_sortable, failure);
}

static enum status read_form(const struct params *params, struct bulk_query *query,
                             struct failure *failure)
{
    struct form_choice choice;
    enum status status = form_read(params, &choice, failure);

    if (status)
        return status;
    query->form = bulk_form_named(choice.form->name);
    query->content_type = choice.content_type;
    if (!query->form)
        return failure_set(failure, STATUS_BAD_PARAMETER,
                           "RESPONSEFORMAT: several cut-outs in one answer come as "
                           "votable, tabledata, fits, csv, tar or png, not as %s",
                           choice.form->name);
    return STATUS_OK;
}

/* What is no table has all that a cut-out has. */
static enum status refuse_columns(const struct params *params, struct bulk_query *query,
                                  struct failure *failure)
{
    if (params_next(params, "COLUMNS", NULL))
        return failure_set(failure, STATUS_BAD_PARAMETER,
                           "COLUMNS: only tables have columns to choose from, not %s",
                           query->form->name);
    return STATUS_OK;
}

static enum status read_picture(const struct params *params, struct bulk_query *query,
                                struct failure *failure)
{
    struct plot_settings plot;
    enum status status = picture_settings_read(params, &plot, failure);

    if (status)
        return status;
    if (query->band_count > STACK_PANELS)
        return failure_set(failure, STATUS_TOO_LARGE,
                           "BAND: a picture has room for %d windows, side by side",
                           STACK_PANELS);
    if (plot.width < stack_width_min(query->band_count))
        return failure_set(failure, STATUS_BAD_PARAMETER,
                           "WIDTH: a picture of these windows takes %d pixels at least",
                           stack_width_min(query->band_count));
    if (plot.height < STACK_HEIGHT_MIN)
        return failure_set(failure, STATUS_BAD_PARAMETER,
                           "HEIGHT: a picture of many spectra takes %d pixels at least",
                           STACK_HEIGHT_MIN);
    query->width = plot.width;
    query->height = params_next(params, "HEIGHT", NULL) ? plot.height : 0;
    return STATUS_OK;
}

static enum status refuse_fluxcalib(const struct params *params, struct failure *failure)
{
    const char *text;
    enum status status = params_single(params, "FLUXCALIB", &text, failure);

    return status ? status
           : text ? failure_set(failure, STATUS_BAD_PARAMETER,
                                "FLUXCALIB: several cut-outs in one answer come with the "
                                "flux as the survey gives it")
                  : STATUS_OK;
}

enum status bulk_query_read(const struct params *params, struct arena *arena,
                            struct bulk_query *out, struct failure *failure)
{
    enum status status;

    *out = (struct bulk_query){.band_count = 0};
    if ((status = read_bands(params, out, failure)) ||
        (status = read_columns(params, out, failure)) ||
        (status = read_sort(params, out, failure)) ||
        (status = read_form(params, out, failure)) ||
        (out->form->open && (status = refuse_columns(params, out, failure))) ||
        (out->form->is_picture && (status = read_picture(params, out, failure))) ||
        (status = refuse_fluxcalib(params, failure)) ||
        (status = frame_read(params, &out->at_rest, failure)))
        return status;
    return soda_filters_read(params, arena, &out->filters, failure);
}
