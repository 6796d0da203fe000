#include "base/number.h"

#include <endian.h>
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
    double below;     /* smaller values have fewer digits before the point */
};

static const struct precision DOUBLE = {
    .spacing = 0, .fewest = 15, .most = 17, .below = 1e14};
static const struct precision FLOAT = {
    .spacing = 29, .fewest = 6, .most = 9, .below = 1e6};

static const double SMALLEST = 1e-9; /* that is written quickly, see shortest() */

/* ---- digits ---- */

static const uint64_t EIGHT_ZEROS = 0x3030303030303030;

/* Eight digits of n as characters, the first in the lowest byte: four and four, then all
   pairs, then all digits are told apart side by side in one word. */
static uint64_t eight_digits(uint64_t n)
{
    uint64_t fours = n / 10000 | n % 10000 << 32;
    uint64_t hundreds = (fours * 10486 >> 20) & 0x0000007F0000007F;
    uint64_t pairs = hundreds | (fours - hundreds * 100) << 16;
    uint64_t tens = (pairs * 103 >> 10) & 0x000F000F000F000F;

    return (tens | (pairs - tens * 10) << 8) + EIGHT_ZEROS;
}

static char *put_eight(char *end, uint64_t characters)
{
    characters = htole64(characters);
    memcpy(end - sizeof(characters), &characters, sizeof(characters));
    return end - sizeof(characters);
}

/* Room for the digits of a number, and to copy them with what lies behind. */
enum { DIGITS = 24, SCRATCH = 2 * DIGITS };

/* Put the digits before `end`; returns where they begin. */
static char *put_digits(char *end, uint64_t n)
{
    uint64_t first;

    for (; n >= 100000000; n /= 100000000)
        end = put_eight(end, eight_digits(n % 100000000));
    first = eight_digits(n);
    /* The last one stays, even of 0. */
    return put_eight(end, first) +
           __builtin_ctzll((first ^ EIGHT_ZEROS) | UINT64_C(1) << 56) / 8;
}

static size_t write_natural(char *out, uint64_t n)
{
    char scratch[SCRATCH] = "";
    char *end = scratch + DIGITS;
    const char *begin;

    if (n < 10) {
        out[0] = (char)('0' + n);
        out[1] = '\0';
        return 1;
    }
    begin = put_digits(end, n);
    memcpy(out, begin, DIGITS);
    return (size_t)(end - begin);
}

/* ---- the shortest decimal ---- */

static const uint64_t IMPLICIT_BIT = 1ull << 52; /* of a normal double's fraction */

static uint64_t bits_of(double value)
{
    uint64_t bits;

    memcpy(&bits, &value, sizeof(bits));
    return bits;
}

static const uint64_t powers_of_five[] = {1,
                                          5,
                                          25,
                                          125,
                                          625,
                                          3125,
                                          15625,
                                          78125,
                                          390625,
                                          1953125,
                                          9765625,
                                          48828125,
                                          244140625,
                                          1220703125,
                                          6103515625,
                                          30517578125,
                                          152587890625,
                                          762939453125,
                                          3814697265625,
                                          19073486328125,
                                          95367431640625,
                                          476837158203125,
                                          2384185791015625,
                                          11920928955078125,
                                          59604644775390625,
                                          298023223876953125};

struct decimal {
    uint64_t n; /* the value is n / 10^decimals */
    int decimals;
};

static struct decimal without_zeros(uint64_t n, int decimals)
{
    for (; n % 10 == 0; n /= 10)
        decimals--;
    return (struct decimal){n, decimals};
}

/*
 * What has the fewest digits of all that no neighbour of the value is as near to, after
 * R. Giulietti, "The Schubfach way to render doubles" (2021). The value is m / 2^s, its
 * neighbours are 1 / 2^s away: not for zero, a whole number or a power of two. `decimals`
 * are chosen so that 1 to 10 units of the last one make that distance. Then the nearest
 * whole number of units will do, and at most one multiple of ten does; if one does,
 * nothing shorter will but itself without its zeros.
 *
 * Lengths are in fixed point, and exact: of a value that is not below SMALLEST the
 * distance, 5^decimals / 2^shift units, has no more binary places than UNIT.
 */
static struct decimal shortest(double value, int spacing)
{
    enum { PLACES = 58 };
    static const uint64_t UNIT = UINT64_C(1) << PLACES;
    uint64_t bits = bits_of(value);
    uint64_t m = ((bits & (IMPLICIT_BIT - 1)) | IMPLICIT_BIT) >> spacing;
    int s = 1075 - spacing - (int)(bits >> 52);
    int decimals = (s * 78913 >> 18) + 1; /* s log10(2), rounded up */
    int shift = s - decimals;
    uint64_t distance = powers_of_five[decimals] << (PLACES - shift);
    __uint128_t scaled = (__uint128_t)m * distance;
    uint64_t n = (uint64_t)(scaled >> PLACES), last = n % 10;
    uint64_t above_n = (uint64_t)scaled & (UNIT - 1);
    uint64_t above_ten = last * UNIT + above_n;

    if (2 * above_ten < distance)
        return without_zeros(n - last, decimals);
    if (2 * (10 * UNIT - above_ten) < distance)
        return without_zeros(n - last + 10, decimals);
    n += 2 * above_n + (n & 1) > UNIT; /* half to even */
    return (struct decimal){n, decimals};
}

/* ---- numbers as printf's %g has them ---- */

/* With an exponent: d.ddde-05. */
static size_t lay_out_small(char *out, const char *digits, size_t count, int exponent)
{
    size_t length = count == 1 ? 1 : count + 1;

    out[0] = digits[0];
    out[1] = '.';
    memcpy(out + 2, digits + 1, DIGITS - 1);
    memcpy(out + length, "e-", 2);
    out[length + 2] = (char)('0' + exponent / 10);
    out[length + 3] = (char)('0' + exponent % 10);
    return length + 4;
}

/* The digits with their point; `whole` of them stand before it, if negative so many zeros
   behind. What is copied too much is written over or lies behind the end. */
static size_t lay_out(char *out, const char *digits, size_t count, int whole)
{
    if (whole < -3)
        return lay_out_small(out, digits, count, 1 - whole);
    if (whole <= 0) {
        memcpy(out, "0.000", 5);
        memcpy(out + 2 - whole, digits, DIGITS);
        return count + (size_t)(2 - whole);
    }
    memcpy(out, digits, DIGITS - 8);
    out[whole] = '.';
    memcpy(out + whole + 1, digits + whole, DIGITS - 8);
    return count + 1;
}

static size_t write_fraction(char *out, double magnitude, int spacing)
{
    struct decimal decimal = shortest(magnitude, spacing);
    char scratch[SCRATCH] = "";
    char *end = scratch + DIGITS;
    const char *begin = put_digits(end, decimal.n);
    size_t count = (size_t)(end - begin);

    return lay_out(out, begin, count, (int)count - decimal.decimals);
}

static bool is_whole(double magnitude)
{
    return (double)(int64_t)magnitude == magnitude;
}

static bool is_power_of_two(double value)
{
    return (bits_of(value) & (IMPLICIT_BIT - 1)) == 0;
}

/* The rare ones: what is very large or very small, and halves of halves. */
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
    double magnitude = fabs(value);
    size_t sign = signbit(value) != 0, length;

    if (!isfinite(value))
        return write_special(out, value);
    out[0] = '-';
    if (magnitude >= precision->below)
        return write_slowly(out, value, precision);
    if (is_whole(magnitude))
        return sign + write_natural(out + sign, (uint64_t)magnitude);
    if (magnitude < SMALLEST || is_power_of_two(magnitude))
        return write_slowly(out, value, precision);
    length = sign + write_fraction(out + sign, magnitude, precision->spacing);
    out[length] = '\0';
    return length;
}

size_t number_write_double(char *out, double value)
{
    return write_number(out, value, &DOUBLE);
}

size_t number_write_float(char *out, float value)
{
    return write_number(out, (double)value, &FLOAT);
}

/* The magnitude times 10^places, exactly, then rounded: half to even. */
static uint64_t in_units(double magnitude, int places)
{
    static const uint64_t powers_of_ten[NUMBER_PLACES + 1] = {
        1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000};
    uint64_t bits = bits_of(magnitude);
    uint64_t m = (bits & (IMPLICIT_BIT - 1)) | IMPLICIT_BIT;
    __uint128_t scaled = (__uint128_t)m * powers_of_ten[places];
    int shift = 1075 - (int)(bits >> 52); /* below 128 for what is not tiny */
    __uint128_t half;

    if (magnitude < 1e-18)
        return 0;
    half = (__uint128_t)1 << (shift - 1);
    return (uint64_t)((scaled + half - !(scaled >> shift & 1)) >> shift);
}

size_t number_write_places(char *out, double value, int places)
{
    char scratch[SCRATCH] = "000000000000000000000000";
    char *end = scratch + DIGITS, *begin, *point = end - places;
    size_t sign = signbit(value) != 0, whole;

    begin = put_digits(end, in_units(fabs(value), places));
    if (begin >= point)
        begin = point - 1;
    whole = (size_t)(point - begin);
    out[0] = '-';
    memcpy(out + sign, begin, whole);
    out[sign + whole] = '.';
    memcpy(out + sign + whole + 1, point, (size_t)places + 1);
    return sign + whole + 1 + (size_t)places;
}

size_t number_write_integer(char *out, int64_t value)
{
    if (value >= 0)
        return write_natural(out, (uint64_t)value);
    out[0] = '-';
    return 1 + write_natural(out + 1, 0 - (uint64_t)value);
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
