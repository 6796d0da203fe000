#include "dali/percent.h"

#include <string.h>

static int hex_digit(char character)
{
    if (character >= '0' && character <= '9')
        return character - '0';
    if (character >= 'a' && character <= 'f')
        return character - 'a' + 10;
    return character >= 'A' && character <= 'F' ? character - 'A' + 10 : -1;
}

/* The byte that "%xx" at the front of the text stands for; 0 if there is none such. */
static char escaped_byte(const char *text, size_t length)
{
    int high = length > 2 ? hex_digit(text[1]) : -1;
    int low = length > 2 ? hex_digit(text[2]) : -1;

    return high < 0 || low < 0 ? '\0' : (char)(high << 4 | low);
}

ssize_t percent_decode(const char *text, size_t length, bool plus_is_blank, char *out)
{
    char *next = out;

    for (size_t i = 0; i < length; i++) {
        char character = text[i];

        if (character > '+') { /* as nearly all are, it stands for itself */
            *next++ = character;
            continue;
        }
        if (character == '%') {
            character = escaped_byte(text + i, length - i);
            i += 2;
        } else if (character == '+' && plus_is_blank) {
            character = ' ';
        }
        if (character == '\0')
            return -1;
        *next++ = character;
    }
    *next = '\0';
    return next - out;
}

static const char PLAIN[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                            "0123456789-._~/:?";

void percent_encode(const char *text, struct buffer *out)
{
    static const char digits[] = "0123456789ABCDEF";

    for (;;) {
        size_t length = strspn(text, PLAIN);
        unsigned char byte = (unsigned char)text[length];

        buffer_add(out, text, length);
        if (!byte)
            return;
        buffer_add(out, (char[]){'%', digits[byte >> 4], digits[byte & 15]}, 3);
        text += length + 1;
    }
}
