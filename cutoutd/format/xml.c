#include "format/xml.h"

#include "base/memory.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#define REPLACEMENT "\xEF\xBF\xBD" /* U+FFFD */

/* The reference that stands for an ASCII character, or NULL where the character stands
   for itself. Tabs and line ends are among them because a parser turns bare ones in an
   attribute into blanks. */
static const char *reference(uint8_t character)
{
    switch (character) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&apos;";
    case '\t':
        return "&#9;";
    case '\n':
        return "&#10;";
    case '\r':
        return "&#13;";
    default:
        return character < ' ' ? REPLACEMENT : NULL;
    }
}

static bool continues(uint8_t byte)
{
    return (byte & 0xC0) == 0x80;
}

/*
 * Length of the character at `text` beyond ASCII, 0 if XML 1.0 cannot carry it: no
 * shortest form, a surrogate, U+FFFE, U+FFFF, beyond U+10FFFF or cut short (the NUL at
 * the end continues nothing).
 */
static size_t wide_length(const uint8_t *text)
{
    uint32_t code;

    if (text[0] >= 0xC2 && text[0] <= 0xDF)
        return continues(text[1]) ? 2 : 0;
    if (text[0] >= 0xE0 && text[0] <= 0xEF) {
        if (!continues(text[1]) || !continues(text[2]))
            return 0;
        code = (text[0] & 0x0Fu) << 12 | (text[1] & 0x3Fu) << 6 | (text[2] & 0x3Fu);
        return code < 0x800 || (code >= 0xD800 && code <= 0xDFFF) || code >= 0xFFFE ? 0
                                                                                    : 3;
    }
    if (text[0] >= 0xF0 && text[0] <= 0xF4) {
        if (!continues(text[1]) || !continues(text[2]) || !continues(text[3]))
            return 0;
        code = (text[0] & 0x07u) << 18 | (text[1] & 0x3Fu) << 12 |
               (text[2] & 0x3Fu) << 6 | (text[3] & 0x3Fu);
        return code < 0x10000 || code > 0x10FFFF ? 0 : 4;
    }
    return 0;
}

#define BIT(character) (UINT64_C(1) << (character))

/* Of the first 64 ASCII characters those that do not stand for themselves; of the others
 * all do. */
static const uint64_t REFERENCED =
    (BIT(' ') - 1) | BIT('"') | BIT('&') | BIT('\'') | BIT('<') | BIT('>');

/* Whether a byte is ASCII that stands for itself: nearly all are, so runs of them are
 * copied at once. */
static bool is_plain(uint8_t byte)
{
    return byte < 64 ? !(REFERENCED >> byte & 1) : byte < 0x80;
}

static size_t plain_run(const uint8_t *text)
{
    size_t length = 0;

    while (is_plain(text[length]))
        length++;
    return length;
}

void xml_add(struct buffer *out, const char *text)
{
    const uint8_t *next = (const uint8_t *)text;

    for (;;) {
        size_t length = plain_run(next);

        buffer_add(out, next, length);
        next += length;
        if (*next == '\0')
            return;
        if (*next < 0x80) {
            buffer_add_string(out, reference(*next++));
            continue;
        }
        length = wide_length(next);
        if (length)
            buffer_add(out, next, length);
        else
            buffer_add_literal(out, REPLACEMENT);
        next += length ? length : 1;
    }
}

size_t xml_character_length(const char *text)
{
    const uint8_t *bytes = (const uint8_t *)text;

    return *bytes >= 0x80 ? wide_length(bytes) : *bytes >= ' ' && *bytes < 127;
}

/* Nearly always nothing needs to be done, so the text is moved only then. */
void xml_escape_tail(struct buffer *out, size_t from)
{
    char *text;
    size_t length;

    *buffer_room(out, 1) = '\0';
    length = plain_run(out->bytes + from);
    if (from + length == out->length)
        return;
    text = memory_copy_string((const char *)out->bytes + from + length);
    out->length = from + length;
    xml_add(out, text);
    free(text);
}
