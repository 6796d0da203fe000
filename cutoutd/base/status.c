#include "base/status.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum status failure_set(struct failure *failure, enum status status, const char *format,
                        ...)
{
    va_list arguments;

    failure->status = status;
    va_start(arguments, format);
    vsnprintf(failure->message, sizeof(failure->message), format, arguments);
    va_end(arguments);
    return status;
}

enum status failure_system(struct failure *failure, const char *format, ...)
{
    int error = errno;
    bool no_space = error == ENOSPC || error == EDQUOT || error == EFBIG;
    char what[sizeof(failure->message)];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(what, sizeof(what), format, arguments);
    va_end(arguments);
    return failure_set(failure, no_space ? STATUS_NO_SPACE : STATUS_SYSTEM, "%s: %s",
                       what, strerror(error));
}

enum status failure_prefix(struct failure *failure, const char *format, ...)
{
    char before[sizeof(failure->message)];
    char message[sizeof(failure->message)];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(before, sizeof(before), format, arguments);
    va_end(arguments);
    memcpy(message, failure->message, sizeof(message));
    return failure_set(failure, failure->status, "%s%s", before, message);
}
