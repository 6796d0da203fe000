/*
 * A request asks for the generation before it trusts what it remembers, so asking must
 * cost nothing: the writer counts commits in a file of 8 bytes that readers map. The
 * count is odd while a commit runs, and stays odd if the writer is killed in it: then,
 * and where there is no such file (a frozen copy), SQLite is asked, which takes two
 * system calls more.
 */
#include "archive/catalogue_database.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const uint64_t FROM_SQLITE = (uint64_t)1 << 63;

/* Written, not stored through a map: a full disk is then an error and not a signal. */
static enum status write_count(struct catalogue_counter *counter, uint64_t count,
                               struct failure *failure)
{
    if (pwrite(counter->fd, &count, sizeof(count), 0) != sizeof(count))
        return failure_system(failure, "catalogue.generation");
    return STATUS_OK;
}

static uint64_t read_count(const struct catalogue_counter *counter)
{
    return counter->mapped ? __atomic_load_n(counter->mapped, __ATOMIC_ACQUIRE) : 1;
}

/* Map the count if there is one. */
static void map_count(struct catalogue_counter *counter, int fd)
{
    struct stat facts;
    void *mapped;

    if (fd < 0 || fstat(fd, &facts) < 0 || facts.st_size < (off_t)sizeof(uint64_t))
        return;
    mapped = mmap(NULL, sizeof(uint64_t), PROT_READ, MAP_SHARED, fd, 0);
    if (mapped != MAP_FAILED)
        counter->mapped = mapped;
}

static enum status open_for_writing(struct catalogue_counter *counter, const char *path,
                                    struct failure *failure)
{
    enum status status = STATUS_OK;

    counter->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (counter->fd < 0)
        return failure_system(failure, "%s", path);
    map_count(counter, counter->fd);
    if (!counter->mapped) {
        status = write_count(counter, 0, failure);
        map_count(counter, counter->fd);
    }
    if (!status &&
        read_count(counter) % 2) /* its writer was killed: what it did is settled now */
        status = write_count(counter, read_count(counter) + 1, failure);
    return status;
}

enum status catalogue_counter_open(struct catalogue_counter *counter,
                                   const char *cache_folder, enum catalogue_mode mode,
                                   struct failure *failure)
{
    char path[PATH_MAX];
    int fd;

    snprintf(path, sizeof(path), "%s/catalogue.generation", cache_folder);
    *counter = (struct catalogue_counter){.fd = -1};
    if (mode == CATALOGUE_WRITE)
        return open_for_writing(counter, path, failure);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    map_count(counter, fd);
    if (fd >= 0)
        close(fd);
    return STATUS_OK;
}

void catalogue_counter_close(struct catalogue_counter *counter)
{
    if (counter->mapped)
        munmap((void *)(uintptr_t)counter->mapped, sizeof(uint64_t));
    if (counter->fd >= 0)
        close(counter->fd);
    *counter = (struct catalogue_counter){.fd = -1};
}

enum status catalogue_counter_begin(struct catalogue_counter *counter,
                                    struct failure *failure)
{
    return write_count(counter, read_count(counter) | 1, failure);
}

void catalogue_counter_end(struct catalogue_counter *counter)
{
    struct failure ignored; /* the count stays odd: slower, but right */

    write_count(counter, (read_count(counter) | 1) + 1, &ignored);
}

static uint64_t ask_sqlite(struct catalogue *catalogue)
{
    struct sqlite3_stmt *statement;
    struct failure ignored;
    uint64_t version = 0;

    if (catalogue_statement(catalogue, SQL_DATA_VERSION, &statement, &ignored))
        return FROM_SQLITE;
    if (sqlite3_step(statement) == SQLITE_ROW)
        version = (uint64_t)sqlite3_column_int64(statement, 0);
    sqlite3_reset(statement);
    return FROM_SQLITE | version;
}

uint64_t catalogue_generation(struct catalogue *catalogue)
{
    uint64_t count = read_count(&catalogue->counter);

    return count % 2 ? ask_sqlite(catalogue) : count;
}
