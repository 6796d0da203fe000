#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "http/parser.h"

#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define HOST "Host: a\r\n"
#define GET(target) "GET " target " HTTP/1.1\r\n" HOST "\r\n"
#define HEADERS(lines) "GET / HTTP/1.1\r\n" HOST lines "\r\n"

static const struct parser_limits limits = {.uri = 100, .headers = 400};

/* Feed it in pieces, as a connection does: what was not taken comes again with more
 * behind it. */
static enum parsed feed(struct parser *parser, const char *bytes, size_t length,
                        size_t piece, size_t *taken)
{
    enum parsed parsed = PARSED_MORE;
    size_t there = 0, step = 0;

    for (*taken = 0; parsed == PARSED_MORE && there < length; *taken += step) {
        there = length - there < piece ? length : there + piece;
        parsed = parser_feed(parser, bytes + *taken, there - *taken, &step);
    }
    return parsed;
}

/* The status a head is answered with; 0: it is good; -1: it is not whole. */
static int code_of(const char *bytes, size_t length, size_t piece)
{
    struct parser *parser = malloc(sizeof(*parser));
    struct arena arena;
    enum parsed parsed;
    size_t taken;
    int code;

    arena_init(&arena);
    parser_init(parser, limits, &arena);
    parsed = feed(parser, bytes, length, piece, &taken);
    code = parsed == PARSED_ALL ? 0 : parsed == PARSED_MORE ? -1 : parser->refusal.code;
    if (parsed == PARSED_REFUSED)
        assert_non_null(parser->refusal.sentence);
    arena_finish(&arena);
    free(parser);
    return code;
}

static const struct {
    const char *head;
    int code;
} rows[] = {
    /* good */
    {GET("/"), 0},
    {GET("/a%20b?c=d&e"), 0},
    {GET("http://a/b"), 0},
    {GET("HTTPS://a:80/b?c"), 0},
    {GET("http://[::1]:80?c"), 0},
    {GET("//a"), 0},
    {"\r\n" GET("/"), 0},
    {"OPTIONS * HTTP/1.1\r\n" HOST "\r\n", 0},
    {"GET / HTTP/1.0\r\n\r\n", 0},
    {"GET / HTTP/1.9\r\n" HOST "\r\n", 0},
    {"PUT / HTTP/1.1\r\n" HOST "\r\n", 0},
    {HEADERS("A:b\r\n"), 0},
    {HEADERS("A: \t b c \t\r\n"), 0},
    {HEADERS("A:\r\n"), 0},
    {HEADERS("!#$%&'*+-.^_`|~09azAZ: x\r\n"), 0},
    {HEADERS("A: \x80\xff\r\n"), 0},
    {HEADERS("Content-Length: 0\r\n"), 0},
    {HEADERS("Content-Length: 0042\r\n"), 0},
    {HEADERS("Content-Length: 99999999999999999999999999\r\n"), 0},
    {HEADERS("Transfer-Encoding: Chunked\r\n"), 0},
    {HEADERS("Expect: 100-Continue\r\n"), 0},
    /* not whole */
    {"", -1},
    {"\r\n", -1},
    {"GET", -1},
    {"GET / HTTP/1.1\r\n", -1},
    {"GET / HTTP/1.1\r\n" HOST, -1},
    {"GET / HTTP/1.1\r\n" HOST "\r", -1},
    /* request line */
    {"\r\n\r\n" GET("/"), 400},
    {"\n" GET("/"), 400},
    {" " GET("/"), 400},
    {"\x16\x03\x01", 400},
    {"GET / HTTP/1.1\n" HOST "\r\n", 400},
    {"GET /\r\n", 400},
    {"GET\r\n", 400},
    {"GET \r\n", 400},
    {"GET  / HTTP/1.1\r\n", 400},
    {"GET /  HTTP/1.1\r\n", 400},
    {"GET / HTTP/1.1 \r\n", 400},
    {"GET / / HTTP/1.1\r\n", 400},
    {"GET\t/ HTTP/1.1\r\n", 400},
    {"G(T / HTTP/1.1\r\n", 400},
    {"GET / http/1.1\r\n", 400},
    {"GET / HTTP/1\r\n", 400},
    {"GET / HTTP/1.10\r\n", 400},
    {"GET / HTTP/+1.1\r\n", 400},
    {"GET / HTTP/0.9\r\n", 505},
    {"GET / HTTP/2.0\r\n", 505},
    {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
    {"get / HTTP/1.1\r\n", 501},
    {"BREW / HTTP/1.1\r\n", 501},
    {"CONNECT a:80 HTTP/1.1\r\n", 501},
    {GET("a"), 400},
    {GET("*"), 400},
    {GET("/a#b"), 400},
    {GET("/\x80"), 400},
    {GET("/\x7f"), 400},
    {GET("/a\rb"), 400},
    {GET("/%"), 400},
    {GET("/%0"), 400},
    {GET("/%zz"), 400},
    {GET("/%00"), 400},
    {GET("/?%zz"), 0}, /* the query is read by who knows the endpoint */
    {GET("ftp://a/"), 400},
    {GET("http:///b"), 400},
    {GET("http://:80/b"), 400},
    {GET("http://u@a/b"), 400},
    {GET("http:/a"), 400},
    /* header lines */
    {"GET / HTTP/1.1\r\n" HOST "A: b\n\r\n", 400},
    {HEADERS(" A: b\r\n"), 400},
    {HEADERS("A: b\r\n c\r\n"), 400},
    {HEADERS("A: b\r\n\tc\r\n"), 400},
    {HEADERS(": b\r\n"), 400},
    {HEADERS("A\r\n"), 400},
    {HEADERS("A : b\r\n"), 400},
    {HEADERS("A\t: b\r\n"), 400},
    {HEADERS("A B: c\r\n"), 400},
    {HEADERS("\xc3\xa4: c\r\n"), 400},
    {HEADERS("A: b\rc\r\n"), 400},
    {HEADERS("A: b\x01\r\n"), 400},
    {HEADERS("A: b\x7f\r\n"), 400},
    /* Host */
    {"GET / HTTP/1.1\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost:\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: a, b/\r\n\r\n", 400},
    {HEADERS("Host: a\r\n"), 400},
    {"GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", 400},
    /* lengths */
    {HEADERS("Content-Length:\r\n"), 400},
    {HEADERS("Content-Length: +1\r\n"), 400},
    {HEADERS("Content-Length: -1\r\n"), 400},
    {HEADERS("Content-Length: 1 2\r\n"), 400},
    {HEADERS("Content-Length: 1, 1\r\n"), 400},
    {HEADERS("Content-Length: 0x1\r\n"), 400},
    {HEADERS("Content-Length: 1.0\r\n"), 400},
    {HEADERS("Content-Length: 1\r\nContent-Length: 1\r\n"), 400},
    {HEADERS("Content-Length: 1\r\ncontent-length: 2\r\n"), 400},
    {HEADERS("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n"), 400},
    {HEADERS("Transfer-Encoding: chunked\r\nContent-Length: 0\r\n"), 400},
    {HEADERS("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 400},
    {"GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
    {HEADERS("Transfer-Encoding: gzip, chunked\r\n"), 501},
    {HEADERS("Transfer-Encoding: chunked, chunked\r\n"), 501},
    {HEADERS("Transfer-Encoding: chunked, identity\r\n"), 501},
    {HEADERS("Transfer-Encoding: identity\r\n"), 501},
    {HEADERS("Transfer-Encoding: xchunked\r\n"), 501},
    {HEADERS("Transfer-Encoding: \"chunked\"\r\n"), 501},
    {HEADERS("Transfer-Encoding: chunked;a=b\r\n"), 501},
    {HEADERS("Transfer-Encoding:\r\n"), 501},
    {HEADERS("Expect: 200-ok\r\n"), 417},
};

static void a_head_is_judged_as_rfc_9112_has_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        print_message("%s\n", rows[i].head);
        assert_int_equal(code_of(rows[i].head, strlen(rows[i].head), 10000),
                         rows[i].code);
    }
}

static void the_pieces_it_comes_in_make_no_difference(void **state)
{
    static const size_t pieces[] = {1, 2, 3, 5, 7, 16};

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        for (size_t j = 0; j < COUNT(pieces); j++) {
            print_message("by %zu: %s\n", pieces[j], rows[i].head);
            assert_int_equal(code_of(rows[i].head, strlen(rows[i].head), pieces[j]),
                             rows[i].code);
        }
    }
}

static void a_nul_is_refused_wherever_it_is(void **state)
{
    static const char head[] = "GET /a HTTP/1.1\r\nHost: a\r\nB: c\r\n\r\n";

    (void)state;
    for (size_t i = 0; i < sizeof(head) - 1; i++) {
        char copy[sizeof(head)];

        memcpy(copy, head, sizeof(head));
        copy[i] = '\0';
        print_message("NUL at %zu\n", i);
        assert_int_not_equal(code_of(copy, sizeof(head) - 1, 1000), 0);
    }
}

/* RFC 9110, section 5.6.2, spelled out. */
static void tokens_and_values_have_the_bytes_of_the_rfc(void **state)
{
    static const char token[] = "!#$%&'*+-.^_`|~0123456789"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    (void)state;
    for (int byte = 0; byte < 256; byte++) {
        bool is_value = byte == '\t' || byte == ' ' || (byte > ' ' && byte != 127);

        print_message("byte %d\n", byte);
        assert_int_equal(parser_is_token((char)byte),
                         memchr(token, byte, sizeof(token) - 1) != NULL);
        assert_int_equal(parser_is_value((char)byte), is_value);
    }
}

/* The code of a request line with a target, or of headers, of that many bytes; they must
 * not need their end. */
static int code_of_length(bool in_headers, size_t length, bool is_whole)
{
    char *text = calloc(1, length + 200);
    size_t used;
    int code;

    strcpy(text, in_headers ? "GET / HTTP/1.1\r\n" HOST "A:" : "GET /");
    used = strlen(text);
    /* of the headers, "Host: a" with its end, "A:" and the ends are counted too */
    length -= in_headers ? sizeof(HOST) - 1 + 2 + 2 + 2 : 1;
    memset(text + used, 'x', length);
    strcpy(text + used + length, !is_whole    ? ""
                                 : in_headers ? "\r\n\r\n"
                                              : " HTTP/1.1\r\n" HOST "\r\n");
    code = code_of(text, strlen(text), 10000);
    free(text);
    return code;
}

static void limits_hold_to_the_byte_and_without_waiting_for_the_end(void **state)
{
    (void)state;
    assert_int_equal(code_of_length(false, 100, true), 0);
    assert_int_equal(code_of_length(false, 101, true), 414);
    assert_int_equal(code_of_length(false, 200, false), 414);
    assert_int_equal(code_of_length(true, 400, true), 0);
    assert_int_equal(code_of_length(true, 401, true), 431);
    assert_int_equal(code_of_length(true, 410, false), 431);
}

static void more_lines_than_there_is_room_for_are_refused(void **state)
{
    (void)state;
    for (size_t lines = HEAD_HEADERS - 1; lines <= HEAD_HEADERS; lines++) {
        struct parser *parser = malloc(sizeof(*parser));
        char text[4096] = "GET / HTTP/1.1\r\n" HOST;
        struct arena arena;
        size_t taken;

        for (size_t i = 0; i < lines; i++)
            strcat(text, "A: b\r\n");
        strcat(text, "\r\n");
        arena_init(&arena);
        parser_init(parser, (struct parser_limits){100, 10000}, &arena);
        assert_int_equal(parser_feed(parser, text, strlen(text), &taken),
                         lines < HEAD_HEADERS ? PARSED_ALL : PARSED_REFUSED);
        assert_int_equal(parser->refusal.code, lines < HEAD_HEADERS ? 0 : 431);
        arena_finish(&arena);
        free(parser);
    }
}

static void the_parts_of_a_head_are_what_was_sent(void **state)
{
    static const char text[] = "POST http://h/a%2Fb+c?x=%20&y HTTP/1.1\r\n"
                               "Host: \t h:80 \r\n"
                               "X-One:1\r\n"
                               "Content-Length: 5\r\n"
                               "Expect: 100-continue\r\n"
                               "\r\nhello";
    struct parser *parser = malloc(sizeof(*parser));
    const struct head *head = &parser->head;
    struct arena arena;
    size_t taken;

    (void)state;
    arena_init(&arena);
    parser_init(parser, limits, &arena);
    assert_int_equal(parser_feed(parser, text, strlen(text), &taken), PARSED_ALL);
    assert_int_equal(taken, strlen(text) - 5);
    assert_string_equal(head->line, "POST http://h/a%2Fb+c?x=%20&y HTTP/1.1");
    assert_int_equal(head->method, METHOD_POST);
    assert_int_equal(head->minor, 1);
    assert_string_equal(head->path, "/a/b+c");
    assert_string_equal(head->query, "x=%20&y");
    assert_int_equal(head->header_count, 4);
    assert_string_equal(head->headers[0].name, "Host");
    assert_string_equal(head->headers[0].value, "h:80");
    assert_string_equal(head->headers[1].value, "1");
    assert_int_equal(head->content_length, 5);
    assert_false(head->is_chunked);
    assert_true(head->expects_continue);
    assert_true(head->keep_alive);
    arena_finish(&arena);
    free(parser);
}

static void connections_are_kept_as_version_and_header_say(void **state)
{
    static const struct {
        const char *head;
        bool kept;
    } kept[] = {
        {GET("/"), true},
        {HEADERS("Connection: close\r\n"), false},
        {HEADERS("Connection: CLOSE\r\n"), false},
        {HEADERS("Connection: te , close\r\n"), false},
        {HEADERS("Connection: te\r\nConnection: close\r\n"), false},
        {HEADERS("Connection: keep-alive, close\r\n"), false},
        {HEADERS("Connection: closed\r\n"), true},
        {"GET / HTTP/1.0\r\n\r\n", false},
        {"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", true},
        {"GET / HTTP/1.0\r\nConnection: Keep-Alive, TE\r\n\r\n", true},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(kept); i++) {
        struct parser *parser = malloc(sizeof(*parser));
        struct arena arena;
        size_t taken;

        print_message("%s\n", kept[i].head);
        arena_init(&arena);
        parser_init(parser, limits, &arena);
        assert_int_equal(parser_feed(parser, kept[i].head, strlen(kept[i].head), &taken),
                         PARSED_ALL);
        assert_int_equal(parser->head.keep_alive, kept[i].kept);
        arena_finish(&arena);
        free(parser);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_head_is_judged_as_rfc_9112_has_it),
        cmocka_unit_test(the_pieces_it_comes_in_make_no_difference),
        cmocka_unit_test(a_nul_is_refused_wherever_it_is),
        cmocka_unit_test(tokens_and_values_have_the_bytes_of_the_rfc),
        cmocka_unit_test(limits_hold_to_the_byte_and_without_waiting_for_the_end),
        cmocka_unit_test(more_lines_than_there_is_room_for_are_refused),
        cmocka_unit_test(the_parts_of_a_head_are_what_was_sent),
        cmocka_unit_test(connections_are_kept_as_version_and_header_say),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
