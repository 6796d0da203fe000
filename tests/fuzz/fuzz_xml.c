/* Any text: what comes out holds no markup, nothing that XML 1.0 forbids, and means what
 * went in wherever that was allowed. */
#include "format/xml.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Undo one reference; returns its length. */
static size_t read_reference(const char *text, uint32_t *character)
{
    static const struct {
        const char *reference;
        uint32_t character;
    } known[] = {{"&amp;", '&'},   {"&lt;", '<'},  {"&gt;", '>'},   {"&quot;", '"'},
                 {"&apos;", '\''}, {"&#9;", '\t'}, {"&#10;", '\n'}, {"&#13;", '\r'}};

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        size_t length = strlen(known[i].reference);

        if (strncmp(text, known[i].reference, length) == 0) {
            *character = known[i].character;
            return length;
        }
    }
    abort(); /* an ampersand that begins no reference */
}

/* A character of UTF-8 by the number of leading ones; 0 if it is none that is spelled as
 * short as it can be. */
static size_t read_utf8(const uint8_t *text, uint32_t *character)
{
    size_t length = *text < 0x80 ? 1 : (size_t)__builtin_clz(~((unsigned)*text << 24));
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};

    if (length == 1 && *text >= 0x80)
        return 0;
    if (length > 4)
        return 0;
    *character = length == 1 ? *text : *text & (0xFFu >> (length + 1));
    for (size_t i = 1; i < length; i++) {
        if ((text[i] & 0xC0) != 0x80)
            return 0;
        *character = *character << 6 | (text[i] & 0x3Fu);
    }
    return length == 1 || *character >= least[length] ? length : 0;
}

/* XML 1.0, production 2. */
static bool is_char(uint32_t c)
{
    return c == 9 || c == 10 || c == 13 || (c >= 0x20 && c <= 0xD7FF) ||
           (c >= 0xE000 && c <= 0xFFFD) || (c >= 0x10000 && c <= 0x10FFFF);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    const uint8_t *in = (const uint8_t *)text;
    struct buffer out = {0};
    const char *next;

    memcpy(text, data, size);
    text[size] = '\0';
    xml_add(&out, text);
    buffer_add_char(&out, '\0');
    for (next = (const char *)out.bytes; *next;) {
        uint32_t written, meant;
        size_t length;

        assert(!strchr("<>\"'\t\n\r", *next));
        next += *next == '&' ? read_reference(next, &written)
                             : read_utf8((const uint8_t *)next, &written);
        assert(is_char(written));
        length = read_utf8(in, &meant);
        if (length && is_char(meant)) {
            assert(written == meant);
            in += length;
        } else {
            assert(written == 0xFFFD);
            in++;
        }
    }
    assert(*in == '\0');
    buffer_finish(&out);
    free(text);
    return 0;
}
