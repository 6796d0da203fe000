/* frame.h - FRAME: whether wavelengths are those observed or those at rest with the
 * object. */
#pragma once

#include "base/status.h"
#include "dali/params.h"

#include <stdbool.h>

/* observed, which is the default, or rest; others are STATUS_BAD_PARAMETER. */
enum status frame_read(const struct params *params, bool *at_rest,
                       struct failure *failure);
