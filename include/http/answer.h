/* answer.h - the head of an answer (RFC 9112, section 4). */
#pragma once

#include "base/buffer.h"
#include "dali/response.h"
#include "http/output.h"

#include <stdbool.h>
#include <stdint.h>

/* 204 and 304 end with their head whatever it says (RFC 9110, section 6.4.1). */
bool answer_has_no_body(int code);

/* Status line, headers and the empty line. length: of the body; below 0: unknown. */
void answer_write_head(struct buffer *out, const struct response *response,
                       const struct output_form *form, int64_t length);
