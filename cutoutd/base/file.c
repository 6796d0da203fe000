#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum status file_write(int fd, const void *bytes, size_t size, struct failure *failure)
{
    const uint8_t *next = bytes;

    while (size) {
        ssize_t written = write(fd, next, size);

        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return failure_system(failure, "write");
        next += written;
        size -= (size_t)written;
    }
    return STATUS_OK;
}

int file_open_beneath(int folder, const char *path)
{
    struct open_how how = {
        .flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, /* a FIFO must not block */
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
    };
    struct stat facts;
    int fd = (int)syscall(SYS_openat2, folder, path, &how, sizeof(how));

    if (fd < 0)
        return -1;
    if (fstat(fd, &facts) == 0 && S_ISREG(facts.st_mode))
        return fd;
    close(fd);
    errno = EINVAL;
    return -1;
}

enum status file_read(int fd, const char *name, uint64_t limit, struct buffer *out,
                      struct failure *failure)
{
    enum { STEP = 256 * 1024 };
    struct stat facts;
    size_t before = out->length;

    if (fstat(fd, &facts) < 0)
        return failure_system(failure, "%s", name);
    if (facts.st_size > 0 && (uint64_t)facts.st_size <= limit)
        buffer_room(out, (size_t)facts.st_size + 1);
    for (;;) {
        size_t room = out->capacity - out->length;
        uint8_t *where = room ? out->bytes + out->length : buffer_room(out, STEP);
        ssize_t count;

        room = out->capacity - out->length;
        count = read(fd, where, room);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return failure_system(failure, "%s", name);
        if (count == 0)
            return STATUS_OK;
        buffer_added(out, (size_t)count);
        if (out->length - before > limit)
            return failure_set(failure, STATUS_TOO_LARGE, "%s: larger than %llu bytes",
                               name, (unsigned long long)limit);
    }
}

enum status file_sync_folder(const char *path, struct failure *failure)
{
    AUTO_FD fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0 || fsync(fd) < 0)
        return failure_system(failure, "%s", path);
    return STATUS_OK;
}

enum status file_make_folder(const char *path, struct failure *failure)
{
    char part[PATH_MAX];
    size_t length = strlen(path);

    if (length == 0 || length >= sizeof(part))
        return failure_set(failure, STATUS_BAD_SETTING, "%s: not a folder's name", path);
    memcpy(part, path, length + 1);
    for (size_t i = 1; i <= length; i++) {
        if (part[i] != '/' && part[i] != '\0')
            continue;
        part[i] = '\0';
        if (mkdir(part, 0755) < 0 && errno != EEXIST)
            return failure_system(failure, "%s", part);
        part[i] = path[i];
    }
    return STATUS_OK;
}

void file_close_at(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}
