#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Control characters from a file name or a request must not forge a second line. */
static void make_printable(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 127)
            *text = '?';
}

__attribute__((format(printf, 2, 0))) static void
write_line(const char *level, const char *format, va_list arguments)
{
    char line[1024];
    size_t length;

    snprintf(line, sizeof(line) - 1, "cutoutd: %s", level);
    length = strlen(line);
    vsnprintf(line + length, sizeof(line) - 1 - length, format, arguments);
    make_printable(line);
    length = strlen(line);
    line[length] = '\n';
    if (write(STDERR_FILENO, line, length + 1) < 0)
        return; /* there is nobody left to tell */
}

#define DEFINE_LEVEL(function, word)                                                     \
    void function(const char *format, ...)                                               \
    {                                                                                    \
        va_list arguments;                                                               \
                                                                                         \
        va_start(arguments, format);                                                     \
        write_line(word, format, arguments);                                             \
        va_end(arguments);                                                               \
    }

DEFINE_LEVEL(log_error, "error: ")
DEFINE_LEVEL(log_warning, "warning: ")
DEFINE_LEVEL(log_notice, "")
