/* sdm_response.h - an SDM document as the answer to a request. */
#pragma once

#include "base/status.h"
#include "dali/request.h"
#include "dali/response.h"
#include "protocol/sdm.h"
#include "spectrum/band.h"

/* What RESPONSEFORMAT asked for. */
struct sdm_form {
    enum sdm_format format;
    const char *content_type;
};

/*
 * Read RESPONSEFORMAT, or its alias FORMAT: a media type (DALI 1.1, section 3.4.3) or a
 * short name; without one, BINARY2. text/xml is for readers, so it is TABLEDATA if it
 * does not say otherwise. Case and blanks do not matter, and a blank stands for a plus
 * sign that was not encoded. Others are STATUS_BAD_PARAMETER; the message lists those
 * that are known.
 */
enum status sdm_form_read(const struct params *params, struct sdm_form *out,
                          struct failure *failure);

/*
 * Answer with the document. It is offered for saving under a name that says object and,
 * unless `window` is NULL, which wavelengths: "spec-55859-F5902_sp01-001_392-398nm.vot".
 */
void sdm_respond(const struct sdm_document *document, const char *content_type,
                 const struct band *window, struct response *response);

/* Offer the body for saving as {name}{suffix}; bytes that might mean something to a shell
   or a header become underscores. */
void sdm_respond_as_file(struct response *response, const char *name, const char *suffix);
