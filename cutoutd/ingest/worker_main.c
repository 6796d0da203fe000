#include "ingest/worker_main.h"

#include "archive/reading.h"
#include "archive/worker.h"
#include "base/buffer.h"
#include "base/checksum.h"
#include "base/file.h"
#include "ingest/lamost.h"

#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    CPU_SECONDS = 30, /* for one file; a real one takes milliseconds */
    MEMORY = 2 << 10, /* MiB, besides the program itself */
};

/* Buffers live as long as the process: after a few files nothing is allocated any more.
 */
struct desk {
    struct worker_question_head head;
    struct buffer path;  /* ends with NUL */
    struct buffer bytes; /* of the file */
    struct buffer answer;
};

/* ---- limits ---- */

static void limit(int what, rlim_t value)
{
    struct rlimit limits;

    if (getrlimit(what, &limits) == 0 && value < limits.rlim_max) {
        limits.rlim_cur = value;
        setrlimit(what, &limits);
    }
}

/* Address space that the program has now, bytes; sanitizers have terabytes. */
static rlim_t address_space(void)
{
    FILE *file = fopen("/proc/self/statm", "re");
    unsigned long pages = 0;

    if (!file)
        return 0;
    if (fscanf(file, "%lu", &pages) != 1)
        pages = 0;
    fclose(file);
    return (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE);
}

/* Keep freed memory for the next file: to fault it in anew takes longer than to inflate a
 * file. */
static void keep_memory(void)
{
    enum { KEPT = 64 << 20, MAPPED = 32 << 20 };

    mallopt(M_TRIM_THRESHOLD, KEPT);
    mallopt(M_MMAP_THRESHOLD, MAPPED);
}

static void limit_process(void)
{
    close_range(WORKER_SOCKET_FD + 1, ~0U, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_AS, address_space() + ((rlim_t)MEMORY << 20));
}

/* The limit counts from the start of the process, so each file moves it on. */
static void limit_next_file(void)
{
    struct rusage used;

    getrusage(RUSAGE_SELF, &used);
    limit(RLIMIT_CPU,
          (rlim_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) + CPU_SECONDS);
}

/* ---- the socket ---- */

/* False at its end, as when the asking side has gone. */
static bool take(void *bytes, size_t size)
{
    char *next = bytes;

    while (size) {
        ssize_t count = read(WORKER_SOCKET_FD, next, size);

        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return false;
        next += count;
        size -= (size_t)count;
    }
    return true;
}

static bool take_question(struct desk *desk)
{
    uint32_t size;
    size_t length;

    if (!take(&size, sizeof(size)) || size < sizeof(desk->head) ||
        size >= sizeof(desk->head) + WORKER_PATH_LENGTH)
        return false;
    length = size - sizeof(desk->head);
    buffer_clear(&desk->path);
    if (!take(&desk->head, sizeof(desk->head)) ||
        !take(buffer_room(&desk->path, length + 1), length))
        return false;
    desk->path.bytes[length] = '\0';
    return true;
}

static bool give_answer(struct desk *desk, const struct reading *reading)
{
    struct failure failure;
    uint32_t size = 0;

    buffer_clear(&desk->answer);
    buffer_add(&desk->answer, &size, sizeof(size));
    reading_pack(reading, &desk->answer);
    size = (uint32_t)(desk->answer.length - sizeof(size));
    memcpy(desk->answer.bytes, &size, sizeof(size));
    return file_write(WORKER_SOCKET_FD, desk->answer.bytes, desk->answer.length,
                      &failure) == STATUS_OK;
}

/* ---- the file ---- */

static void end_with(struct reading *out, enum reading_outcome outcome,
                     const char *reason)
{
    out->outcome = outcome;
    out->reason = arena_copy_string(&out->arena, reason);
}

static void explain(struct reading *out, int error)
{
    switch (error) {
    case ENOENT:
    case ENOTDIR:
    case ENAMETOOLONG:
        out->outcome = READING_ABSENT;
        break;
    case EXDEV:
        end_with(out, READING_REFUSED, "a link that leads out of the archive");
        break;
    case ELOOP:
        end_with(out, READING_REFUSED, "a link that leads to no file");
        break;
    case EINVAL:
        end_with(out, READING_REFUSED, "not a regular file");
        break;
    default:
        end_with(out, READING_FAILED, strerror(error));
    }
}

static int64_t nanoseconds(struct timespec time)
{
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static bool is_newer(int a, int b)
{
    struct stat of_a, of_b;

    return fstat(a, &of_a) == 0 && fstat(b, &of_b) == 0 &&
           nanoseconds(of_a.st_mtim) > nanoseconds(of_b.st_mtim);
}

/* Of the two forms the newer is the file; of two equally old the plain one. */
static int find_file(const char *path, struct reading *out)
{
    const char *plain = arena_format(&out->arena, "%s.fits", path);
    const char *gzipped = arena_format(&out->arena, "%s.fits.gz", path);
    int gzipped_fd = file_open_beneath(WORKER_FOLDER_FD, gzipped);
    int gzipped_error = errno;
    int plain_fd = file_open_beneath(WORKER_FOLDER_FD, plain);

    out->file = plain;
    if (plain_fd < 0 && errno == ENOENT)
        errno = gzipped_error; /* which may say more */
    if (gzipped_fd < 0 || (plain_fd >= 0 && !is_newer(gzipped_fd, plain_fd))) {
        file_close_at(&gzipped_fd);
        return plain_fd;
    }
    file_close_at(&plain_fd);
    out->file = gzipped;
    return gzipped_fd;
}

/* -1 with errno; out->file is a name that was tried. */
static int open_file(const struct desk *desk, struct reading *out)
{
    const char *path = (const char *)desk->path.bytes;

    if (desk->head.kind == WORKER_FIND_FILE)
        return find_file(path, out);
    out->file = arena_copy_string(&out->arena, path);
    return file_open_beneath(WORKER_FOLDER_FD, path);
}

static bool changed(const struct stat *before, int fd)
{
    struct stat now;

    return fstat(fd, &now) < 0 || now.st_size != before->st_size ||
           nanoseconds(now.st_mtim) != nanoseconds(before->st_mtim);
}

/* Read the file's bytes, and what is to be known of it as such. */
static bool read_bytes(int fd, struct buffer *bytes, struct reading *out)
{
    struct failure failure;
    struct stat facts;

    buffer_clear(bytes);
    if (fstat(fd, &facts) < 0) {
        explain(out, errno);
        return false;
    }
    if (facts.st_size > LAMOST_LARGEST) {
        end_with(out, READING_REFUSED, "larger than any spectrum");
        return false;
    }
    if (file_read(fd, "read", LAMOST_LARGEST, bytes, &failure)) {
        end_with(out, READING_FAILED, failure.message);
        return false;
    }
    if (changed(&facts, fd)) {
        end_with(out, READING_FAILED, "changed while it was read");
        return false;
    }
    out->file_size = (int64_t)bytes->length;
    out->file_mtime = nanoseconds(facts.st_mtim);
    out->file_checksum = checksum_of(bytes->bytes, bytes->length);
    return true;
}

static void read_file(struct desk *desk, struct reading *out)
{
    AUTO_FD fd = open_file(desk, out);

    if (fd < 0) {
        explain(out, errno);
        return;
    }
    if (!read_bytes(fd, &desk->bytes, out))
        return;
    if (desk->head.has_expected && desk->head.expected == out->file_checksum) {
        out->outcome = READING_UNCHANGED;
        return;
    }
    lamost_read(out->file, desk->bytes.bytes, desk->bytes.length, out);
    for (size_t i = 0; i < out->count; i++)
        out->spectra[i].entry.file_mtime = out->file_mtime;
}

static bool answer_question(struct desk *desk)
{
    struct reading reading;
    bool given;

    reading_init(&reading);
    read_file(desk, &reading);
    given = give_answer(desk, &reading);
    reading_finish(&reading);
    return given;
}

int worker_main(void)
{
    struct desk desk = {0};

    limit_process();
    keep_memory();
    while (take_question(&desk)) {
        limit_next_file();
        if (!answer_question(&desk))
            break;
    }
    buffer_finish(&desk.path);
    buffer_finish(&desk.bytes);
    buffer_finish(&desk.answer);
    return EXIT_SUCCESS;
}
