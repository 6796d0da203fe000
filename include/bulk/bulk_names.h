/*
 * bulk_names.h - whether a name was taken before, among as many as a request may have,
 * within 16 MB.
 *
 * A Bloom filter: a name that was taken is always known, one that was not is now and then
 * held to be; fewer than one in ten thousand of a million.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct bulk_names;

struct bulk_names *bulk_names_open(int64_t count);
void bulk_names_close(struct bulk_names *names); /* NULL is fine */

/* Take a name; true if it is free. */
bool bulk_names_take(struct bulk_names *names, const char *name);
