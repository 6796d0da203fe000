#include "dali/http_date.h"

#include <string.h>
#include <time.h>

static const int64_t LAST_SECOND = 253402300799; /* of the year 9999 */

static const char weekdays[] = "SunMonTueWedThuFriSat";
static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

static void write_two(char *out, int number)
{
    out[0] = (char)('0' + number / 10);
    out[1] = (char)('0' + number % 10);
}

struct day {
    int year, month, day; /* the month from 0 for January */
};

/*
 * The Gregorian calendar by eras of 400 years that begin on 1 March, so that the leap day
 * is the last of its year; a month's first day is then a straight line, rounded.
 */
static struct day day_of(int days_since_1970)
{
    int days = days_since_1970 + 719468; /* since 1 March of the year 0 */
    int era = days / 146097;
    int of_era = days % 146097;
    int year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int of_year = of_era - (365 * year + year / 4 - year / 100);
    int month = (5 * of_year + 2) / 153;

    return (struct day){
        .year = 400 * era + year + (month >= 10),
        .month = (month + 2) % 12,
        .day = of_year - (153 * month + 2) / 5 + 1,
    };
}

/* By hand: the C library's would cost more than all else in a small head. */
void http_date_write(int64_t seconds, char out[HTTP_DATE_LENGTH])
{
    int64_t time = seconds < 0 ? 0 : seconds > LAST_SECOND ? LAST_SECOND : seconds;
    int days_since_1970 = (int)(time / 86400);
    int second = (int)(time % 86400);
    struct day day = day_of(days_since_1970);

    memcpy(out, "Ddd, dd Mmm yyyy hh:mm:ss GMT", HTTP_DATE_LENGTH);
    memcpy(out, weekdays + 3L * ((days_since_1970 + 4) % 7), 3);
    write_two(out + 5, day.day);
    memcpy(out + 8, months + 3L * day.month, 3);
    write_two(out + 12, day.year / 100);
    write_two(out + 14, day.year % 100);
    write_two(out + 17, second / 3600);
    write_two(out + 20, second / 60 % 60);
    write_two(out + 23, second % 60);
}

/* Two digits, no more than `most`; -1 for others. */
static int read_two(const char *text, int most)
{
    int number;

    if (text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9')
        return -1;
    number = (text[0] - '0') * 10 + (text[1] - '0');
    return number <= most ? number : -1;
}

/* Number of the name among those of three letters; -1 if it is none of them. */
static int read_name(const char *names, const char *text)
{
    for (int i = 0; names[3 * i]; i++)
        if (memcmp(names + 3L * i, text, 3) == 0)
            return i;
    return -1;
}

/* Whether a date is written back as it was read: a day that its month lacks, or of
 * another name, is not. */
static bool is_own_spelling(const char *text, int64_t seconds)
{
    char spelled[HTTP_DATE_LENGTH];

    http_date_write(seconds, spelled);
    return strcmp(text, spelled) == 0;
}

bool http_date_read(const char *text, int64_t *out)
{
    struct tm date = {0};
    int century, year;
    int64_t seconds;

    if (strlen(text) != HTTP_DATE_LENGTH - 1)
        return false;
    date.tm_mday = read_two(text + 5, 31);
    date.tm_mon = read_name(months, text + 8);
    century = read_two(text + 12, 99);
    year = read_two(text + 14, 99);
    date.tm_hour = read_two(text + 17, 23);
    date.tm_min = read_two(text + 20, 59);
    date.tm_sec = read_two(text + 23, 59);
    if (date.tm_mday < 1 || date.tm_mon < 0 || century < 19 || year < 0 ||
        date.tm_hour < 0 || date.tm_min < 0 || date.tm_sec < 0)
        return false;
    date.tm_year = century * 100 + year - 1900;
    seconds = timegm(&date);
    if (seconds < 0 || !is_own_spelling(text, seconds))
        return false;
    *out = seconds;
    return true;
}
