#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "serving.h"

/* ---- answers ---- */

static void every_kind_of_body_comes_whole(void **state)
{
    static const struct {
        const char *path;
        size_t length;
        bool is_chunked;
    } rows[] = {
        {"/bytes/0", 0, false},
        {"/bytes/1", 1, false},
        {"/bytes/6000", 6000, false},
        {"/bytes/9000000", 9000000, false},
        {"/file/0", 0, false},
        {"/file/1", 1, false},
        {"/file/9000000", 9000000, false},
        {"/produce/0", 0, false},
        {"/produce/1", 1, false},
        {"/produce/65536", 65536, false},
        {"/produce/9000000", 9000000, false},
        {"/stream/0", 0, true},
        {"/stream/1", 1, true},
        {"/stream/9000000", 9000000, true},
    };
    struct fixture fixture;
    struct buffer answer;
    char text[200];

    (void)state;
    init(&fixture);
    start(&fixture);
    buffer_init(&answer);
    for (size_t i = 0; i < COUNT(rows); i++) {
        print_message("%s\n", rows[i].path);
        snprintf(text, sizeof(text), "GET %s HTTP/1.0\r\n\r\n", rows[i].path);
        ask(&fixture, text, &answer);
        assert_int_equal(code_of(&answer), 200);
        assert_int_equal(body_length_of(&answer), rows[i].length);
        check_toy_bytes(body_of(&answer), rows[i].length);
        assert_false(says(&answer, "Transfer-Encoding"));
        assert_int_equal(says(&answer, "Content-Length"), !rows[i].is_chunked);

        snprintf(text, sizeof(text), "HEAD %s HTTP/1.1\r\n" CLOSE, rows[i].path);
        ask(&fixture, text, &answer);
        assert_string_equal(body_of(&answer), "");
        snprintf(text, sizeof(text), "Content-Length: %zu\r\n", rows[i].length);
        assert_true(
            says(&answer, rows[i].is_chunked ? "Transfer-Encoding: chunked\r\n" : text));
        assert_true(says(&answer, "\r\nServer: cutoutd/"));
        assert_true(says(&answer, "\r\nDate: "));
    }
    buffer_finish(&answer);
    stop(&fixture);
    assert_int_equal(atomic_load(&toy_closed), 7 * 2);
}

/* Undo the chunks by hand. */
static size_t unchunk(char *text)
{
    char *in = text, *out = text;
    size_t size;

    while ((size = strtoul(in, &in, 16))) {
        assert_memory_equal(in, "\r\n", 2);
        memmove(out, in + 2, size);
        out += size;
        in += 2 + size;
        assert_memory_equal(in, "\r\n", 2);
        in += 2;
    }
    assert_string_equal(in, "\r\n\r\n");
    return (size_t)(out - text);
}

static void a_body_of_unknown_length_is_chunked(void **state)
{
    struct fixture fixture;
    struct buffer answer;

    (void)state;
    init(&fixture);
    start(&fixture);
    buffer_init(&answer);
    ask(&fixture, "GET /stream/300000 HTTP/1.1\r\n" CLOSE, &answer);
    assert_int_equal(unchunk(strstr((char *)answer.bytes, "\r\n\r\n") + 4), 300000);
    check_toy_bytes(body_of(&answer), 300000);
    buffer_finish(&answer);
    stop(&fixture);
}

static void answers_without_a_body_have_none(void **state)
{
    struct fixture fixture;
    struct buffer answer;

    (void)state;
    init(&fixture);
    start(&fixture);
    buffer_init(&answer);
    ask(&fixture, "GET /code/204 HTTP/1.1\r\n" CLOSE, &answer);
    assert_int_equal(code_of(&answer), 204);
    assert_false(says(&answer, "Content-"));
    ask(&fixture, "GET /code/304 HTTP/1.1\r\n" CLOSE, &answer);
    assert_int_equal(code_of(&answer), 304);
    assert_false(says(&answer, "Content-"));
    buffer_finish(&answer);
    stop(&fixture);
}

static void headers_cannot_be_forged(void **state)
{
    struct fixture fixture;
    struct buffer answer;

    (void)state;
    init(&fixture);
    start(&fixture);
    buffer_init(&answer);
    ask(&fixture, "GET /l5/echo?id=a%0d%0ab HTTP/1.1\r\n" CLOSE, &answer);
    assert_true(says(&answer, "X-Toy: first  X-Forged: second\r\n"));
    assert_string_equal(body_of(&answer), "collection l5\nID=a\r\nb\n");
    buffer_finish(&answer);
    stop(&fixture);
}

/* ---- connections ---- */

static void pipelined_requests_are_answered_in_order(void **state)
{
    static const char *const parts[] = {"A=1\n", "awake\n", "A=2\n", "cdefg",
                                        "A=3\n", "404",     "A=4\n"};
    struct fixture fixture;
    struct buffer answer;
    const char *at;

    (void)state;
    init(&fixture);
    start(&fixture);
    buffer_init(&answer);
    ask(&fixture,
        "GET /echo?a=1 HTTP/1.1\r\nHost: a\r\n\r\n"
        "GET /wait/50?slot=1 HTTP/1.1\r\nHost: a\r\n\r\n"
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n\r\na=2"
        "\r\nGET /stream/7 HTTP/1.1\r\nHost: a\r\n\r\n"
        "HEAD /bytes/100 HTTP/1.1\r\nHost: a\r\n\r\n"
        "GET /echo?a=3 HTTP/1.1\r\nHost: a\r\n\r\n"
        "GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n"
        "GET /echo?a=4 HTTP/1.1\r\n" CLOSE "GET /echo?a=5 HTTP/1.1\r\nHost: a\r\n\r\n",
        &answer);
    at = (char *)answer.bytes;
    for (size_t i = 0; i < COUNT(parts); i++) {
        print_message("%s\n", parts[i]);
        at = strstr(at, parts[i]);
        assert_non_null(at);
    }
    assert_false(says(&answer, "A=5"));
    buffer_finish(&answer);
    stop(&fixture);
}

static void thousands_of_pipelined_requests_do_not_lose_one(void **state)
{
    enum { REQUESTS = 5000 };
    struct fixture fixture;
    struct buffer requests, answer;
    size_t found = 0;
    int fd;

    (void)state;
    init(&fixture);
    start(&fixture);
    buffer_init(&requests);
    buffer_init(&answer);
    for (int i = 1; i < REQUESTS; i++)
        buffer_format(&requests, "GET /echo?n=%d HTTP/1.1\r\nHost: a\r\n\r\n", i);
    buffer_add_literal(&requests, "GET /echo?n=5000 HTTP/1.1\r\n" CLOSE);
    fd = call(&fixture);
    for (size_t sent = 0; sent < requests.length;) { /* and nothing is read meanwhile */
        size_t left = requests.length - sent;
        ssize_t length = send(fd, requests.bytes + sent, left < 7001 ? left : 7001, 0);

        assert_true(length > 0);
        sent += (size_t)length;
    }
    assert_true(hear_all(fd, &answer));
    close(fd);
    for (const char *at = (char *)answer.bytes; (at = strstr(at, "\nN=")); at += 3)
        assert_int_equal(atoi(at + 3), ++found);
    assert_int_equal(found, REQUESTS);
    buffer_finish(&requests);
    buffer_finish(&answer);
    stop(&fixture);
}

static void a_connection_is_kept_as_asked(void **state)
{
    struct fixture fixture;
    struct buffer answer;
    int fd;

    (void)state;
    init(&fixture);
    start(&fixture);
    buffer_init(&answer);
    fd = call(&fixture);
    say(fd, "GET /echo?a=1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    hear_until(fd, &answer, "A=1\n");
    assert_true(says(&answer, "Connection: keep-alive\r\n"));
    say(fd, "GET /echo?a=2 HTTP/1.1\r\nHost: a\r\n\r\n");
    hear_until(fd, &answer, "A=2\n");
    say(fd, "GET /echo?a=3 HTTP/1.0\r\n\r\n");
    assert_true(hear_all(fd, &answer));
    assert_true(says(&answer, "A=3\n"));
    assert_true(says(&answer, "Connection: close\r\n"));
    assert_int_equal(server_count(fixture.server).requests, 3);
    assert_int_equal(server_count(fixture.server).connections, 1);
    close(fd);
    buffer_finish(&answer);
    stop(&fixture);
}

static void a_request_in_single_bytes_is_the_same_request(void **state)
{
    static const char text[] =
        "POST /echo?a=1 HTTP/1.1\r\nHost: a\r\n"
        "Content-Type: application/x-www-form-urlencoded; charset=UTF-8\r\n"
        "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
        "4\r\nb=2&\r\n3;x\r\nc=3\r\n0\r\nT: u\r\n\r\n";
    struct fixture fixture;
    struct buffer answer;
    int fd;

    (void)state;
    init(&fixture);
    start(&fixture);
    buffer_init(&answer);
    fd = call(&fixture);
    for (size_t i = 0; i < sizeof(text) - 1; i++) {
        assert_int_equal(send(fd, text + i, 1, MSG_NOSIGNAL), 1);
        if (i % 16 == 0)
            pause_ms(1);
    }
    assert_true(hear_all(fd, &answer));
    assert_string_equal(body_of(&answer), "A=1\nB=2\nC=3\n");
    close(fd);
    buffer_finish(&answer);
    stop(&fixture);
}

static void a_client_that_shuts_its_side_still_gets_its_answers(void **state)
{
    struct fixture fixture;
    struct buffer answer;
    int fd;

    (void)state;
    init(&fixture);
    start(&fixture);
    buffer_init(&answer);
    fd = call(&fixture);
    say(fd, "GET /wait/100?slot=2 HTTP/1.1\r\nHost: a\r\n\r\n"
            "GET /echo?a=1 HTTP/1.1\r\nHost: a\r\n\r\nGET /ec");
    shutdown(fd, SHUT_WR);
    assert_true(hear_all(fd, &answer));
    assert_true(says(&answer, "awake\n"));
    assert_true(says(&answer, "A=1\n"));
    close(fd);
    buffer_finish(&answer);
    stop(&fixture);
}

/* ---- bodies of requests ---- */

static void requests_that_are_not_for_us_are_told_why(void **state)
{
    static const struct {
        const char *text;
        int code;
        const char *says;
        bool closes;
    } rows[] = {
        {"GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n", 404, "There is nothing", false},
        {"POST /bytes/1 HTTP/1.1\r\nHost: a\r\n\r\n", 405, "Allow: GET, HEAD\r\n", false},
        {"PUT /echo HTTP/1.1\r\nHost: a\r\n\r\n", 405, "Allow: GET, HEAD, POST\r\n",
         false},
        {"OPTIONS /nothing HTTP/1.1\r\nHost: a\r\n\r\n", 404, "nothing", false},
        {"BREW /echo HTTP/1.1\r\nHost: a\r\n\r\n", 501, "not implemented", true},
        {"GET /echo?a=%zz HTTP/1.1\r\nHost: a\r\n\r\n", 400, "UsageError: ", false},
        {"GET /status/2 HTTP/1.1\r\nHost: a\r\n\r\n", 400, "UsageError: toy", false},
        {"GET /status/13 HTTP/1.1\r\nHost: a\r\n\r\n", 500, "Error: the service", false},
        {"GET /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\na", 400, "Only POST",
         true},
        {"POST /echo HTTP/1.1\r\nHost: a\r\n" FORM "Content-Length: 0\r\n\r\n", 200,
         "X-Toy", false},
        {"POST /echo HTTP/1.1\r\nHost: a\r\n\r\n", 200, "X-Toy", false},
        {"POST /echo HTTP/1.1\r\nHost: a\r\n" FORM "Content-Length: 4\r\n\r\na=%z", 400,
         "UsageError", false},
        {"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\na=bc", 415,
         "UsageError: the body", true},
        {"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Type: text/xml\r\nContent-Length: "
         "4\r\n\r\n",
         415, "UsageError: the body", true},
        {"POST /echo HTTP/1.1\r\nHost: a\r\n" FORM "Content-Length: 1001\r\n\r\n", 413,
         "longer than", true},
        {"POST /echo HTTP/1.1\r\nHost: a\r\n" FORM
         "Transfer-Encoding: chunked\r\n\r\nx\r\n",
         400, "hexadecimal", true},
        {"POST /nothing HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\na=bc", 404,
         "nothing", true},
        {"GET / HTTP/1.1\r\n\r\n", 400, "needs a Host", true},
    };
    struct fixture fixture;
    struct buffer answer;

    (void)state;
    init(&fixture);
    fixture.settings.max_body = 1000;
    fixture.settings.body_seconds = 1;
    start(&fixture);
    buffer_init(&answer);
    for (size_t i = 0; i < COUNT(rows); i++) {
        int fd = call(&fixture);

        print_message("%s\n", rows[i].text);
        buffer_clear(&answer);
        say(fd, rows[i].text);
        if (!rows[i].closes)
            say(fd, "GET /bytes/3 HTTP/1.1\r\n" CLOSE);
        assert_true(hear_all(fd, &answer));
        assert_int_equal(code_of(&answer), rows[i].code);
        assert_true(says(&answer, rows[i].says));
        assert_int_equal(says(&answer, "\r\n\r\nabc"), !rows[i].closes);
        assert_true(says(&answer, "Connection: close\r\n"));
        close(fd);
    }
    buffer_finish(&answer);
    stop(&fixture);
}

static void a_page_from_elsewhere_may_ask_before_it_asks(void **state)
{
    static const char *const lines[] = {
        "HTTP/1.1 204 No Content\r\n",
        "Access-Control-Allow-Origin: *\r\n",
        "Access-Control-Allow-Methods: GET, HEAD, POST\r\n",
        "Access-Control-Allow-Headers: *\r\n",
        "Access-Control-Max-Age: ",
        "Allow: GET, HEAD, POST\r\n",
        "\r\n\r\nabc", /* of the next request of the same connection */
    };
    struct fixture fixture;
    struct buffer answer;
    int fd;

    (void)state;
    init(&fixture);
    start(&fixture);
    buffer_init(&answer);
    fd = call(&fixture);
    say(fd, "OPTIONS /echo HTTP/1.1\r\nHost: a\r\nOrigin: https://b.example\r\n"
            "Access-Control-Request-Method: POST\r\n\r\n"
            "GET /bytes/3 HTTP/1.1\r\n" CLOSE);
    assert_true(hear_all(fd, &answer));
    for (size_t i = 0; i < COUNT(lines); i++) {
        print_message("%s\n", lines[i]);
        assert_true(says(&answer, lines[i]));
    }
    close(fd);
    buffer_finish(&answer);
    stop(&fixture);
}

static void a_body_is_invited_only_when_it_is_welcome(void **state)
{
    struct fixture fixture;
    struct buffer answer;
    int fd;

    (void)state;
    init(&fixture);
    fixture.settings.max_body = 1000;
    start(&fixture);
    buffer_init(&answer);
    fd = call(&fixture);
    say(fd, "POST /echo HTTP/1.1\r\n" FORM
            "Expect: 100-continue\r\nContent-Length: 3\r\n" CLOSE);
    hear_until(fd, &answer, "HTTP/1.1 100 Continue\r\n\r\n");
    say(fd, "a=1");
    assert_true(hear_all(fd, &answer));
    assert_true(says(&answer, "A=1\n"));
    close(fd);

    ask(&fixture,
        "POST /echo HTTP/1.1\r\n" FORM
        "Expect: 100-continue\r\nContent-Length: 1001\r\n" CLOSE,
        &answer);
    assert_int_equal(code_of(&answer), 413);
    assert_false(says(&answer, "100 Continue"));

    ask(&fixture,
        "POST /echo HTTP/1.1\r\n" FORM
        "Expect: 100-continue\r\nContent-Length: 3\r\n" CLOSE "a=1",
        &answer);
    assert_int_equal(code_of(&answer), 200); /* it was here already */
    ask(&fixture, "POST /echo HTTP/1.1\r\nExpect: tea\r\n" CLOSE, &answer);
    assert_int_equal(code_of(&answer), 417);
    buffer_finish(&answer);
    stop(&fixture);
}

static void an_upload_refused_at_once_still_hears_why(void **state)
{
    static char upload[8 * 1024 * 1024];
    struct fixture fixture;
    struct buffer answer;
    size_t sent = 0;
    int fd;

    (void)state;
    init(&fixture);
    fixture.settings.max_body = 1000;
    start(&fixture);
    buffer_init(&answer);
    fd = call(&fixture);
    say(fd, "POST /echo HTTP/1.1\r\nHost: a\r\n" FORM "Content-Length: 8388608\r\n\r\n");
    while (sent <
           sizeof(upload)) { /* like a client that does not listen while it talks */
        ssize_t length = send(fd, upload + sent, sizeof(upload) - sent, MSG_NOSIGNAL);

        if (length <= 0)
            break;
        sent += (size_t)length;
    }
    assert_int_equal(sent, sizeof(upload));
    shutdown(fd, SHUT_WR);
    assert_true(hear_all(fd, &answer));
    assert_int_equal(code_of(&answer), 413);
    close(fd);
    buffer_finish(&answer);
    stop(&fixture);
}

/* ---- producers ---- */

static void a_producer_waits_for_a_slow_reader(void **state)
{
    enum { LENGTH = 200 * 1000 * 1000, AHEAD = 16 * 1024 * 1024 };
    static char bytes[1 << 20];
    struct fixture fixture;
    int64_t heard = 0, before = atomic_load(&toy_produced);
    ssize_t length;
    int fd;

    (void)state;
    init(&fixture);
    start(&fixture);
    fd = call(&fixture);
    say(fd, "GET /produce/200000000 HTTP/1.1\r\n" CLOSE);
    for (int i = 0; i < 5; i++) {
        pause_ms(60);
        length = recv(fd, bytes, sizeof(bytes), 0);
        assert_true(length > 0);
        heard += length;
        assert_true(atomic_load(&toy_produced) - before < heard + AHEAD);
    }
    while ((length = recv(fd, bytes, sizeof(bytes), 0)) > 0)
        heard += length;
    assert_int_equal(length, 0);
    assert_int_equal(atomic_load(&toy_produced) - before, LENGTH);
    assert_true(heard > LENGTH);
    close(fd);
    stop(&fixture);
}

static void a_producer_is_closed_when_its_client_goes(void **state)
{
    struct fixture fixture;
    int closed = atomic_load(&toy_closed);
    char bytes[1000];
    int fd;

    (void)state;
    init(&fixture);
    start(&fixture);
    fd = call(&fixture);
    say(fd, "GET /produce/200000000 HTTP/1.1\r\n" CLOSE);
    assert_int_equal(recv(fd, bytes, sizeof(bytes), MSG_WAITALL), sizeof(bytes));
    close(fd);
    for (int i = 0; i < 100 && atomic_load(&toy_closed) == closed; i++)
        pause_ms(20);
    assert_int_equal(atomic_load(&toy_closed), closed + 1);
    stop(&fixture);
}

static void a_broken_producer_is_an_error_or_a_short_answer(void **state)
{
    struct fixture fixture;
    struct buffer answer;

    (void)state;
    init(&fixture);
    start(&fixture);
    buffer_init(&answer);
    ask(&fixture, "GET /produce/100000?fail=0 HTTP/1.1\r\n" CLOSE, &answer);
    assert_int_equal(code_of(&answer), 500); /* nothing had been sent */
    ask(&fixture, "GET /produce/100000?fail=1 HTTP/1.1\r\nHost: a\r\n\r\n", &answer);
    assert_int_equal(code_of(&answer), 200);
    assert_true(says(&answer, "Content-Length: 100000\r\n"));
    assert_int_equal(strlen(body_of(&answer)), TOY_PIECE);
    ask(&fixture, "GET /produce/100000?promise=100001 HTTP/1.1\r\nHost: a\r\n\r\n",
        &answer);
    assert_int_equal(strlen(body_of(&answer)), 100000);
    ask(&fixture, "GET /produce/100000?promise=99999 HTTP/1.1\r\nHost: a\r\n\r\n",
        &answer);
    assert_int_equal(strlen(body_of(&answer)), TOY_PIECE);
    buffer_finish(&answer);
    stop(&fixture);
}

/* ---- waiting ---- */

static void requests_wait_without_holding_up_others(void **state)
{
    enum { CLIENTS = 100 };
    struct fixture fixture;
    struct buffer answer;
    int fds[CLIENTS];

    (void)state;
    init(&fixture);
    start(&fixture);
    buffer_init(&answer);
    for (int i = 0; i < CLIENTS; i++) {
        char text[100];

        fds[i] = call(&fixture);
        snprintf(text, sizeof(text), "GET /wait/500?slot=%d HTTP/1.1\r\n" CLOSE, 100 + i);
        say(fds[i], text);
    }
    ask(&fixture, "GET /echo?a=1 HTTP/1.1\r\n" CLOSE, &answer);
    assert_true(says(&answer, "A=1\n"));
    for (int i = 0; i < CLIENTS; i++) {
        buffer_clear(&answer);
        assert_true(hear_all(fds[i], &answer));
        assert_true(says(&answer, "awake\n"));
        close(fds[i]);
    }
    buffer_finish(&answer);
    stop(&fixture);
}

static void a_wake_for_nobody_does_nothing(void **state)
{
    struct fixture fixture;
    struct buffer answer;

    (void)state;
    init(&fixture);
    start(&fixture);
    buffer_init(&answer);
    for (int i = 0; i < 50; i++) {
        char text[100];
        int fd = call(&fixture);

        snprintf(text, sizeof(text), "GET /wait/50?slot=%d HTTP/1.1\r\nHost: a\r\n\r\n",
                 300 + i);
        say(fd, text);
        pause_ms(1);
        if (i % 2) { /* reset, not just shut */
            struct linger none = {1, 0};

            setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
        }
        close(fd);
    }
    pause_ms(100);
    ask(&fixture, "GET /echo?a=1 HTTP/1.1\r\n" CLOSE, &answer);
    assert_true(says(&answer, "A=1\n"));
    /* One that wakes when its server is gone. */
    close(call(&fixture));
    {
        int fd = call(&fixture);

        say(fd, "GET /wait/1300?slot=400 HTTP/1.1\r\nHost: a\r\n\r\n");
        pause_ms(20);
        stop(&fixture);
        close(fd);
    }
    init(&fixture);
    start(&fixture);
    pause_ms(500);
    ask(&fixture, "GET /echo?a=1 HTTP/1.1\r\n" CLOSE, &answer);
    assert_true(says(&answer, "A=1\n"));
    buffer_finish(&answer);
    stop(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_body_comes_whole),
        cmocka_unit_test(a_body_of_unknown_length_is_chunked),
        cmocka_unit_test(answers_without_a_body_have_none),
        cmocka_unit_test(headers_cannot_be_forged),
        cmocka_unit_test(pipelined_requests_are_answered_in_order),
        cmocka_unit_test(thousands_of_pipelined_requests_do_not_lose_one),
        cmocka_unit_test(a_connection_is_kept_as_asked),
        cmocka_unit_test(a_request_in_single_bytes_is_the_same_request),
        cmocka_unit_test(a_client_that_shuts_its_side_still_gets_its_answers),
        cmocka_unit_test(requests_that_are_not_for_us_are_told_why),
        cmocka_unit_test(a_page_from_elsewhere_may_ask_before_it_asks),
        cmocka_unit_test(a_body_is_invited_only_when_it_is_welcome),
        cmocka_unit_test(an_upload_refused_at_once_still_hears_why),
        cmocka_unit_test(a_producer_waits_for_a_slow_reader),
        cmocka_unit_test(a_producer_is_closed_when_its_client_goes),
        cmocka_unit_test(a_broken_producer_is_an_error_or_a_short_answer),
        cmocka_unit_test(requests_wait_without_holding_up_others),
        cmocka_unit_test(a_wake_for_nobody_does_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
