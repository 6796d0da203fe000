#include "protocol/ssa_ranges.h"

#include "base/number.h"

#include <math.h>
#include <string.h>

/* ---- lists ---- */

static enum status refuse(const char *parameter, const char *text, const char *wanted,
                          struct failure *failure)
{
    return failure_set(failure, STATUS_BAD_PARAMETER, "%s: '%.80s' is not %s", parameter,
                       text, wanted);
}

static struct ssa_item item_of(char *text)
{
    char *slash = strchr(text, '/');
    char *step;

    if (!slash)
        return (struct ssa_item){text, text, false};
    *slash = '\0';
    step = strchr(slash + 1, '/');
    if (step)
        *step = '\0';
    return (struct ssa_item){*text ? text : NULL, slash[1] ? slash + 1 : NULL, true};
}

enum status ssa_list_read(const char *parameter, const char *text, struct arena *arena,
                          struct ssa_list *out, struct failure *failure)
{
    char *copy = arena_copy_string(arena, text);
    char *qualifier = strchr(copy, ';');
    struct ssa_list list = {.items =
                                arena_take(arena, SSA_LIST_LENGTH * sizeof(*list.items))};

    if (qualifier) {
        *qualifier = '\0';
        list.qualifier = qualifier + 1;
    }
    for (char *next = copy; next;) {
        char *item = strsep(&next, ",");

        if (!*item)
            return refuse(parameter, text, "a list: an item is empty", failure);
        if (list.count == SSA_LIST_LENGTH)
            return refuse(parameter, text, "a list of 100 items or less", failure);
        list.items[list.count++] = item_of(item);
    }
    *out = list;
    return STATUS_OK;
}

/* ---- numbers ---- */

static void put_in_order(struct catalogue_range *range)
{
    double first = range->first;

    if (range->first > range->last) {
        range->first = range->last;
        range->last = first;
    }
}

static enum status read_number(const char *parameter, const char *text, double open,
                               double *out, struct failure *failure)
{
    *out = open;
    if (text && !number_read_double(text, strlen(text), out))
        return refuse(parameter, text, "a number", failure);
    return STATUS_OK;
}

enum status ssa_range_of_numbers(const char *parameter, const struct ssa_item *item,
                                 struct catalogue_range *out, struct failure *failure)
{
    struct catalogue_range range;
    enum status status;

    if ((status = read_number(parameter, item->first, -(double)INFINITY, &range.first,
                              failure)) ||
        (status =
             read_number(parameter, item->last, (double)INFINITY, &range.last, failure)))
        return status;
    put_in_order(&range);
    *out = range;
    return STATUS_OK;
}

/* ---- dates ---- */

struct date {
    int year, month, day, hour, minute;
    double second;
    int parts; /* how many of these were given */
};

/* Days since 1858-11-17, in the Gregorian calendar for ever (H. Hinnant's
 * days_from_civil). */
static double days_of(int year, int month, int day)
{
    int shifted = month <= 2 ? year - 1 : year; /* years begin in March */
    int era = (shifted >= 0 ? shifted : shifted - 399) / 400;
    int of_era = shifted - era * 400;
    int of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468 +
           40587;
}

static int days_in(int year, int month)
{
    return (int)(days_of(month < 12 ? year : year + 1, month < 12 ? month + 1 : 1, 1) -
                 days_of(year, month, 1));
}

/* Digits, and nothing but them: sscanf() would take blanks and signs. */
static bool read_digits(const char **text, int digits, int *out)
{
    int value = 0;

    for (int i = 0; i < digits; i++, (*text)++) {
        if (**text < '0' || **text > '9')
            return false;
        value = value * 10 + (**text - '0');
    }
    *out = value;
    return true;
}

static bool read_part(const char **text, char before, int *out, struct date *date)
{
    if (**text != before)
        return false;
    (*text)++;
    date->parts++;
    return read_digits(text, 2, out);
}

static bool read_seconds(const char *text, struct date *date)
{
    size_t length = strlen(text);

    if (length && text[length - 1] == 'Z')
        length--;
    if (length == 0)
        return true;
    date->parts++;
    return *text == ':' && length > 2 && text[1] >= '0' && text[1] <= '5' &&
           !memchr(text, 'e', length) && !memchr(text, 'E', length) &&
           number_read_double(text + 1, length - 1, &date->second) && date->second < 61;
}

static bool read_date(const char *text, struct date *out)
{
    struct date date = {.month = 1, .day = 1, .parts = 1};

    if (!read_digits(&text, 4, &date.year))
        return false;
    *out = date;
    if (!*text)
        return true;
    if (!read_part(&text, '-', &date.month, &date) || date.month < 1 || date.month > 12)
        return false;
    *out = date;
    if (!*text)
        return true;
    if (!read_part(&text, '-', &date.day, &date) || date.day < 1 ||
        date.day > days_in(date.year, date.month))
        return false;
    *out = date;
    if (!*text)
        return true;
    if (!read_part(&text, 'T', &date.hour, &date) || date.hour > 23 ||
        !read_part(&text, ':', &date.minute, &date) || date.minute > 59 ||
        !read_seconds(text, &date))
        return false;
    *out = date;
    return true;
}

static double start_of(const struct date *date)
{
    return days_of(date->year, date->month, date->day) + date->hour / 24.0 +
           date->minute / 1440.0 + date->second / 86400;
}

/* A millisecond before the next one begins, which does not belong to it. */
static double end_of(const struct date *date)
{
    static const double A_MILLISECOND = 1e-3 / 86400;
    double start = start_of(date);

    switch (date->parts) {
    case 1:
        return days_of(date->year + 1, 1, 1) - A_MILLISECOND;
    case 2:
        return start + days_in(date->year, date->month) - A_MILLISECOND;
    case 3:
        return start + 1 - A_MILLISECOND;
    case 5:
        return start + 1 / 1440.0 - A_MILLISECOND;
    default:
        return start;
    }
}

static enum status date_range(const char *parameter, const char *text,
                              struct catalogue_range *out, struct failure *failure)
{
    struct date date;

    if (!text)
        return STATUS_OK;
    if (!read_date(text, &date))
        return refuse(parameter, text,
                      "a date such as 2012, 2012-03, 2012-03-15 or "
                      "2012-03-15T12:00:00",
                      failure);
    *out = (struct catalogue_range){start_of(&date), end_of(&date)};
    return STATUS_OK;
}

enum status ssa_range_of_dates(const char *parameter, const struct ssa_item *item,
                               struct catalogue_range *out, struct failure *failure)
{
    struct catalogue_range first = {-(double)INFINITY, -(double)INFINITY};
    struct catalogue_range last = {(double)INFINITY, (double)INFINITY};
    enum status status;

    if ((status = date_range(parameter, item->first, &first, failure)) ||
        (status = date_range(parameter, item->last, &last, failure)))
        return status;
    *out = (struct catalogue_range){fmin(first.first, last.first),
                                    fmax(first.last, last.last)};
    return STATUS_OK;
}
