#include "dali/conditional.h"

#include "dali/http_date.h"

#include <string.h>
#include <strings.h>

void conditional_tag_write(const struct validators *validators,
                           char out[CONDITIONAL_TAG_LENGTH])
{
    static const char digits[] = "0123456789abcdef";
    char *next = out;

    *next++ = '"';
    for (int shift = 60; shift >= 0; shift -= 4)
        *next++ = digits[validators->tag >> shift & 15];
    strcpy(next, validators->is_gzip ? "-gzip\"" : "\"");
}

/* ---- lists of entity tags ---- */

/* Whether the text begins with the tag, and nothing but the list's next item follows. */
static bool begins_with(const char *text, const char *tag)
{
    size_t length = strlen(tag);

    if (strncmp(text, tag, length) != 0)
        return false;
    text += length;
    text += strspn(text, " \t");
    return *text == '\0' || *text == ',';
}

/* Behind an item of a list; commas within quotes are part of it. */
static const char *skip_item(const char *item)
{
    bool is_quoted = false;

    for (; *item && (*item != ',' || is_quoted); item++)
        is_quoted ^= *item == '"';
    return *item ? item + 1 : item;
}

enum comparison { COMPARE_STRONG, COMPARE_WEAK };

/* Whether the tag is in a list like "a", W/"b", or the list is a star (section 8.8.3.2).
 * Ours are all strong. */
static bool is_listed(const char *list, const char *tag, enum comparison comparison)
{
    list += strspn(list, " \t");
    if (begins_with(list, "*"))
        return true;
    while (*list) {
        bool is_weak = strncmp(list, "W/", 2) == 0;

        if ((!is_weak || comparison == COMPARE_WEAK) &&
            begins_with(list + (is_weak ? 2 : 0), tag))
            return true;
        list = skip_item(list);
        list += strspn(list, " \t");
    }
    return false;
}

/* ---- conditions ---- */

/* The cheap test first: nearly no request has any. */
static bool has_condition(const struct request *request)
{
    for (size_t i = 0; i < request->header_count; i++)
        if (strncasecmp(request->headers[i].name, "if-", 3) == 0)
            return true;
    return false;
}

/* Whether the body is newer than the date in a header; false where either is not known.
 */
static bool is_newer(const struct validators *validators, const char *date, bool *known)
{
    int64_t seconds = 0;

    *known = date && validators->modified >= 0 && http_date_read(date, &seconds);
    return *known && validators->modified > seconds;
}

enum condition conditional_evaluate(const struct request *request,
                                    const struct validators *validators)
{
    char tag[CONDITIONAL_TAG_LENGTH];
    const char *list;
    bool known;

    if (!(request->method & (METHOD_GET | METHOD_HEAD)) || !has_condition(request))
        return CONDITION_SERVE;
    conditional_tag_write(validators, tag);
    if ((list = request_header(request, "If-Match"))) {
        if (!is_listed(list, tag, COMPARE_STRONG))
            return CONDITION_FAILED;
    } else if (is_newer(validators, request_header(request, "If-Unmodified-Since"),
                        &known)) {
        return CONDITION_FAILED;
    }
    if ((list = request_header(request, "If-None-Match")))
        return is_listed(list, tag, COMPARE_WEAK) ? CONDITION_NOT_MODIFIED
                                                  : CONDITION_SERVE;
    return !is_newer(validators, request_header(request, "If-Modified-Since"), &known) &&
                   known
               ? CONDITION_NOT_MODIFIED
               : CONDITION_SERVE;
}

/* What a 304 carries is what the 200 would have carried (section 15.4.5). The answer to a
 * POST is none that a later GET could ask about. */
static void add_headers(const struct request *request,
                        const struct validators *validators, struct response *response)
{
    char tag[CONDITIONAL_TAG_LENGTH], date[HTTP_DATE_LENGTH];

    if (validators->may_be_gzip)
        response_header_add(response, "Vary", "Accept-Encoding");
    if (request->method == METHOD_POST)
        return;
    conditional_tag_write(validators, tag);
    response_header_add(response, "ETag", tag);
    if (validators->modified >= 0) {
        http_date_write(validators->modified, date);
        response_header_add(response, "Last-Modified", date);
    }
    /* May be kept, but is asked for again: a spectrum may be replaced or withdrawn. */
    response_header_add(response, "Cache-Control", "no-cache");
}

bool conditional_answer(const struct request *request,
                        const struct validators *validators, struct response *response)
{
    enum condition condition = conditional_evaluate(request, validators);

    if (condition != CONDITION_FAILED)
        add_headers(request, validators, response);
    if (condition == CONDITION_SERVE)
        return false;
    response->code = condition == CONDITION_FAILED ? 412 : 304;
    return true;
}

bool conditional_allows_range(const struct request *request,
                              const struct validators *validators)
{
    const char *condition = request_header(request, "If-Range");
    char tag[CONDITIONAL_TAG_LENGTH];
    int64_t seconds;

    if (!condition)
        return true;
    conditional_tag_write(validators, tag);
    return strcmp(condition, tag) == 0 ||
           (validators->modified >= 0 && http_date_read(condition, &seconds) &&
            seconds == validators->modified);
}
