#include "service/answer_memo.h"

#include "base/memory.h"

#include <stdlib.h>

struct kept {
    uint64_t tag;
    struct buffer body; /* empty before the second time */
};

enum {
    KEPT = 256,
    LONGEST = 16 * 1024, /* bytes of a body that is kept; links are about 8 kB */
};

struct answer_memo {
    struct kept kept[KEPT];
};

struct answer_memo *answer_memo_open(void)
{
    struct answer_memo *memo = memory_new(memo);

    return memo;
}

void answer_memo_close(struct answer_memo *memo)
{
    if (!memo)
        return;
    for (size_t i = 0; i < KEPT; i++)
        buffer_finish(&memo->kept[i].body);
    free(memo);
}

bool answer_memo_add(const struct answer_memo *memo, uint64_t tag, struct buffer *out)
{
    const struct kept *kept = memo ? &memo->kept[tag % KEPT] : NULL;

    if (!kept || kept->tag != tag || !kept->body.length)
        return false;
    buffer_add(out, kept->body.bytes, kept->body.length);
    return true;
}

void answer_memo_keep(struct answer_memo *memo, uint64_t tag, const struct buffer *body)
{
    struct kept *kept = memo ? &memo->kept[tag % KEPT] : NULL;

    if (!kept || body->length > LONGEST)
        return;
    if (kept->tag == tag) {
        buffer_add(&kept->body, body->bytes, body->length);
    } else {
        kept->tag = tag;
        buffer_clear(&kept->body);
    }
}
