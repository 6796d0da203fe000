/*
 * Any text as a form: read in pieces it gives what it gives at once, and what it gives,
 * encoded anew, gives the same again.
 */
#include "base/buffer.h"
#include "dali/params.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_same(const struct params *params, const struct params *others)
{
    const struct param *other = others->first;

    assert(params->count == others->count && params->bytes == others->bytes);
    for (const struct param *param = params->first; param; param = param->next) {
        assert(strcmp(param->name, other->name) == 0);
        assert(strcmp(param->value, other->value) == 0);
        other = other->next;
    }
    assert(!other);
}

static enum status read_in_pieces(struct params *params, const char *text, size_t length)
{
    struct params_form *form = params_form_open(params, length);
    enum status status = STATUS_OK;
    struct failure failure;

    for (size_t i = 0, step; i < length && !status; i += step) {
        step = 1 + (i * 7 + length) % 5;
        step = step < length - i ? step : length - i;
        status = params_form_add(form, text + i, step, &failure);
    }
    if (!status)
        status = params_form_end(form, &failure);
    params_form_close(form);
    return status;
}

static void add_encoded(struct buffer *out, const char *text)
{
    for (; *text; text++)
        buffer_format(out, "%%%02x", (unsigned char)*text);
}

static void encode(const struct params *params, struct buffer *out)
{
    for (const struct param *param = params->first; param; param = param->next) {
        add_encoded(out, param->name);
        buffer_add_char(out, '=');
        add_encoded(out, param->value);
        buffer_add_char(out, '&');
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct params params, others;
    struct buffer encoded;
    struct failure failure;
    enum status status;

    arena_init(&arena);
    params_init(&params, &arena);
    params_init(&others, &arena);
    status = params_read(&params, (const char *)data, size, &failure);
    assert(read_in_pieces(&others, (const char *)data, size) == status);
    if (status == STATUS_OK) {
        check_same(&params, &others);
        buffer_init(&encoded);
        encode(&params, &encoded);
        params_init(&others, &arena);
        status = encoded.length ? params_read(&others, (const char *)encoded.bytes,
                                              encoded.length, &failure)
                                : STATUS_OK;
        assert(status == STATUS_OK);
        check_same(&params, &others);
        buffer_finish(&encoded);
    }
    arena_finish(&arena);
    return 0;
}
