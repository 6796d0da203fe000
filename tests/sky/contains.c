/* contains.c - reads lines of "longitude latitude POS" and prints 1 or 0 for each: inside
 * or not. */
#include "sky/region.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(void)
{
    char *line = NULL;
    size_t room = 0;

    while (getline(&line, &room, stdin) > 0) {
        struct region region;
        struct sky_point point;
        struct failure failure;
        struct arena arena;
        char *rest;

        arena_init(&arena);
        line[strcspn(line, "\n")] = '\0';
        point.longitude = strtod(line, &rest);
        point.latitude = strtod(rest, &rest);
        if (region_parse_pos("POS", rest, &arena, &region, &failure)) {
            fprintf(stderr, "%s\n", failure.message);
            return EXIT_FAILURE;
        }
        puts(region_contains(&region, point) ? "1" : "0");
        arena_finish(&arena);
    }
    free(line);
    return EXIT_SUCCESS;
}
