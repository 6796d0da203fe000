/*
 * unknown_names.h - names that were looked for and not found, remembered for a while.
 *
 * A table of fixed size: half a million names cost what one costs, the oldest of those
 * that fall on the same place gives way. Names are kept as keyed 64-bit checksums, so
 * nobody can choose one that hides another's file. One thread at a time.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct unknown_names;

struct unknown_names *unknown_names_open(int seconds); /* how long one is remembered */
void unknown_names_close(struct unknown_names *names); /* NULL is fine */

/* `now` is in milliseconds and never goes back. */
void unknown_names_add(struct unknown_names *names, const char *name, int64_t now);
bool unknown_names_has(const struct unknown_names *names, const char *name, int64_t now);
/* Forget those that were added before `when`. */
void unknown_names_forget(struct unknown_names *names, int64_t when);
uint64_t unknown_names_count(const struct unknown_names *names, int64_t now);
