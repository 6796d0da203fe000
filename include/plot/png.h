/* png.h - a scene as PNG, drawn by cairo: the one door to that library. */
#pragma once

#include "base/buffer.h"
#include "base/status.h"
#include "plot/scene.h"

enum status png_write(const struct scene *scene, struct buffer *out,
                      struct failure *failure);

/* Lines of pixels over the scene, which are colours by their number; all in pixels. */
struct raster {
    int left, top, width, height;
    int lines;               /* that the height is shared by, from the top */
    const uint8_t *levels;   /* of the first line */
    int stride;              /* from one line to the next */
    const uint32_t *colours; /* 0xRRGGBB, of each level */
};

enum status png_write_rasters(const struct scene *scene, const struct raster *rasters,
                              size_t count, struct buffer *out, struct failure *failure);
