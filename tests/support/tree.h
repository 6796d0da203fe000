/* tree.h - files and folders beneath a test's folder, made by their paths in it. */
#pragma once

#include "folder.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static inline const char *tree_path(const char *root, const char *path)
{
    static char whole[PATH_MAX];

    if (snprintf(whole, sizeof(whole), "%s/%s", root, path) >= PATH_MAX)
        abort();
    return whole;
}

/* Folders that a path names before its last part. */
static inline void tree_make_parents(const char *root, const char *path)
{
    for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
        char part[PATH_MAX];

        snprintf(part, sizeof(part), "%.*s", (int)(slash - path), path);
        mkdir(tree_path(root, part), 0755);
    }
}

/* A file with this text, that says it was written `seconds` after 1970. */
static inline void tree_write(const char *root, const char *path, const char *text,
                              time_t seconds)
{
    struct timespec times[2] = {{.tv_sec = seconds}, {.tv_sec = seconds}};
    FILE *file;

    tree_make_parents(root, path);
    file = fopen(tree_path(root, path), "w");
    if (!file || fputs(text, file) < 0 || fclose(file) != 0 ||
        utimensat(AT_FDCWD, tree_path(root, path), times, 0) < 0)
        abort();
}

static inline void tree_link(const char *root, const char *path, const char *target)
{
    tree_make_parents(root, path);
    if (symlink(target, tree_path(root, path)) < 0)
        abort();
}

static inline bool tree_has(const char *root, const char *path)
{
    return access(tree_path(root, path), F_OK) == 0;
}

static inline void tree_remove(const char *root, const char *path)
{
    if (remove(tree_path(root, path)) < 0)
        abort();
}

/* Permissions hold for root too between these two. */
static inline void tree_set_override(bool is_on)
{
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2];
    const uint32_t bits = 1u << CAP_DAC_OVERRIDE | 1u << CAP_DAC_READ_SEARCH;

    if (geteuid() != 0)
        return;
    if (syscall(SYS_capget, &head, data) < 0)
        abort();
    data[0].effective = is_on ? data[0].effective | (data[0].permitted & bits)
                              : data[0].effective & ~bits;
    if (syscall(SYS_capset, &head, data) < 0)
        abort();
}
