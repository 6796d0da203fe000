/* Any samples, texts and settings: pictures that are whole, with nothing that leaves its
 * place in the SVG. */
#include "../plot/drawing.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Bytes of the input, zeros when it is used up. */
struct input {
    const uint8_t *data;
    size_t size;
};

static void take(struct input *input, void *out, size_t size)
{
    size_t have = size < input->size ? size : input->size;

    memset(out, 0, size);
    if (have)
        memcpy(out, input->data, have);
    input->data += have;
    input->size -= have;
}

static int number(struct input *input, int least, int most)
{
    uint16_t value;

    take(input, &value, sizeof(value));
    return least + value % (most - least + 1);
}

static void fill(struct drawing *drawing, struct input *input)
{
    static char texts[3][40];
    struct plot_settings *settings = &drawing->settings;

    settings->width = number(input, PLOT_WIDTH_MIN, 600);
    settings->height = number(input, PLOT_HEIGHT_MIN, 300);
    settings->style = (enum plot_style)number(input, 0, 2);
    settings->lines = (enum plot_lines)number(input, 0, 4);
    settings->frame = (enum plot_frame)number(input, 0, 1);
    settings->medium = (enum plot_medium)number(input, 0, 1);
    settings->smooth = 2 * number(input, 0, PLOT_SMOOTH_MAX / 2) + 1;
    settings->sky = number(input, 0, 1);
    settings->band = (struct band){number(input, 4900, 5300), 5300};
    for (int i = 0; i < 3; i++)
        take(input, texts[i], sizeof(texts[i]) - 1);
    drawing->subject.name = texts[0];
    drawing->subject.class = texts[1];
    drawing->subject.label = texts[2];
    take(input, &drawing->subject.redshift, sizeof(double));
    take(input, &drawing->subject.snr, sizeof(double));
    take(input, drawing->flux, sizeof(drawing->flux));
    take(input, drawing->error, sizeof(drawing->error));
    take(input, drawing->and_mask, sizeof(drawing->and_mask));
    drawing->spectrum.axis.samples = (uint32_t)number(input, 1, DRAWING_SAMPLES);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    struct drawing *drawing = drawing_open();
    struct failure failure;
    const char *svg;
    size_t length;

    fill(drawing, &input);
    svg = drawing_svg(drawing, SVG_FILE);
    length = strlen(svg);
    assert(length + 1 == drawing->bytes.length);
    assert(length > 7 && strcmp(svg + length - 7, "</svg>\n") == 0);
    buffer_clear(&drawing->bytes);
    assert(png_write(&drawing->scene, &drawing->bytes, &failure) == STATUS_OK);
    assert(memcmp(drawing->bytes.bytes, "\x89PNG", 4) == 0);
    drawing_close(drawing);
    return 0;
}
