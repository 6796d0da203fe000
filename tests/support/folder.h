/* folder.h - a folder of a test's own, and its removal with all that is in it. */
#pragma once

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FOLDER_LENGTH = 64 };

static inline void folder_make(char folder[FOLDER_LENGTH])
{
    strcpy(folder, "/tmp/cutoutd-test-XXXXXX");
    if (!mkdtemp(folder))
        abort();
}

static inline int folder_remove_one(const char *path, const struct stat *facts, int flag,
                                    struct FTW *place)
{
    (void)facts, (void)flag, (void)place;
    return remove(path);
}

static inline void folder_remove(const char *folder)
{
    nftw(folder, folder_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
