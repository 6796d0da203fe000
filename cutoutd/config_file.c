#include "config_parts.h"

#include <ini.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>

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
    const char
        *kind;  /* "server", "jobs", "publisher", "collection"; NULL before the first */
    void *base; /* struct config or struct config_collection */
    uint64_t given;               /* bit i: config_settings[i], in this section */
    bool server, jobs, publisher; /* were there */
    struct config *config;
    struct failure *failure;
    enum status status;
};

static enum status refuse(struct reading *reading, const char *what, const char *which)
{
    return failure_set(reading->failure, STATUS_BAD_SETTING, "%s%s%s", what,
                       which ? " " : "", which ? which : "");
}

/* It is the first segment of URLs and a schema of TAP. */
static bool is_collection_name(const char *name)
{
    static const char *const taken[] = {"tap", "metrics", "healthz", "assets"};
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
            "letter first, and none of tap, metrics, healthz, assets; not",
            name);
    for (size_t i = 0; i < config->collection_count; i++)
        if (strcmp(config->collections[i].settings.name, name) == 0)
            return refuse(reading, "a second section for collection", name);
    reading->kind = "collection";
    return config_add_collection(config, name, &reading->base, reading->failure);
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
    const struct config_collection *collection = reading->base;

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
    if (strcmp(section, "jobs") == 0)
        return begin_single(reading, "jobs", &reading->jobs);
    if (strcmp(section, "publisher") == 0)
        return begin_single(reading, "publisher", &reading->publisher);
    if (strncmp(section, collection, strlen(collection)) == 0)
        return begin_collection(reading, section + strlen(collection));
    return refuse(reading,
                  "sections are [server], [jobs], [publisher] and [collection NAME]; "
                  "unknown section",
                  section);
}

static enum status take_setting(struct reading *reading, const char *key,
                                const char *value)
{
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

enum status config_file_read(FILE *file, const char *path, struct config *config,
                             struct failure *failure)
{
    struct reading reading = {
        .file = file,
        .path = path,
        .folder = dirname(arena_copy_string(&config->arena, path)),
        .config = config,
        .failure = failure,
    };
    enum status status = read_sections(&reading);

    free(reading.text);
    return status;
}
