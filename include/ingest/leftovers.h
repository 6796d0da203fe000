/* leftovers.h - shards that an interrupted ingest left in the cache folder. */
#pragma once

#include "archive/catalogue.h"
#include "base/status.h"

/*
 * Remove growing shards, and sealed ones that the catalogue does not list: their ingest
 * ended between seal and commit, or the one that compacted them between commit and
 * removal.
 */
enum status leftovers_remove(const char *folder, struct catalogue *catalogue,
                             struct failure *failure);
