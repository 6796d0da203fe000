#include "config.h"

#include "base/memory.h"
#include "config_value.h"

#include <errno.h>
#include <ini.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINE_LENGTH = 8192, NAME_LENGTH = 32 };

/* inih keeps the beginning of a section to itself, so our reader adds a line of this
 * name, which no file may hold. */
static const char SECTION_BEGINS[] = "\001";

struct reading {
    FILE *file;
    const char *path;
    const char *folder; /* of the file */
    char *text;         /* the line as read */
    size_t room;
    int line;
    bool section_begins; /* the line just read names one */
    char section[64];    /* the current one: "server", "collection lamost5" */
    int section_line;
    const char *kind; /* "server", "publisher", "collection"; NULL before the first */
    void *base;       /* struct config or struct config_collection */
    uint64_t given;   /* bit i: config_settings[i], in this section */
    bool server, publisher; /* were there */
    struct config *config;
    struct failure *failure;
    enum status status;
};

static enum status refuse(struct reading *reading, const char *what, const char *which)
{
    return failure_set(reading->failure, STATUS_BAD_SETTING, "%s%s%s", what,
                       which ? " " : "", which ? which : "");
}

static enum status set_defaults(struct config *config, const char *section, void *base,
                                struct failure *failure)
{
    for (size_t i = 0; i < config_setting_count; i++) {
        const struct config_setting *setting = &config_settings[i];
        enum status status;

        if (strcmp(setting->section, section) == 0 && setting->fallback &&
            (status = config_value_set(setting, setting->fallback, "", &config->arena,
                                       base, failure)))
            return status;
    }
    return STATUS_OK;
}

static struct config_collection *add_collection(struct config *config, const char *name)
{
    size_t size = (config->collection_count + 1) * sizeof(*config->collections);
    struct config_collection *added;

    config->collections = memory_resize(config->collections, size);
    added = &config->collections[config->collection_count++];
    *added = (struct config_collection){.settings.name =
                                            arena_copy_string(&config->arena, name)};
    return added;
}

/* It is the first segment of URLs and a schema of TAP. */
static bool is_collection_name(const char *name)
{
    static const char *const taken[] = {"tap", "metrics", "healthz"};
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz_0123456789";
    size_t length = strlen(name);

    for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
        if (strcmp(name, taken[i]) == 0)
            return false;
    return length && length <= NAME_LENGTH && name[0] >= 'a' && name[0] <= 'z' &&
           strspn(name, letters) == length;
}

static enum status begin_collection(struct reading *reading, const char *name)
{
    struct config *config = reading->config;

    if (!is_collection_name(name))
        return refuse(
            reading,
            "a collection's name is up to 32 lower-case letters, digits and _, a "
            "letter first, and none of tap, metrics, healthz; not",
            name);
    for (size_t i = 0; i < config->collection_count; i++)
        if (strcmp(config->collections[i].settings.name, name) == 0)
            return refuse(reading, "a second section for collection", name);
    reading->kind = "collection";
    reading->base = add_collection(config, name);
    return set_defaults(config, "collection", reading->base, reading->failure);
}

static enum status begin_single(struct reading *reading, const char *kind, bool *seen)
{
    if (*seen)
        return refuse(reading, "a second section", kind);
    *seen = true;
    reading->kind = kind;
    reading->base = reading->config;
    return STATUS_OK;
}

static enum status end_section(struct reading *reading)
{
    struct config_collection *collection = reading->base;

    if (!reading->kind || strcmp(reading->kind, "collection") ||
        collection->archive_folder)
        return STATUS_OK;
    reading->line = reading->section_line;
    return refuse(reading, "archive is missing in section", reading->section);
}

static enum status begin_section(struct reading *reading, const char *section)
{
    static const char collection[] = "collection ";
    enum status status = end_section(reading);

    if (status)
        return status;
    reading->given = 0;
    reading->section_line = reading->line;
    snprintf(reading->section, sizeof(reading->section), "%s", section);
    if (strcmp(section, "server") == 0)
        return begin_single(reading, "server", &reading->server);
    if (strcmp(section, "publisher") == 0)
        return begin_single(reading, "publisher", &reading->publisher);
    if (strncmp(section, collection, strlen(collection)) == 0)
        return begin_collection(reading, section + strlen(collection));
    return refuse(
        reading,
        "sections are [server], [publisher] and [collection NAME]; unknown section",
        section);
}

static enum status take_setting(struct reading *reading, const char *key,
                                const char *value)
{
    _Static_assert(sizeof(reading->given) * CHAR_BIT >= 64, "a bit for each setting");

    if (!reading->kind)
        return refuse(reading, "a setting before the first section:", key);
    for (size_t i = 0; i < config_setting_count; i++) {
        const struct config_setting *setting = &config_settings[i];

        if (strcmp(setting->section, reading->kind) || strcmp(setting->key, key))
            continue;
        if (reading->given & UINT64_C(1) << i)
            return refuse(reading, "set a second time:", key);
        reading->given |= UINT64_C(1) << i;
        if (!*value) /* the default, which is there */
            return STATUS_OK;
        return config_value_set(setting, value, reading->folder, &reading->config->arena,
                                reading->base, reading->failure);
    }
    return refuse(reading, "unknown setting", key);
}

static int handle(void *user, const char *section, const char *key, const char *value)
{
    struct reading *reading = user;

    reading->status = strcmp(key, SECTION_BEGINS) == 0
                          ? begin_section(reading, section)
                          : take_setting(reading, key, value);
    return reading->status == STATUS_OK;
}

static bool is_plain(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (((unsigned char)text[i] < ' ' && !strchr("\t\r\n", text[i])) || !text[i])
            return false;
    return true;
}

/* As fgets, for inih. */
static char *read_line(char *out, int size, void *stream)
{
    struct reading *reading = stream;
    ssize_t length;

    if (reading->section_begins) {
        reading->section_begins = false;
        return strcat(strcpy(out, SECTION_BEGINS), "=\n");
    }
    length = getline(&reading->text, &reading->room, reading->file);
    if (length < 0)
        return NULL;
    reading->line++;
    if (length >= size || !is_plain(reading->text, (size_t)length)) {
        reading->status =
            refuse(reading,
                   length >= size ? "the line is too long" : "a control character", NULL);
        return NULL;
    }
    reading->section_begins = reading->text[strspn(reading->text, " \t")] == '[';
    return strcpy(out, reading->text);
}

static int parse(struct reading *reading)
{
    /* Lines of any sensible length, one setting a line, and ";" may be part of a text. */
    ini_use_stack = false;
    ini_allow_realloc = false;
    ini_initial_alloc = ini_max_line = LINE_LENGTH;
    ini_allow_multiline = false;
    ini_allow_inline_comments = false;
    ini_stop_on_first_error = true;
    return ini_parse_stream(read_line, reading, handle, reading);
}

static enum status read_sections(struct reading *reading)
{
    int bad = parse(reading);

    if (!reading->status && bad)
        reading->status = refuse(reading, "neither KEY = VALUE nor [SECTION]", NULL);
    if (!reading->status && ferror(reading->file))
        reading->status = failure_system(reading->failure, "read");
    if (!reading->status)
        reading->status = end_section(reading);
    if (!reading->status && reading->config->collection_count == 0)
        reading->status = refuse(reading, "there is no section [collection NAME]", NULL);
    if (reading->status && reading->line)
        failure_prefix(reading->failure, "%s:%d: ", reading->path, reading->line);
    else if (reading->status)
        failure_prefix(reading->failure, "%s: ", reading->path);
    return reading->status;
}

/* Clients cannot reach "every address": the machine's name stands for it. */
static const char *url_of_address(struct arena *arena, const char *address)
{
    char host[HOST_NAME_MAX + 1] = "localhost";

    if (strncmp(address, "*:", 2) && strncmp(address, "0.0.0.0:", 8) &&
        strncmp(address, "[::]:", 5))
        return arena_format(arena, "http://%s", address);
    if (gethostname(host, sizeof(host)) < 0)
        host[0] = '\0';
    host[sizeof(host) - 1] = '\0';
    return arena_format(arena, "http://%s%s", host[0] ? host : "localhost",
                        strrchr(address, ':'));
}

static const char *without_last_slash(struct arena *arena, const char *url)
{
    size_t length = strlen(url);

    while (length && url[length - 1] == '/')
        length--;
    return arena_copy(arena, url, length);
}

/* What one setting takes from another. */
static void complete(struct config *config)
{
    struct service_settings *service = &config->service;
    struct collection_settings *settings =
        arena_take(&config->arena, (config->collection_count + 1) * sizeof(*settings));

    service->base_url = service->base_url
                            ? without_last_slash(&config->arena, service->base_url)
                            : url_of_address(&config->arena, config->server.listen);
    for (size_t i = 0; i < config->collection_count; i++) {
        struct config_collection *collection = &config->collections[i];

        if (!collection->cache_folder)
            collection->cache_folder = arena_format(
                &config->arena, "/var/cache/cutoutd/%s", collection->settings.name);
        if (!collection->settings.title)
            collection->settings.title = collection->settings.name;
        settings[i] = collection->settings;
    }
    service->collections = settings;
    service->collection_count = config->collection_count;
}

static enum status make(struct config **out, struct failure *failure)
{
    struct config *config = memory_new(config);
    enum status status;

    arena_init(&config->arena);
    if ((status = set_defaults(config, "server", config, failure)) ||
        (status = set_defaults(config, "publisher", config, failure))) {
        config_close(config);
        return status;
    }
    *out = config;
    return STATUS_OK;
}

enum status config_read(FILE *file, const char *path, struct config **out,
                        struct failure *failure)
{
    struct reading reading = {.file = file, .path = path, .failure = failure};
    AUTO(config_close) struct config *config = NULL;
    enum status status = make(&config, failure);

    if (status)
        return status;
    reading.config = config;
    reading.folder = dirname(arena_copy_string(&config->arena, path));
    status = read_sections(&reading);
    free(reading.text);
    if (status)
        return status;
    complete(config);
    *out = config;
    config = NULL;
    return STATUS_OK;
}

enum status config_open(const char *path, struct config **out, struct failure *failure)
{
    FILE *file = fopen(path, "re");
    enum status status;

    if (!file) {
        failure_system(failure, "%s", path);
        return failure->status = STATUS_BAD_SETTING;
    }
    status = config_read(file, path, out, failure);
    fclose(file);
    return status;
}

enum status config_of_folder(const char *collection, const char *folder,
                             struct config **out, struct failure *failure)
{
    struct config *config;
    struct config_collection *added;
    enum status status = make(&config, failure);

    if (status)
        return status;
    added = add_collection(config, collection);
    if ((status = set_defaults(config, "collection", added, failure))) {
        config_close(config);
        return status;
    }
    added->archive_folder = arena_copy_string(&config->arena, folder);
    complete(config);
    *out = config;
    return STATUS_OK;
}

void config_close(struct config *config)
{
    if (!config)
        return;
    arena_finish(&config->arena);
    free(config->collections);
    free(config);
}

enum status config_find(const struct config *config, const char *name,
                        const struct config_collection **out, struct failure *failure)
{
    for (size_t i = 0; i < config->collection_count; i++)
        if (strcmp(config->collections[i].settings.name, name) == 0) {
            *out = &config->collections[i];
            return STATUS_OK;
        }
    failure_set(failure, STATUS_NOT_FOUND, "no collection %s; there %s", name,
                config->collection_count == 1 ? "is" : "are");
    for (size_t i = 0; i < config->collection_count; i++) {
        size_t length = strlen(failure->message);

        snprintf(failure->message + length, sizeof(failure->message) - length, "%s %s",
                 i ? "," : "", config->collections[i].settings.name);
    }
    return STATUS_NOT_FOUND;
}
