#include "dali/params.h"

#include "base/buffer.h"
#include "base/memory.h"
#include "dali/percent.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

void params_init(struct params *params, struct arena *arena)
{
    *params = (struct params){.arena = arena};
}

/* ASCII only: the locale must not change what a name is. */
static char upper_case(char character)
{
    return character >= 'a' && character <= 'z' ? (char)(character - 'a' + 'A')
                                                : character;
}

/* Append a pair whose strings are in the arena already. */
static void append(struct params *params, char *name, size_t name_length,
                   const char *value, size_t value_length)
{
    struct param *param = arena_take(params->arena, sizeof(*param));

    for (size_t i = 0; i < name_length; i++)
        name[i] = upper_case(name[i]);
    *param = (struct param){.name = name, .value = value};
    if (params->last)
        params->last->next = param;
    else
        params->first = param;
    params->last = param;
    params->count++;
    params->bytes += name_length + value_length;
}

void params_add(struct params *params, const char *name, size_t name_length,
                const char *value, size_t value_length)
{
    append(params, arena_copy(params->arena, name, name_length), name_length,
           arena_copy(params->arena, value, value_length), value_length);
}

static enum status read_pair(struct params *params, const char *text, size_t length,
                             struct failure *failure)
{
    const char *equals = memchr(text, '=', length);
    size_t name_part = equals ? (size_t)(equals - text) : length;
    size_t value_part = equals ? length - name_part - 1 : 0;
    char *name = arena_take(params->arena, name_part + 1);
    char *value = arena_take(params->arena, value_part + 1);
    ssize_t name_length = percent_decode(text, name_part, true, name);
    ssize_t value_length =
        percent_decode(equals ? equals + 1 : text, value_part, true, value);

    if (name_length < 0 || value_length < 0)
        return failure_set(
            failure, STATUS_BAD_PARAMETER,
            "a percent sign that begins no escape, or an encoded NUL, in '%.*s'",
            length < 80 ? (int)length : 80, text);
    if (name_length == 0)
        return failure_set(failure, STATUS_BAD_PARAMETER,
                           "a parameter without a name: '%.*s'",
                           length < 80 ? (int)length : 80, text);
    append(params, name, (size_t)name_length, value, (size_t)value_length);
    return STATUS_OK;
}

enum status params_read(struct params *params, const char *text, size_t length,
                        struct failure *failure)
{
    const char *end = text + length;

    while (text < end) {
        const char *ampersand = memchr(text, '&', (size_t)(end - text));
        const char *pair_end = ampersand ? ampersand : end;
        enum status status;

        if (pair_end > text &&
            (status = read_pair(params, text, (size_t)(pair_end - text), failure)))
            return status;
        text = pair_end + 1;
    }
    return STATUS_OK;
}

struct params_form {
    struct params *params;
    size_t longest_pair;
    struct buffer begun; /* a pair whose end has not come */
};

struct params_form *params_form_open(struct params *params, size_t longest_pair)
{
    struct params_form *form = memory_new(form);

    form->params = params;
    form->longest_pair = longest_pair;
    return form;
}

static enum status check_pair_length(const struct params_form *form, size_t more,
                                     struct failure *failure)
{
    if (more <= form->longest_pair && form->begun.length <= form->longest_pair - more)
        return STATUS_OK;
    return failure_set(failure, STATUS_TOO_LARGE, "a parameter of more than %zu bytes",
                       form->longest_pair);
}

/* The pair in pieces is whole: decode it. */
static enum status end_pair(struct params_form *form, struct failure *failure)
{
    size_t length = form->begun.length;

    if (length == 0)
        return STATUS_OK;
    buffer_clear(&form->begun);
    return params_read(form->params, (const char *)form->begun.bytes, length, failure);
}

enum status params_form_add(struct params_form *form, const char *piece, size_t length,
                            struct failure *failure)
{
    const char *end = piece + length;
    enum status status;

    while (piece < end) {
        const char *ampersand = memchr(piece, '&', (size_t)(end - piece));
        size_t part = (size_t)((ampersand ? ampersand : end) - piece);

        if ((status = check_pair_length(form, part, failure)))
            return status;
        buffer_add(&form->begun, piece, part);
        if (ampersand && (status = end_pair(form, failure)))
            return status;
        piece += part + (ampersand != NULL);
    }
    return STATUS_OK;
}

enum status params_form_end(struct params_form *form, struct failure *failure)
{
    return end_pair(form, failure);
}

void params_form_close(struct params_form *form)
{
    if (!form)
        return;
    buffer_finish(&form->begun);
    free(form);
}

const struct param *params_next(const struct params *params, const char *name,
                                const struct param *after)
{
    const struct param *param = after ? after->next : params->first;

    while (param && strcasecmp(param->name, name) != 0)
        param = param->next;
    return param;
}

enum status params_single(const struct params *params, const char *name, const char **out,
                          struct failure *failure)
{
    const char *value = NULL;

    for (const struct param *param = params_next(params, name, NULL); param;
         param = params_next(params, name, param)) {
        if (param->value[0] == '\0')
            continue;
        if (value)
            return failure_set(failure, STATUS_MULTIPLE_VALUES,
                               "%s: only one value is allowed", name);
        value = param->value;
    }
    *out = value;
    return STATUS_OK;
}
