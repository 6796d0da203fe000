/*
 * file_table.h - the files that the read-through was asked for: the queue of those that
 * wait for a reader, and a bounded set of those that were read.
 *
 * The table is used under its owner's lock; a loan of a file is given back without.
 */
#pragma once

#include "archive/reading.h"
#include "base/waker_list.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

/*
 * While a file waits it is in the queue or with a reader, who alone may write `reading`;
 * once it is kept, the reading is the same for ever.
 */
struct read_through_file {
    TAILQ_ENTRY(read_through_file) order; /* in the queue, then among those kept */
    struct read_through_file *next;       /* in its bucket */
    atomic_uint holds;                    /* loans, and one for being in the table */
    bool waiting;
    struct waker_list wakers; /* to be called when it no longer waits */
    struct reading reading;
    size_t bytes; /* more or less what the reading takes */
    int64_t done; /* when it was read, milliseconds */
    char path[];  /* in the archive, without suffix */
};

struct file_table;

struct file_table *file_table_open(void);
void file_table_close(struct file_table *table); /* nothing may be with a reader */

/* The file with this path, or NULL. */
struct read_through_file *file_table_find(struct file_table *table, const char *path);

/* Put a file that is not there yet at the end of the queue. */
struct read_through_file *file_table_add(struct file_table *table, const char *path);
size_t file_table_waiting(const struct file_table *table); /* with a reader or queued */

/* Hand the first of the queue to a reader; NULL if it is empty. */
struct read_through_file *file_table_take(struct file_table *table);

/*
 * The reader is done: keep the file, or drop it. Keeping one pushes out others, the least
 * recently used first; those of the last second stay as long as they are not twice too
 * much, so that whoever was woken for one still finds it. Times in milliseconds.
 */
void file_table_keep(struct file_table *table, struct read_through_file *file,
                     int64_t now);
void file_table_drop(struct file_table *table, struct read_through_file *file);

/* Somebody used a kept file. */
void file_table_touch(struct file_table *table, struct read_through_file *file);

/* Drop the kept files that were read before `when` and are not on loan. */
void file_table_forget(struct file_table *table, int64_t when);

/* Loans, counted without the lock; the last one frees. */
void read_through_file_hold(struct read_through_file *file);
void read_through_file_release(struct read_through_file *file); /* NULL is fine */
