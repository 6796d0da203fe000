#include "plot/sky_map.h"

#include "base/memory.h"
#include "plot/png_encode.h"
#include "sky/healpix.h"

#include <cairo.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

/* The ellipse of the sky within the picture, pixels. */
static const double CENTRE_X = 450, CENTRE_Y = 228, HALF_WIDTH = 430, HALF_HEIGHT = 215;
static const double DEGREE = 0.017453292519943295;

static const uint32_t PAPER = 0x0F1320, EMPTY = 0x1B2136, GRID = 0x56607E,
                      TEXT = 0xC9CFDD, PLANE = 0xFF9F6E;

/* From few to many; as bright as they are many, so that they tell without colour too. */
static const uint32_t ramp[] = {0x34407F, 0x35558B, 0x2F6A8E, 0x297E8E,
                                0x22928C, 0x26A685, 0x40B976, 0x6CCA5F,
                                0x9ED83F, 0xD3E02B, 0xFDE725};
enum { RAMP_LENGTH = sizeof(ramp) / sizeof(ramp[0]) };

/* Which counts the ramp begins and ends with. */
struct scale {
    int64_t least, most; /* 0, 0: no spectra at all */
};

static struct scale scale_of(const int64_t *counts)
{
    struct scale scale = {0, 0};

    for (int i = 0; i < SKY_MAP_PIXELS; i++) {
        if (counts[i] > 0 && (!scale.least || counts[i] < scale.least))
            scale.least = counts[i];
        if (counts[i] > scale.most)
            scale.most = counts[i];
    }
    return scale;
}

static uint32_t colour_of(const struct scale *scale, int64_t count)
{
    double part = 1;

    if (count <= 0)
        return EMPTY;
    if (scale->most > scale->least)
        part = log((double)count / (double)scale->least) /
               log((double)scale->most / (double)scale->least);
    return ramp[(int)fmin(part * RAMP_LENGTH, RAMP_LENGTH - 1)];
}

/* ---- Mollweide ---- */

struct spot {
    double x, y; /* pixels */
};

/* The auxiliary angle t of a latitude: 2 t + sin 2t = pi sin(latitude), by Newton. */
static double auxiliary(double latitude)
{
    double target = M_PI * sin(latitude * DEGREE), t = latitude * DEGREE;

    if (fabs(latitude) > 89.99)
        return t;
    for (int i = 0; i < 20; i++)
        t -= (2 * t + sin(2 * t) - target) / (2 + 2 * cos(2 * t));
    return t;
}

/* `east` is the angle from the middle of the map, -180 to 180, increasing to the left. */
static struct spot project(double east, double latitude)
{
    double t = auxiliary(latitude);

    return (struct spot){CENTRE_X - HALF_WIDTH * east / 180 * cos(t),
                         CENTRE_Y - HALF_HEIGHT * sin(t)};
}

/* Right ascension and declination of a pixel; false outside of the ellipse. */
static bool unproject(double x, double y, double *ra, double *dec)
{
    double across = (x - CENTRE_X) / HALF_WIDTH, up = (CENTRE_Y - y) / HALF_HEIGHT;
    double t;

    if (across * across + up * up >= 1)
        return false;
    t = asin(up);
    *ra = 180 - 180 * across / cos(t);
    *dec = asin((2 * t + sin(2 * t)) / M_PI) / DEGREE;
    return true;
}

/* ---- drawing ---- */

static void fill_sky(cairo_surface_t *surface, const int64_t *counts,
                     const struct scale *scale)
{
    uint32_t *pixels = (void *)cairo_image_surface_get_data(surface);

    cairo_surface_flush(surface);
    for (int y = 0; y < SKY_MAP_HEIGHT; y++) {
        for (int x = 0; x < SKY_MAP_WIDTH; x++) {
            double ra, dec;
            uint32_t colour = PAPER;

            if (unproject(x + 0.5, y + 0.5, &ra, &dec))
                colour = colour_of(scale, counts[healpix_pixel(SKY_MAP_ORDER, ra, dec)]);
            pixels[y * SKY_MAP_WIDTH + x] = colour;
        }
    }
    cairo_surface_mark_dirty(surface);
}

static void set_colour(cairo_t *cairo, uint32_t colour)
{
    cairo_set_source_rgb(cairo, (colour >> 16 & 255) / 255.0, (colour >> 8 & 255) / 255.0,
                         (colour & 255) / 255.0);
}

static void draw_grid(cairo_t *cairo)
{
    set_colour(cairo, GRID);
    cairo_set_line_width(cairo, 0.8);
    for (int east = -180; east <= 180; east += 30) {
        for (int latitude = -90; latitude <= 90; latitude += 3) {
            struct spot spot = project(east, latitude);

            cairo_line_to(cairo, spot.x, spot.y);
        }
        cairo_stroke(cairo);
    }
    for (int latitude = -60; latitude <= 60; latitude += 30) {
        struct spot left = project(180, latitude), right = project(-180, latitude);

        cairo_move_to(cairo, left.x, left.y);
        cairo_line_to(cairo, right.x, right.y);
        cairo_stroke(cairo);
    }
}

/* Where the galactic equator is at a galactic longitude; J2000 (Reid and Brunthaler 2004,
 * ApJ 616, 872, Appendix). */
static void galactic_equator(double longitude, double *ra, double *dec)
{
    static const double POLE_RA = 192.85948, POLE_DEC = 27.12825, NODE = 122.93192;
    double angle = (NODE - longitude) * DEGREE, pole = POLE_DEC * DEGREE;

    *dec = asin(cos(pole) * cos(angle)) / DEGREE;
    *ra = fmod(POLE_RA + atan2(sin(angle), -sin(pole) * cos(angle)) / DEGREE + 360, 360);
}

static void draw_galactic_plane(cairo_t *cairo)
{
    static const double dashes[] = {7, 4};
    double before = 0;

    set_colour(cairo, PLANE);
    cairo_set_line_width(cairo, 1.4);
    cairo_set_dash(cairo, dashes, 2, 0);
    for (int longitude = 0; longitude <= 360; longitude++) {
        double ra, dec;
        struct spot spot;

        galactic_equator(longitude, &ra, &dec);
        spot = project(ra - 180, dec);
        if (longitude == 0 || fabs(ra - before) > 180) /* over the map's edge */
            cairo_move_to(cairo, spot.x, spot.y);
        else
            cairo_line_to(cairo, spot.x, spot.y);
        before = ra;
    }
    cairo_stroke(cairo);
    cairo_set_dash(cairo, NULL, 0, 0);
}

/* `along` is the part of its width that the text has to the left of x. */
static void draw_text(cairo_t *cairo, const char *text, double x, double y, double along)
{
    cairo_text_extents_t extents;

    cairo_text_extents(cairo, text, &extents);
    cairo_move_to(cairo, x - along * extents.x_advance, y);
    cairo_show_text(cairo, text);
}

static void draw_labels(cairo_t *cairo)
{
    char text[32];

    set_colour(cairo, TEXT);
    for (int east = -150; east <= 150; east += 30) {
        struct spot spot = project(east, 0);

        snprintf(text, sizeof(text), "%d\xC2\xB0", 180 + east);
        draw_text(cairo, text, spot.x + 3, spot.y - 4, 0);
    }
    for (int latitude = -60; latitude <= 60; latitude += 30) {
        struct spot spot = project(180, latitude);

        snprintf(text, sizeof(text), "%+d\xC2\xB0", latitude);
        if (latitude)
            draw_text(cairo, text, spot.x - 5, spot.y + 4, 1);
    }
}

static const char *density(int64_t count, char out[32])
{
    double value = (double)count / healpix_area(SKY_MAP_ORDER);

    snprintf(out, 32, value < 100 ? "%.2g" : "%.0f", value);
    return out;
}

static void draw_legend(cairo_t *cairo, const struct scale *scale)
{
    static const double LEFT = 60, TOP = 468, STEP = 16, HEIGHT = 12, BASE = 478;
    double x = LEFT;
    char text[32];

    set_colour(cairo, TEXT);
    draw_text(cairo, density(scale->least, text), LEFT - 6, BASE, 1);
    for (int i = 0; i < RAMP_LENGTH; i++, x += STEP) {
        set_colour(cairo, ramp[i]);
        cairo_rectangle(cairo, x, TOP, STEP, HEIGHT);
        cairo_fill(cairo);
    }
    set_colour(cairo, TEXT);
    draw_text(cairo, density(scale->most, text), x + 6, BASE, 0);
    draw_text(cairo, "spectra per square degree", x + 60, BASE, 0);
    draw_text(cairo, "right ascension and declination, ICRS", 860, BASE, 1);
    set_colour(cairo, PLANE);
    draw_text(cairo, "galactic plane", 545, BASE, 0.5);
}

static void draw(cairo_surface_t *surface, const int64_t *counts)
{
    cairo_t *cairo = cairo_create(surface);
    struct scale scale = scale_of(counts);

    fill_sky(surface, counts, &scale);
    cairo_select_font_face(cairo, "sans-serif", CAIRO_FONT_SLANT_NORMAL,
                           CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(cairo, 12);
    draw_grid(cairo);
    draw_galactic_plane(cairo);
    draw_labels(cairo);
    draw_legend(cairo, &scale);
    cairo_destroy(cairo);
    cairo_surface_flush(surface);
}

static void encode(cairo_surface_t *surface, struct buffer *out)
{
    const uint32_t *pixels = (const void *)cairo_image_surface_get_data(surface);
    size_t count = (size_t)SKY_MAP_WIDTH * SKY_MAP_HEIGHT;
    uint8_t *indices = memory_take(count);
    struct palette palette;

    palette_make(&palette, pixels, count, indices);
    png_encode(&palette, indices, SKY_MAP_WIDTH, SKY_MAP_HEIGHT, out);
    free(indices);
}

enum status sky_map_write(const int64_t counts[SKY_MAP_PIXELS], struct buffer *out,
                          struct failure *failure)
{
    cairo_surface_t *surface =
        cairo_image_surface_create(CAIRO_FORMAT_RGB24, SKY_MAP_WIDTH, SKY_MAP_HEIGHT);
    cairo_status_t result = cairo_surface_status(surface);

    if (!result) {
        draw(surface, counts);
        encode(surface, out);
    }
    cairo_surface_destroy(surface);
    return result ? failure_set(failure, STATUS_SYSTEM, "drawing the sky: %s",
                                cairo_status_to_string(result))
                  : STATUS_OK;
}
