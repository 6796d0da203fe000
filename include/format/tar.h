/*
 * tar.h - files one behind another in one stream: ustar (POSIX.1-2017, pax, section
 * "ustar Interchange Format"), with an extended header of pax before a file whose name or
 * size does not fit.
 *
 * Files belong to nobody and may be read by everybody. Names are relative, without "..".
 */
#pragma once

#include "base/buffer.h"

#include <stdint.h>

/* A file's header; its bytes are appended behind it. mtime: seconds since 1970, below 0
 * as 0. */
void tar_file_open(struct buffer *out, const char *name, int64_t size, int64_t mtime);
/* Fills its last block up. */
void tar_file_close(struct buffer *out, int64_t size);

/* The end of the stream. */
void tar_close(struct buffer *out);
