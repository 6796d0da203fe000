#include "format/fits_table.h"

#include "base/number.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum {
    CARD = 80,
    KEYWORD = 8,
    VALUE = 10,       /* column where a value begins */
    FIXED_WIDTH = 20, /* numbers end at this width, where they fit (section 4.2) */
    QUOTED = CARD - VALUE - 2,
};

/* One card, blank where nothing is written. */
struct card {
    char bytes[CARD];
    size_t length;
};

static void card_open(struct card *card, const char *keyword)
{
    size_t length = strlen(keyword);

    memset(card->bytes, ' ', CARD);
    memcpy(card->bytes, keyword, length < KEYWORD ? length : KEYWORD);
    card->bytes[KEYWORD] = '=';
    card->length = VALUE;
}

/* A header is printable ASCII (section 4.1.1). */
static char printable(char character)
{
    return character >= ' ' && character <= '~' ? character : '?';
}

static bool is_continued_byte(char byte)
{
    return ((unsigned char)byte & 0xC0) == 0x80;
}

static void card_add(struct card *card, const char *text)
{
    for (; *text && card->length < CARD; text++)
        if (!is_continued_byte(*text)) /* one question mark a character */
            card->bytes[card->length++] = printable(*text);
}

static void card_close(struct card *card, const char *comment, struct buffer *out)
{
    if (comment && card->length + 3 < CARD) {
        card_add(card, " / ");
        card_add(card, comment);
    }
    buffer_add(out, card->bytes, CARD);
}

/* Flush right in the fixed field, so that the simplest readers find it. */
static void card_add_number(struct card *card, const char *number)
{
    size_t length = strlen(number);

    if (length < FIXED_WIDTH)
        card->length += FIXED_WIDTH - length;
    card_add(card, number);
}

void fits_write_integer(struct buffer *out, const char *keyword, int64_t value,
                        const char *comment)
{
    char number[NUMBER_LENGTH];
    struct card card;

    number_write_integer(number, value);
    card_open(&card, keyword);
    card_add_number(&card, number);
    card_close(&card, comment, out);
}

/* A real number has a point, and a capital E before its exponent (section 4.2.4). */
static void spell_real(const char *number, char *out)
{
    size_t digits = strcspn(number, "eE");

    memcpy(out, number, digits);
    out += digits;
    if (!memchr(number, '.', digits))
        out = stpcpy(out, ".0");
    strcpy(out, number + digits);
    if (*out)
        *out = 'E';
}

void fits_write_real(struct buffer *out, const char *keyword, const char *number,
                     const char *comment)
{
    char spelled[NUMBER_LENGTH + 3];
    struct card card;

    if (strlen(number) >= NUMBER_LENGTH || strpbrk(number, "NnIi"))
        return;
    spell_real(number, spelled);
    card_open(&card, keyword);
    card_add_number(&card, spelled);
    card_close(&card, comment, out);
}

/* Add a piece of a text, quotes doubled, that fills at most `room`; returns what is left
 * of it. */
static const char *card_add_quoted(struct card *card, const char *text, size_t room)
{
    size_t end = card->length + room;

    for (; *text; text++) {
        size_t needed = *text == '\'' ? 2 : is_continued_byte(*text) ? 0 : 1;

        if (card->length + needed > end)
            break;
        if (needed)
            card->bytes[card->length++] = printable(*text);
        if (needed == 2)
            card->bytes[card->length++] = '\'';
    }
    return text;
}

static size_t quoted_length(const char *text)
{
    size_t length = 0;

    for (; *text; text++)
        length += *text == '\'' ? 2 : is_continued_byte(*text) ? 0 : 1;
    return length;
}

void fits_write_text(struct buffer *out, const char *keyword, const char *value,
                     const char *comment)
{
    struct card card;

    card_open(&card, keyword);
    while (quoted_length(value) > QUOTED) {
        card_add(&card, "'");
        value = card_add_quoted(&card, value, QUOTED - 1);
        card_add(&card, "&'");
        card_close(&card, NULL, out);
        card_open(&card, "CONTINUE");
        card.bytes[KEYWORD] = ' ';
    }
    card_add(&card, "'");
    card_add_quoted(&card, value, QUOTED);
    while (card.length < VALUE + 1 + KEYWORD) /* at least eight characters */
        card_add(&card, " ");
    card_add(&card, "'");
    card_close(&card, comment, out);
}

static void card_logical(struct buffer *out, const char *keyword, const char *comment)
{
    struct card card;

    card_open(&card, keyword);
    card_add_number(&card, "T");
    card_close(&card, comment, out);
}

static void pad(struct buffer *out, size_t begin, char with)
{
    size_t length = out->length - begin;
    size_t missing = fits_blocks(length) - length;

    memset(buffer_room(out, missing), with, missing);
    buffer_added(out, missing);
}

void fits_header_close(struct buffer *out, size_t begin)
{
    struct card card;

    card_open(&card, "END");
    card.bytes[KEYWORD] = ' ';
    card_close(&card, NULL, out);
    pad(out, begin, ' ');
}

void fits_data_close(struct buffer *out, size_t begin)
{
    pad(out, begin, '\0');
}

void fits_primary(struct buffer *out)
{
    size_t begin = out->length;

    card_logical(out, "SIMPLE", "FITS 4.0");
    fits_write_integer(out, "BITPIX", 8, NULL);
    fits_write_integer(out, "NAXIS", 0, "the spectrum is in the table that follows");
    card_logical(out, "EXTEND", NULL);
    fits_header_close(out, begin);
}

size_t fits_value_size(char type)
{
    switch (type) {
    case 'Q':
        return 16;
    case 'D':
    case 'K':
        return 8;
    case 'E':
    case 'J':
        return 4;
    case 'I':
        return 2;
    default:
        return 1;
    }
}

static size_t form_size(const char *form)
{
    char *type;
    size_t repeat = strtoul(form, &type, 10);

    return repeat * fits_value_size(*type);
}

size_t fits_row_size(const struct fits_column *columns, size_t count)
{
    size_t size = 0;

    for (size_t i = 0; i < count; i++)
        size += form_size(columns[i].form);
    return size;
}

static void add_indexed(struct buffer *out, const char *keyword, size_t n,
                        const char *value)
{
    char numbered[KEYWORD + NUMBER_LENGTH];

    if (!value)
        return;
    number_write_integer(stpcpy(numbered, keyword), (int64_t)n);
    fits_write_text(out, numbered, value, NULL);
}

static void add_column(struct buffer *out, const struct fits_column *column, size_t n)
{
    add_indexed(out, "TTYPE", n, column->name);
    add_indexed(out, "TFORM", n, column->form);
    add_indexed(out, "TUNIT", n, column->unit);
    add_indexed(out, "TUCD", n, column->ucd);
    add_indexed(out, "TUTYP", n, column->utype);
    add_indexed(out, "TCOMM", n, column->note);
}

void fits_table_open(struct buffer *out, const char *name,
                     const struct fits_column *columns, size_t count, size_t rows)
{
    fits_heap_table_open(out, name, columns, count, rows, 0);
}

void fits_heap_table_open(struct buffer *out, const char *name,
                          const struct fits_column *columns, size_t count, size_t rows,
                          int64_t heap)
{
    fits_write_text(out, "XTENSION", "BINTABLE", "a binary table");
    fits_write_integer(out, "BITPIX", 8, NULL);
    fits_write_integer(out, "NAXIS", 2, NULL);
    fits_write_integer(out, "NAXIS1", (int64_t)fits_row_size(columns, count),
                       "bytes of a row");
    fits_write_integer(out, "NAXIS2", (int64_t)rows, "rows");
    fits_write_integer(out, "PCOUNT", heap,
                       heap ? "bytes of arrays behind the rows" : NULL);
    fits_write_integer(out, "GCOUNT", 1, NULL);
    fits_write_integer(out, "TFIELDS", (int64_t)count, "columns");
    fits_write_text(out, "EXTNAME", name, NULL);
    fits_write_text(out, "LONGSTRN", "OGIP 1.0", "long texts go on in CONTINUE cards");
    for (size_t i = 0; i < count; i++)
        add_column(out, &columns[i], i + 1);
}
