/* file.h - the few things done to files and folders that the C library leaves half done.
 */
#pragma once

#include "base/buffer.h"
#include "base/status.h"

#include <stdint.h>
#include <sys/types.h>

/* Write all of it, however often the kernel takes only a part. */
enum status file_write(int fd, const void *bytes, size_t size, struct failure *failure);

/*
 * Open a file beneath a folder for reading (openat2 with RESOLVE_BENEATH): no "..", no
 * absolute path and no symbolic link leads out of it. Returns the descriptor, or -1 with
 * errno. Only regular files.
 */
int file_open_beneath(int folder, const char *path);

/* Append the whole of an open file to *out; larger than `limit` is STATUS_TOO_LARGE.
 * `name` is for the message. */
enum status file_read(int fd, const char *name, uint64_t limit, struct buffer *out,
                      struct failure *failure);

/* Make a rename or a new name in a folder last. */
enum status file_sync_folder(const char *path, struct failure *failure);

/* Make a folder and its parents where they are missing. */
enum status file_make_folder(const char *path, struct failure *failure);

/* close() for AUTO-like use: a descriptor below 0 is nothing. */
void file_close_at(int *fd);
#define AUTO_FD __attribute__((cleanup(file_close_at))) int
