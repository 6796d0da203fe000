/* http_date.h - dates as HTTP spells them: "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110,
 * section 5.6.7). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { HTTP_DATE_LENGTH = 30 }; /* with its NUL */

/* Seconds since 1970, of years with four digits; others become the nearest such. */
void http_date_write(int64_t seconds, char out[HTTP_DATE_LENGTH]);

/* The form above only: the two that are obsolete are no dates to us, which costs their
 * sender a whole answer where a 304 would have done. */
bool http_date_read(const char *text, int64_t *out);
