/* bulk_answer.h - a table of cut-outs as a body that is made while the socket drains. */
#pragma once

#include "bulk/bulk_form.h"
#include "dali/response.h"

/* Takes the list over, resolved whole; the query is borrowed until the response ends. */
struct producer bulk_answer_open(struct bulk_list *list, const struct bulk_query *query);
