#include "service/file_name.h"

#include "base/number.h"

#include <math.h>
#include <string.h>

static bool is_safe(char character)
{
    return (character >= '0' && character <= '9') ||
           (character >= 'A' && character <= 'Z') ||
           (character >= 'a' && character <= 'z') ||
           (character && strchr("-._+", character));
}

const char *file_name_safe(const char *name, const char *suffix, struct arena *arena)
{
    size_t length = strlen(name);
    char *safe = arena_take(arena, length + strlen(suffix) + 1);

    for (size_t i = 0; i < length; i++)
        safe[i] = is_safe(name[i]) ? name[i] : '_';
    strcpy(safe + length, suffix);
    return safe;
}

/* An end of the window in nm: of the band, or where that is open, of the samples. Floats
   are short, and precise enough for a name. */
static size_t write_nanometres(char *out, double end, double sample)
{
    return number_write_float(out, (float)((isinf(end) ? sample : end) / 10));
}

/* "_392-398nm.vot" */
static void write_ending(const struct slice *slice, const struct band *window,
                         const char *suffix, char *out)
{
    const struct axis *axis = &slice->spectrum->axis;

    *out++ = '_';
    out += write_nanometres(out, window->lower, axis_at(axis, slice->first));
    *out++ = '-';
    out += write_nanometres(out, window->upper,
                            axis_at(axis, slice->first + slice->count - 1));
    strcpy(stpcpy(out, "nm"), suffix);
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

const char *file_name_of(const struct entry *entry, const struct slice *slice,
                         const struct band *window, const char *suffix,
                         struct arena *arena)
{
    char ending[2 * NUMBER_LENGTH + 24];

    if (!window || slice->count == 0)
        return file_name_safe(object_name(entry, arena), suffix, arena);
    write_ending(slice, window, suffix, ending);
    return file_name_safe(object_name(entry, arena), ending, arena);
}

void file_name_offer(struct response *response, const char *name, bool shown)
{
    const char *disposition = shown ? "inline" : "attachment";
    size_t room = strlen(disposition) + sizeof("; filename=\"\"") + strlen(name);
    char *value = arena_take(response->arena, room);

    strcpy(stpcpy(stpcpy(stpcpy(value, disposition), "; filename=\""), name), "\"");
    response_header_add(response, "Content-Disposition", value);
}
