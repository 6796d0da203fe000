/* Any query string: SODA and links answer with a whole document or refuse, and give back
 * what they held. */
#include "../protocol/ask.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), ends = strlen(end);

    return length >= ends && strcmp(text + length - ends, end) == 0;
}

static void check_name(const struct asked *asked)
{
    const char *value = ask_header(asked, "Content-Disposition");
    const char *name = value ? strchr(value, '"') + 1 : "";

    for (; *name && *name != '"'; name++)
        assert(strchr(
            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._+", *name));
    assert(!value || strcmp(name, "\"") == 0);
}

/* Many cut-outs come in pieces: all of them, and as many bytes as were promised. */
static void take_pieces(struct response *response)
{
    const struct producer *producer = &response->producer;
    struct buffer piece = {0};
    struct failure failure;

    do {
        buffer_clear(&piece);
        assert(producer->produce(producer->state, &piece, &failure) == STATUS_OK);
        buffer_add(&response->bytes, piece.bytes, piece.length);
    } while (piece.length);
    assert(producer->length < 0 || producer->length == (int64_t)response->bytes.length);
    buffer_finish(&piece);
}

/* The forms are told apart by their media type. */
static void check_body(struct asked *asked)
{
    const char *text = ask_text(asked), *type = asked->response.content_type;
    size_t length = asked->response.bytes.length;

    if (strstr(type, "votable") || strncmp(type, "text/xml", 8) == 0)
        assert(strncmp(text, "<?xml ", 6) == 0 &&
               ends_with(text, "</RESOURCE>\n</VOTABLE>\n"));
    else if (strcmp(type, "application/fits") == 0)
        assert(strncmp(text, "SIMPLE  = ", 10) == 0 && length % 2880 == 0);
    else if (strcmp(type, "image/svg+xml") == 0)
        assert(strncmp(text, "<?xml ", 6) == 0 && ends_with(text, "</svg>\n"));
    else if (strcmp(type, "image/png") == 0)
        assert(memcmp(text, "\x89PNG", 4) == 0);
    else
        assert(length && text[length - 1] == '\n');
}

static void check_answer(struct asked *asked)
{
    if (!asked->status && asked->response.kind == BODY_PRODUCER)
        take_pieces(&asked->response);
    if (!asked->status && asked->response.code == 200) {
        check_body(asked);
        check_name(asked);
    } else if (!asked->status) {
        assert(asked->response.code == 204 && asked->response.kind == BODY_NONE);
    } else if (asked->status != STATUS_PENDING) {
        assert(asked->failure.message[0]);
    }
    ask_finish(asked);
    assert(fake.holdings == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char query[1024] = "";

    if (size >= sizeof(query) || memchr(data, 0, size))
        return 0;
    if (!fake.samples)
        fake_open();
    memcpy(query, data, size);
    check_answer(ask(soda_serve, (struct ask){.query = query}));
    check_answer(ask(links_serve, (struct ask){.query = query}));
    return 0;
}
