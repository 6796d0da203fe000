#include "bulk/bulk_answer.h"

#include "base/memory.h"

#include <stdlib.h>

enum { PIECE = 64 * 1024 };

struct bulk_answer {
    struct bulk_list *list;
    struct bulk_writer writer;
    enum { ANSWER_BEGINS, ANSWER_HAS_ROWS, ANSWER_IS_OVER } stage;
};

static void begin(struct bulk_answer *answer, struct buffer *out)
{
    answer->writer.query->form->begin(&answer->writer, out);
    bulk_list_rewind(answer->list);
    answer->stage = ANSWER_HAS_ROWS;
}

static void end_pass(struct bulk_answer *answer, struct buffer *out)
{
    struct bulk_writer *writer = &answer->writer;

    bulk_list_rewind(answer->list);
    if (++writer->pass < writer->passes)
        return;
    writer->query->form->end(writer, out);
    answer->stage = ANSWER_IS_OVER;
}

static enum status produce(void *state, struct buffer *out, struct failure *failure)
{
    struct bulk_answer *answer = state;
    struct bulk_writer *writer = &answer->writer;

    if (answer->stage == ANSWER_BEGINS)
        begin(answer, out);
    while (answer->stage == ANSWER_HAS_ROWS && out->length < PIECE) {
        struct bulk_row row;
        bool is_row;
        enum status status = bulk_list_next(answer->list, &is_row, &row, failure);

        if (status)
            return status;
        if (!is_row) {
            end_pass(answer, out);
            continue;
        }
        if (writer->pass == 0)
            writer->ledger[row.status]++;
        writer->query->form->row(writer, &row, out);
        if ((status = bulk_list_check(answer->list, &row, failure)))
            return status;
    }
    return STATUS_OK;
}

static void close_answer(void *state)
{
    struct bulk_answer *answer = state;

    bulk_list_close(answer->list);
    buffer_finish(&answer->writer.pending);
    free(answer);
}

struct producer bulk_answer_open(struct bulk_list *list, const struct bulk_query *query)
{
    const struct bulk_totals *totals = bulk_list_totals(list);
    struct bulk_answer *answer = memory_new(answer);

    answer->list = list;
    answer->writer = (struct bulk_writer){
        .query = query,
        .totals = totals,
        .is_fixed = totals->shortest == totals->longest && totals->longest > 0,
    };
    return (struct producer){
        .produce = produce,
        .close = close_answer,
        .state = answer,
        .length = query->form->length ? query->form->length(&answer->writer) : -1,
    };
}
