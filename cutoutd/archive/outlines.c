#include "archive/outlines.h"

#include "archive/catalogue_database.h"
#include "archive/map_watch.h"
#include "base/buffer.h"
#include "base/checksum.h"
#include "base/file.h"
#include "base/memory.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Native byte order: struct head, the rows, and a table of `slots` of 8 bytes, a power of
 * two. A row is looked for from the slot on that the hash of its path names, until one is
 * empty: 0. The upper bits of a slot are those of the hash, the lower ones say where the
 * row lies, in units of 8 bytes.
 */
struct head {
    uint64_t magic;
    uint64_t generation; /* of the catalogue */
    uint64_t rows_end;   /* where the slots begin */
    uint64_t slots;
    uint64_t checksum; /* of what is before */
};

struct row {
    uint64_t checksum;              /* of the row behind it */
    uint32_t size;                  /* of all, a multiple of 8 */
    uint32_t class_at, subclass_at; /* in the texts */
    uint32_t zero;
    struct outline outline; /* its texts NULL */
    char texts[];           /* path, class and subclass, each with its end */
};

static const uint64_t MAGIC = UINT64_C(0x314c54554f545543); /* "CUTOUTL1" */
static const uint64_t PLACE = (UINT64_C(1) << 40) - 1;

enum { UNIT = 8, WRITTEN_AT_ONCE = 1024 * 1024 };

static uint64_t slot_of(uint64_t hash, uint64_t offset)
{
    return (hash & ~PLACE) | offset / UNIT;
}

/* ---- writing ---- */

struct writing {
    int fd;
    struct head head;
    uint64_t *slots;
    struct buffer buffer; /* rows, not written yet */
    uint64_t rows;
};

static void take_slot(struct writing *writing, const char *path, uint64_t offset)
{
    uint64_t hash = checksum_of(path, strlen(path));
    uint64_t mask = writing->head.slots - 1, at = hash & mask;

    while (writing->slots[at])
        at = (at + 1) & mask;
    writing->slots[at] = slot_of(hash, offset);
}

static void add_row(struct buffer *out, const struct outline *outline)
{
    static const uint8_t zeros[UNIT];
    size_t begin = out->length;
    size_t path = strlen(outline->path) + 1, class = strlen(outline->target_class) + 1;
    struct row row = {
        .class_at = (uint32_t)path,
        .subclass_at = (uint32_t)(path + class),
        .outline = *outline,
    };

    row.outline.path = row.outline.target_class = row.outline.target_subclass = NULL;
    buffer_add(out, &row, sizeof(row));
    buffer_add(out, outline->path, path);
    buffer_add(out, outline->target_class, class);
    buffer_add(out, outline->target_subclass, strlen(outline->target_subclass) + 1);
    buffer_add(out, zeros, (UNIT - (out->length - begin) % UNIT) % UNIT);
    row.size = (uint32_t)(out->length - begin);
    memcpy(out->bytes + begin, &row, sizeof(row));
    row.checksum = checksum_of(out->bytes + begin + sizeof(row.checksum),
                               row.size - sizeof(row.checksum));
    memcpy(out->bytes + begin, &row.checksum, sizeof(row.checksum));
}

static enum status write_buffer(struct writing *writing, struct failure *failure)
{
    enum status status =
        file_write(writing->fd, writing->buffer.bytes, writing->buffer.length, failure);

    buffer_clear(&writing->buffer);
    return status;
}

static enum status take_row(void *context, const struct outline *outline,
                            struct failure *failure)
{
    struct writing *writing = context;
    size_t before = writing->buffer.length;

    if (writing->rows++ == writing->head.slots / 2)
        return failure_set(failure, STATUS_SYSTEM, "more spectra than were counted");
    take_slot(writing, outline->path, writing->head.rows_end);
    add_row(&writing->buffer, outline);
    writing->head.rows_end += writing->buffer.length - before;
    return writing->buffer.length < WRITTEN_AT_ONCE ? STATUS_OK
                                                    : write_buffer(writing, failure);
}

/* The head comes last: until then it is none. */
static enum status write_all(struct writing *writing, struct catalogue *catalogue,
                             struct failure *failure)
{
    struct head *head = &writing->head;
    static const struct head none;
    enum status status;

    buffer_add(&writing->buffer, &none, sizeof(none));
    if ((status = catalogue_each_outline(catalogue, take_row, writing, failure)) ||
        (status = write_buffer(writing, failure)) ||
        (status = file_write(writing->fd, writing->slots,
                             head->slots * sizeof(*writing->slots), failure)))
        return status;
    head->checksum = checksum_of(head, offsetof(struct head, checksum));
    if (pwrite(writing->fd, head, sizeof(*head), 0) != sizeof(*head) ||
        fsync(writing->fd) < 0)
        return failure_system(failure, "write");
    return STATUS_OK;
}

static uint64_t slots_for(int64_t spectra)
{
    uint64_t slots = 16;

    while (slots < 2 * (uint64_t)spectra)
        slots *= 2;
    return slots;
}

static enum status write_file(struct catalogue *catalogue, const char *path,
                              struct failure *failure)
{
    struct catalogue_summary summary;
    struct writing writing = {.fd = -1};
    enum status status = catalogue_summarise(catalogue, &summary, failure);

    if (status)
        return status;
    writing.head = (struct head){
        .magic = MAGIC,
        .generation = catalogue_generation(catalogue),
        .rows_end = sizeof(struct head),
        .slots = slots_for(summary.spectra),
    };
    writing.fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (writing.fd < 0)
        return failure_system(failure, "%s", path);
    writing.slots = memory_take_zeroed(writing.head.slots, sizeof(*writing.slots));
    status = write_all(&writing, catalogue, failure);
    buffer_finish(&writing.buffer);
    free(writing.slots);
    close(writing.fd);
    return status;
}

static void name_file(const char *cache_folder, const char *suffix, char out[PATH_MAX])
{
    snprintf(out, PATH_MAX, "%s/" CATALOGUE_OUTLINES "%s", cache_folder, suffix);
}

enum status outlines_write(struct catalogue *catalogue, const char *cache_folder,
                           struct failure *failure)
{
    char path[PATH_MAX], growing[PATH_MAX];
    enum status status;

    name_file(cache_folder, "", path);
    name_file(cache_folder, ".growing", growing);
    if (access(path, F_OK) == 0)
        return STATUS_OK;
    if ((status = write_file(catalogue, growing, failure))) {
        unlink(growing);
        return failure_prefix(failure, "%s: ", path);
    }
    if (rename(growing, path) < 0)
        return failure_system(failure, "%s", path);
    return file_sync_folder(cache_folder, failure);
}

/* ---- reading ---- */

struct outlines {
    const uint8_t *bytes;
    size_t size;
    const struct head *head;
    const uint64_t *slots;
    struct watched_map *watch;
};

static bool is_head(const struct head *head, size_t size, uint64_t generation)
{
    return head->magic == MAGIC && head->generation == generation &&
           head->checksum == checksum_of(head, offsetof(struct head, checksum)) &&
           head->rows_end % UNIT == 0 && head->slots &&
           (head->slots & (head->slots - 1)) == 0 &&
           size == head->rows_end + head->slots * sizeof(uint64_t);
}

static bool map(struct outlines *outlines, int fd)
{
    struct stat facts;
    void *bytes;

    if (fstat(fd, &facts) < 0 || facts.st_size < (off_t)sizeof(struct head))
        return false;
    outlines->size = (size_t)facts.st_size;
    bytes = mmap(NULL, outlines->size, PROT_READ, MAP_SHARED, fd, 0);
    if (bytes == MAP_FAILED)
        return false;
    madvise(bytes, outlines->size, MADV_RANDOM);
    outlines->bytes = bytes;
    outlines->watch = map_watch(bytes, outlines->size);
    return true;
}

struct outlines *outlines_open(const char *cache_folder, uint64_t generation)
{
    struct outlines *outlines = memory_new(outlines);
    char path[PATH_MAX];

    name_file(cache_folder, "", path);
    AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd >= 0 && map(outlines, fd)) {
        outlines->head = (const struct head *)(const void *)outlines->bytes;
        if (is_head(outlines->head, outlines->size, generation)) {
            outlines->slots = (const uint64_t *)(const void *)(outlines->bytes +
                                                               outlines->head->rows_end);
            return outlines;
        }
    }
    outlines_close(outlines);
    return NULL;
}

void outlines_close(struct outlines *outlines)
{
    if (!outlines)
        return;
    map_unwatch(outlines->watch);
    if (outlines->bytes)
        munmap((void *)(uintptr_t)outlines->bytes, outlines->size);
    free(outlines);
}

/* The row that a slot tells of, as it was written; else NULL. */
static const struct row *row_at(const struct outlines *outlines, uint64_t slot)
{
    uint64_t end = outlines->head->rows_end, at = (slot & PLACE) * UNIT;
    const struct row *row = (const struct row *)(const void *)(outlines->bytes + at);

    if (at > end || end - at < sizeof(*row) || row->size < sizeof(*row) ||
        row->size > end - at ||
        row->checksum != checksum_of((const uint8_t *)row + sizeof(row->checksum),
                                     row->size - sizeof(row->checksum)))
        return NULL;
    return row;
}

enum status outlines_find(const struct outlines *outlines, const char *path,
                          struct outline *out)
{
    uint64_t hash = checksum_of(path, strlen(path));
    uint64_t mask = outlines->head->slots - 1;
    enum status status = STATUS_NOT_FOUND;

    for (uint64_t i = 0; i <= mask; i++) {
        uint64_t slot = outlines->slots[(hash + i) & mask];
        const struct row *row;

        if (!slot)
            break;
        if ((slot & ~PLACE) != (hash & ~PLACE))
            continue;
        row = row_at(outlines, slot);
        if (!row)
            status = STATUS_DAMAGED;
        if (!row || strcmp(row->texts, path) != 0)
            continue;
        *out = row->outline;
        out->path = row->texts;
        out->target_class = row->texts + row->class_at;
        out->target_subclass = row->texts + row->subclass_at;
        return STATUS_OK;
    }
    return map_losses(outlines->watch) ? STATUS_DAMAGED : status;
}
