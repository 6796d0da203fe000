#include "sky/moc.h"

#include "base/memory.h"
#include "base/number.h"
#include "sky/healpix.h"

#include <stdbool.h>
#include <stdlib.h>

void moc_init(struct moc *moc, int order)
{
    *moc = (struct moc){.order = order};
}

void moc_finish(struct moc *moc)
{
    free(moc->ranges);
    moc_init(moc, moc->order);
}

void moc_add(struct moc *moc, int64_t pixel)
{
    struct moc_range *last = moc->count ? &moc->ranges[moc->count - 1] : NULL;

    if (last && pixel <= last->last + 1) {
        last->last = pixel;
        return;
    }
    if (moc->count == moc->capacity) {
        moc->capacity = moc->capacity ? 2 * moc->capacity : 64;
        moc->ranges = memory_resize(moc->ranges, moc->capacity * sizeof(*moc->ranges));
    }
    moc->ranges[moc->count++] = (struct moc_range){pixel, pixel};
}

/* The cells of an order, `shift` bits coarser than the MOC's, that lie within the range.
 * Empty ones have last < first. */
static struct moc_range whole_cells(const struct moc_range *range, int shift)
{
    int64_t cell = INT64_C(1) << shift;

    return (struct moc_range){(range->first + cell - 1) >> shift,
                              ((range->last + 1) >> shift) - 1};
}

/*
 * What a range has of an order is what lies whole in it, without what lies in a whole
 * cell of the next coarser order: at most a run before that and one behind.
 */
void moc_each_run(const struct moc *moc, int order,
                  void (*visit)(void *context, int64_t first, int64_t last),
                  void *context)
{
    int shift = 2 * (moc->order - order);

    for (size_t i = 0; i < moc->count; i++) {
        struct moc_range cells = whole_cells(&moc->ranges[i], shift);
        struct moc_range parents = whole_cells(&moc->ranges[i], shift + 2);
        bool has_parents = order > 0 && parents.first <= parents.last;
        int64_t before = has_parents ? 4 * parents.first - 1 : cells.last;

        if (cells.first <= before)
            visit(context, cells.first, before);
        if (has_parents && 4 * (parents.last + 1) <= cells.last)
            visit(context, 4 * (parents.last + 1), cells.last);
    }
}

/* ---- as text ---- */

struct writing {
    struct buffer *out;
    size_t begin; /* of the order's cells */
};

static void add_number(struct buffer *out, int64_t value)
{
    uint8_t *room = buffer_room(out, NUMBER_LENGTH);

    buffer_added(out, number_write_integer((char *)room, value));
}

static void add_ascii_run(void *context, int64_t first, int64_t last)
{
    struct writing *writing = context;

    if (writing->out->length > writing->begin)
        buffer_add_char(writing->out, ' ');
    add_number(writing->out, first);
    if (last > first) {
        buffer_add_char(writing->out, '-');
        add_number(writing->out, last);
    }
}

/* An order without cells is left out, but for the last, which tells how fine it is. */
void moc_write_ascii(const struct moc *moc, struct buffer *out)
{
    for (int order = 0; order <= moc->order; order++) {
        size_t before = out->length;
        struct writing writing = {.out = out};

        add_number(out, order);
        buffer_add_char(out, '/');
        writing.begin = out->length;
        moc_each_run(moc, order, add_ascii_run, &writing);
        if (out->length == writing.begin && order < moc->order)
            out->length = before;
        else
            buffer_add_char(out, '\n');
    }
}

static void add_json_run(void *context, int64_t first, int64_t last)
{
    struct writing *writing = context;

    for (; first <= last; first++) {
        if (writing->out->length > writing->begin)
            buffer_add_char(writing->out, ',');
        add_number(writing->out, first);
    }
}

void moc_write_json(const struct moc *moc, struct buffer *out)
{
    bool is_first = true;

    buffer_add_char(out, '{');
    for (int order = 0; order <= moc->order; order++) {
        size_t before = out->length;
        struct writing writing = {.out = out};

        buffer_format(out, "%s\n\"%d\":[", is_first ? "" : ",", order);
        writing.begin = out->length;
        moc_each_run(moc, order, add_json_run, &writing);
        if (out->length == writing.begin && order < moc->order) {
            out->length = before;
            continue;
        }
        buffer_add_char(out, ']');
        is_first = false;
    }
    buffer_add_literal(out, "}\n");
}
