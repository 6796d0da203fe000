/* cache_folder.h - the folder that an ingest writes to: a fit one, and ours alone while
 * it runs. */
#pragma once

#include "base/status.h"

#include <stdbool.h>

/*
 * Make the folder where it is missing and lock it (flock) until *fd is closed. One on a
 * network file system is STATUS_BAD_SETTING unless allowed, for a lost network hangs or
 * kills a process that maps; one that another ingest holds is STATUS_UNAVAILABLE.
 */
enum status cache_folder_claim(const char *folder, bool allow_network, int *fd,
                               struct failure *failure);

/* The name of a network file system by the f_type of statfs(2), or NULL for any other. */
const char *cache_folder_network_name(unsigned long type);
