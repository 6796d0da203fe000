/*
 * headcount.h - how many candidates there are, counted by a thread that runs ahead of the
 * work.
 *
 * It reads folders only, no file, which takes a fraction of the work's time and so makes
 * an honest "time left" soon.
 */
#pragma once

#include "ingest/walk.h"

#include <stdbool.h>
#include <stdint.h>

struct headcount;

/* NULL where no thread can be had: then the total stays unknown. */
struct headcount *headcount_open(const struct walk_settings *walk);
void headcount_close(struct headcount *headcount); /* NULL is fine */

/* Those counted so far; *is_over when that is all. -1 of NULL. */
int64_t headcount_total(const struct headcount *headcount, bool *is_over);
