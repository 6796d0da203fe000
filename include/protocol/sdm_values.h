/* sdm_values.h - where the value of each field of an SDM document comes from. */
#pragma once

#include "base/buffer.h"
#include "protocol/sdm.h"

#include <stdbool.h>
#include <stddef.h>

/* Append the value of a field (enum sdm_field), escaped. False, with nothing appended, if
 * there is none. */
bool sdm_value_add(const struct sdm_document *document, size_t field, struct buffer *out);
