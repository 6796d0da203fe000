/*
 * crowd.h - how many connections each network address holds, counted across threads.
 *
 * Touched when a connection begins and ends, never for a request.
 */
#pragma once

#include "http/address.h"

struct crowd;

struct crowd *crowd_open(void);
void crowd_close(struct crowd *crowd); /* NULL is fine */

/* Count one more, and return how many that makes. */
int crowd_join(struct crowd *crowd, const struct address *address);
void crowd_leave(struct crowd *crowd, const struct address *address);
