/*
 * map_watch.h - maps of files whose pages may turn out unreadable: the file became
 * shorter, or its disk fails.
 *
 * The kernel answers such a read with SIGBUS, which would end the server for everybody.
 * The page is replaced by zeros instead, and the loss is counted. Whoever reads a map
 * compares the count of before with that of after, and throws away what was made in
 * between if they differ; checksums tell what is still good. Faults elsewhere end the
 * process as ever.
 */
#pragma once

#include <stddef.h>

struct watched_map;

/* Watch it until map_unwatch(), which comes before it is unmapped; NULL is fine there. */
struct watched_map *map_watch(const void *bytes, size_t size);
void map_unwatch(struct watched_map *map);

unsigned map_losses(const struct watched_map *map); /* pages that were replaced */
