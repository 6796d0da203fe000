/* style.h - how the roles of a scene look, for both back ends. */
#pragma once

#include "plot/scene.h"

#include <stdbool.h>

struct style {
    const char *name;  /* class in the SVG; NULL ends nothing: every role has one */
    const char *light; /* colour, "#rrggbb" */
    const char *dark;  /* the same under a dark colour scheme */
    double opacity;
    int32_t line_width; /* of lines, tenths of a pixel */
    double font_scale;  /* of text, of the scene's font size */
    bool bold;
};

extern const struct style styles[ROLE_COUNT];
