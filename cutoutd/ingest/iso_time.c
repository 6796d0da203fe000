#include "ingest/iso_time.h"

#include "base/number.h"

#include <ctype.h>
#include <string.h>

enum { DATE_AND_TIME = 19 };

static bool has_shape(const char *text, const char *shape)
{
    for (; *shape; shape++, text++)
        if (*shape == '0'   ? !isdigit((unsigned char)*text)
            : *shape == 'T' ? *text != 'T' && *text != ' '
                            : *text != *shape)
            return false;
    return true;
}

static int digits(const char *text, int count)
{
    int value = 0;

    while (count--)
        value = 10 * value + (*text++ - '0');
    return value;
}

static int days_of_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return days[month - 1] + (month == 2 && leap);
}

/* Years are counted from March, so that the leap day is the last one of its year. */
static int day_number(int year, int month, int day)
{
    enum { MJD_OF_1_MARCH_0000 = -678881 };
    int years = month > 2 ? year : year - 1;
    int months = month > 2 ? month - 3 : month + 9;

    return MJD_OF_1_MARCH_0000 + 365 * years + years / 4 - years / 100 + years / 400 +
           (153 * months + 2) / 5 + day - 1;
}

bool iso_time_to_mjd(const char *text, double *mjd)
{
    int year, month, day, hour, minute;
    double second;

    if (!has_shape(text, "0000-00-00T00:00:00") ||
        (text[DATE_AND_TIME] != '\0' && text[DATE_AND_TIME] != '.') ||
        !number_read_double(text + 17, strlen(text + 17), &second))
        return false;
    year = digits(text, 4);
    month = digits(text + 5, 2);
    day = digits(text + 8, 2);
    hour = digits(text + 11, 2);
    minute = digits(text + 14, 2);
    if (year < 1 || month < 1 || month > 12 || day < 1 ||
        day > days_of_month(year, month) || hour > 23 || minute > 59 ||
        second >= 61) /* a leap second is the 60th */
        return false;
    *mjd = day_number(year, month, day) + (3600 * hour + 60 * minute + second) / 86400;
    return true;
}

bool iso_time_to_seconds(const char *text, char out[ISO_TIME_SECONDS])
{
    double mjd;

    if (!iso_time_to_mjd(text, &mjd))
        return false;
    memcpy(out, text, DATE_AND_TIME);
    out[10] = 'T';
    out[DATE_AND_TIME] = '\0';
    return true;
}
