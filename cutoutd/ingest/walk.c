#include "ingest/walk.h"

#include "archive/identifier.h"
#include "base/file.h"
#include "base/memory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { DEPTH = 64 }; /* folders in folders, each with an open descriptor */

/* A folder that is being read. */
struct level {
    DIR *dir;
    size_t path_length; /* of walk->path up to and with the slash behind the folder */
    dev_t device;
    ino_t inode;
};

struct walk {
    const struct walk_settings *settings;
    int root;
    int next_path; /* of settings->paths */
    int depth;
    struct level levels[DEPTH];
    char path[PATH_MAX];
    char reason[200];
};

size_t walk_stem(const char *path)
{
    static const char *const suffixes[] = {".fits", ".fits.gz"};
    const char *slash = strrchr(path, '/');
    size_t before_name = slash ? (size_t)(slash + 1 - path) : 0;
    size_t length = strlen(path);

    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
        size_t suffix = strlen(suffixes[i]);

        if (length > before_name + suffix &&
            strcmp(path + length - suffix, suffixes[i]) == 0)
            return length - suffix;
    }
    return 0;
}

/* Open by the whole path from the archive's folder: so no link leads out of it, wherever
 * in the path it is. */
static int open_beneath(const struct walk *walk, const char *path, uint64_t flags)
{
    struct open_how how = {
        .flags = flags | O_CLOEXEC,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
    };

    return (int)syscall(SYS_openat2, walk->root, *path ? path : ".", &how, sizeof(how));
}

static int stat_beneath(const struct walk *walk, const char *path, struct stat *out)
{
    AUTO_FD fd = open_beneath(walk, path, O_PATH);

    return fd < 0 ? -1 : fstat(fd, out);
}

/* Facts of a name in the folder that is being read; of what a link means, not of the
 * link. */
static int stat_name(const struct walk *walk, const char *path, struct stat *out)
{
    const struct level *level;
    const char *name;

    if (walk->depth == 0)
        return stat_beneath(walk, path, out);
    level = &walk->levels[walk->depth - 1];
    name = path + level->path_length;
    if (fstatat(dirfd(level->dir), name, out, AT_SYMLINK_NOFOLLOW) < 0)
        return -1;
    return S_ISLNK(out->st_mode) ? stat_beneath(walk, path, out) : 0;
}

static int64_t nanoseconds(struct timespec time)
{
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

/* ---- what is yielded ---- */

static bool give(struct walk *walk, enum walk_kind kind, const char *reason,
                 struct walk_item *out)
{
    *out = (struct walk_item){.kind = kind, .path = walk->path, .reason = reason};
    return true;
}

static bool give_unreadable(struct walk *walk, int error, struct walk_item *out)
{
    snprintf(walk->reason, sizeof(walk->reason), "%s", strerror(error));
    return give(walk, WALK_UNREADABLE, walk->reason, out);
}

/* Two forms of one file: the newer is served; of two equally old the plain one. */
static bool gives_way(const struct walk *walk, const struct stat *facts)
{
    size_t stem = walk_stem(walk->path);
    bool is_plain = strcmp(walk->path + stem, ".fits") == 0;
    char path[PATH_MAX + 4];
    struct stat other;

    snprintf(path, sizeof(path), "%.*s%s", (int)stem, walk->path,
             is_plain ? ".fits.gz" : ".fits");
    if (stat_name(walk, path, &other) < 0 || !S_ISREG(other.st_mode))
        return false;
    return is_plain ? nanoseconds(other.st_mtim) > nanoseconds(facts->st_mtim)
                    : nanoseconds(other.st_mtim) >= nanoseconds(facts->st_mtim);
}

static bool give_file(struct walk *walk, const struct stat *facts, struct walk_item *out)
{
    if (!identifier_is_path(walk->path))
        return give(walk, WALK_REFUSED, "its name cannot be part of an identifier", out);
    give(walk, gives_way(walk, facts) ? WALK_SHADOWED : WALK_FILE, NULL, out);
    out->size = facts->st_size;
    out->mtime = nanoseconds(facts->st_mtim);
    return true;
}

/* ---- folders ---- */

static bool is_inside_itself(const struct walk *walk, const struct stat *facts)
{
    for (int i = 0; i < walk->depth; i++)
        if (walk->levels[i].inode == facts->st_ino &&
            walk->levels[i].device == facts->st_dev)
            return true;
    return false;
}

static void leave_folder(struct walk *walk)
{
    closedir(walk->levels[--walk->depth].dir);
}

static void push_level(struct walk *walk, DIR *dir, const struct stat *facts)
{
    size_t length = strlen(walk->path);

    if (length > 0 && length + 1 < sizeof(walk->path)) {
        walk->path[length++] = '/';
        walk->path[length] = '\0';
    }
    walk->levels[walk->depth++] = (struct level){
        .dir = dir,
        .path_length = length,
        .device = facts->st_dev,
        .inode = facts->st_ino,
    };
}

/* Go into the folder walk->path. True if it gave an item instead. */
static bool enter_folder(struct walk *walk, struct walk_item *out)
{
    int fd = open_beneath(walk, walk->path, O_RDONLY | O_DIRECTORY);
    struct stat facts;
    DIR *dir;

    if (fd < 0) /* one that went meanwhile is not there, which is no error */
        return errno != ENOENT && give_unreadable(walk, errno, out);
    if (fstat(fd, &facts) == 0 && is_inside_itself(walk, &facts)) {
        close(fd);
        return false;
    }
    if (walk->depth == DEPTH) {
        close(fd);
        return give(walk, WALK_UNREADABLE, "too many folders in folders", out);
    }
    if (!(dir = fdopendir(fd))) {
        close(fd);
        return give_unreadable(walk, ENOMEM, out);
    }
    push_level(walk, dir, &facts);
    return false;
}

/* ---- names in a folder ---- */

/* A link that does not stay beneath the archive, or leads nowhere: worth a line if it
 * could have been a spectrum. */
static bool look_at_bad_link(struct walk *walk, int error, struct walk_item *out)
{
    if (error == EXDEV)
        return give(walk, WALK_REFUSED, "a symbolic link that leads out of the archive",
                    out);
    if (!walk_stem(walk->path))
        return false;
    if (error == ENOENT || error == ELOOP)
        return give(walk, WALK_REFUSED, "a symbolic link that leads to no file", out);
    return give_unreadable(walk, error, out);
}

/* True if walk->path, a link or of a kind that the folder does not tell, gave an item. */
static bool look_closely(struct walk *walk, struct walk_item *out)
{
    struct stat facts;

    if (stat_name(walk, walk->path, &facts) < 0)
        return look_at_bad_link(walk, errno, out);
    if (S_ISDIR(facts.st_mode))
        return enter_folder(walk, out);
    if (!S_ISREG(facts.st_mode) || !walk_stem(walk->path))
        return false;
    return give_file(walk, &facts, out);
}

static bool look_at_file(struct walk *walk, struct walk_item *out)
{
    struct stat facts;

    if (!walk_stem(walk->path))
        return false;
    if (walk->settings->names_only)
        return give(walk, WALK_FILE, NULL, out);
    if (stat_name(walk, walk->path, &facts) < 0)
        return errno != ENOENT && give_unreadable(walk, errno, out);
    return give_file(walk, &facts, out);
}

/* lost+found belongs to the file system: nobody's spectra are there, and only root may
 * look. */
static bool is_passed_over(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
           strcmp(name, "lost+found") == 0;
}

static bool look_at(struct walk *walk, const struct dirent *entry, struct walk_item *out)
{
    size_t length = walk->levels[walk->depth - 1].path_length;
    size_t name_length = strlen(entry->d_name);

    if (is_passed_over(entry->d_name))
        return false;
    if (length + name_length + 2 > sizeof(walk->path))
        return give_unreadable(walk, ENAMETOOLONG, out);
    memcpy(walk->path + length, entry->d_name, name_length + 1);
    switch (entry->d_type) {
    case DT_DIR:
        return enter_folder(walk, out);
    case DT_REG:
        return look_at_file(walk, out);
    case DT_LNK:
    case DT_UNKNOWN:
        return look_closely(walk, out);
    default:
        return false;
    }
}

/* True if the folder that is being read gave an item; leaves it at its end. */
static bool read_folder(struct walk *walk, struct walk_item *out)
{
    struct level *level = &walk->levels[walk->depth - 1];
    const struct dirent *entry;
    int error;

    walk->path[level->path_length] = '\0';
    errno = 0;
    entry = readdir(level->dir);
    if (entry)
        return look_at(walk, entry, out);
    error = errno;
    if (level->path_length > 0)
        walk->path[level->path_length - 1] = '\0';
    leave_folder(walk);
    return error && give_unreadable(walk, error, out);
}

/* ---- where it begins ---- */

/* True if one of the paths that were asked for gave an item. */
static bool look_at_path(struct walk *walk, const char *path, struct walk_item *out)
{
    struct stat facts;

    snprintf(walk->path, sizeof(walk->path), "%s", path);
    if (stat_beneath(walk, walk->path, &facts) < 0) {
        if (errno == ENOENT || errno == ENOTDIR)
            return give(walk, WALK_ABSENT, NULL, out);
        return look_at_bad_link(walk, errno, out) || give_unreadable(walk, errno, out);
    }
    if (S_ISDIR(facts.st_mode))
        return enter_folder(walk, out);
    if (!S_ISREG(facts.st_mode) || !walk_stem(walk->path))
        return give(walk, WALK_REFUSED, "neither *.fits nor *.fits.gz", out);
    return give_file(walk, &facts, out);
}

bool walk_next(struct walk *walk, struct walk_item *out)
{
    const struct walk_settings *settings = walk->settings;
    int starts = settings->path_count ? settings->path_count : 1;

    for (;;) {
        if (walk->depth > 0) {
            if (read_folder(walk, out))
                return true;
        } else if (walk->next_path == starts) {
            return false;
        } else {
            int i = walk->next_path++;

            if (look_at_path(walk, settings->path_count ? settings->paths[i] : "", out))
                return true;
        }
    }
}

bool walk_has(struct walk *walk, const char *path)
{
    struct stat facts;

    if (stat_beneath(walk, path, &facts) < 0)
        return errno != ENOENT && errno != ENOTDIR && errno != EXDEV && errno != ELOOP;
    return S_ISREG(facts.st_mode);
}

enum status walk_open(const struct walk_settings *settings, struct walk **out,
                      struct failure *failure)
{
    int root = open(settings->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct walk *walk;

    if (root < 0)
        return failure_system(failure, "%s", settings->folder);
    memory_new(walk);
    walk->settings = settings;
    walk->root = root;
    *out = walk;
    return STATUS_OK;
}

void walk_close(struct walk *walk)
{
    if (!walk)
        return;
    while (walk->depth > 0)
        leave_folder(walk);
    close(walk->root);
    free(walk);
}
