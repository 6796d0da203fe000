#include "config_parts.h"

#include "base/number.h"

#include <string.h>
#include <strings.h>

struct unit {
    const char *letter; /* "" is the number alone */
    int64_t factor;
};

static const struct unit NO_UNITS[] = {{"", 1}, {NULL, 0}};
static const struct unit SECONDS[] = {
    {"", 1}, {"s", 1}, {"m", 60}, {"h", 3600}, {NULL, 0}};
static const struct unit BYTES[] = {
    {"", 1}, {"k", 1 << 10}, {"M", 1 << 20}, {"G", 1 << 30}, {NULL, 0}};

static bool is_of(const char *text, size_t length, const char *others)
{
    for (size_t i = 0; i < length; i++) {
        char letter = (char)(text[i] | 0x20);

        if (!(letter >= 'a' && letter <= 'z') && !(text[i] >= '0' && text[i] <= '9') &&
            !strchr(others, text[i]))
            return false;
    }
    return true;
}

static bool is_address(const char *text)
{
    const char *colon = strrchr(text, ':');
    int64_t port;

    return colon && colon > text &&
           number_read_integer(colon + 1, strlen(colon + 1), &port) && port >= 0 &&
           port <= 65535 && is_of(text, (size_t)(colon - text), ".-:[]*%_");
}

/* IVOA Identifiers 2.0, section 2.3.1: three characters at least; we take those that need
 * no escape anywhere. */
static bool is_authority(const char *text)
{
    return strlen(text) >= 3 && is_of(text, 1, "") && is_of(text, strlen(text), "-_.");
}

static bool is_url(const char *text)
{
    const char *host = strstr(text, "://");
    bool is_http = strncmp(text, "http://", 7) == 0 || strncmp(text, "https://", 8) == 0;

    return is_http && host[3] && host[3] != '/' && !strpbrk(text, " \t\"<>");
}

static bool read_number(const char *text, const struct unit *units, int64_t *out)
{
    size_t digits = strspn(text, "0123456789");
    int64_t value;

    for (; units->letter; units++)
        if (strcmp(text + digits, units->letter) == 0)
            return number_read_integer(text, digits, &value) &&
                   !__builtin_mul_overflow(value, units->factor, out);
    return false;
}

static enum status set_number(const struct config_setting *setting, const char *text,
                              const struct unit *units, int64_t *out,
                              struct failure *failure)
{
    int64_t value;

    if (!read_number(text, units, &value))
        return failure_set(failure, STATUS_BAD_SETTING, "%s: %s is not a number%s",
                           setting->key, text,
                           units == SECONDS ? " of seconds (30s, 10m, 2h)"
                           : units == BYTES ? " of bytes (64k, 8M, 1G)"
                                            : "");
    if (value < setting->least || value > setting->most)
        return failure_set(failure, STATUS_BAD_SETTING,
                           "%s: %s is not within %lld and %lld", setting->key, text,
                           (long long)setting->least, (long long)setting->most);
    *out = value;
    return STATUS_OK;
}

static enum status set_int(const struct config_setting *setting, const char *text,
                           const struct unit *units, int *out, struct failure *failure)
{
    int64_t value;
    enum status status = set_number(setting, text, units, &value, failure);

    if (!status)
        *out = (int)value;
    return status;
}

static enum status set_boolean(const struct config_setting *setting, const char *text,
                               bool *out, struct failure *failure)
{
    if (strcasecmp(text, "yes") && strcasecmp(text, "no"))
        return failure_set(failure, STATUS_BAD_SETTING, "%s: %s is neither yes nor no",
                           setting->key, text);
    *out = strcasecmp(text, "yes") == 0;
    return STATUS_OK;
}

static enum status set_text(const struct config_setting *setting, const char *text,
                            bool is_right, struct arena *arena, const char **out,
                            struct failure *failure)
{
    if (*text && !is_right)
        return failure_set(failure, STATUS_BAD_SETTING, "%s: %s is not %s %s",
                           setting->key, text, setting->type == CONFIG_URL ? "a" : "an",
                           config_type_names[setting->type]);
    *out = *text ? arena_copy_string(arena, text) : NULL;
    return STATUS_OK;
}

static void set_folder(const char *text, const char *folder, struct arena *arena,
                       const char **out)
{
    if (!*text)
        *out = NULL;
    else if (*text == '/')
        *out = arena_copy_string(arena, text);
    else
        *out = arena_format(arena, "%s/%s", folder, text);
}

enum status config_value_set(const struct config_setting *setting, const char *text,
                             const char *folder, struct arena *arena, void *base,
                             struct failure *failure)
{
    void *out = (char *)base + setting->offset;

    switch (setting->type) {
    case CONFIG_TEXT:
        return set_text(setting, text, true, arena, out, failure);
    case CONFIG_ADDRESS:
        return set_text(setting, text, is_address(text), arena, out, failure);
    case CONFIG_AUTHORITY:
        return set_text(setting, text, is_authority(text), arena, out, failure);
    case CONFIG_URL:
        return set_text(setting, text, is_url(text), arena, out, failure);
    case CONFIG_FOLDER:
        set_folder(text, folder, arena, out);
        return STATUS_OK;
    case CONFIG_INTEGER:
        return set_int(setting, text, NO_UNITS, out, failure);
    case CONFIG_SECONDS:
        return set_int(setting, text, SECONDS, out, failure);
    case CONFIG_BYTES:
        return set_number(setting, text, BYTES, out, failure);
    case CONFIG_BOOLEAN:
        return set_boolean(setting, text, out, failure);
    }
    return STATUS_OK;
}
