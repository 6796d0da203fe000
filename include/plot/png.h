/* png.h - a scene as PNG, drawn by cairo: the one door to that library. */
#pragma once

#include "base/buffer.h"
#include "base/status.h"
#include "plot/scene.h"

enum status png_write(const struct scene *scene, struct buffer *out,
                      struct failure *failure);
