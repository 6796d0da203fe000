/* config_parts.h - what the parts of the configuration share. Nobody but its own sources
 * includes it. */
#pragma once

#include "config.h"

/* ---- config_value.c: the text of one setting as what it means ---- */

/*
 * Put `text` where the setting lies in *base, a struct config or struct
 * config_collection. Texts go to the arena, a relative folder is taken from `folder`.
 * What is wrong is a STATUS_BAD_SETTING that names the key.
 */
enum status config_value_set(const struct config_setting *setting, const char *text,
                             const char *folder, struct arena *arena, void *base,
                             struct failure *failure);

/* ---- config_file.c: INI ---- */

/* Read all sections over the defaults. */
enum status config_file_read(FILE *file, const char *path, struct config *config,
                             struct failure *failure);

/* ---- config.c ---- */

/* One more collection, with its defaults; *out is a struct config_collection until the
 * next one is added. */
enum status config_add_collection(struct config *config, const char *name, void **out,
                                  struct failure *failure);
