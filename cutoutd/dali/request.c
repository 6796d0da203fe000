#include "dali/request.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

const char *request_header(const struct request *request, const char *name)
{
    const char *value = NULL;

    for (size_t i = 0; i < request->header_count; i++) {
        const struct header *header = &request->headers[i];

        if (strcasecmp(header->name, name) != 0)
            continue;
        value = value ? arena_format(request->arena, "%s, %s", value, header->value)
                      : header->value;
    }
    return value;
}

static const char *skip_blanks(const char *text)
{
    return text + strspn(text, " \t");
}

/* Whether the parameters behind a coding refuse it: its weight is "q=0", "q=0." or
 * "q=0.000". */
static bool has_weight_zero(const char *parameters, const char *end)
{
    const char *weight = skip_blanks(parameters);

    if (weight == end || *weight != ';')
        return false;
    weight = skip_blanks(weight + 1);
    if (end - weight < 3 || (weight[0] != 'q' && weight[0] != 'Q') || weight[1] != '=')
        return false;
    for (weight += 2; weight < end && *weight != ' ' && *weight != '\t'; weight++)
        if (*weight != '0' && *weight != '.')
            return false;
    return true;
}

/* The named coding decides; a star speaks for it only where it is not named. */
bool request_accepts_gzip(const struct request *request)
{
    const char *item = request_header(request, "Accept-Encoding");
    bool star = false;

    while (item && *item) {
        const char *name = skip_blanks(item);
        const char *end = name + strcspn(name, ",");
        size_t length = strcspn(name, ",; \t");
        bool wanted = !has_weight_zero(name + length, end);

        if ((length == 4 && strncasecmp(name, "gzip", 4) == 0) ||
            (length == 6 && strncasecmp(name, "x-gzip", 6) == 0))
            return wanted;
        if (length == 1 && *name == '*')
            star = wanted;
        item = *end ? end + 1 : end;
    }
    return star;
}
