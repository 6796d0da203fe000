#include "format/votable_binary.h"

#include "base/memory.h"
#include "base/number.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { BITS = 8 };

struct votable_binary {
    struct votable_extent *fields;
    size_t count, wanted;
    bool has_flags;
    struct votable_wish wish;

    /* Base64. */
    uint32_t bits;
    int bit_count;
    bool is_padded;

    /* The row. */
    enum { AT_FLAGS, AT_COUNT, AT_VALUE } stage;
    bool is_begun; /* bytes of it came */
    bool is_null;  /* its flag of the wanted field is set */
    size_t field;
    uint64_t left; /* bytes of the stage */
    uint32_t units;
    size_t cell_length;
    char cell[VOTABLE_CELL];
};

/* ---- fields ---- */

static bool read_type(const char *datatype, struct votable_extent *out)
{
    static const struct {
        const char *name;
        size_t bits;
        int kind;
    } types[] = {
        {"boolean", 8, EXTENT_BYTES},       {"bit", 1, EXTENT_BYTES},
        {"unsignedByte", 8, EXTENT_BYTES},  {"short", 16, EXTENT_INTEGER},
        {"int", 32, EXTENT_INTEGER},        {"long", 64, EXTENT_INTEGER},
        {"char", 8, EXTENT_BYTES},          {"unicodeChar", 16, EXTENT_WIDE},
        {"float", 32, EXTENT_BYTES},        {"double", 64, EXTENT_BYTES},
        {"floatComplex", 64, EXTENT_BYTES}, {"doubleComplex", 128, EXTENT_BYTES},
    };

    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (strcmp(datatype, types[i].name) != 0)
            continue;
        out->unit_bits = types[i].bits;
        out->kind = types[i].kind;
        return true;
    }
    return false;
}

/* "12", "3x4", "*", "12*", "3x*": the last dimension may vary. */
bool votable_extent_read(const char *datatype, const char *arraysize,
                         struct votable_extent *out)
{
    enum { MOST_BITS = 1 << 30 };
    struct votable_extent extent = {.is_variable = false};

    if (!read_type(datatype, &extent))
        return false;
    while (arraysize && *arraysize) {
        char *end;
        unsigned long size = strtoul(arraysize, &end, 10);

        if (*end == '*') {
            extent.is_variable = true;
            arraysize = end + 1;
            if (*arraysize)
                return false;
            continue;
        }
        if (end == arraysize || *arraysize == '-' || size > MOST_BITS)
            return false;
        extent.unit_bits *= size;
        if (extent.unit_bits > MOST_BITS || (*end && *end != 'x'))
            return false;
        arraysize = end + (*end == 'x');
    }
    *out = extent;
    return true;
}

/* ---- rows ---- */

static uint64_t bytes_of(uint64_t bits)
{
    return (bits + BITS - 1) / BITS;
}

static void begin_field(struct votable_binary *binary)
{
    const struct votable_extent *field = &binary->fields[binary->field];

    binary->cell_length = 0;
    binary->units = 0;
    binary->stage = field->is_variable ? AT_COUNT : AT_VALUE;
    binary->left = field->is_variable ? sizeof(uint32_t) : bytes_of(field->unit_bits);
}

static void begin_row(struct votable_binary *binary)
{
    binary->field = 0;
    binary->is_begun = binary->is_null = false;
    begin_field(binary);
    if (!binary->has_flags)
        return;
    binary->stage = AT_FLAGS;
    binary->left = bytes_of(binary->count);
}

void votable_binary_close(struct votable_binary *binary)
{
    if (!binary)
        return;
    free(binary->fields);
    free(binary);
}

static enum status hand_on_integer(const struct votable_binary *binary,
                                   struct failure *failure)
{
    char text[NUMBER_LENGTH];
    uint64_t bits = 0;
    int unused = 64 - (int)binary->cell_length * BITS;

    if (binary->cell_length == 0 || unused < 0)
        return STATUS_OK;
    for (size_t i = 0; i < binary->cell_length; i++)
        bits = bits << BITS | (uint8_t)binary->cell[i];
    return binary->wish.cell(
        binary->wish.state, text,
        number_write_integer(text, (int64_t)(bits << unused) >> unused), failure);
}

/* Characters beyond Latin-1 are in no ID of ours. */
static void narrow(struct votable_binary *binary)
{
    size_t length = binary->cell_length / 2;

    for (size_t i = 0; i < length; i++)
        binary->cell[i] = binary->cell[2 * i] ? '?' : binary->cell[2 * i + 1];
    binary->cell_length = length;
}

static enum status hand_on(struct votable_binary *binary, struct failure *failure)
{
    const struct votable_extent *field = &binary->fields[binary->field];

    if (field->kind == EXTENT_INTEGER)
        return hand_on_integer(binary, failure);
    if (field->kind == EXTENT_WIDE)
        narrow(binary);
    return binary->wish.cell(binary->wish.state, binary->cell,
                             strnlen(binary->cell, binary->cell_length), failure);
}

/* A stage has all its bytes. */
static enum status end_stage(struct votable_binary *binary, struct failure *failure)
{
    const struct votable_extent *field = &binary->fields[binary->field];
    enum status status = STATUS_OK;

    if (binary->stage == AT_FLAGS) {
        begin_field(binary);
        return STATUS_OK;
    }
    if (binary->stage == AT_COUNT) {
        binary->stage = AT_VALUE;
        binary->left = bytes_of(binary->units * (uint64_t)field->unit_bits);
        return STATUS_OK;
    }
    if (binary->field == binary->wanted && !binary->is_null)
        status = hand_on(binary, failure);
    if (++binary->field < binary->count)
        begin_field(binary);
    else
        begin_row(binary);
    return status;
}

/* Go on to what takes a byte; some row does, so it ends. */
static enum status settle(struct votable_binary *binary, struct failure *failure)
{
    enum status status = STATUS_OK;

    while (binary->left == 0 && !status)
        status = end_stage(binary, failure);
    return status;
}

/* The highest bit of the first byte is the first field's. */
static void take_flags(struct votable_binary *binary, uint8_t byte)
{
    uint64_t index = bytes_of(binary->count) - binary->left;

    if (index == binary->wanted / BITS)
        binary->is_null = byte >> (BITS - 1 - binary->wanted % BITS) & 1;
}

static enum status take_byte(struct votable_binary *binary, uint8_t byte,
                             struct failure *failure)
{
    binary->is_begun = true;
    if (binary->stage == AT_FLAGS)
        take_flags(binary, byte);
    else if (binary->stage == AT_COUNT)
        binary->units = binary->units << BITS | byte;
    else if (binary->stage == AT_VALUE && binary->field == binary->wanted &&
             binary->cell_length < sizeof(binary->cell))
        binary->cell[binary->cell_length++] = (char)byte;
    binary->left--;
    return settle(binary, failure);
}

enum status votable_binary_open(const struct votable_extent *fields, size_t count,
                                size_t wanted, bool has_flags, struct votable_wish wish,
                                struct votable_binary **out, struct failure *failure)
{
    struct votable_binary *binary;
    uint64_t size = has_flags;

    for (size_t i = 0; i < count; i++)
        size += fields[i].unit_bits + fields[i].is_variable;
    if (size == 0)
        return failure_set(failure, STATUS_BAD_PARAMETER,
                           "the VOTable: rows without a byte");
    memory_new(binary);
    binary->fields = memory_take(count * sizeof(*fields));
    memcpy(binary->fields, fields, count * sizeof(*fields));
    binary->count = count;
    binary->wanted = wanted;
    binary->has_flags = has_flags;
    binary->wish = wish;
    begin_row(binary);
    *out = binary;
    return settle(binary, failure);
}

static int sextet(char character)
{
    return character >= 'A' && character <= 'Z'   ? character - 'A'
           : character >= 'a' && character <= 'z' ? character - 'a' + 26
           : character >= '0' && character <= '9' ? character - '0' + 52
           : character == '+'                     ? 62
           : character == '/'                     ? 63
                                                  : -1;
}

static enum status take_character(struct votable_binary *binary, char character,
                                  struct failure *failure)
{
    int value = sextet(character);

    if (value < 0 || binary->is_padded) {
        binary->is_padded |= character == '=';
        return character == '=' || strchr(" \t\r\n", character)
                   ? STATUS_OK
                   : failure_set(failure, STATUS_BAD_PARAMETER,
                                 "the VOTable: its stream is no base64");
    }
    binary->bits = binary->bits << 6 | (uint32_t)value;
    binary->bit_count += 6;
    if (binary->bit_count < BITS)
        return STATUS_OK;
    binary->bit_count -= BITS;
    return take_byte(binary, (uint8_t)(binary->bits >> binary->bit_count), failure);
}

enum status votable_binary_add(struct votable_binary *binary, const char *text,
                               size_t length, struct failure *failure)
{
    enum status status = STATUS_OK;

    for (size_t i = 0; i < length && !status; i++)
        status = take_character(binary, text[i], failure);
    return status;
}

enum status votable_binary_end(const struct votable_binary *binary,
                               struct failure *failure)
{
    return binary->is_begun ? failure_set(failure, STATUS_BAD_PARAMETER,
                                          "the VOTable: its last row is not whole")
                            : STATUS_OK;
}
