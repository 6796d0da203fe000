#include "archive/identifier.h"

#include <string.h>

/* A bit for each byte: digits and +-./ in the first word, letters and _~ in the next. */
static const uint64_t plain[4] = {0x03ffe80000000000, 0x47fffffe87fffffe};

static inline bool is_plain(unsigned char byte)
{
    return plain[byte / 64] >> (byte % 64) & 1;
}

static void write_encoded(struct buffer *out, const char *path, char also)
{
    static const char digits[] = "0123456789ABCDEF";

    for (const char *next = path; *next;) {
        const char *begin = next;
        unsigned char byte;

        while (is_plain((unsigned char)*next) && *next != also)
            next++;
        buffer_add(out, begin, (size_t)(next - begin));
        if (!*next)
            return;
        byte = (unsigned char)*next++;
        buffer_add(out, (char[]){'%', digits[byte >> 4], digits[byte & 15]}, 3);
    }
}

void identifier_write(struct buffer *out, const char *authority, const char *collection,
                      const char *path)
{
    buffer_add_literal(out, "ivo://");
    buffer_add_string(out, authority);
    buffer_add_literal(out, "/~?");
    buffer_add_string(out, collection);
    buffer_add_char(out, '/');
    write_encoded(out, path, '\0');
}

void identifier_write_url_path(struct buffer *out, const char *path)
{
    write_encoded(out, path, '+');
}

/* What follows the prefix, or NULL if the text begins with something else. */
static const char *skip(const char *text, const char *prefix)
{
    size_t length = strlen(prefix);

    return text && strncmp(text, prefix, length) == 0 ? text + length : NULL;
}

static int digit_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    return digit >= 'A' && digit <= 'F' ? digit - 'A' + 10 : -1;
}

/* The byte at *text as write_encoded() spells it, 0 for any other spelling; *text moves
 * behind it. */
static unsigned char next_byte(const char **text)
{
    unsigned char byte = (unsigned char)*(*text)++;
    int high, low;

    if (is_plain(byte))
        return byte;
    if (byte != '%' || (high = digit_value((*text)[0])) < 0 ||
        (low = digit_value((*text)[1])) < 0)
        return 0;
    *text += 2;
    byte = (unsigned char)(high << 4 | low);
    return is_plain(byte) ? 0 : byte;
}

static const char *decode(const char *text, struct arena *arena)
{
    char path[IDENTIFIER_LENGTH + 1];
    size_t length = 0;

    while (*text) {
        unsigned char byte = next_byte(&text);

        if (byte == 0 || length == IDENTIFIER_LENGTH)
            return NULL;
        path[length++] = (char)byte;
    }
    path[length] = '\0';
    return identifier_is_path(path) ? arena_copy(arena, path, length) : NULL;
}

const char *identifier_read(const char *did, const char *authority,
                            const char *collection, struct arena *arena)
{
    const char *rest = strlen(did) > IDENTIFIER_LENGTH ? NULL : skip(did, "ivo://");

    rest = skip(skip(rest, authority), "/~?");
    rest = skip(skip(rest, collection), "/");
    return rest ? decode(rest, arena) : NULL;
}

static bool is_part(const char *part, size_t length)
{
    return length > 0 && !(length == 1 && part[0] == '.') &&
           !(length == 2 && part[0] == '.' && part[1] == '.');
}

bool identifier_is_path(const char *path)
{
    if (strlen(path) > IDENTIFIER_LENGTH)
        return false;
    for (const char *next = path; *next; next++)
        if ((unsigned char)*next < ' ' || *next == 127)
            return false;
    for (const char *part = path;; part++) {
        size_t length = strcspn(part, "/");

        if (!is_part(part, length))
            return false;
        part += length;
        if (!*part)
            return true;
    }
}
