/*
 * interruption.h - SIGINT and SIGTERM as something to look at between two steps, not as a
 * blow in the middle of one.
 *
 * One at a time in a process; its only thread, or started before the others so that they
 * inherit the mask.
 */
#pragma once

#include "base/status.h"

#include <signal.h>
#include <stdbool.h>

struct interruption {
    int fd; /* readable once a signal came: for poll() */
    sigset_t mask_before;
};

enum status interruption_init(struct interruption *interruption, struct failure *failure);
/* What came and was not told of is forgotten. */
void interruption_finish(struct interruption *interruption);

/* Whether a signal came; stays so. */
bool interruption_came(const struct interruption *interruption);
