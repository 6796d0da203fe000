#include "dali/http_date.h"

#include <string.h>
#include <time.h>

static const int64_t LAST_SECOND = 253402300799; /* of the year 9999 */

static const char days[] = "SunMonTueWedThuFriSat";
static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

static void write_two(char *out, int number)
{
    out[0] = (char)('0' + number / 10);
    out[1] = (char)('0' + number % 10);
}

/* By hand: strftime() costs more than all else in a small head. */
void http_date_write(int64_t seconds, char out[HTTP_DATE_LENGTH])
{
    time_t time = seconds < 0 ? 0 : seconds > LAST_SECOND ? LAST_SECOND : seconds;
    struct tm date;

    gmtime_r(&time, &date);
    memcpy(out, "Ddd, dd Mmm yyyy hh:mm:ss GMT", HTTP_DATE_LENGTH);
    memcpy(out, days + 3L * date.tm_wday, 3);
    write_two(out + 5, date.tm_mday);
    memcpy(out + 8, months + 3L * date.tm_mon, 3);
    write_two(out + 12, (date.tm_year + 1900) / 100);
    write_two(out + 14, date.tm_year % 100);
    write_two(out + 17, date.tm_hour);
    write_two(out + 20, date.tm_min);
    write_two(out + 23, date.tm_sec);
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
