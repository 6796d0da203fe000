#include "http/route.h"

#include <string.h>

static bool match(const char *pattern, const char *path, struct arena *arena,
                  struct route *route)
{
    const char *segment = NULL, *rest = NULL;
    size_t length = 0;

    for (; *pattern && !rest; pattern++) {
        if (strncmp(pattern, "{c}", 3) == 0) {
            segment = path;
            length = strcspn(path, "/");
            path += length;
            pattern += 2;
        } else if (*pattern == '*') {
            rest = path;
            path += strlen(path);
        } else if (*pattern != *path++) {
            return false;
        }
    }
    if (*path != '\0' || (segment && length == 0) || (rest && !*rest))
        return false;
    route->collection = segment ? arena_copy(arena, segment, length) : NULL;
    route->rest = rest;
    return true;
}

/* HEAD is GET without the body. */
static unsigned methods_of(const struct endpoint *endpoint)
{
    return endpoint->methods | (endpoint->methods & METHOD_GET ? METHOD_HEAD : 0);
}

struct route route_find(const struct endpoint *endpoints, enum method method,
                        const char *path, struct arena *arena)
{
    struct route route = {0};
    const struct endpoint *first = endpoints;

    while (first->pattern && !match(first->pattern, path, arena, &route))
        first++;
    if (!first->pattern)
        return (struct route){0};
    for (const struct endpoint *row = first; row->pattern; row++) {
        if (strcmp(row->pattern, first->pattern) != 0)
            continue;
        route.allowed |= methods_of(row);
        if (methods_of(row) & method && !route.endpoint)
            route.endpoint = row;
    }
    return route;
}

const char *route_allow(unsigned methods, struct arena *arena)
{
    static const struct {
        unsigned method;
        const char *name;
    } names[] = {
        {METHOD_GET, "GET"},       {METHOD_HEAD, "HEAD"},       {METHOD_POST, "POST"},
        {METHOD_DELETE, "DELETE"}, {METHOD_OPTIONS, "OPTIONS"},
    };
    const char *list = "";

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (methods & names[i].method)
            list = arena_format(arena, "%s%s%s", list, *list ? ", " : "", names[i].name);
    return list;
}
