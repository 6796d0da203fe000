#include "archive/file_table.h"

#include "base/checksum.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

enum {
    BUCKETS = 4096,
    KEPT_LIMIT = 1024,              /* files */
    KEPT_BYTES = 256 * 1024 * 1024, /* of their readings */
    PROTECTED_MILLISECONDS = 1000,  /* those that were woken come for it in this time */
    ENTRY_BYTES = 2048,             /* more or less what one row takes with its texts */
};

TAILQ_HEAD(file_list, read_through_file);

struct file_table {
    struct read_through_file *buckets[BUCKETS];
    struct file_list queue; /* not yet with a reader, the oldest first */
    size_t waiting;
    struct file_list kept; /* the least recently used first */
    size_t kept_count;
    size_t kept_bytes;
};

struct file_table *file_table_open(void)
{
    struct file_table *table = memory_new(table);

    TAILQ_INIT(&table->queue);
    TAILQ_INIT(&table->kept);
    return table;
}

static struct read_through_file **bucket_of(struct file_table *table, const char *path)
{
    return &table->buckets[checksum_of(path, strlen(path)) % BUCKETS];
}

void read_through_file_hold(struct read_through_file *file)
{
    atomic_fetch_add(&file->holds, 1);
}

void read_through_file_release(struct read_through_file *file)
{
    if (!file || atomic_fetch_sub(&file->holds, 1) > 1)
        return;
    reading_finish(&file->reading);
    waker_list_finish(&file->wakers);
    free(file);
}

/* Take it out of the table; it lives on while it is on loan. */
static void remove_file(struct file_table *table, struct read_through_file *file)
{
    struct read_through_file **place = bucket_of(table, file->path);

    while (*place != file)
        place = &(*place)->next;
    *place = file->next;
    read_through_file_release(file);
}

void file_table_close(struct file_table *table)
{
    for (int i = 0; i < BUCKETS; i++) {
        while (table->buckets[i])
            remove_file(table, table->buckets[i]);
    }
    free(table);
}

struct read_through_file *file_table_find(struct file_table *table, const char *path)
{
    struct read_through_file *file = *bucket_of(table, path);

    while (file && strcmp(file->path, path) != 0)
        file = file->next;
    return file;
}

/* ---- waiting ---- */

struct read_through_file *file_table_add(struct file_table *table, const char *path)
{
    struct read_through_file **bucket = bucket_of(table, path);
    size_t length = strlen(path);
    struct read_through_file *file = memory_take_zeroed(1, sizeof(*file) + length + 1);

    memcpy(file->path, path, length + 1);
    reading_init(&file->reading);
    atomic_init(&file->holds, 1);
    file->waiting = true;
    file->next = *bucket;
    *bucket = file;
    TAILQ_INSERT_TAIL(&table->queue, file, order);
    table->waiting++;
    return file;
}

size_t file_table_waiting(const struct file_table *table)
{
    return table->waiting;
}

struct read_through_file *file_table_take(struct file_table *table)
{
    struct read_through_file *file = TAILQ_FIRST(&table->queue);

    if (file)
        TAILQ_REMOVE(&table->queue, file, order);
    return file;
}

/* ---- kept ---- */

static size_t bytes_of(const struct reading *reading)
{
    size_t bytes = ENTRY_BYTES;

    for (size_t i = 0; i < reading->count; i++)
        bytes +=
            reading->spectra[i].axis_size + reading->spectra[i].record_size + ENTRY_BYTES;
    return bytes;
}

static bool is_over(const struct file_table *table, size_t times)
{
    return table->kept_count > times * KEPT_LIMIT ||
           table->kept_bytes > times * KEPT_BYTES;
}

static void make_room(struct file_table *table, int64_t now)
{
    struct read_through_file *file = TAILQ_FIRST(&table->kept), *next;

    for (; file && is_over(table, 1); file = next) {
        next = TAILQ_NEXT(file, order);
        if (now - file->done >= PROTECTED_MILLISECONDS || is_over(table, 2))
            file_table_drop(table, file);
    }
}

void file_table_keep(struct file_table *table, struct read_through_file *file,
                     int64_t now)
{
    file->waiting = false;
    file->bytes = bytes_of(&file->reading);
    file->done = now;
    table->waiting--;
    table->kept_count++;
    table->kept_bytes += file->bytes;
    TAILQ_INSERT_TAIL(&table->kept, file, order);
    make_room(table, now);
}

void file_table_drop(struct file_table *table, struct read_through_file *file)
{
    if (file->waiting) {
        table->waiting--;
    } else {
        TAILQ_REMOVE(&table->kept, file, order);
        table->kept_count--;
        table->kept_bytes -= file->bytes;
    }
    remove_file(table, file);
}

void file_table_touch(struct file_table *table, struct read_through_file *file)
{
    TAILQ_REMOVE(&table->kept, file, order);
    TAILQ_INSERT_TAIL(&table->kept, file, order);
}

void file_table_forget(struct file_table *table, int64_t when)
{
    struct read_through_file *file = TAILQ_FIRST(&table->kept), *next;

    for (; file; file = next) {
        next = TAILQ_NEXT(file, order);
        if (file->done < when && atomic_load(&file->holds) == 1)
            file_table_drop(table, file);
    }
}
