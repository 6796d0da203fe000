#include "cutout/frame.h"

#include <strings.h>

enum status frame_read(const struct params *params, bool *at_rest,
                       struct failure *failure)
{
    const char *text;
    enum status status = params_single(params, "FRAME", &text, failure);

    if (status)
        return status;
    if (text && strcasecmp(text, "observed") != 0 && strcasecmp(text, "rest") != 0)
        return failure_set(failure, STATUS_BAD_PARAMETER,
                           "FRAME: '%.40s' is neither observed nor rest", text);
    *at_rest = text && strcasecmp(text, "rest") == 0;
    return STATUS_OK;
}
