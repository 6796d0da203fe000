#include "dali/response.h"

#include <string.h>
#include <unistd.h>

void response_init(struct response *response, struct arena *arena)
{
    *response = (struct response){.code = 200, .arena = arena};
}

/* Close what the body holds beside memory. */
static void release_body(struct response *response)
{
    if (response->kind == BODY_FILE)
        close(response->file.fd);
    if (response->kind == BODY_PRODUCER && response->producer.close)
        response->producer.close(response->producer.state);
    response->kind = BODY_NONE;
}

void response_finish(struct response *response)
{
    release_body(response);
    buffer_finish(&response->bytes);
    response_init(response, response->arena);
}

void response_reset(struct response *response)
{
    struct buffer kept = response->bytes;

    release_body(response);
    response_init(response, response->arena);
    response->bytes = kept;
    buffer_clear(&response->bytes);
}

/* A line end in a value would begin a header of its own. Without a branch, so that the
 * compiler takes many characters at a time. */
static void blank_controls(char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        text[i] = (unsigned char)text[i] < ' ' || text[i] == 127 ? ' ' : text[i];
}

void response_header_add(struct response *response, const char *name, const char *value)
{
    struct response_header **end = &response->headers;
    struct response_header *header = arena_take(response->arena, sizeof(*header));
    size_t length = strlen(value);
    char *copy = arena_copy(response->arena, value, length);

    blank_controls(copy, length);
    *header = (struct response_header){.name = name, .value = copy};
    while (*end)
        end = &(*end)->next;
    *end = header;
}

struct buffer *response_bytes(struct response *response, int code,
                              const char *content_type)
{
    release_body(response);
    response->code = code;
    response->content_type = content_type;
    response->kind = BODY_BYTES;
    buffer_clear(&response->bytes);
    return &response->bytes;
}

void response_file(struct response *response, const char *content_type, int fd,
                   off_t offset, int64_t length)
{
    release_body(response);
    response->content_type = content_type;
    response->kind = BODY_FILE;
    response->file.fd = fd;
    response->file.offset = offset;
    response->file.length = length;
}

void response_produce(struct response *response, const char *content_type,
                      struct producer producer)
{
    release_body(response);
    response->content_type = content_type;
    response->kind = BODY_PRODUCER;
    response->producer = producer;
}
