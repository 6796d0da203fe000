#include "dali/error.h"

#include "format/votable.h"

/* A refused file is 404: under that ID there is no spectrum, and asking again will not
 * make one. */
int error_code(enum status status)
{
    switch (status) {
    case STATUS_OK:
        return 200;
    case STATUS_BAD_PARAMETER:
    case STATUS_MULTIPLE_VALUES:
        return 400;
    case STATUS_FORBIDDEN:
        return 403;
    case STATUS_NOT_FOUND:
    case STATUS_REFUSED:
        return 404;
    case STATUS_BAD_METHOD:
        return 405;
    case STATUS_TOO_LARGE:
        return 413;
    case STATUS_BAD_TYPE:
        return 415;
    case STATUS_PENDING:
    case STATUS_UNAVAILABLE:
        return 503;
    case STATUS_DAMAGED:
    case STATUS_BAD_SETTING:
    case STATUS_NO_SPACE:
    case STATUS_SYSTEM:
        break;
    }
    return 500;
}

/* SODA 1.0, section 5.2: UsageError is permanent, to try again is pointless. */
static const char *soda_label(enum status status)
{
    int code = error_code(status);

    if (status == STATUS_MULTIPLE_VALUES)
        return "MultiValuedParamNotSupported";
    if (code == 503)
        return "ServiceUnavailable";
    return code < 500 ? "UsageError" : "Error";
}

const char *error_datalink_fault(enum status status)
{
    int code = error_code(status);

    if (code == 404)
        return "NotFoundFault";
    if (code == 503)
        return "TransientFault";
    return code < 500 ? "UsageFault" : "FatalFault";
}

/* What went wrong inside names paths and libraries: that is for the log, not for
 * strangers. */
static const char *message_for_caller(const struct failure *failure)
{
    return error_code(failure->status) == 500
               ? "the service failed here; its log has the reason"
               : failure->message;
}

static void ask_to_retry(enum status status, struct response *response)
{
    if (error_code(status) == 503)
        response_header_add(response, "Retry-After", "5");
}

/* One line, whatever the message quotes of the request. */
static void add_line(struct buffer *out, const char *text)
{
    for (; *text; text++)
        buffer_add_char(out, (unsigned char)*text < ' ' || *text == 127 ? ' ' : *text);
    buffer_add_char(out, '\n');
}

void error_write_text(const struct failure *failure, struct response *response)
{
    struct buffer *out = response_bytes(response, error_code(failure->status),
                                        "text/plain; charset=utf-8");

    buffer_add_string(out, soda_label(failure->status));
    buffer_add_literal(out, ": ");
    add_line(out, message_for_caller(failure));
    ask_to_retry(failure->status, response);
}

void error_write_votable(const struct failure *failure, struct response *response)
{
    struct buffer *out = response_bytes(response, error_code(failure->status),
                                        "application/x-votable+xml");
    const char *content =
        arena_format(response->arena, "%s: %s", error_datalink_fault(failure->status),
                     message_for_caller(failure));

    votable_open(out);
    votable_resource_open(out, "results", NULL, NULL, NULL);
    votable_info(out, "QUERY_STATUS", "ERROR", content);
    votable_resource_close(out);
    votable_close(out);
    ask_to_retry(failure->status, response);
}
