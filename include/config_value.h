/* config_value.h - the text of one setting as what it means. */
#pragma once

#include "config.h"

/*
 * Put `text` where the setting lies in *base, a struct config or struct
 * config_collection. Texts go to the arena, a relative folder is taken from `folder`.
 * What is wrong is a STATUS_BAD_SETTING that names the key.
 */
enum status config_value_set(const struct config_setting *setting, const char *text,
                             const char *folder, struct arena *arena, void *base,
                             struct failure *failure);
