#include "protocol/sdm_response.h"

#include "base/number.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

static const char TEXT_XML[] = "text/xml";

/* Without a type of its own a form has that of its serialisation. */
static const struct {
    const char *name; /* in lower case, without blanks */
    enum sdm_format format;
    const char *content_type;
} forms[] = {
    {"votable", SDM_BINARY2, NULL},
    {"binary2", SDM_BINARY2, NULL},
    {"tabledata", SDM_TABLEDATA, NULL},
    {"application/x-votable+xml", SDM_BINARY2, NULL},
    {"application/x-votable+xml;serialization=binary2", SDM_BINARY2, NULL},
    {"application/x-votable+xml;serialization=tabledata", SDM_TABLEDATA, NULL},
    {"text/xml", SDM_TABLEDATA, TEXT_XML},
    {"text/xml;serialization=binary2", SDM_BINARY2, TEXT_XML},
    {"text/xml;serialization=tabledata", SDM_TABLEDATA, TEXT_XML},
};

static const char *skip_blanks(const char *text)
{
    return text + strspn(text, " \t");
}

static bool means(const char *asked, const char *name)
{
    for (; *name; name++, asked++) {
        if (*name == '+' && *asked == ' ')
            continue;
        asked = skip_blanks(asked);
        if (tolower((unsigned char)*asked) != *name)
            return false;
    }
    return *skip_blanks(asked) == '\0';
}

enum status sdm_form_read(const struct params *params, struct sdm_form *out,
                          struct failure *failure)
{
    const char *asked = NULL, *alias = NULL;
    enum status status;

    if ((status = params_single(params, "RESPONSEFORMAT", &asked, failure)) ||
        (status = params_single(params, "FORMAT", &alias, failure)))
        return status;
    if (!asked)
        asked = alias ? alias : "votable";
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        if (!means(asked, forms[i].name))
            continue;
        out->format = forms[i].format;
        out->content_type = forms[i].content_type ? forms[i].content_type
                                                  : sdm_content_type(forms[i].format);
        return STATUS_OK;
    }
    return failure_set(
        failure, STATUS_BAD_PARAMETER,
        "RESPONSEFORMAT: '%.80s' is not one of votable, binary2, tabledata, "
        "application/x-votable+xml, text/xml (either with "
        ";serialization=BINARY2 or ;serialization=TABLEDATA)",
        asked);
}

static bool is_safe(char character)
{
    return (character >= '0' && character <= '9') ||
           (character >= 'A' && character <= 'Z') ||
           (character >= 'a' && character <= 'z') ||
           (character && strchr("-._+", character));
}

void sdm_respond_as_file(struct response *response, const char *name, const char *suffix)
{
    static const char before[] = "attachment; filename=\"";
    size_t length = strlen(name) + strlen(suffix);
    char *value = arena_take(response->arena, sizeof(before) + length + 1);
    char *next = stpcpy(value, before);

    for (; *name; name++)
        *next++ = is_safe(*name) ? *name : '_';
    next = stpcpy(next, suffix);
    memcpy(next, "\"", 2);
    response_header_add(response, "Content-Disposition", value);
}

/* An end of the window in nm: of the band, or where that is open, of the samples. Floats
   are short, and precise enough for a name. */
static size_t write_nanometres(char *out, double end, double sample)
{
    return number_write_float(out, (float)((isinf(end) ? sample : end) / 10));
}

/* "_392-398nm.vot" */
static void write_suffix(const struct slice *slice, const struct band *window, char *out)
{
    const struct axis *axis = &slice->spectrum->axis;

    *out++ = '_';
    out += write_nanometres(out, window->lower, axis_at(axis, slice->first));
    *out++ = '-';
    out += write_nanometres(out, window->upper,
                            axis_at(axis, slice->first + slice->count - 1));
    strcpy(out, "nm.vot");
}

static const char *object_name(const struct entry *entry, struct arena *arena)
{
    size_t length = strlen(entry->name);
    char *name;

    if (!entry->spectrum)
        return entry->name;
    name = arena_take(arena, length + 1 + strlen(entry->spectrum) + 1);
    memcpy(name, entry->name, length);
    name[length] = '_';
    strcpy(name + length + 1, entry->spectrum);
    return name;
}

void sdm_respond(const struct sdm_document *document, const char *content_type,
                 const struct band *window, struct response *response)
{
    char suffix[2 * NUMBER_LENGTH + 16] = ".vot";

    if (window)
        write_suffix(&document->slice, window, suffix);
    sdm_respond_as_file(response, object_name(document->entry, response->arena), suffix);
    sdm_write(document, response_bytes(response, 200, content_type));
}
