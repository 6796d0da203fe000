/* error.h - status to HTTP code, and the error documents of the protocols. The one place
 * where this is decided. */
#pragma once

#include "base/status.h"
#include "dali/response.h"

/* DALI 1.1, section 4.2: 4xx for the caller's fault, 5xx for ours. */
int error_code(enum status status);

/*
 * Both writers give a 500 without its message, which may name paths of ours and belongs
 * in the log, and a 503 with Retry-After.
 */

/* text/plain that begins with one of SODA's labels (SODA 1.0, section 5.2): "UsageError:
 * BAND: ...". */
void error_write_text(const struct failure *failure, struct response *response);

/* A VOTable with QUERY_STATUS=ERROR and the message as content (DALI 1.1, section 4.2),
   which begins with one of DataLink's faults (DataLink 1.1, section 3.4): "NotFoundFault:
   ...". */
void error_write_votable(const struct failure *failure, struct response *response);

/* The fault that a row of a links document begins its message with. */
const char *error_datalink_fault(enum status status);
