/* bulk_ids.h - the IDs of one request as they come, until they are resolved. */
#pragma once

#include "base/status.h"

#include <stddef.h>
#include <stdint.h>

struct bulk_ids;

/* One more than `limit` will be STATUS_TOO_LARGE. */
struct bulk_ids *bulk_ids_open(int64_t limit);
void bulk_ids_close(struct bulk_ids *ids); /* NULL is fine */

/* Blanks around it are not the ID's; an empty one is none. One that is longer than any ID
 * is cut, and means nothing. */
enum status bulk_ids_add(struct bulk_ids *ids, const char *text, size_t length,
                         struct failure *failure);
int64_t bulk_ids_count(const struct bulk_ids *ids);

/* All of them into a file, one on each line, and from it again, which closes it. */
enum status bulk_ids_write(struct bulk_ids *ids, int fd, struct failure *failure);
enum status bulk_ids_read(struct bulk_ids *ids, int fd, struct failure *failure);

/* The next one in the order given, once all have been added; lives until the next call.
   NULL behind the last one. */
enum status bulk_ids_next(struct bulk_ids *ids, const char **out,
                          struct failure *failure);
