#include "base/number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static size_t write_special(char *out, double value)
{
    strcpy(out, isnan(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf");
    return strlen(out);
}

/* How the values of a type are spaced, and how many digits tell them apart. */
struct precision {
    int spacing;      /* binary digits of a double's fraction that the type lacks */
    int fewest, most; /* significant digits that survive; that any value needs */
    double below;     /* smaller values have as many digits before the point or fewer */
};

static const struct precision DOUBLE = {
    .spacing = 0, .fewest = 15, .most = 17, .below = 1e15};
static const struct precision FLOAT = {
    .spacing = 29, .fewest = 6, .most = 9, .below = 1e6};

/* Powers of ten where the first digit may stand. */
static const double places[] = {1e-15, 1e-14, 1e-13, 1e-12, 1e-11, 1e-10, 1e-9, 1e-8,
                                1e-7,  1e-6,  1e-5,  1e-4,  1e-3,  1e-2,  1e-1, 1e0,
                                1e1,   1e2,   1e3,   1e4,   1e5,   1e6,   1e7,  1e8,
                                1e9,   1e10,  1e11,  1e12,  1e13,  1e14,  1e15};

enum { UNITS = 15 }; /* index of 1e0 */

/* Where the first digit stands: 0 for units, 1 for tens, -1 for tenths. */
static int first_place(double value)
{
    int i = value < 1 ? 0 : UNITS;

    while (value >= places[i])
        i++;
    return i - 1 - UNITS;
}

static __uint128_t power_of_five(int exponent)
{
    static const uint64_t powers[] = {
        1,         5,          25,         125,         625,         3125,
        15625,     78125,      390625,     1953125,     9765625,     48828125,
        244140625, 1220703125, 6103515625, 30517578125, 152587890625};

    return exponent <= 16 ? powers[exponent]
                          : (__uint128_t)powers[16] * powers[exponent - 16];
}

static const uint64_t IMPLICIT_BIT = 1ull << 52; /* of a normal double's fraction */

static uint64_t bits_of(double value)
{
    uint64_t bits;

    memcpy(&bits, &value, sizeof(bits));
    return bits;
}

/*
 * A positive value m / 2^s, rounded to n / 10^decimals; true if no neighbour of its type
 * is as near to that. Taking 2^decimals out of both sides, all is in whole numbers: m has
 * 53 bits and 5^32 has 75, so nothing is lost.
 */
static bool round_to(double value, int decimals, int spacing, uint64_t *n)
{
    uint64_t bits = bits_of(value);
    uint64_t m = (bits & (IMPLICIT_BIT - 1)) | IMPLICIT_BIT;
    int s = 1075 - (int)(bits >> 52) - decimals;
    __uint128_t power = power_of_five(decimals);
    __uint128_t half = (__uint128_t)1 << (s - 1);
    __uint128_t scaled = m * power, rounded, error;
    bool is_above;

    *n = (uint64_t)((scaled + half - !(scaled >> s & 1)) >> s); /* half to even */
    rounded = (__uint128_t)*n << s;
    is_above = rounded > scaled;
    error = is_above ? rounded - scaled : scaled - rounded;
    /* Below a power of two the neighbour is only half as far. */
    return error * (is_above || (m & (m - 1)) ? 2 : 4) < power << spacing;
}

/* The digits of n / 10^decimals, from the last to the first; returns where they begin. */
static char *write_digits(char *end, uint64_t n, int decimals)
{
    for (int i = 0; i < decimals; i++, n /= 10)
        *--end = (char)('0' + n % 10);
    if (decimals)
        *--end = '.';
    do
        *--end = (char)('0' + n % 10);
    while (n /= 10);
    return end;
}

static int count_digits(uint64_t n)
{
    int count = 1;

    while (n /= 10)
        count++;
    return count;
}

/* A small n / 10^decimals, as printf's %g has it: with an exponent from 0.00001 on. */
static char *write_small(char *end, uint64_t n, int decimals)
{
    int fraction = count_digits(n) - 1;
    int exponent = decimals - fraction;

    if (exponent <= 4)
        return write_digits(end, n, decimals);
    *--end = (char)('0' + exponent % 10);
    *--end = (char)('0' + exponent / 10);
    *--end = '-';
    *--end = 'e';
    return write_digits(end, n, fraction);
}

/* Take what was written from `begin` to `end` to out. */
static size_t deliver(char *out, const char *begin, const char *end)
{
    size_t length = (size_t)(end - begin);

    memcpy(out, begin, length);
    out[length] = '\0';
    return length;
}

static size_t write_quickly(char *out, double value, const struct precision *precision)
{
    char digits[NUMBER_LENGTH];
    char *end = digits + sizeof(digits), *begin;
    double magnitude = fabs(value);
    int decimals = precision->fewest - 1 - first_place(magnitude);
    int most = decimals + precision->most - precision->fewest;
    uint64_t n;

    while (!round_to(magnitude, decimals, precision->spacing, &n) && decimals < most)
        decimals++;
    for (; decimals > 0 && n % 10 == 0; n /= 10)
        decimals--;
    begin =
        magnitude < 1e-4 ? write_small(end, n, decimals) : write_digits(end, n, decimals);
    if (value < 0)
        *--begin = '-';
    return deliver(out, begin, end);
}

static bool is_quick(double value, const struct precision *precision)
{
    return fabs(value) >= places[0] && fabs(value) < precision->below;
}

/* The rare ones: zero, and what is very large or very small. */
static size_t write_slowly(char *out, double value, const struct precision *precision)
{
    int length = 0;

    for (int digits = precision->fewest; digits <= precision->most; digits++) {
        length = snprintf(out, NUMBER_LENGTH, "%.*g", digits, value);
        if (precision->spacing ? (double)strtof(out, NULL) == value
                               : strtod(out, NULL) == value)
            break;
    }
    return (size_t)length;
}

static size_t write_number(char *out, double value, const struct precision *precision)
{
    if (!isfinite(value))
        return write_special(out, value);
    return is_quick(value, precision) ? write_quickly(out, value, precision)
                                      : write_slowly(out, value, precision);
}

size_t number_write_double(char *out, double value)
{
    return write_number(out, value, &DOUBLE);
}

size_t number_write_float(char *out, float value)
{
    return write_number(out, (double)value, &FLOAT);
}

size_t number_write_integer(char *out, int64_t value)
{
    char digits[NUMBER_LENGTH];
    char *end = digits + sizeof(digits);
    char *begin = write_digits(end, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, 0);

    if (value < 0)
        *--begin = '-';
    return deliver(out, begin, end);
}

static bool read_infinity(const char *text, size_t length, double *out)
{
    bool negative = length && text[0] == '-';

    if (length && (text[0] == '+' || text[0] == '-')) {
        text++;
        length--;
    }
    if (!(length == 3 && strncasecmp(text, "inf", 3) == 0) &&
        !(length == 8 && strncasecmp(text, "infinity", 8) == 0))
        return false;
    *out = negative ? -(double)INFINITY : (double)INFINITY;
    return true;
}

bool number_read_double(const char *text, size_t length, double *out)
{
    enum {
        LONGEST = 400
    }; /* the longest exact decimal of a small double has more, nobody sends it */
    char copy[LONGEST + 1];
    char *end;
    double value;

    if (read_infinity(text, length, out))
        return true;
    if (length == 0 || length > LONGEST)
        return false;
    for (size_t i = 0; i < length; i++)
        if (!strchr("0123456789+-.eE", text[i]) || !text[i])
            return false;
    memcpy(copy, text, length);
    copy[length] = '\0';
    value = strtod(copy, &end);
    if (end != copy + length || !isfinite(value))
        return false;
    *out = value;
    return true;
}

bool number_read_integer(const char *text, size_t length, int64_t *out)
{
    bool negative = length && text[0] == '-';
    int64_t value = 0;

    if (length == (size_t)negative)
        return false;
    for (size_t i = negative; i < length; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_sub_overflow(value, text[i] - '0', &value))
            return false;
    }
    if (!negative && __builtin_sub_overflow(0, value, &value))
        return false;
    *out = value;
    return true;
}

bool number_read_list(const char *text, double *out, size_t most, size_t *count)
{
    static const char BLANKS[] = " \t\r\n";

    *count = 0;
    for (text += strspn(text, BLANKS); *text; text += strspn(text, BLANKS)) {
        size_t length = strcspn(text, BLANKS);

        if (*count == most || !number_read_double(text, length, &out[*count]))
            return false;
        ++*count;
        text += length;
    }
    return true;
}
