/* iso_time.h - dates with times as FITS cards have them, and modified Julian dates. */
#pragma once

#include <stdbool.h>

enum { ISO_TIME_SECONDS = 20 }; /* room for YYYY-MM-DDThh:mm:ss and NUL */

/*
 * Read YYYY-MM-DDThh:mm:ss with or without a fraction of seconds (FITS 4.0,
 * section 9.1.1; some files have a blank for the T) as a modified Julian date in the zone
 * of the text, days. Anything else, or a day that the calendar lacks, is false.
 */
bool iso_time_to_mjd(const char *text, double *mjd);

/* The same text with its T and without the fraction. */
bool iso_time_to_seconds(const char *text, char out[ISO_TIME_SECONDS]);
