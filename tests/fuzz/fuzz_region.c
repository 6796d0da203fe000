/* Any text: it is no region, or one that says of every point whether it is inside, the
 * same a full turn on. */
#include "sky/region.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct sky_point points[] = {{0, 0},        {10, 20}, {180, -45},
                                              {359.9, 89.9}, {0, 90},  {0, -90}};
    struct failure failure = {0};
    struct region region;
    struct arena arena;
    char *text;

    arena_init(&arena);
    text = arena_copy(&arena, (const char *)data, size);
    if (region_parse_pos("POS", text, &arena, &region, &failure))
        assert(strncmp(failure.message, "POS: expected ", 14) == 0);
    else
        for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++) {
            struct sky_point turned = {points[i].longitude + 360, points[i].latitude};
            bool is_inside = region_contains(&region, points[i]);

            if (points[i].longitude == 0) /* others lose bits by the turn */
                assert(region_contains(&region, turned) == is_inside ||
                       region.kind == REGION_POLYGON || region.kind == REGION_CIRCLE);
        }
    arena_finish(&arena);
    return 0;
}
