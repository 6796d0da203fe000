/*
 * outlines.h - the outlines of all living spectra in one mapped file, found by path in a
 * quarter of a microsecond; the catalogue takes ten times that for a row, most of it
 * SQLite's walk through two trees.
 *
 * The file is derived: ingest writes it when it is done, and a commit removes it first,
 * so one that is there is of the newest state. Where there is none, or a part of it is
 * not what was written, whoever asks takes the catalogue instead.
 */
#pragma once

#include "archive/catalogue.h"
#include "archive/outline.h"

/* Write the file anew, unless there is one; between transactions of the catalogue. */
enum status outlines_write(struct catalogue *catalogue, const char *cache_folder,
                           struct failure *failure);

struct outlines;

/* Map the file if there is one that was written at this generation of the catalogue; else
   NULL. */
struct outlines *outlines_open(const char *cache_folder, uint64_t generation);
void outlines_close(struct outlines *outlines); /* NULL is fine */

/* STATUS_NOT_FOUND: no living spectrum has the path. STATUS_DAMAGED: the file does not
 * tell. Texts live as long as the map. */
enum status outlines_find(const struct outlines *outlines, const char *path,
                          struct outline *out);
