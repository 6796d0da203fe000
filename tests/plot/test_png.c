#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "drawing.h"

#include "plot/palette.h"

#include <cairo.h>

struct source {
    const uint8_t *next;
};

static cairo_status_t read_bytes(void *from, unsigned char *out, unsigned int length)
{
    struct source *source = from;

    memcpy(out, source->next, length);
    source->next += length;
    return CAIRO_STATUS_SUCCESS;
}

/* cairo's own reader, which is libpng, takes what we write. */
static void another_library_reads_it(void **state)
{
    static const struct {
        int width, height;
    } rows[] = {{PLOT_WIDTH_MIN, PLOT_HEIGHT_MIN}, {1180, 480}, {257, 201}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct drawing *drawing = drawing_open();
        struct failure failure;
        struct source source;
        cairo_surface_t *read;
        const uint32_t *corner;

        drawing->settings.width = rows[i].width;
        drawing->settings.height = rows[i].height;
        drawing_layout(drawing);
        assert_int_equal(png_write(&drawing->scene, &drawing->bytes, &failure),
                         STATUS_OK);
        source.next = drawing->bytes.bytes;
        read = cairo_image_surface_create_from_png_stream(read_bytes, &source);
        assert_int_equal(cairo_surface_status(read), CAIRO_STATUS_SUCCESS);
        assert_int_equal(cairo_image_surface_get_width(read), rows[i].width);
        assert_int_equal(cairo_image_surface_get_height(read), rows[i].height);
        corner = (const uint32_t *)(const void *)cairo_image_surface_get_data(read);
        assert_int_equal(corner[0] & 0xFFFFFF, 0xFFFFFF);
        cairo_surface_destroy(read);
        drawing_close(drawing);
    }
}

/* Few colours stay what they are; of many none is off by more than its bin is wide. */
static void a_palette_stands_for_all_colours(void **state)
{
    static const struct {
        size_t colours;
        int off; /* per channel */
    } rows[] = {{1, 0}, {2, 0}, {32, 0}, {4096, 63}, {65536, 63}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint32_t *pixels = calloc(rows[i].colours, sizeof(*pixels));
        uint8_t *indices = calloc(rows[i].colours, 1);
        struct palette palette;

        for (size_t k = 0; k < rows[i].colours; k++)
            pixels[k] = (uint32_t)(k * (rows[i].colours > 32 ? 2654435761u : 0x080808u)) &
                        0xFFFFFF;
        palette_make(&palette, pixels, rows[i].colours, indices);
        assert_in_range(palette.count, 1, PALETTE_MOST);
        for (size_t k = 0; k < rows[i].colours; k++)
            for (int shift = 0; shift < 24; shift += 8) {
                int is = (int)(palette.colours[indices[k]] >> shift & 255);
                int was = (int)(pixels[k] >> shift & 255);

                assert_true(abs(is - was) <= rows[i].off);
            }
        free(pixels);
        free(indices);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(another_library_reads_it),
        cmocka_unit_test(a_palette_stands_for_all_colours),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
