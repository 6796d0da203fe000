#include "http/chunked.h"

#include "http/parser.h"

#include <stdbool.h>

void chunked_init(struct chunked *chunked, size_t max_beside)
{
    *chunked = (struct chunked){.max_beside = max_beside};
}

static bool refuse(struct chunked *chunked, int code, const char *sentence)
{
    chunked->refusal = (struct refusal){code, sentence};
    return false;
}

static bool read_size_digit(struct chunked *chunked, char character)
{
    int digit;

    if (character >= '0' && character <= '9')
        digit = character - '0';
    else if ((character | 0x20) >= 'a' && (character | 0x20) <= 'f')
        digit = (character | 0x20) - 'a' + 10;
    else
        return refuse(chunked, 400, "A chunk's size is not a hexadecimal number");
    if (chunked->left >> 58)
        return refuse(chunked, 413, "A chunk is larger than this service takes");
    chunked->left = chunked->left << 4 | (unsigned)digit;
    chunked->stage = CHUNK_SIZE;
    return true;
}

static bool expect(struct chunked *chunked, char character, char expected,
                   enum chunked_stage next)
{
    if (character != expected)
        return refuse(chunked, 400,
                      "A chunk does not end with CR and LF where it should");
    chunked->stage = next;
    return true;
}

/* A byte of an extension or of the trailer: `next` is what comes when the line ends. */
static bool read_beside(struct chunked *chunked, char character, enum chunked_stage next)
{
    if (++chunked->beside > chunked->max_beside)
        return refuse(chunked, 431,
                      "Chunk extensions or trailer are longer than this service takes");
    if (character == '\r')
        chunked->stage = next;
    else if (!parser_is_value(character))
        return refuse(chunked, 400,
                      "A chunk extension or the trailer has a control byte");
    return true;
}

static bool read_trailer_name(struct chunked *chunked, char character)
{
    if (character == ':' && chunked->stage == TRAILER_NAME)
        chunked->stage = TRAILER_VALUE;
    else if (parser_is_token(character))
        chunked->stage = TRAILER_NAME;
    else
        return refuse(chunked, 400, "A trailer line is not a name, a colon and a value");
    return ++chunked->beside <= chunked->max_beside ||
           refuse(chunked, 431,
                  "Chunk extensions or trailer are longer than this service takes");
}

/* One byte that is not data. */
static bool read_byte(struct chunked *chunked, char character)
{
    switch (chunked->stage) {
    case CHUNK_SIZE:
        if (character == '\r')
            return expect(chunked, character, '\r', CHUNK_SIZE_LF);
        if (character == ';')
            return read_beside(chunked, character, CHUNK_SIZE_LF) &&
                   expect(chunked, character, ';', CHUNK_EXTENSION);
        return read_size_digit(chunked, character);
    case CHUNK_SIZE_FIRST:
        return read_size_digit(chunked, character);
    case CHUNK_EXTENSION:
        return read_beside(chunked, character, CHUNK_SIZE_LF);
    case CHUNK_SIZE_LF:
        return expect(chunked, character, '\n',
                      chunked->left ? CHUNK_DATA : TRAILER_FIRST);
    case CHUNK_DATA_CR:
        return expect(chunked, character, '\r', CHUNK_DATA_LF);
    case CHUNK_DATA_LF:
        return expect(chunked, character, '\n', CHUNK_SIZE_FIRST);
    case TRAILER_FIRST:
        if (character == '\r')
            return expect(chunked, character, '\r', CHUNKED_LF);
        return read_trailer_name(chunked, character);
    case TRAILER_NAME:
        return read_trailer_name(chunked, character);
    case TRAILER_VALUE:
        return read_beside(chunked, character, TRAILER_LF);
    case TRAILER_LF:
        return expect(chunked, character, '\n', TRAILER_FIRST);
    case CHUNKED_LF:
        return expect(chunked, character, '\n', CHUNKED_END);
    case CHUNK_DATA:
    case CHUNKED_END:
        break;
    }
    return true;
}

enum chunked_result chunked_feed(struct chunked *chunked, const char *bytes,
                                 size_t length, size_t *taken, const char **data,
                                 size_t *data_length)
{
    size_t i = 0;

    for (; i < length && chunked->stage != CHUNK_DATA && chunked->stage != CHUNKED_END;
         i++)
        if (!read_byte(chunked, bytes[i]))
            return CHUNKED_REFUSED;
    *taken = i;
    if (chunked->stage == CHUNKED_END)
        return CHUNKED_ALL;
    if (i == length)
        return CHUNKED_MORE;
    *data = bytes + i;
    *data_length = length - i < chunked->left ? length - i : (size_t)chunked->left;
    *taken += *data_length;
    chunked->left -= *data_length;
    if (chunked->left == 0)
        chunked->stage = CHUNK_DATA_CR;
    return CHUNKED_DATA;
}
