/* svg.h - a scene as SVG: real text, classes instead of colours, one path a run. */
#pragma once

#include "base/buffer.h"
#include "plot/scene.h"

enum svg_kind {
    SVG_FILE,   /* carries its own style, for light and dark */
    SVG_INLINE, /* classes only: the page's style sheet has svg_style() */
};

void svg_write(const struct scene *scene, enum svg_kind kind, struct buffer *out);

/* The style sheet for the classes. */
void svg_style(struct buffer *out);
