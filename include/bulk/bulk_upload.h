/*
 * bulk_upload.h - IDs in an uploaded file: the field IDS of multipart/form-data, or the
 * table that UPLOAD names (DALI 1.1, section 3.4.5). Either is a text with an ID on each
 * line, or a VOTable with a column of them; other fields are parameters. A text may begin
 * with the name of such a column, as a CSV table of one column does.
 */
#pragma once

#include "base/status.h"
#include "bulk/bulk_ids.h"
#include "dali/params.h"

struct bulk_upload;

/* Parameters and IDs are added to as they come. */
enum status bulk_upload_open(const char *content_type, struct params *params,
                             struct bulk_ids *ids, struct bulk_upload **out,
                             struct failure *failure);
void bulk_upload_close(struct bulk_upload *upload); /* NULL is fine */
enum status bulk_upload_add(struct bulk_upload *upload, const char *bytes, size_t length,
                            struct failure *failure);
/* The body is whole. A file that UPLOAD does not name is STATUS_BAD_PARAMETER, and so is
   one that it names and that did not come. */
enum status bulk_upload_end(struct bulk_upload *upload, struct failure *failure);
