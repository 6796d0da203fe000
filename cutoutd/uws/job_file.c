#include "uws/job.h"

#include "base/buffer.h"
#include "base/file.h"
#include "base/number.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LARGEST_FILE = 64 * 1024 * 1024 };

/* ---- writing ---- */

static void add_encoded(struct buffer *out, const char *text)
{
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;

        if (c <= ' ' || c == '%' || c >= 127)
            buffer_format(out, "%%%02X", c);
        else
            buffer_add_char(out, (char)c);
    }
}

static void add_text(struct buffer *out, const char *key, const char *value)
{
    if (!value)
        return;
    buffer_format(out, "%s ", key);
    add_encoded(out, value);
    buffer_add_char(out, '\n');
}

static void add_number(struct buffer *out, const char *key, int64_t value)
{
    buffer_format(out, "%s %lld\n", key, (long long)value);
}

static void add_job(struct buffer *out, const struct uws_job *job)
{
    add_text(out, "id", job->id);
    add_text(out, "list", job->list);
    add_text(out, "run_id", job->run_id);
    add_text(out, "maker", job->maker);
    add_text(out, "phase", uws_phase_name(job->phase));
    add_number(out, "created", job->created);
    add_number(out, "started", job->started);
    add_number(out, "ended", job->ended);
    add_number(out, "destruction", job->destruction);
    add_number(out, "duration", job->duration);
    add_text(out, "error", job->error);
    add_number(out, "error_transient", job->error_transient);
    add_number(out, "crashes", job->crashes);
    for (size_t i = 0; i < job->param_count; i++) {
        buffer_add_literal(out, "param ");
        add_encoded(out, job->params[i].name);
        add_text(out, "", job->params[i].value);
    }
    for (size_t i = 0; i < job->result_count; i++) {
        buffer_format(out, "result %lld ", (long long)job->results[i].size);
        add_encoded(out, job->results[i].id);
        buffer_add_char(out, ' ');
        add_encoded(out, job->results[i].content_type);
        add_text(out, "", job->results[i].file_name ? job->results[i].file_name : "");
    }
    buffer_add_literal(out, "end\n"); /* tells a whole file from one cut short */
}

enum status uws_job_save(const struct uws_job *job, const char *folder,
                         struct failure *failure)
{
    char path[PATH_MAX], new_path[PATH_MAX];
    struct buffer text;
    enum status status;

    snprintf(path, sizeof(path), "%s/job", folder);
    snprintf(new_path, sizeof(new_path), "%s/job.new", folder);
    AUTO_FD fd = open(new_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    if (fd < 0)
        return failure_system(failure, "%s", new_path);
    buffer_init(&text);
    add_job(&text, job);
    status = file_write(fd, text.bytes, text.length, failure);
    buffer_finish(&text);
    if (status) {
        unlink(new_path);
        return status;
    }
    /* Not synced: called on event loops; a power cut may cost the last change of a job.
     */
    if (rename(new_path, path) < 0)
        return failure_system(failure, "%s", path);
    return STATUS_OK;
}

/* ---- reading ---- */

/* Cut the next word off a line, decoded in place; NULL when there is none. */
static char *next_word(char **line)
{
    char *word = *line, *from = word, *to = word;

    if (!word)
        return NULL;
    *line = strchr(word, ' ');
    if (*line)
        *(*line)++ = '\0';
    while (*from) {
        unsigned value;

        if (*from == '%' && sscanf(from + 1, "%2X", &value) == 1 && from[1] && from[2]) {
            *to++ = (char)value;
            from += 3;
        } else {
            *to++ = *from++;
        }
    }
    *to = '\0';
    return word;
}

static bool read_number(const char *word, int64_t *out)
{
    return word && number_read_integer(word, strlen(word), out);
}

static bool read_id(const char *word, char *out)
{
    if (!word || strlen(word) != UWS_ID_LENGTH)
        return false;
    memcpy(out, word, UWS_ID_LENGTH + 1);
    return true;
}

static bool read_param(char *rest, struct uws_job *job)
{
    struct uws_param param = {.name = next_word(&rest)};

    param.value = next_word(&rest);
    if (!param.value)
        return false;
    job->params[job->param_count++] = param;
    return true;
}

static bool read_result(char *rest, struct uws_job *job)
{
    struct uws_result result;

    if (!read_number(next_word(&rest), &result.size))
        return false;
    result.id = next_word(&rest);
    result.content_type = next_word(&rest);
    result.file_name = next_word(&rest);
    if (!result.file_name)
        return false;
    if (!*result.file_name)
        result.file_name = NULL;
    job->results[job->result_count++] = result;
    return true;
}

static bool read_line(char *line, struct uws_job *job)
{
    const struct {
        const char *key;
        const char **text;
        int64_t *number;
    } facts[] = {
        {"list", &job->list, NULL},         {"run_id", &job->run_id, NULL},
        {"maker", &job->maker, NULL},       {"error", &job->error, NULL},
        {"created", NULL, &job->created},   {"started", NULL, &job->started},
        {"ended", NULL, &job->ended},       {"destruction", NULL, &job->destruction},
        {"duration", NULL, &job->duration}, {"crashes", NULL, &job->crashes},
    };
    const char *key = next_word(&line), *word;
    int64_t flag;

    for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
        if (strcmp(key, facts[i].key) != 0)
            continue;
        if (facts[i].number)
            return read_number(next_word(&line), facts[i].number);
        *facts[i].text = next_word(&line);
        return *facts[i].text != NULL;
    }
    if (strcmp(key, "id") == 0)
        return read_id(next_word(&line), job->id);
    if (strcmp(key, "phase") == 0)
        return (word = next_word(&line)) && uws_phase_read(word, &job->phase);
    if (strcmp(key, "param") == 0)
        return read_param(line, job);
    if (strcmp(key, "result") == 0)
        return read_result(line, job);
    if (strcmp(key, "error_transient") != 0 || !read_number(next_word(&line), &flag))
        return false;
    job->error_transient = flag != 0;
    return true;
}

static size_t count_lines(const char *text)
{
    size_t count = 0;

    for (; *text; text++)
        count += *text == '\n';
    return count;
}

/* The text is the arena's and is taken apart in place. */
static bool read_lines(char *text, struct arena *arena, struct uws_job *out)
{
    struct uws_job job = {0};
    size_t lines = count_lines(text);
    char *end;

    job.params = arena_take(arena, lines * sizeof(*job.params));
    job.results = arena_take(arena, lines * sizeof(*job.results));
    while ((end = strchr(text, '\n'))) {
        *end = '\0';
        if (strcmp(text, "end") == 0 && job.id[0] && job.list) {
            *out = job;
            return true;
        }
        if (!read_line(text, &job))
            return false;
        text = end + 1;
    }
    return false;
}

enum status uws_job_load(const char *folder, struct arena *arena, struct uws_job *out,
                         struct failure *failure)
{
    char path[PATH_MAX];
    struct buffer text;
    enum status status;
    char *copy;

    snprintf(path, sizeof(path), "%s/job", folder);
    AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return failure_system(failure, "%s", path);
    buffer_init(&text);
    status = file_read(fd, path, LARGEST_FILE, &text, failure);
    copy = arena_copy(arena, (const char *)text.bytes, text.length);
    buffer_finish(&text);
    if (status)
        return status;
    return read_lines(copy, arena, out)
               ? STATUS_OK
               : failure_set(failure, STATUS_DAMAGED, "%s: not a job as it was saved",
                             path);
}
