/*
 * answer_memo.h - bodies of answers that are asked for again and again, under their
 * entity tags: a strong one stands for the very bytes (RFC 9110, section 8.8.3). What is
 * asked for once costs only its tag. One thread's.
 *
 * A memo that is NULL keeps nothing.
 */
#pragma once

#include "base/buffer.h"
#include "base/cleanup.h"

#include <stdbool.h>
#include <stdint.h>

struct answer_memo;

struct answer_memo *answer_memo_open(void);
void answer_memo_close(struct answer_memo *memo);
DEFINE_AUTO(struct answer_memo, answer_memo_close)

/* Append the body with this tag; false if it is not kept. */
bool answer_memo_add(const struct answer_memo *memo, uint64_t tag, struct buffer *out);

/* Keep the body, which was made because it was not kept, if it is asked for the second
 * time. */
void answer_memo_keep(struct answer_memo *memo, uint64_t tag, const struct buffer *body);
