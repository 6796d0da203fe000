/*
 * identifier.h - the names of a spectrum: publisher DID, path, bare file name, OBSID.
 *
 * Publisher DID: ivo://{authority}/~?{collection}/{path}; in the path, bytes other than
 * letters, digits and
 * -._~/+ are percent-encoded (upper-case hex). Compared byte for byte: another spelling
 * is another ID.
 */
#pragma once

#include "base/arena.h"
#include "base/buffer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { IDENTIFIER_LENGTH = 1024 }; /* longer ones are unknown */

/* Append the DID of a path. */
void identifier_write(struct buffer *out, const char *authority, const char *collection,
                      const char *path);

/* Append a path as the part of a URL, encoded as in the DID except that + is encoded too.
 */
void identifier_write_url_path(struct buffer *out, const char *path);

/* The path that a DID of this collection names, in the arena; NULL if it is none or is
 * not spelled as we spell it. */
const char *identifier_read(const char *did, const char *authority,
                            const char *collection, struct arena *arena);

/* A path that may name something in the archive: relative, no empty, "." or ".." part, no
 * control character. */
bool identifier_is_path(const char *path);
