#include "plot/style.h"

/* Ink on paper has a contrast of 4.5 or more in both schemes where it is text. */
const struct style styles[ROLE_COUNT] = {
    [ROLE_BACKGROUND] = {"paper", "#ffffff", "#14171c", 1, 0, 1, false},
    [ROLE_SHADE] = {"nodata", "#d9d9d9", "#3a3f47", 0.7, 0, 1, false},
    [ROLE_SKY] = {"sky", "#cfe6f5", "#1f3b4d", 0.6, 0, 1, false},
    [ROLE_GRID] = {"grid", "#ececec", "#252a31", 1, 8, 1, false},
    [ROLE_ERROR] = {"error", "#9dbfe0", "#35577a", 0.55, 0, 1, false},
    [ROLE_RAW] = {"raw", "#b9bec6", "#59616c", 1, 8, 1, false},
    [ROLE_FLUX] = {"flux", "#123f73", "#9ecbff", 1, 11, 1, false},
    [ROLE_OR_MASK] = {"ormask", "#b8860b", "#d9a93a", 1, 10, 1, false},
    [ROLE_MARK] = {"mark", "#a8380f", "#ff9d73", 0.55, 8, 1, false},
    [ROLE_MARK_LABEL] = {"line", "#a8380f", "#ff9d73", 1, 0, 0.92, false},
    [ROLE_FRAME] = {"frame", "#4a4f57", "#9aa3ae", 1, 10, 1, false},
    [ROLE_TICK] = {"tick", "#4a4f57", "#9aa3ae", 1, 10, 1, false},
    [ROLE_TICK_LABEL] = {"number", "#2c3036", "#cfd6de", 1, 0, 1, false},
    [ROLE_AXIS_TITLE] = {"axis", "#2c3036", "#cfd6de", 1, 0, 1, false},
    [ROLE_TITLE] = {"title", "#101317", "#eef2f6", 1, 0, 1.15, true},
    [ROLE_NOTE] = {"note", "#565c65", "#a9b2bd", 1, 0, 0.92, false},
};
