#include "format/base64.h"

#include "format/base64_wide.h"

#include <endian.h>
#include <string.h>

/* Two characters for each twelve bits, so that three bytes cost two look-ups: a row of
   this table has the same first character, the second one runs through the alphabet. */
#define ROW(first)                                                                       \
    first "A" first "B" first "C" first "D" first "E" first "F" first "G" first          \
          "H" first "I" first "J" first "K" first "L" first "M" first "N" first          \
          "O" first "P" first "Q" first "R" first "S" first "T" first "U" first          \
          "V" first "W" first "X" first "Y" first "Z" first "a" first "b" first          \
          "c" first "d" first "e" first "f" first "g" first "h" first "i" first          \
          "j" first "k" first "l" first "m" first "n" first "o" first "p" first          \
          "q" first "r" first "s" first "t" first "u" first "v" first "w" first          \
          "x" first "y" first "z" first "0" first "1" first "2" first "3" first          \
          "4" first "5" first "6" first "7" first "8" first "9" first "+" first "/"

/* clang-format off */
static const char pairs[64][128] = {
    ROW("A"), ROW("B"), ROW("C"), ROW("D"), ROW("E"), ROW("F"), ROW("G"), ROW("H"),
    ROW("I"), ROW("J"), ROW("K"), ROW("L"), ROW("M"), ROW("N"), ROW("O"), ROW("P"),
    ROW("Q"), ROW("R"), ROW("S"), ROW("T"), ROW("U"), ROW("V"), ROW("W"), ROW("X"),
    ROW("Y"), ROW("Z"), ROW("a"), ROW("b"), ROW("c"), ROW("d"), ROW("e"), ROW("f"),
    ROW("g"), ROW("h"), ROW("i"), ROW("j"), ROW("k"), ROW("l"), ROW("m"), ROW("n"),
    ROW("o"), ROW("p"), ROW("q"), ROW("r"), ROW("s"), ROW("t"), ROW("u"), ROW("v"),
    ROW("w"), ROW("x"), ROW("y"), ROW("z"), ROW("0"), ROW("1"), ROW("2"), ROW("3"),
    ROW("4"), ROW("5"), ROW("6"), ROW("7"), ROW("8"), ROW("9"), ROW("+"), ROW("/"),
};
/* clang-format on */

static void put_pair(uint8_t *out, uint64_t twelve_bits)
{
    memcpy(out, &pairs[0][0] + 2 * twelve_bits, 2);
}

/* The last one or two bytes, padded. */
static void put_rest(uint8_t *out, const uint8_t *bytes, size_t size)
{
    uint32_t bits = (uint32_t)bytes[0] << 16 | (size == 2 ? (uint32_t)bytes[1] << 8 : 0);

    put_pair(out, bits >> 12);
    put_pair(out + 2, bits & 0xFFF);
    if (size == 1)
        out[2] = '=';
    out[3] = '=';
}

/* Six bytes to eight characters; reads two bytes more than it takes. */
static void put_six(uint8_t *out, const uint8_t *bytes)
{
    uint64_t bits;

    memcpy(&bits, bytes, sizeof(bits));
    bits = be64toh(bits);
    put_pair(out, bits >> 52);
    put_pair(out + 2, bits >> 40 & 0xFFF);
    put_pair(out + 4, bits >> 28 & 0xFFF);
    put_pair(out + 6, bits >> 16 & 0xFFF);
}

void base64_add(struct buffer *out, const uint8_t *bytes, size_t size)
{
    uint8_t *next;
    size_t taken;

    if (size == 0)
        return;
    next = buffer_room(out, base64_length(size));
    buffer_added(out, base64_length(size));
    taken = base64_wide(next, bytes, size);
    next += base64_length(taken);
    bytes += taken;
    size -= taken;
    for (; size >= 8; size -= 6, bytes += 6, next += 8)
        put_six(next, bytes);
    for (; size >= 3; size -= 3, bytes += 3, next += 4) {
        uint32_t bits = (uint32_t)bytes[0] << 16 | (uint32_t)bytes[1] << 8 | bytes[2];

        put_pair(next, bits >> 12);
        put_pair(next + 2, bits & 0xFFF);
    }
    if (size)
        put_rest(next, bytes, size);
}
