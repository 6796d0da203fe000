#include "dali/range.h"

#include <string.h>
#include <strings.h>

/* Digits of a position; one too large for us is the largest we have. */
static const char *read_position(const char *text, int64_t *out)
{
    *out = -1;
    for (; *text >= '0' && *text <= '9'; text++) {
        if (*out < 0)
            *out = 0;
        *out = *out > (INT64_MAX - 9) / 10 ? INT64_MAX : *out * 10 + (*text - '0');
    }
    return text;
}

static enum range part(int64_t first, int64_t last, int64_t length, int64_t *out_first,
                       int64_t *out_count)
{
    if (first >= length)
        return RANGE_NOTHING;
    *out_first = first;
    *out_count = (last < length ? last + 1 : length) - first;
    return RANGE_PART;
}

enum range range_read(const char *text, int64_t length, int64_t *first, int64_t *count)
{
    static const char unit[] = "bytes=";
    int64_t from, to;

    if (strncasecmp(text, unit, sizeof(unit) - 1) != 0)
        return RANGE_WHOLE;
    text = read_position(text + sizeof(unit) - 1, &from);
    if (*text++ != '-')
        return RANGE_WHOLE;
    text = read_position(text, &to);
    if (*text || (from < 0 && to < 0) || (from >= 0 && to >= 0 && to < from))
        return RANGE_WHOLE;
    if (from >= 0)
        return part(from, to < 0 ? INT64_MAX : to, length, first, count);
    /* The last bytes: all of them if there are fewer. */
    return to == 0 ? RANGE_NOTHING
                   : part(to < length ? length - to : 0, INT64_MAX, length, first, count);
}

static void refuse(struct response *response, int64_t length)
{
    const char *whole = arena_format(response->arena, "bytes */%lld", (long long)length);

    buffer_add_literal(response_bytes(response, 416, "text/plain; charset=utf-8"),
                       "The range lies behind the end of the file\n");
    response_header_add(response, "Content-Range", whole);
}

void range_answer(const struct request *request, const struct validators *validators,
                  struct response *response)
{
    const char *text = request_header(request, "Range");
    int64_t length = response->file.length, first, count;

    response_header_add(response, "Accept-Ranges", "bytes");
    if (!text || request->method != METHOD_GET ||
        !conditional_allows_range(request, validators))
        return;
    switch (range_read(text, length, &first, &count)) {
    case RANGE_WHOLE:
        return;
    case RANGE_NOTHING:
        refuse(response, length);
        return;
    case RANGE_PART:
        break;
    }
    response->code = 206;
    response->file.offset += first;
    response->file.length = count;
    response_header_add(response, "Content-Range",
                        arena_format(response->arena, "bytes %lld-%lld/%lld",
                                     (long long)first, (long long)(first + count - 1),
                                     (long long)length));
}
