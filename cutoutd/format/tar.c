#include "format/tar.h"

#include <stdio.h>
#include <string.h>

enum { BLOCK = 512 };

/* One block; numbers are octal digits, texts end with NUL where there is room. */
struct header {
    char name[100];
    char mode[8], uid[8], gid[8];
    char size[12], mtime[12];
    char checksum[8];
    char type;
    char linkname[100];
    char magic[6], version[2];
    char uname[32], gname[32];
    char devmajor[8], devminor[8];
    char prefix[155];
    char filling[12];
};
_Static_assert(sizeof(struct header) == BLOCK, "a header is a block");

static const int64_t MOST = 077777777777; /* what eleven octal digits say */

static void set_number(char *field, size_t width, int64_t value)
{
    uint64_t rest = (uint64_t)(value < 0 ? 0 : value > MOST ? MOST : value);

    field[--width] = '\0';
    for (; width; rest /= 8)
        field[--width] = (char)('0' + rest % 8);
}

/* Of all bytes, its own being blanks. */
static void set_checksum(struct header *header)
{
    const uint8_t *bytes = (const uint8_t *)header;
    int64_t sum = 0;

    memset(header->checksum, ' ', sizeof(header->checksum));
    for (size_t i = 0; i < BLOCK; i++)
        sum += bytes[i];
    set_number(header->checksum, sizeof(header->checksum) - 1, sum);
}

static void add_header(struct buffer *out, char type, const char *name, int64_t size,
                       int64_t mtime)
{
    struct header header = {.type = type, .magic = "ustar", .version = {'0', '0'}};

    memcpy(header.name, name, strnlen(name, sizeof(header.name)));
    set_number(header.mode, sizeof(header.mode), 0644);
    set_number(header.uid, sizeof(header.uid), 0);
    set_number(header.gid, sizeof(header.gid), 0);
    set_number(header.size, sizeof(header.size), size);
    set_number(header.mtime, sizeof(header.mtime), mtime);
    set_checksum(&header);
    buffer_add(out, &header, sizeof(header));
}

/* "27 path=name\n": the length counts itself. */
static void add_record(struct buffer *out, const char *key, const char *value)
{
    size_t rest = strlen(key) + strlen(value) + sizeof(" =\n") - 1;
    size_t length = rest + 1;

    while (length < rest + (size_t)snprintf(NULL, 0, "%zu", length))
        length++;
    buffer_format(out, "%zu %s=%s\n", length, key, value);
}

static void add_extended(struct buffer *out, const struct buffer *records)
{
    add_header(out, 'x', "pax", (int64_t)records->length, 0);
    buffer_add(out, records->bytes, records->length);
    tar_file_close(out, (int64_t)records->length);
}

void tar_file_open(struct buffer *out, const char *name, int64_t size, int64_t mtime)
{
    struct buffer records = {0};
    char number[24];

    snprintf(number, sizeof(number), "%lld", (long long)size);
    if (strlen(name) > sizeof(((struct header *)0)->name))
        add_record(&records, "path", name);
    if (size > MOST)
        add_record(&records, "size", number);
    if (records.length)
        add_extended(out, &records);
    buffer_finish(&records);
    add_header(out, '0', name, size, mtime);
}

static void add_zeros(struct buffer *out, size_t count)
{
    if (count == 0) /* nor is there room then */
        return;
    memset(buffer_room(out, count), 0, count);
    buffer_added(out, count);
}

void tar_file_close(struct buffer *out, int64_t size)
{
    add_zeros(out, (size_t)((BLOCK - size % BLOCK) % BLOCK));
}

void tar_close(struct buffer *out)
{
    add_zeros(out, (size_t)2 * BLOCK);
}
