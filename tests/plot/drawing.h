/* drawing.h - made-up spectra and their pictures, for tests of the plot. Include it in
 * one source only. */
#pragma once

#include "plot/plot.h"
#include "plot/png.h"
#include "plot/svg.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DRAWING_SAMPLES = 200 };

struct drawing {
    double wavelengths[DRAWING_SAMPLES];
    float flux[DRAWING_SAMPLES], error[DRAWING_SAMPLES];
    uint8_t and_mask[DRAWING_SAMPLES], or_mask[DRAWING_SAMPLES];
    struct spectrum spectrum;
    struct plot_subject subject;
    struct plot_settings settings;
    struct arena arena;
    struct scene scene;
    struct buffer bytes;
};

/* 5000 to 5199 Angstrom, flux 100 to 110, error 1. */
static inline struct drawing *drawing_open(void)
{
    struct drawing *drawing = calloc(1, sizeof(*drawing));

    for (int i = 0; i < DRAWING_SAMPLES; i++) {
        drawing->wavelengths[i] = 5000 + i;
        drawing->flux[i] = (float)(100 + i % 11);
        drawing->error[i] = 1;
    }
    drawing->spectrum = (struct spectrum){
        .axis = {drawing->wavelengths, DRAWING_SAMPLES, AXIS_FLOAT64},
        .flux = drawing->flux,
        .flux_error = drawing->error,
        .and_mask = drawing->and_mask,
        .or_mask = drawing->or_mask,
        .mask_width = MASK_BYTE,
    };
    drawing->subject = (struct plot_subject){
        .spectrum = &drawing->spectrum,
        .name = "Test",
        .class = "star",
        .subclass = "G2",
        .redshift = 0.001,
        .snr = 50,
    };
    plot_settings_init(&drawing->settings);
    arena_init(&drawing->arena);
    return drawing;
}

static inline void drawing_close(struct drawing *drawing)
{
    buffer_finish(&drawing->bytes);
    arena_finish(&drawing->arena);
    free(drawing);
}

static inline void drawing_layout(struct drawing *drawing)
{
    arena_reset(&drawing->arena);
    plot_layout(&drawing->subject, &drawing->settings, &drawing->arena, &drawing->scene);
}

static inline const char *drawing_svg(struct drawing *drawing, enum svg_kind kind)
{
    drawing_layout(drawing);
    buffer_clear(&drawing->bytes);
    svg_write(&drawing->scene, kind, &drawing->bytes);
    buffer_add_char(&drawing->bytes, '\0');
    return (const char *)drawing->bytes.bytes;
}

/* Items of a role. */
static inline size_t drawing_count(const struct drawing *drawing, enum scene_role role)
{
    size_t count = 0;

    for (const struct scene_item *item = drawing->scene.first; item; item = item->next)
        count += item->role == role;
    return count;
}

/* Whether any text of the picture has the words in it. */
static inline bool drawing_says(const struct drawing *drawing, const char *words)
{
    for (const struct scene_item *item = drawing->scene.first; item; item = item->next)
        if (item->text && strstr(item->text, words))
            return true;
    return false;
}
