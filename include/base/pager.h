/*
 * pager.h - threads that wait for a disk, so that those that serve need not.
 *
 * Whoever is about to touch a file asks whether that part of it is in memory. If not, a
 * thread of the pager reads it, once however many ask, and wakes them. What the kernel
 * does not tell counts as being in memory.
 */
#pragma once

#include "base/status.h"
#include "base/waker.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A stretch of an open file. */
struct file_part {
    int fd;
    const void *mapped; /* the same bytes in memory, where mincore() tells the truth of
                           them (pager_may_look()); else NULL */
    int64_t offset;
    size_t size;
};

/* mincore() tells of files that are the caller's or that he may write to; of others it
 * says that all is there. */
bool pager_may_look(int fd, const char *path);

/* How files are looked at and read: tests have their own ways. */
struct pager_disk {
    bool (*is_in_memory)(const struct file_part *part);
    void (*read)(const struct file_part *part); /* what fails is seen by who wanted it */
};
extern const struct pager_disk pager_disk;

struct pager;

enum status pager_open(int threads, const struct pager_disk *disk, struct pager **out,
                       struct failure *failure);
/* Waits for what is being read; nobody is woken any more. NULL is fine. */
void pager_close(struct pager *pager);

/*
 * Whether the part may be touched now. If not, the waker is called when it was read.
 * *asked, false at first, is the caller's memory of having asked for this part: what was
 * read and still is not there (a bad disk, too little memory) is not asked for again, he
 * sees for himself. Without a pager everything may be touched. Thread-safe.
 */
bool pager_has(struct pager *pager, const struct file_part *part, struct waker waker,
               bool *asked);

/* It will be wanted soon: read it, unless there is much to read already. */
void pager_expect(struct pager *pager, const struct file_part *part);
