/*
 * sdm_values.h - where the value of each field of an SDM document comes from. Fields are
 * those of enum sdm_field. Values are plain text; false, with nothing appended, if there
 * is none.
 */
#pragma once

#include "base/buffer.h"
#include "sdm/sdm.h"
#include "service/service.h"

#include <stdbool.h>
#include <stddef.h>

/* Whether all documents of a collection have the same value, or all have none. */
bool sdm_value_is_shared(size_t field);

/* ... but for documents at rest with their object (sdm_value_add() writes it for both).
 */
bool sdm_value_is_of_frame(size_t field);

/* Whether the value of one that is not shared may hold what a document has to escape. */
bool sdm_value_is_text(size_t field);

/* Whether it depends on what was cut, not on the row alone. */
bool sdm_value_is_of_slice(size_t field);

/* Append the value of a field that is shared. */
bool sdm_value_add_shared(const struct service_settings *service,
                          const struct collection_settings *collection, size_t field,
                          struct buffer *out);

/* Append the value of one that is not. */
bool sdm_value_add(const struct sdm_document *document, size_t field, struct buffer *out);
