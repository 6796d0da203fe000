/*
 * plot.h - the picture of a spectrum: one layout, two back ends.
 *
 * The layout decides everything (range, thinning, ticks, labels) and makes a scene; svg.h
 * and png.h draw it.
 */
#pragma once

#include "plot/scene.h"
#include "spectrum/band.h"
#include "spectrum/spectrum.h"

#include <stdbool.h>

enum plot_style { PLOT_STYLE_AUTO, PLOT_STYLE_STEP, PLOT_STYLE_LINE };
enum plot_lines {
    PLOT_LINES_AUTO,
    PLOT_LINES_STELLAR,
    PLOT_LINES_GALAXY,
    PLOT_LINES_QSO,
    PLOT_LINES_NONE
};
enum plot_frame { PLOT_FRAME_OBSERVED, PLOT_FRAME_REST };
enum plot_medium { PLOT_MEDIUM_VACUUM, PLOT_MEDIUM_AIR };

enum {
    PLOT_WIDTH_MIN = 120,
    PLOT_WIDTH_MAX = 4096,
    PLOT_WIDTH_DEFAULT = 960,
    PLOT_HEIGHT_MIN = 60,
    PLOT_HEIGHT_MAX = 2048,
    PLOT_HEIGHT_DEFAULT = 420,
    PLOT_SMOOTH_MAX = 201,
};

struct plot_settings {
    struct band band;      /* observed, vacuum; BAND_ALL: the whole spectrum */
    int width, height;     /* pixels */
    enum plot_style style; /* auto: steps where a sample is 3 pixels or wider */
    int smooth;            /* samples, odd; 0 or 1: as measured */
    enum plot_lines lines; /* auto: by the class of the object */
    enum plot_frame frame; /* rest needs a redshift, else it is observed */
    enum plot_medium medium;
    bool error; /* the band of one sigma */
    bool mask;  /* shade what has no data */
    bool sky;   /* night sky and tellurics */
};
void plot_settings_init(struct plot_settings *settings);

/* What is drawn. Texts may be NULL. */
struct plot_subject {
    const struct spectrum *spectrum;
    const char *name;     /* of the object */
    const char *class;    /* "star", "galaxy", "qso", "unknown" */
    const char *subclass; /* "G2" */
    const char *label;    /* "B-84023871": which spectrum of the object */
    double redshift;      /* NaN: unknown */
    double snr;           /* NaN: unknown */
};

/* Everything lives in the arena. A window without samples gives an empty frame that says
 * so. */
void plot_layout(const struct plot_subject *subject, const struct plot_settings *settings,
                 struct arena *arena, struct scene *out);
