/*
 * parser.h - the head of a request, read strictly (RFC 9112) while it arrives.
 *
 * Line by line: a line is looked at when its CRLF is there, so the same bytes give the
 * same result in whatever pieces they come. What two readers could understand in two ways
 * is refused, and the connection closed: a line end that is not CRLF (RFC 9112 allows a
 * bare LF, we do not), a folded or nameless header, blanks before a colon, control bytes,
 * two lengths, a Transfer-Encoding that is not exactly "chunked", a Host that is missing
 * or double.
 */
#pragma once

#include "base/arena.h"
#include "dali/request.h"
#include "http/refusal.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HEAD_HEADERS = 128 }; /* lines; more: 431 */

/* The result. Strings live in the arena. */
struct head {
    const char *line; /* the request line as sent; NULL before it was there */
    enum method method;
    const char *path;  /* percent-decoded */
    const char *query; /* as sent, without the question mark; NULL if there is none */
    int minor;         /* HTTP/1.minor */
    struct header headers[HEAD_HEADERS];
    size_t header_count;
    int64_t content_length; /* -1: not said */
    bool is_chunked;
    bool keep_alive;
    bool expects_continue;
};

struct parser_limits {
    size_t uri;     /* bytes of the request target */
    size_t headers; /* bytes of all header lines, ends included */
};

struct parser {
    struct parser_limits limits;
    struct arena *arena;
    struct head head;
    struct refusal refusal;
    enum { PARSER_EMPTY_LINE, PARSER_REQUEST_LINE, PARSER_HEADERS } stage;
    size_t header_bytes;
    unsigned hosts;
    bool has_close;
    bool has_keep_alive;
};

void parser_init(struct parser *parser, struct parser_limits limits, struct arena *arena);

enum parsed { PARSED_MORE, PARSED_ALL, PARSED_REFUSED };

/*
 * Take the whole lines at the front of the bytes; *taken says how much that was. What is
 * left, a line begun, must come again with more behind it. After PARSED_REFUSED
 * parser->refusal says why.
 */
enum parsed parser_feed(struct parser *parser, const char *bytes, size_t length,
                        size_t *taken);

/* Bytes of names: methods and headers (RFC 9110, section 5.6.2), and of header values
 * (section 5.5). */
bool parser_is_token(char character);
bool parser_is_value(char character);
