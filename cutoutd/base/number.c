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

size_t number_write_double(char *out, double value)
{
    int length = 0;

    if (!isfinite(value))
        return write_special(out, value);
    for (int digits = 15; digits <= 17; digits++) {
        length = snprintf(out, NUMBER_LENGTH, "%.*g", digits, value);
        if (strtod(out, NULL) == value)
            break;
    }
    return (size_t)length;
}

size_t number_write_float(char *out, float value)
{
    int length = 0;

    if (!isfinite(value))
        return write_special(out, (double)value);
    for (int digits = 6; digits <= 9; digits++) {
        length = snprintf(out, NUMBER_LENGTH, "%.*g", digits, (double)value);
        if (strtof(out, NULL) == value)
            break;
    }
    return (size_t)length;
}

size_t number_write_integer(char *out, int64_t value)
{
    return (size_t)snprintf(out, NUMBER_LENGTH, "%lld", (long long)value);
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
