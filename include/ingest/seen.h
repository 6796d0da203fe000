/* seen.h - which files of the catalogue the walk has met: a bit for each, by their
 * numbers. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct seen {
    uint8_t *bits;
    size_t size; /* bytes */
};

void seen_init(struct seen *seen);
void seen_finish(struct seen *seen);
void seen_add(struct seen *seen, int64_t number); /* grows as needed */
bool seen_has(const struct seen *seen, int64_t number);
