#include "ingest/card.h"

#include "base/number.h"

#include <math.h>
#include <string.h>

enum { KEYWORD_SIZE = 8, VALUE_START = 10 };

/* What stands after "= ": the text between quotes, doubled ones made single, or the bare
 * word. */
struct value {
    char text[CARD_SIZE];
    size_t length;
    bool quoted;
};

const char *card_find(const char *cards, size_t count, const char *keyword)
{
    char padded[KEYWORD_SIZE];
    size_t length = strlen(keyword);

    if (length > KEYWORD_SIZE)
        return NULL;
    memset(padded, ' ', sizeof(padded));
    memcpy(padded, keyword, length);
    for (size_t i = 0; i < count; i++, cards += CARD_SIZE)
        if (memcmp(cards, padded, sizeof(padded)) == 0)
            return cards;
    return NULL;
}

static bool is_printable(const char *card)
{
    for (int i = 0; i < CARD_SIZE; i++)
        if (card[i] < ' ' || card[i] > '~')
            return false;
    return true;
}

static bool read_quoted(const char *next, const char *end, struct value *out)
{
    for (; next < end; next++) {
        if (*next == '\'' && (next + 1 == end || next[1] != '\'')) {
            while (out->length && out->text[out->length - 1] == ' ')
                out->length--;
            return out->length > 0;
        }
        if (*next == '\'')
            next++;
        out->text[out->length++] = *next;
    }
    return false; /* the closing quote is missing */
}

/* The first character of the value; the end of the card if there is none. */
static const char *value_start(const char *card)
{
    const char *next = card + VALUE_START;
    const char *end = card + CARD_SIZE;

    if (memcmp(card + KEYWORD_SIZE, "= ", 2) != 0)
        return end;
    while (next < end && *next == ' ')
        next++;
    return next;
}

static size_t word_length(const char *start, const char *end)
{
    const char *next = start;

    while (next < end && *next != ' ' && *next != '/')
        next++;
    return (size_t)(next - start);
}

static bool read_value(const char *card, struct value *out)
{
    const char *start = value_start(card);
    const char *end = card + CARD_SIZE;

    if (start == end || !is_printable(card))
        return false;
    out->length = 0;
    out->quoted = *start == '\'';
    if (out->quoted)
        return read_quoted(start + 1, end, out);
    out->length = word_length(start, end);
    memcpy(out->text, start, out->length);
    return out->length > 0;
}

/* A number as number.h takes it: without the plus sign, and with E where FITS allows D
 * too. */
static bool read_number(const char *card, struct value *out)
{
    char *exponent;

    if (!read_value(card, out))
        return false;
    if (out->text[0] == '+')
        memmove(out->text, out->text + 1, --out->length);
    exponent = memchr(out->text, 'D', out->length);
    if (exponent)
        *exponent = 'E';
    return true;
}

/* Others have text, whatever it looks like. */
static bool may_have_value(const char *card)
{
    static const char *const keywords[] = {"COMMENT", "HISTORY", ""};

    for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++)
        if (card_find(card, 1, keywords[i]))
            return false;
    return true;
}

bool card_is_sound(const char *card)
{
    enum { LONGEST_NUMBER = 40 };
    const char *end = card + CARD_SIZE;
    const char *equals = memchr(card, '=', CARD_SIZE);
    const char *start = equals ? equals + 1 : end;

    if (!may_have_value(card))
        return true;
    while (start < end && *start == ' ')
        start++;
    return start == end || *start == '\'' || word_length(start, end) <= LONGEST_NUMBER;
}

bool card_text(const char *card, struct arena *arena, const char **out)
{
    struct value value;

    if (!read_value(card, &value) || !value.quoted)
        return false;
    *out = arena_copy(arena, value.text, value.length);
    return true;
}

bool card_integer(const char *card, int64_t *out)
{
    struct value value;

    return read_number(card, &value) &&
           number_read_integer(value.text, value.length, out);
}

bool card_real(const char *card, double *out)
{
    struct value value;
    double number;

    if (!read_number(card, &value) ||
        !number_read_double(value.text, value.length, &number) || !isfinite(number))
        return false;
    *out = number;
    return true;
}

bool card_logical(const char *card, bool *out)
{
    struct value value;

    if (!read_value(card, &value) || value.quoted || value.length != 1 ||
        !strchr("TF", value.text[0]))
        return false;
    *out = value.text[0] == 'T';
    return true;
}
