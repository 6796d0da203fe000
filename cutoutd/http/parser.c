#include "http/parser.h"

#include "dali/percent.h"

#include <string.h>
#include <strings.h>

/* Room that a request line needs beside its target: method, version, blanks. */
enum { LINE_BESIDE_TARGET = 64 };

void parser_init(struct parser *parser, struct parser_limits limits, struct arena *arena)
{
    parser->limits = limits;
    parser->arena = arena;
    parser->refusal = (struct refusal){0};
    parser->stage = PARSER_EMPTY_LINE;
    parser->header_bytes = 0;
    parser->hosts = 0;
    parser->has_close = false;
    parser->has_keep_alive = false;
    parser->head.line = NULL;
    parser->head.method = METHOD_GET;
    parser->head.minor = 1;
    parser->head.path = NULL;
    parser->head.query = NULL;
    parser->head.header_count = 0;
    parser->head.content_length = -1;
    parser->head.is_chunked = false;
    parser->head.keep_alive = false;
    parser->head.expects_continue = false;
}

static bool refuse(struct parser *parser, int code, const char *sentence)
{
    parser->refusal = (struct refusal){code, sentence};
    return false;
}

bool parser_is_token(char character)
{
    /* A bit for each of letters, digits and !#$%&'*+-.^_`|~ */
    static const uint64_t tokens[4] = {0x03ff6cfa00000000, 0x57ffffffc7fffffe, 0, 0};
    unsigned char byte = (unsigned char)character;

    return tokens[byte / 64] >> byte % 64 & 1;
}

static inline bool is_value_byte(unsigned char byte)
{
    return (byte >= ' ' && byte != 127) || byte == '\t';
}

bool parser_is_value(char character)
{
    return is_value_byte((unsigned char)character);
}

/* Without a branch, so that the compiler takes many characters at a time. */
static bool is_value(const char *text, size_t length)
{
    unsigned char good = 1;

    for (size_t i = 0; i < length; i++)
        good &= is_value_byte((unsigned char)text[i]);
    return good;
}

/* Visible ASCII, and no fragment: the rest is what percent escapes are for. */
static inline bool is_target_byte(unsigned char byte)
{
    return byte > ' ' && byte < 127 && byte != '#';
}

static bool is_target(const char *text, size_t length)
{
    unsigned char good = length > 0;

    for (size_t i = 0; i < length; i++)
        good &= is_target_byte((unsigned char)text[i]);
    return good;
}

static bool is_word(const char *text, size_t length, const char *word)
{
    return length == strlen(word) && strncasecmp(text, word, length) == 0;
}

/* ---- request line ---- */

static bool read_method(struct parser *parser, const char *text, size_t length)
{
    static const struct {
        const char *name;
        enum method method;
    } methods[] = {
        {"GET", METHOD_GET},       {"HEAD", METHOD_HEAD},       {"POST", METHOD_POST},
        {"DELETE", METHOD_DELETE}, {"OPTIONS", METHOD_OPTIONS}, {"PUT", METHOD_OTHER},
        {"PATCH", METHOD_OTHER},   {"TRACE", METHOD_OTHER},
    };

    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        if (length != strlen(methods[i].name) ||
            memcmp(text, methods[i].name, length) != 0)
            continue;
        parser->head.method = methods[i].method;
        return true;
    }
    return refuse(parser, 501, "This method is not implemented");
}

static bool read_version(struct parser *parser, const char *text, size_t length)
{
    if (length != 8 || memcmp(text, "HTTP/", 5) != 0 || text[5] < '0' || text[5] > '9' ||
        text[6] != '.' || text[7] < '0' || text[7] > '9')
        return refuse(parser, 400,
                      "The request line does not end with a version of HTTP");
    if (text[5] != '1')
        return refuse(parser, 505, "Only HTTP/1.1 and HTTP/1.0 are spoken here");
    parser->head.minor = text[7] - '0';
    return true;
}

static bool is_host(const char *text, size_t length)
{
    static const char marks[] = "-._~!$&'()*+,;=%:[]";

    for (size_t i = 0; i < length; i++) {
        char character = text[i];

        if (!(character >= '0' && character <= '9') &&
            !((character | 0x20) >= 'a' && (character | 0x20) <= 'z') &&
            !memchr(marks, character, sizeof(marks) - 1))
            return false;
    }
    return length > 0 && text[0] != ':';
}

/* Move the target behind the scheme and authority of its absolute form (RFC 9112,
 * section 3.2.2). */
static bool skip_authority(const char **target, size_t *length)
{
    const char *rest = memchr(*target, ':', *length);
    const char *end = *target + *length;
    const char *authority, *authority_end;

    if (!rest || end - rest < 3 || memcmp(rest, "://", 3) != 0 ||
        !(is_word(*target, (size_t)(rest - *target), "http") ||
          is_word(*target, (size_t)(rest - *target), "https")))
        return false;
    authority = authority_end = rest + 3;
    while (authority_end < end && *authority_end != '/' && *authority_end != '?')
        authority_end++;
    *target = authority_end;
    *length = (size_t)(end - authority_end);
    return is_host(authority, (size_t)(authority_end - authority));
}

static bool read_target(struct parser *parser, const char *target, size_t length)
{
    struct head *head = &parser->head;
    const char *question;
    size_t path_length;
    char *path;

    if (length > parser->limits.uri)
        return refuse(parser, 414,
                      "The request target is longer than this service takes");
    if (!is_target(target, length))
        return refuse(parser, 400,
                      "The request target has a byte that must be percent-encoded");
    if (target[0] != '/' &&
        !(length == 1 && *target == '*' && head->method == METHOD_OPTIONS) &&
        !skip_authority(&target, &length))
        return refuse(parser, 400,
                      "The request target is neither a path nor an http URL");
    question = memchr(target, '?', length);
    path_length = question ? (size_t)(question - target) : length;
    path = arena_take(parser->arena, path_length + 2);
    if (percent_decode(target, path_length, false, path) < 0)
        return refuse(parser, 400, "The path has a percent sign that begins no escape");
    head->path = path_length ? path : "/";
    head->query = question
                      ? arena_copy(parser->arena, question + 1, length - path_length - 1)
                      : NULL;
    return true;
}

static bool read_request_line(struct parser *parser, const char *line, size_t length)
{
    const char *end = line + length;
    const char *method_end = line;
    const char *target, *target_end;

    if (!is_value(line, length))
        return refuse(parser, 400, "The request line has a control byte");
    parser->head.line = arena_copy(parser->arena, line, length);
    while (method_end < end && parser_is_token(*method_end))
        method_end++;
    if (method_end == line || method_end == end || *method_end != ' ')
        return refuse(parser, 400, "The request line does not begin with a method");
    target = method_end + 1;
    target_end = memchr(target, ' ', (size_t)(end - target));
    if (!target_end)
        return refuse(parser, 400, "The request line is not method, target and version");
    return read_version(parser, target_end + 1, (size_t)(end - target_end - 1)) &&
           read_method(parser, line, (size_t)(method_end - line)) &&
           read_target(parser, target, (size_t)(target_end - target));
}

/* ---- headers ---- */

static bool read_host(struct parser *parser, const char *value)
{
    if (parser->hosts++)
        return refuse(parser, 400, "There is more than one Host header");
    return is_host(value, strlen(value)) ||
           refuse(parser, 400, "The Host header names no host");
}

static bool read_content_length(struct parser *parser, const char *value)
{
    int64_t length = 0;

    if (parser->head.content_length >= 0)
        return refuse(parser, 400, "There is more than one Content-Length header");
    if (!*value)
        return refuse(parser, 400, "Content-Length is empty");
    for (; *value; value++) {
        if (*value < '0' || *value > '9')
            return refuse(parser, 400, "Content-Length is not a plain number");
        if (__builtin_mul_overflow(length, 10, &length) ||
            __builtin_add_overflow(length, *value - '0', &length))
            length = INT64_MAX; /* and it stays there: too large for any limit */
    }
    parser->head.content_length = length;
    return true;
}

static bool read_transfer_encoding(struct parser *parser, const char *value)
{
    if (parser->head.is_chunked)
        return refuse(parser, 400, "There is more than one Transfer-Encoding header");
    if (parser->head.minor == 0)
        return refuse(parser, 400, "HTTP/1.0 has no Transfer-Encoding");
    if (!is_word(value, strlen(value), "chunked"))
        return refuse(parser, 501, "The only Transfer-Encoding taken is chunked");
    parser->head.is_chunked = true;
    return true;
}

static bool read_connection(struct parser *parser, const char *value)
{
    while (*value) {
        size_t length;

        value += strspn(value, " \t,");
        length = strcspn(value, " \t,");
        parser->has_close |= is_word(value, length, "close");
        parser->has_keep_alive |= is_word(value, length, "keep-alive");
        value += length;
    }
    return true;
}

static bool read_expect(struct parser *parser, const char *value)
{
    if (!is_word(value, strlen(value), "100-continue"))
        return refuse(parser, 417, "The only expectation known is 100-continue");
    parser->head.expects_continue = parser->head.minor > 0;
    return true;
}

/* The headers that decide how the connection is read. */
static bool heed(struct parser *parser, const struct header *header)
{
    static const struct {
        const char *name;
        bool (*read)(struct parser *parser, const char *value);
    } heeded[] = {
        {"Host", read_host},
        {"Connection", read_connection},
        {"Content-Length", read_content_length},
        {"Transfer-Encoding", read_transfer_encoding},
        {"Expect", read_expect},
    };

    for (size_t i = 0; i < sizeof(heeded) / sizeof(heeded[0]); i++)
        if (strcasecmp(header->name, heeded[i].name) == 0)
            return heeded[i].read(parser, header->value);
    return true;
}

static bool is_blank(char character)
{
    return character == ' ' || character == '\t';
}

static bool read_header(struct parser *parser, const char *line, size_t length)
{
    struct head *head = &parser->head;
    size_t name_length = 0;
    char *copy, *value, *end;

    if (is_blank(line[0]))
        return refuse(parser, 400, "A header line begins with a blank");
    while (name_length < length && parser_is_token(line[name_length]))
        name_length++;
    if (name_length == 0 || name_length == length || line[name_length] != ':')
        return refuse(parser, 400, "A header line is not a name, a colon and a value");
    if (!is_value(line, length))
        return refuse(parser, 400, "A header has a control byte");
    if (head->header_count == HEAD_HEADERS)
        return refuse(parser, 431, "There are more header lines than this service takes");
    copy = arena_copy(parser->arena, line, length);
    copy[name_length] = '\0';
    value = copy + name_length + 1;
    end = copy + length;
    while (is_blank(*value))
        value++;
    while (end > value && is_blank(end[-1]))
        end--;
    *end = '\0';
    head->headers[head->header_count++] = (struct header){copy, value};
    return heed(parser, &head->headers[head->header_count - 1]);
}

/* The empty line: what only the whole of the headers can tell. */
static bool end_head(struct parser *parser)
{
    struct head *head = &parser->head;

    if (head->minor > 0 && parser->hosts == 0)
        return refuse(parser, 400, "HTTP/1.1 needs a Host header");
    if (head->is_chunked && head->content_length >= 0)
        return refuse(parser, 400,
                      "Content-Length and Transfer-Encoding contradict each other");
    head->keep_alive = !parser->has_close && (head->minor > 0 || parser->has_keep_alive);
    return true;
}

/* ---- lines ---- */

/* A line of which `length` bytes are there, perhaps not all. */
static bool check_length(struct parser *parser, size_t length)
{
    if (parser->stage == PARSER_HEADERS)
        return parser->header_bytes + length <= parser->limits.headers ||
               refuse(parser, 431, "The headers are longer than this service takes");
    return length <= parser->limits.uri + LINE_BESIDE_TARGET ||
           refuse(parser, 414, "The request line is longer than this service takes");
}

/* What begins like no request needs no line end: a TLS greeting has none. */
static bool check_first_byte(struct parser *parser, char first)
{
    return parser->stage == PARSER_HEADERS || parser_is_token(first) ||
           (parser->stage == PARSER_EMPTY_LINE && first == '\r') ||
           refuse(parser, 400, "The request line does not begin with a method");
}

/* One line without its CRLF. Sets *is_last at the end of the head. */
static bool read_line(struct parser *parser, const char *line, size_t length,
                      bool *is_last)
{
    if (parser->stage == PARSER_HEADERS) {
        parser->header_bytes += length + 2;
        *is_last = length == 0;
        return *is_last ? end_head(parser) : read_header(parser, line, length);
    }
    if (parser->stage == PARSER_EMPTY_LINE && length == 0) {
        /* Old clients send a line end behind a body: RFC 9112, section 2.2 asks to take
         * one. */
        parser->stage = PARSER_REQUEST_LINE;
        return true;
    }
    parser->stage = PARSER_HEADERS;
    return read_request_line(parser, line, length);
}

enum parsed parser_feed(struct parser *parser, const char *bytes, size_t length,
                        size_t *taken)
{
    bool is_last = false;

    *taken = 0;
    while (*taken < length && !is_last) {
        const char *line = bytes + *taken;
        const char *feed = memchr(line, '\n', length - *taken);
        size_t line_length = feed ? (size_t)(feed - line) + 1 : length - *taken;

        if (!check_first_byte(parser, *line) || !check_length(parser, line_length))
            return PARSED_REFUSED;
        if (!feed)
            return PARSED_MORE;
        *taken += line_length;
        if (line_length < 2 || feed[-1] != '\r') {
            refuse(parser, 400, "A line does not end with CR and LF");
            return PARSED_REFUSED;
        }
        if (!read_line(parser, line, line_length - 2, &is_last))
            return PARSED_REFUSED;
    }
    return is_last ? PARSED_ALL : PARSED_MORE;
}
