#include "archive/shard_set.h"

#include "base/file.h"
#include "base/memory.h"

#include <assert.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <sys/stat.h>

enum { BUCKETS = 256 };

/* A shard in memory, for all threads. A file that took another's name is another shard.
 */
struct mapped_shard {
    LIST_ENTRY(mapped_shard) link;
    struct shard shard;
    dev_t device;
    ino_t inode;
    unsigned holders; /* threads, under the set's lock */
    _Atomic(uint64_t)
        *checked; /* a bit for each cell: a record begins there, and is good */
};

LIST_HEAD(mapped_list, mapped_shard);

struct shard_set {
    pthread_mutex_t lock;
    char *folder;
    struct pager *pager;
    uint64_t count;
    struct mapped_list mapped[BUCKETS]; /* by number */
};

struct held_shard {
    LIST_ENTRY(held_shard) link;
    struct shard_holder *holder;
    struct mapped_shard *mapped;
    uint64_t loans;
    bool gone; /* its file; only loans keep it */
};

LIST_HEAD(held_list, held_shard);

struct shard_holder {
    struct shard_set *set;
    int64_t asked; /* shard whose ends a pager was asked for last */
    bool asked_head, asked_seal;
    struct held_list held[BUCKETS]; /* by number */
};

static size_t bucket_of(int64_t number)
{
    return (uint64_t)number % BUCKETS;
}

/* ---- the process' set ---- */

struct shard_set *shard_set_open(const char *folder, struct pager *pager)
{
    struct shard_set *set = memory_new(set);

    pthread_mutex_init(&set->lock, NULL);
    set->folder = memory_copy_string(folder);
    set->pager = pager;
    return set;
}

void shard_set_close(struct shard_set *set)
{
    if (!set)
        return;
    assert(set->count == 0);
    pthread_mutex_destroy(&set->lock);
    free(set->folder);
    free(set);
}

uint64_t shard_set_count(struct shard_set *set)
{
    uint64_t count;

    pthread_mutex_lock(&set->lock);
    count = set->count;
    pthread_mutex_unlock(&set->lock);
    return count;
}

static void write_path(const struct shard_set *set, int64_t number, char out[PATH_MAX])
{
    char name[SHARD_NAME_LENGTH];

    shard_name(number, name);
    snprintf(out, PATH_MAX, "%s/%s", set->folder, name);
}

/* What is in the folder under the number now; inode 0: nothing. */
static struct stat file_facts(const struct shard_set *set, int64_t number)
{
    char path[PATH_MAX];
    struct stat facts;

    write_path(set, number, path);
    if (stat(path, &facts) < 0)
        facts = (struct stat){0};
    return facts;
}

static bool is_that_file(const struct mapped_shard *mapped, const struct stat *facts)
{
    return mapped->inode == facts->st_ino && mapped->device == facts->st_dev;
}

static struct mapped_shard *find_mapped(struct shard_set *set, int64_t number,
                                        const struct stat *facts)
{
    struct mapped_shard *mapped;

    LIST_FOREACH(mapped, &set->mapped[bucket_of(number)], link)
    {
        if (mapped->shard.number == number && is_that_file(mapped, facts))
            return mapped;
    }
    return NULL;
}

static enum status map_shard(struct shard_set *set, int64_t number,
                             const struct stat *facts, struct mapped_shard **out,
                             struct failure *failure)
{
    struct mapped_shard *mapped;
    struct shard shard;
    enum status status;

    if ((status = shard_open(set->folder, number, &shard, failure)))
        return status;
    memory_new(mapped);
    mapped->shard = shard;
    mapped->device = facts->st_dev;
    mapped->inode = facts->st_ino;
    mapped->checked =
        memory_take_zeroed(shard.size / SHARD_SET_CELL / 64 + 1, sizeof(uint64_t));
    LIST_INSERT_HEAD(&set->mapped[bucket_of(number)], mapped, link);
    set->count++;
    *out = mapped;
    return STATUS_OK;
}

static enum status hold_mapped(struct shard_set *set, int64_t number,
                               struct mapped_shard **out, struct failure *failure)
{
    struct stat facts = file_facts(set, number);
    struct mapped_shard *mapped;
    enum status status = STATUS_OK;

    pthread_mutex_lock(&set->lock);
    mapped = find_mapped(set, number, &facts);
    if (!mapped)
        status = map_shard(set, number, &facts, &mapped, failure);
    if (!status) {
        mapped->holders++;
        *out = mapped;
    }
    pthread_mutex_unlock(&set->lock);
    return status;
}

static void let_go_mapped(struct shard_set *set, struct mapped_shard *mapped)
{
    pthread_mutex_lock(&set->lock);
    if (--mapped->holders == 0) {
        LIST_REMOVE(mapped, link);
        set->count--;
        shard_close(&mapped->shard);
        free(mapped->checked);
        free(mapped);
    }
    pthread_mutex_unlock(&set->lock);
}

/* ---- a thread's holds ---- */

struct shard_holder *shard_holder_open(struct shard_set *set)
{
    struct shard_holder *holder = memory_new(holder);

    holder->set = set;
    return holder;
}

static void let_go(struct held_shard *held)
{
    LIST_REMOVE(held, link);
    let_go_mapped(held->holder->set, held->mapped);
    free(held);
}

void shard_holder_close(struct shard_holder *holder)
{
    if (!holder)
        return;
    for (int i = 0; i < BUCKETS; i++) {
        while (!LIST_EMPTY(&holder->held[i])) {
            assert(LIST_FIRST(&holder->held[i])->loans == 0);
            let_go(LIST_FIRST(&holder->held[i]));
        }
    }
    free(holder);
}

static void refresh(struct held_shard *held)
{
    struct stat facts = file_facts(held->holder->set, held->mapped->shard.number);

    held->gone = !is_that_file(held->mapped, &facts);
    if (held->gone && held->loans == 0)
        let_go(held);
}

void shard_holder_refresh(struct shard_holder *holder)
{
    for (int i = 0; i < BUCKETS; i++) {
        struct held_shard *held = LIST_FIRST(&holder->held[i]), *next;

        for (; held; held = next) {
            next = LIST_NEXT(held, link);
            refresh(held);
        }
    }
}

static struct held_shard *find_held(struct shard_holder *holder, int64_t number)
{
    struct held_shard *held;

    LIST_FOREACH(held, &holder->held[bucket_of(number)], link)
    {
        if (held->mapped->shard.number == number && !held->gone)
            return held;
    }
    return NULL;
}

static int open_file(const struct shard_set *set, int64_t number)
{
    char path[PATH_MAX];

    write_path(set, number, path);
    return open(path, O_RDONLY | O_CLOEXEC);
}

/* Head and seal, which are looked at when it is mapped. */
static bool has_ends(struct shard_holder *holder, int64_t number, struct waker waker)
{
    struct pager *pager = holder->set->pager;
    AUTO_FD fd = open_file(holder->set, number);
    struct file_part head = {.fd = fd, .size = sizeof(struct shard_head)};
    struct file_part seal = {.fd = fd, .size = sizeof(struct shard_seal)};
    struct stat facts;
    bool has_head, has_seal;

    if (fd < 0 || fstat(fd, &facts) < 0 || facts.st_size < (off_t)seal.size)
        return true;
    seal.offset = facts.st_size - (off_t)seal.size;
    if (holder->asked != number)
        holder->asked_head = holder->asked_seal = false;
    holder->asked = number;
    has_head = pager_has(pager, &head, waker, &holder->asked_head);
    has_seal = pager_has(pager, &seal, waker, &holder->asked_seal);
    return has_head && has_seal;
}

static enum status hold(struct shard_holder *holder, int64_t number, struct waker waker,
                        struct held_shard **out, struct failure *failure)
{
    struct mapped_shard *mapped;
    struct held_shard *held;
    enum status status;

    if (holder->set->pager && waker.wake && !has_ends(holder, number, waker))
        return STATUS_PENDING;
    if ((status = hold_mapped(holder->set, number, &mapped, failure)))
        return status;
    memory_new(held);
    held->holder = holder;
    held->mapped = mapped;
    LIST_INSERT_HEAD(&holder->held[bucket_of(number)], held, link);
    *out = held;
    return STATUS_OK;
}

enum status shard_holder_lend(struct shard_holder *holder, int64_t number,
                              struct waker waker, struct held_shard **out,
                              struct failure *failure)
{
    struct held_shard *held = find_held(holder, number);
    enum status status;

    if (!held && (status = hold(holder, number, waker, &held, failure)))
        return status;
    held->loans++;
    *out = held;
    return STATUS_OK;
}

void held_shard_give_back(struct held_shard *held)
{
    held->loans--;
    if (held->gone && held->loans == 0)
        let_go(held);
}

const struct shard *held_shard_view(const struct held_shard *held)
{
    return &held->mapped->shard;
}

/* ---- what was checked ---- */

/* Two records of a cell's size or more never begin in the same cell. */
static _Atomic(uint64_t) *word_of(const struct held_shard *held, int64_t offset)
{
    return &held->mapped->checked[offset / SHARD_SET_CELL / 64];
}

static uint64_t bit_of(int64_t offset)
{
    return UINT64_C(1) << (offset / SHARD_SET_CELL % 64);
}

bool held_shard_is_checked(const struct held_shard *held, int64_t offset)
{
    return atomic_load_explicit(word_of(held, offset), memory_order_relaxed) &
           bit_of(offset);
}

void held_shard_set_checked(struct held_shard *held, int64_t offset)
{
    atomic_fetch_or_explicit(word_of(held, offset), bit_of(offset), memory_order_relaxed);
}
