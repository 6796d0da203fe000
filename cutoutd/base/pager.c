#include "base/pager.h"

#include "base/memory.h"
#include "base/waker_list.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/queue.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum {
    BUCKETS = 256,
    EXPECTED_LIMIT = 1024, /* parts that are read before somebody waits for them */
    PIECE = 64 * 1024,     /* bytes read at once */
    STEP = 32 * 1024,      /* bytes: what is read ahead comes in larger runs */
    PAGES = 64,            /* looked at in one call */
};

/* A part that is to be read. Its descriptor is the pager's own, so that it outlives those
 * who want it. */
struct wanted {
    LIST_ENTRY(wanted) link;   /* in its bucket, until it was read */
    TAILQ_ENTRY(wanted) order; /* in the queue, until a thread takes it */
    struct file_part part;
    dev_t device;
    ino_t inode;
    struct waker_list waiting;
};

LIST_HEAD(wanted_bucket, wanted);
TAILQ_HEAD(wanted_queue, wanted);

struct pager {
    const struct pager_disk *disk;
    pthread_mutex_t lock; /* of all down to `closing` */
    pthread_cond_t work;  /* the queue is not empty, or the end has come */
    struct wanted_bucket buckets[BUCKETS];
    struct wanted_queue queue;
    size_t count; /* in the buckets */
    bool closing;
    int thread_count;
    pthread_t threads[];
};

/* ---- the kernel's memory of files ---- */

bool pager_may_look(int fd, const char *path)
{
    struct stat facts;

    return (fstat(fd, &facts) == 0 && facts.st_uid == geteuid()) ||
           faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) == 0;
}

static bool is_map_in_memory(const void *bytes, size_t size)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t next = (uintptr_t)bytes / page * page, end = (uintptr_t)bytes + size;
    unsigned char there[PAGES];

    for (; next < end; next += PAGES * page) {
        size_t count = (end - next + page - 1) / page;

        count = count < PAGES ? count : PAGES;
        if (mincore((void *)next, count * page, there) < 0)
            return true;
        for (size_t i = 0; i < count; i++)
            if (!(there[i] & 1))
                return false;
    }
    return true;
}

/* False if the kernel would have to read it. */
static bool is_byte_in_memory(int fd, int64_t offset)
{
    char byte;
    struct iovec vector = {&byte, 1};

    return preadv2(fd, &vector, 1, offset, RWF_NOWAIT) >= 0 || errno != EAGAIN;
}

/* To look at every page by a call of its own would take longer than most answers. */
static bool is_file_in_memory(const struct file_part *part)
{
    int64_t last = part->offset + (int64_t)part->size - 1;

    for (int64_t at = part->offset; at < last; at += STEP)
        if (!is_byte_in_memory(part->fd, at))
            return false;
    return is_byte_in_memory(part->fd, last);
}

static bool is_in_memory(const struct file_part *part)
{
    return part->mapped ? is_map_in_memory(part->mapped, part->size)
                        : is_file_in_memory(part);
}

/* All of it is asked for at once, then waited for. */
static void read_part(const struct file_part *part)
{
    int64_t end = part->offset + (int64_t)part->size;
    char piece[PIECE];
    ssize_t length;

    posix_fadvise(part->fd, part->offset, (off_t)part->size, POSIX_FADV_WILLNEED);
    for (int64_t at = part->offset; at < end; at += length) {
        size_t wanted = end - at < PIECE ? (size_t)(end - at) : PIECE;

        length = pread(part->fd, piece, wanted, at);
        if (length <= 0)
            return;
    }
}

const struct pager_disk pager_disk = {is_in_memory, read_part};

/* ---- what is wanted, under the lock ---- */

static struct wanted_bucket *bucket_of(struct pager *pager, ino_t inode, int64_t offset)
{
    return &pager->buckets[(inode + (uint64_t)offset / PIECE) % BUCKETS];
}

static struct wanted *find(struct pager *pager, const struct file_part *part,
                           const struct stat *facts)
{
    struct wanted *wanted;

    LIST_FOREACH(wanted, bucket_of(pager, facts->st_ino, part->offset), link)
    {
        if (wanted->inode == facts->st_ino && wanted->device == facts->st_dev &&
            wanted->part.offset == part->offset && wanted->part.size == part->size)
            return wanted;
    }
    return NULL;
}

/* NULL: there are no descriptors left. */
static struct wanted *add(struct pager *pager, const struct file_part *part,
                          const struct stat *facts)
{
    int fd = fcntl(part->fd, F_DUPFD_CLOEXEC, 0);
    struct wanted *wanted;

    if (fd < 0)
        return NULL;
    memory_new(wanted);
    wanted->part =
        (struct file_part){.fd = fd, .offset = part->offset, .size = part->size};
    wanted->device = facts->st_dev;
    wanted->inode = facts->st_ino;
    LIST_INSERT_HEAD(bucket_of(pager, facts->st_ino, part->offset), wanted, link);
    TAILQ_INSERT_TAIL(&pager->queue, wanted, order);
    pager->count++;
    pthread_cond_signal(&pager->work);
    return wanted;
}

static void discard(struct wanted *wanted)
{
    close(wanted->part.fd);
    waker_list_finish(&wanted->waiting);
    free(wanted);
}

/* ---- the threads ---- */

static struct wanted *take(struct pager *pager)
{
    struct wanted *wanted = NULL;

    pthread_mutex_lock(&pager->lock);
    while (!pager->closing && !(wanted = TAILQ_FIRST(&pager->queue)))
        pthread_cond_wait(&pager->work, &pager->lock);
    if (wanted)
        TAILQ_REMOVE(&pager->queue, wanted, order);
    pthread_mutex_unlock(&pager->lock);
    return wanted;
}

static void settle(struct pager *pager, struct wanted *wanted)
{
    pthread_mutex_lock(&pager->lock);
    LIST_REMOVE(wanted, link);
    pager->count--;
    pthread_mutex_unlock(&pager->lock);
    waker_list_call(&wanted->waiting);
    discard(wanted);
}

static void *read_parts(void *argument)
{
    struct pager *pager = argument;
    struct wanted *wanted;

    while ((wanted = take(pager))) {
        pager->disk->read(&wanted->part);
        settle(pager, wanted);
    }
    return NULL;
}

/* Signals are for the threads that wait for them. */
static int start_threads(struct pager *pager, int count)
{
    sigset_t all, before;
    int error = 0;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (!error && pager->thread_count < count) {
        error =
            pthread_create(&pager->threads[pager->thread_count], NULL, read_parts, pager);
        pager->thread_count += !error;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error;
}

/* ---- opening and closing ---- */

enum status pager_open(int threads, const struct pager_disk *disk, struct pager **out,
                       struct failure *failure)
{
    struct pager *pager =
        memory_take_zeroed(1, sizeof(*pager) + (size_t)threads * sizeof(pthread_t));

    pager->disk = disk;
    pthread_mutex_init(&pager->lock, NULL);
    pthread_cond_init(&pager->work, NULL);
    TAILQ_INIT(&pager->queue);
    if ((errno = start_threads(pager, threads))) {
        failure_system(failure, "cannot start a thread");
        pager_close(pager);
        return failure->status;
    }
    *out = pager;
    return STATUS_OK;
}

void pager_close(struct pager *pager)
{
    struct wanted *wanted;

    if (!pager)
        return;
    pthread_mutex_lock(&pager->lock);
    pager->closing = true;
    pthread_cond_broadcast(&pager->work);
    pthread_mutex_unlock(&pager->lock);
    for (int i = 0; i < pager->thread_count; i++)
        pthread_join(pager->threads[i], NULL);
    while ((wanted = TAILQ_FIRST(&pager->queue))) {
        TAILQ_REMOVE(&pager->queue, wanted, order);
        discard(wanted);
    }
    pthread_cond_destroy(&pager->work);
    pthread_mutex_destroy(&pager->lock);
    free(pager);
}

/* ---- asking ---- */

/* Its file's facts, too, where it is. */
static bool is_to_be_read(const struct pager *pager, const struct file_part *part,
                          struct stat *facts)
{
    return pager && part->size && !pager->disk->is_in_memory(part) &&
           fstat(part->fd, facts) == 0;
}

/* Under the lock. */
static bool wait_for(struct pager *pager, const struct file_part *part,
                     const struct stat *facts, struct waker waker, bool *asked)
{
    struct wanted *wanted = find(pager, part, facts);

    if (!wanted && !*asked)
        wanted = add(pager, part, facts);
    *asked = wanted != NULL;
    if (wanted)
        waker_list_add(&wanted->waiting, waker);
    return wanted != NULL;
}

bool pager_has(struct pager *pager, const struct file_part *part, struct waker waker,
               bool *asked)
{
    struct stat facts;
    bool waits;

    if (!is_to_be_read(pager, part, &facts)) {
        *asked = false;
        return true;
    }
    pthread_mutex_lock(&pager->lock);
    waits = wait_for(pager, part, &facts, waker, asked);
    pthread_mutex_unlock(&pager->lock);
    return !waits;
}

void pager_expect(struct pager *pager, const struct file_part *part)
{
    struct stat facts;

    if (!is_to_be_read(pager, part, &facts))
        return;
    pthread_mutex_lock(&pager->lock);
    if (pager->count < EXPECTED_LIMIT && !find(pager, part, &facts))
        add(pager, part, &facts);
    pthread_mutex_unlock(&pager->lock);
}
