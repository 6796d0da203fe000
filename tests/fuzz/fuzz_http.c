/*
 * Any bytes as requests, one behind the other: what is read does not depend on the pieces
 * they come in, and a head that two readers could understand in two ways is never
 * accepted.
 */
#include "base/arena.h"
#include "base/buffer.h"
#include "base/checksum.h"
#include "http/body.h"
#include "http/parser.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_URI = 64, MAX_HEADERS = 256, MAX_BODY = 64 };

/* ---- what a head must be, judged from its bytes alone ---- */

static bool begins_with(const char *line, const char *name)
{
    return strncasecmp(line, name, strlen(name)) == 0;
}

/* A whole head, with its last line. */
static void check_unambiguous(const char *head, size_t length)
{
    int hosts = 0, lengths = 0, encodings = 0;
    const char *end = head + length;

    assert(length >= 4 && memcmp(end - 4, "\r\n\r\n", 4) == 0);
    assert(!memchr(head, '\0', length));
    for (size_t i = 0; i < length; i++) {
        assert(head[i] != '\r' || head[i + 1] == '\n');
        assert(head[i] != '\n' || head[i - 1] == '\r');
    }
    if (head[0] == '\r')
        head += 2;
    head = memmem(head, (size_t)(end - head), "\r\n", 2);
    for (const char *line = head + 2; line < end - 2;
         line = (char *)memmem(line, (size_t)(end - line), "\r\n", 2) + 2) {
        assert(*line != ' ' && *line != '\t' && *line != ':');
        assert(strcspn(line, ":") < strcspn(line, " \t\r"));
        hosts += begins_with(line, "Host:");
        lengths += begins_with(line, "Content-Length:");
        encodings += begins_with(line, "Transfer-Encoding:");
    }
    assert(hosts <= 1 && lengths + encodings <= 1);
}

/* ---- reading, with a transcript ---- */

static enum status keep(void *state, const char *piece, size_t length,
                        struct failure *failure)
{
    (void)failure;
    buffer_add(state, piece, length);
    return STATUS_OK;
}

struct reading {
    struct arena arena;
    struct parser parser;
    struct body body;
    bool in_body, ended;
    const char *begun; /* where the head began */
    struct buffer *transcript;
};

static void begin_head(struct reading *reading, const char *bytes)
{
    static const struct parser_limits limits = {MAX_URI, MAX_HEADERS};

    arena_reset(&reading->arena);
    parser_init(&reading->parser, limits, &reading->arena);
    reading->in_body = false;
    reading->begun = bytes;
}

static void end_head(struct reading *reading, const char *end)
{
    const struct head *head = &reading->parser.head;
    struct body_sink sink = {keep, reading->transcript};

    check_unambiguous(reading->begun, (size_t)(end - reading->begun));
    assert(!(head->is_chunked && head->content_length >= 0));
    buffer_format(reading->transcript, "%d %s %s %d %d %d\n", head->method, head->path,
                  head->query ? head->query : "-", head->minor, head->keep_alive,
                  head->expects_continue);
    for (size_t i = 0; i < head->header_count; i++)
        buffer_format(reading->transcript, "%s=%s\n", head->headers[i].name,
                      head->headers[i].value);
    if (!head->is_chunked && head->content_length <= 0) {
        begin_head(reading, end);
    } else if (body_init(&reading->body, head, MAX_BODY, MAX_HEADERS, sink)) {
        reading->in_body = true;
    } else {
        buffer_format(reading->transcript, "refused %d\n", reading->body.refusal.code);
        reading->ended = true;
    }
}

static size_t read_head(struct reading *reading, const char *bytes, size_t length)
{
    size_t taken;
    enum parsed parsed = parser_feed(&reading->parser, bytes, length, &taken);

    assert(taken <= length);
    if (parsed == PARSED_ALL)
        end_head(reading, bytes + taken);
    if (parsed == PARSED_REFUSED) {
        buffer_format(reading->transcript, "refused %d %s\n",
                      reading->parser.refusal.code, reading->parser.refusal.sentence);
        reading->ended = true;
    }
    return taken;
}

static size_t read_body(struct reading *reading, const char *bytes, size_t length)
{
    size_t taken;

    switch (body_feed(&reading->body, bytes, length, &taken)) {
    case BODY_MORE:
        assert(taken == length);
        break;
    case BODY_ALL:
        buffer_add_literal(reading->transcript, "\nend\n");
        begin_head(reading, bytes + taken);
        break;
    case BODY_REFUSED:
        buffer_format(reading->transcript, "refused %d\n", reading->body.refusal.code);
        reading->ended = true;
        break;
    case BODY_FAILED:
        assert(false);
    }
    return taken;
}

/* Read it all, by pieces of up to `largest` bytes that a generator chooses. */
static void read_in_pieces(const char *bytes, size_t size, size_t largest,
                           uint64_t random, struct buffer *transcript)
{
    struct reading *reading = calloc(1, sizeof(*reading));
    size_t there = 0, taken = 0, step = 0;

    arena_init(&reading->arena);
    reading->transcript = transcript;
    begin_head(reading, bytes);
    while (!reading->ended && (there < size || step)) {
        if (step == 0 || taken == there) {
            random = random * 6364136223846793005 + 1442695040888963407;
            there += 1 + (random >> 33) % largest;
            there = there < size ? there : size;
        }
        step = reading->in_body ? read_body(reading, bytes + taken, there - taken)
                                : read_head(reading, bytes + taken, there - taken);
        taken += step;
        if (taken == size)
            break;
    }
    arena_finish(&reading->arena);
    free(reading);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint64_t random = checksum_of(data, size);
    struct buffer at_once, in_pieces;

    buffer_init(&at_once);
    read_in_pieces((const char *)data, size, SIZE_MAX / 2, random, &at_once);
    for (size_t largest = 1; largest <= 64; largest *= 4) {
        buffer_init(&in_pieces);
        read_in_pieces((const char *)data, size, largest, random, &in_pieces);
        assert(in_pieces.length == at_once.length);
        assert(!at_once.length ||
               memcmp(in_pieces.bytes, at_once.bytes, at_once.length) == 0);
        buffer_finish(&in_pieces);
    }
    buffer_finish(&at_once);
    return 0;
}
