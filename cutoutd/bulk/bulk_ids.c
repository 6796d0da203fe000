#include "bulk/bulk_ids.h"

#include "archive/identifier.h"
#include "base/buffer.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/spool.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { LONGEST = IDENTIFIER_LENGTH + 1 };

struct bulk_ids {
    struct spool *texts; /* length and bytes of each */
    int64_t count, limit;
    int64_t next; /* offset */
    char text[LONGEST + 1];
};

struct bulk_ids *bulk_ids_open(int64_t limit)
{
    struct bulk_ids *ids = memory_new(ids);

    ids->texts = spool_open();
    ids->limit = limit;
    return ids;
}

void bulk_ids_close(struct bulk_ids *ids)
{
    if (!ids)
        return;
    spool_close(ids->texts);
    free(ids);
}

static bool is_blank(char character)
{
    return character == ' ' || character == '\t' || character == '\r' ||
           character == '\n';
}

enum status bulk_ids_add(struct bulk_ids *ids, const char *text, size_t length,
                         struct failure *failure)
{
    uint16_t size;
    enum status status;

    while (length && is_blank(*text))
        text++, length--;
    while (length && is_blank(text[length - 1]))
        length--;
    if (length == 0)
        return STATUS_OK;
    if (ids->count == ids->limit)
        return failure_set(
            failure, STATUS_TOO_LARGE,
            "ID: one request takes %lld IDs, ask for the others in another",
            (long long)ids->limit);
    size = (uint16_t)(length < LONGEST ? length : LONGEST);
    ids->count++;
    if ((status = spool_add(ids->texts, &size, sizeof(size), failure)))
        return status;
    return spool_add(ids->texts, text, size, failure);
}

int64_t bulk_ids_count(const struct bulk_ids *ids)
{
    return ids->count;
}

enum status bulk_ids_next(struct bulk_ids *ids, const char **out, struct failure *failure)
{
    uint16_t size;
    enum status status;

    *out = NULL;
    if (ids->next == spool_length(ids->texts))
        return STATUS_OK;
    if ((status = spool_read(ids->texts, ids->next, &size, sizeof(size), failure)) ||
        (status = spool_read(ids->texts, ids->next + (int64_t)sizeof(size), ids->text,
                             size, failure)))
        return status;
    ids->text[size] = '\0';
    ids->next += (int64_t)sizeof(size) + size;
    *out = ids->text;
    return STATUS_OK;
}

static enum status write_lines(int fd, struct buffer *lines, struct failure *failure)
{
    enum status status = file_write(fd, lines->bytes, lines->length, failure);

    buffer_clear(lines);
    return status;
}

enum status bulk_ids_write(struct bulk_ids *ids, int fd, struct failure *failure)
{
    enum { PIECE = 64 * 1024 };
    struct buffer lines = {0};
    const char *id = "";
    enum status status = STATUS_OK;

    while (id && !status) {
        if ((status = bulk_ids_next(ids, &id, failure)) || !id)
            break;
        buffer_add_string(&lines, id);
        buffer_add_char(&lines, '\n');
        if (lines.length >= PIECE)
            status = write_lines(fd, &lines, failure);
    }
    if (!status)
        status = write_lines(fd, &lines, failure);
    buffer_finish(&lines);
    return status;
}

enum status bulk_ids_read(struct bulk_ids *ids, int fd, struct failure *failure)
{
    FILE *file = fdopen(fd, "r");
    char *line = NULL;
    size_t room = 0;
    enum status status = STATUS_OK;
    ssize_t length;

    if (!file) {
        close(fd);
        return failure_system(failure, "a list of IDs");
    }
    while (!status && (length = getline(&line, &room, file)) >= 0)
        status = bulk_ids_add(ids, line, (size_t)length, failure);
    if (!status && ferror(file))
        status = failure_system(failure, "a list of IDs");
    free(line);
    fclose(file);
    return status;
}
