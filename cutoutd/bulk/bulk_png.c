#include "bulk/bulk_form.h"

#include "base/memory.h"
#include "base/number.h"
#include "bulk/bulk_bytes.h"
#include "plot/stack_picture.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Rows, and samples of them, that are drawn before others of the thread have their turn.
 */
enum { TURN = 16, TURN_SAMPLES = 16 * 1024 };

/* The stack of all spectra that have samples: of the others there is nothing to see. */
struct bulk_png {
    const struct bulk_query *query;
    const char *collection; /* its title */
    struct waker waker;
    struct bulk_list *list;
    struct stack_picture *picture;
    int64_t rows;  /* read */
    int64_t drawn; /* spectra */
    bool has_line; /* the spectrum that rows are of now */
    bool is_over;
};

/* ---- what it looks like ---- */

/* What was asked for, and where that is open, what there is. */
static struct band extent_of(const struct band *band, const struct band *extent)
{
    struct band out = {isfinite(band->lower) ? band->lower : extent->lower,
                       isfinite(band->upper) ? band->upper : extent->upper};

    if (!(out.upper > out.lower)) /* one wavelength, or nothing at all */
        out = (struct band){out.lower - 1, out.lower + 1};
    return out;
}

static struct stack_picture *open_picture(const struct bulk_list *list,
                                          const struct bulk_query *query)
{
    const struct bulk_totals *totals = bulk_list_totals(list);
    enum bulk_column column = query->sort_column;
    struct stack_settings settings = {
        .width = query->width,
        .height = query->height,
        .band_count = query->band_count,
        .count = totals->with_samples ? totals->with_samples : 1,
        .at_rest = query->at_rest,
        .y_title = query->is_sorted ? bulk_columns[column].name : "number",
        .labels_are_names = query->is_sorted && bulk_columns[column].kind == BULK_TEXT,
    };

    for (size_t i = 0; i < query->band_count; i++)
        settings.bands[i] = extent_of(&query->bands[i], &totals->extents[i]);
    return stack_picture_open(&settings);
}

enum { LABEL = 32 };

static void write_label(const struct bulk_png *png, const struct bulk_row *row,
                        char out[LABEL])
{
    enum bulk_column column = png->query->sort_column;

    if (!png->query->is_sorted)
        snprintf(out, LABEL, "%lld", (long long)png->drawn);
    else if (bulk_columns[column].kind == BULK_TEXT)
        snprintf(out, LABEL, "%s", bulk_text(row, column));
    else if (isfinite(bulk_real(row, column)))
        snprintf(out, LABEL, "%.3g", bulk_real(row, column));
    else
        *out = '\0';
}

/* ---- drawing ---- */

static void draw_row(struct bulk_png *png, const struct bulk_row *row)
{
    size_t band = (size_t)(png->rows++ % (int64_t)png->query->band_count);
    const struct slice slice = {&row->spectrum, row->first, row->count};
    char label[LABEL];

    if (band == 0)
        png->has_line = false;
    if (!row->count)
        return;
    if (!png->has_line) {
        png->has_line = true;
        png->drawn++;
        write_label(png, row, label);
        stack_picture_next(png->picture, label);
    }
    stack_picture_add(png->picture, band, &slice, row->stretch);
}

/* STATUS_PENDING: rows are left, and others have their turn; or the disk is waited for.
 */
static enum status draw_rows(struct bulk_png *png, struct failure *failure)
{
    uint32_t samples = 0;

    for (int i = 0; i < TURN && samples < TURN_SAMPLES; i++) {
        struct bulk_row row;
        bool is_row;
        enum status status = bulk_list_next(png->list, &is_row, &row, failure);

        if (status || !is_row)
            return status;
        draw_row(png, &row);
        samples += row.count;
        if ((status = bulk_list_check(png->list, &row, failure)))
            return status;
    }
    waker_call(png->waker);
    return STATUS_PENDING;
}

static enum status write_picture(const struct bulk_png *png, struct buffer *out,
                                 struct failure *failure)
{
    int64_t asked = png->rows / (int64_t)png->query->band_count;
    double crowd = stack_picture_crowd(png->picture);
    char title[128], note[160];
    int length;

    snprintf(title, sizeof(title), "%lld %s, %.80s", (long long)png->drawn,
             png->drawn == 1 ? "spectrum" : "spectra", png->collection);
    length = snprintf(note, sizeof(note), "%lld asked for", (long long)asked);
    if (asked > png->drawn)
        length += snprintf(note + length, sizeof(note) - (size_t)length,
                           ", %lld have nothing here", (long long)(asked - png->drawn));
    if (crowd > 1)
        snprintf(note + length, sizeof(note) - (size_t)length,
                 "; each line is the mean of %.3g", crowd);
    return stack_picture_write(png->picture, title, note, out, failure);
}

static enum status produce(void *state, struct buffer *out, struct failure *failure)
{
    struct bulk_png *png = state;
    enum status status;

    if (png->is_over)
        return STATUS_OK;
    if ((status = draw_rows(png, failure)))
        return status;
    png->is_over = true;
    return write_picture(png, out, failure);
}

static void close_png(void *state)
{
    struct bulk_png *png = state;

    bulk_list_close(png->list);
    stack_picture_close(png->picture);
    free(png);
}

static struct producer open_png(const struct service *service,
                                const struct service_collection *collection,
                                struct bulk_list *list, const struct bulk_query *query,
                                struct waker waker)
{
    struct bulk_png *png = memory_new(png);

    (void)service;
    bulk_list_rewind(list);
    *png = (struct bulk_png){.query = query,
                             .collection = collection->settings->title
                                               ? collection->settings->title
                                               : collection->settings->name,
                             .waker = waker,
                             .list = list,
                             .picture = open_picture(list, query)};
    return (struct producer){produce, close_png, png, -1};
}

const struct bulk_form bulk_png = {
    .name = "png", .is_picture = true, .suffix = ".png", .open = open_png};
