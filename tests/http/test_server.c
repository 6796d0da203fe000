#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "serving.h"

#include "base/file.h"

#include <netdb.h>
#include <signal.h>
#include <time.h>

/* ---- limits ---- */

static void every_deadline_ends_in_its_own_way(void **state)
{
    static const struct {
        const char *text;
        int code; /* 0: closed without a word */
    } rows[] = {
        {"", 0},
        {"GET / HT", 408},
        {"GET /bytes/1 HTTP/1.1\r\nHost: a\r\n\r\n", 200}, /* kept, then idle */
        {"POST /echo HTTP/1.1\r\nHost: a\r\n" FORM "Content-Length: 9\r\n\r\na=", 408},
        {"POST /echo HTTP/1.1\r\nHost: a\r\n" FORM
         "Transfer-Encoding: chunked\r\n\r\n9\r\n",
         408},
        {"GET /wait/0?slot=3 HTTP/1.1\r\nHost: a\r\n\r\n", 503},
    };
    struct fixture fixture;
    struct buffer answer;
    int fds[COUNT(rows)];

    (void)state;
    init(&fixture);
    fixture.settings.head_seconds = fixture.settings.body_seconds = 1;
    fixture.settings.answer_seconds = fixture.settings.idle_seconds = 1;
    start(&fixture);
    buffer_init(&answer);
    for (size_t i = 0; i < COUNT(rows); i++) {
        fds[i] = call(&fixture);
        say(fds[i], rows[i].text);
    }
    for (size_t i = 0; i < COUNT(rows); i++) {
        print_message("%s\n", rows[i].text);
        buffer_clear(&answer);
        assert_true(hear_all(fds[i], &answer));
        assert_int_equal(code_of(&answer), rows[i].code);
        close(fds[i]);
    }
    buffer_finish(&answer);
    stop(&fixture);
}

static void a_trickle_of_bytes_does_not_prolong_a_deadline(void **state)
{
    struct fixture fixture;
    struct buffer answer;
    int fd, sent = 0;

    (void)state;
    init(&fixture);
    fixture.settings.head_seconds = 1;
    start(&fixture);
    buffer_init(&answer);
    fd = call(&fixture);
    say(fd, "GET / HTTP/1.1\r\n");
    while (sent < 100 && send(fd, "A: b\r\n", 6, MSG_NOSIGNAL) == 6) {
        struct pollfd ready = {.fd = fd, .events = POLLIN};

        sent++;
        if (poll(&ready, 1, 50) > 0)
            break;
    }
    assert_in_range(sent, 10, 40); /* 1 s of 50 ms, and some for a slow machine */
    shutdown(fd, SHUT_WR);
    assert_true(hear_all(fd, &answer));
    assert_int_equal(code_of(&answer), 408);
    close(fd);
    buffer_finish(&answer);
    stop(&fixture);
}

static void a_client_that_does_not_read_is_closed(void **state)
{
    struct fixture fixture;
    struct buffer answer;
    int fd;

    (void)state;
    init(&fixture);
    fixture.settings.answer_seconds = 1;
    start(&fixture);
    buffer_init(&answer);
    fd = call(&fixture);
    say(fd, "GET /produce/100000000 HTTP/1.1\r\n" CLOSE);
    pause_ms(1500);
    assert_int_equal(server_count(fixture.server).connections_open, 0);
    hear_all(fd, &answer);
    assert_true(answer.length < 100000000);
    close(fd);
    buffer_finish(&answer);
    stop(&fixture);
}

/* Until the server has noticed that there is room again. */
static void ask_until_there_is_room(struct fixture *fixture, struct buffer *answer)
{
    for (int i = 0; i < 1000; i++) {
        ask(fixture, "GET /echo?a=2 HTTP/1.1\r\n" CLOSE, answer);
        if (code_of(answer) == 200)
            break;
        pause_ms(10);
    }
    assert_true(says(answer, "A=2\n"));
}

static void wait_for_connections(struct fixture *fixture, uint64_t count)
{
    for (int i = 0; i < 1000; i++) {
        if (server_count(fixture->server).connections_open == count)
            return;
        pause_ms(10);
    }
    fail_msg("not %d connections", (int)count);
}

/* They are at work: a part of a request has come. */
static void connections_beyond_the_limits_are_refused(void **state)
{
    enum { MOST = 10 };
    struct fixture fixture;
    struct buffer answer;
    int fds[MOST];

    (void)state;
    for (int by_address = 0; by_address < 2; by_address++) {
        init(&fixture);
        fixture.settings.head_seconds = 600;
        if (by_address)
            fixture.settings.max_connections_per_address = MOST;
        else
            fixture.settings.max_connections = MOST;
        start(&fixture);
        buffer_init(&answer);
        for (int i = 0; i < MOST; i++) {
            fds[i] = call(&fixture);
            say(fds[i], "GET /echo?a=1 HTTP/1.1\r\n");
        }
        wait_for_connections(&fixture, MOST);
        ask(&fixture, "GET /echo?a=2 HTTP/1.1\r\n" CLOSE, &answer);
        assert_int_equal(code_of(&answer), by_address ? 429 : 503);
        assert_true(says(&answer, "Retry-After: "));
        assert_true(says(&answer, "Connection: close"));
        close(fds[0]);
        ask_until_there_is_room(&fixture, &answer);
        for (int i = 1; i < MOST; i++)
            close(fds[i]);
        buffer_finish(&answer);
        stop(&fixture);
    }
}

static bool has_ended(int fd)
{
    char byte;

    return recv(fd, &byte, 1, MSG_DONTWAIT) == 0;
}

static void the_connection_that_is_idle_for_longest_gives_way_to_a_new_one(void **state)
{
    enum { MOST = 6 };
    struct fixture fixture;
    struct buffer answer;
    int fds[MOST];

    (void)state;
    init(&fixture);
    fixture.settings.threads = 1;
    fixture.settings.head_seconds = 600;
    fixture.settings.idle_seconds = 600;
    fixture.settings.max_connections = MOST;
    start(&fixture);
    buffer_init(&answer);
    for (int i = 0; i < MOST; i++) {
        fds[i] = call(&fixture);
        say(fds[i], "GET /echo?a=1 HTTP/1.1\r\nHost: a\r\n\r\n");
        hear_until(fds[i], &answer, "A=1\n");
        buffer_clear(&answer);
    }
    say(fds[0], "GET /echo?a=1 HTTP/1.1\r\n");                /* not idle any more */
    say(fds[1], "GET /echo?a=1 HTTP/1.1\r\nHost: a\r\n\r\n"); /* later than others */
    hear_until(fds[1], &answer, "A=1\n");
    buffer_clear(&answer);
    ask_until_there_is_room(&fixture, &answer);
    for (int i = 0; i < MOST; i++)
        assert_int_equal(has_ended(fds[i]), i == 2);
    for (int i = 0; i < MOST; i++)
        close(fds[i]);
    buffer_finish(&answer);
    stop(&fixture);
}

static void connections_are_spread_evenly(void **state)
{
    enum { CLIENTS = 32 };
    struct fixture fixture;
    int fds[CLIENTS];
    struct server_counts counts;

    (void)state;
    init(&fixture);
    start(&fixture);
    for (int i = 0; i < CLIENTS; i++)
        fds[i] = call(&fixture);
    for (int i = 0; i < 100 && server_count(fixture.server).connections < CLIENTS; i++)
        pause_ms(10);
    counts = server_count(fixture.server);
    assert_int_equal(counts.connections, CLIENTS);
    assert_int_equal(counts.connections_open, CLIENTS);
    for (int i = 0; i < CLIENTS; i++)
        close(fds[i]);
    for (int i = 0; i < 100 && server_count(fixture.server).connections_open; i++)
        pause_ms(10);
    assert_int_equal(server_count(fixture.server).connections_open, 0);
    stop(&fixture);
}

/* ---- the end ---- */

static void a_stopping_server_finishes_what_is_under_way(void **state)
{
    struct fixture fixture;
    struct buffer answer;
    int waiting, idle, busy, half, large;

    (void)state;
    init(&fixture);
    fixture.settings.drain_seconds = 5;
    start(&fixture);
    buffer_init(&answer);
    idle = call(&fixture);
    say(idle, "GET /echo?a=1 HTTP/1.1\r\nHost: a\r\n\r\n");
    hear_until(idle, &answer, "A=1\n");
    busy = call(&fixture);
    say(busy, "GET /echo?a=3 HTTP/1.1\r\nHost: a\r\n\r\n");
    hear_until(busy, &answer, "A=3\n");
    waiting = call(&fixture);
    say(waiting, "GET /wait/300?slot=4 HTTP/1.1\r\nHost: a\r\n\r\n");
    half = call(&fixture);
    say(half, "GET /echo?a=2 HTTP/1.1\r\nHo");
    large = call(&fixture);
    say(large, "GET /produce/50000000 HTTP/1.1\r\nHost: a\r\n\r\n");
    pause_ms(100);
    server_stop(fixture.server);
    pause_ms(50);

    say(busy, "GET /echo?a=4 HTTP/1.1\r\nHost: a\r\n\r\n"); /* it could not know */
    buffer_clear(&answer);
    assert_true(hear_all(busy, &answer));
    assert_true(says(&answer, "A=4\n"));
    assert_true(says(&answer, "Connection: close\r\n"));
    buffer_clear(&answer);
    assert_true(hear_all(idle, &answer)); /* closed without a word */
    assert_int_equal(answer.length, 0);
    say(half, "st: a\r\n\r\n");
    assert_true(hear_all(half, &answer));
    assert_true(says(&answer, "A=2\n"));
    assert_true(says(&answer, "Connection: close\r\n"));
    buffer_clear(&answer);
    assert_true(hear_all(waiting, &answer));
    assert_true(says(&answer, "awake\n"));
    assert_true(says(&answer, "Connection: close\r\n"));
    buffer_clear(&answer);
    assert_true(hear_all(large, &answer));
    assert_int_equal(body_length_of(&answer), 50000000);
    stop(&fixture);
    close(idle);
    close(busy);
    close(waiting);
    close(half);
    close(large);
    buffer_finish(&answer);
}

static void a_drain_ends_in_time_whatever_clients_do(void **state)
{
    struct fixture fixture;
    struct timespec from, to;
    int fds[3];

    (void)state;
    init(&fixture);
    fixture.settings.drain_seconds = 1;
    start(&fixture);
    for (size_t i = 0; i < COUNT(fds); i++)
        fds[i] = call(&fixture);
    say(fds[0], "GET /");
    say(fds[1], "GET /wait/0?slot=5 HTTP/1.1\r\nHost: a\r\n\r\n");
    say(fds[2], "GET /produce/100000000 HTTP/1.1\r\nHost: a\r\n\r\n");
    pause_ms(100);
    clock_gettime(CLOCK_MONOTONIC, &from);
    stop(&fixture);
    clock_gettime(CLOCK_MONOTONIC, &to);
    assert_in_range((to.tv_sec - from.tv_sec) * 1000 +
                        (to.tv_nsec - from.tv_nsec) / 1000000,
                    900, 2500);
    for (size_t i = 0; i < COUNT(fds); i++)
        close(fds[i]);
}

static void count_hangup(void *context)
{
    atomic_fetch_add((_Atomic int *)context, 1);
}

static void count_end(void *context)
{
    atomic_fetch_add((_Atomic int *)context + 1, 1);
}

static void signals_hang_up_and_end(void **state)
{
    static const int ends[] = {SIGTERM, SIGINT};
    _Atomic int counts[2] = {0}, *hangups = &counts[0];

    (void)state;
    for (size_t i = 0; i < COUNT(ends); i++) {
        struct fixture fixture;
        struct buffer answer;

        init(&fixture);
        fixture.events = (struct server_events){count_hangup, NULL, count_end, hangups};
        start(&fixture);
        buffer_init(&answer);
        ask(&fixture, "GET /echo?a=1 HTTP/1.1\r\n" CLOSE, &answer); /* it runs */
        kill(getpid(), SIGHUP);
        for (int j = 0; j < 100 && atomic_load(hangups) == (int)i; j++)
            pause_ms(10);
        assert_int_equal(atomic_load(hangups), (int)i + 1);
        assert_int_equal(atomic_load(hangups + 1), (int)i);
        kill(getpid(), ends[i]);
        pthread_join(fixture.thread, NULL);
        assert_int_equal(fixture.status, STATUS_OK);
        assert_int_equal(atomic_load(hangups + 1), (int)i + 1);
        server_close(fixture.server);
        buffer_finish(&answer);
    }
}

/* ---- the beginning ---- */

static _Atomic int contexts_open, contexts_opened;

static enum status open_second_badly(void *shared, void **context,
                                     struct failure *failure)
{
    if (atomic_fetch_add(&contexts_opened, 1) == 1)
        return failure_set(failure, STATUS_DAMAGED, "no context");
    atomic_fetch_add(&contexts_open, 1);
    *context = shared;
    return STATUS_OK;
}

static void close_context(void *context)
{
    assert_ptr_equal(context, &contexts_open);
    atomic_fetch_sub(&contexts_open, 1);
}

static void a_context_that_does_not_open_ends_the_server(void **state)
{
    struct fixture fixture;

    (void)state;
    init(&fixture);
    fixture.settings.threads = 3;
    fixture.context =
        (struct server_context){open_second_badly, close_context, &contexts_open};
    assert_int_equal(server_open(&fixture.settings, toy_endpoints, fixture.context,
                                 &fixture.server, &fixture.failure),
                     STATUS_OK);
    assert_int_equal(server_run(fixture.server, fixture.events, &fixture.failure),
                     STATUS_DAMAGED);
    assert_string_equal(fixture.failure.message, "no context");
    assert_int_equal(atomic_load(&contexts_open), 0);
    server_close(fixture.server);
    server_close(NULL);
}

/* A bare machine has no /etc/hosts. */
static bool is_known(const char *host)
{
    struct addrinfo *found;

    if (getaddrinfo(host, NULL, NULL, &found))
        return false;
    freeaddrinfo(found);
    return true;
}

static void bad_settings_are_errors_that_say_so(void **state)
{
    const struct {
        const char *listen;
        enum status status;
    } rows[] = {
        {"", STATUS_BAD_SETTING},
        {"8080", STATUS_BAD_SETTING},
        {":8080", STATUS_BAD_SETTING},
        {"127.0.0.1", STATUS_BAD_SETTING},
        {"127.0.0.1:", STATUS_BAD_SETTING},
        {"127.0.0.1:http", STATUS_BAD_SETTING},
        {"127.0.0.1:-1", STATUS_BAD_SETTING},
        {"::1:8080", STATUS_BAD_SETTING},
        {"[]:8080", STATUS_BAD_SETTING},
        {"127.0.0.1:65536", STATUS_BAD_SETTING},
        {"192.0.2.1:0", STATUS_SYSTEM},
        {"no.such.host.invalid:0", STATUS_SYSTEM},
        {"127.0.0.1:0", STATUS_OK},
        {"localhost:0", is_known("localhost") ? STATUS_OK : STATUS_SYSTEM},
        {"*:0", STATUS_OK},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct fixture fixture;

        print_message("listen = %s\n", rows[i].listen);
        init(&fixture);
        fixture.settings.listen = rows[i].listen;
        assert_int_equal(server_open(&fixture.settings, toy_endpoints, fixture.context,
                                     &fixture.server, &fixture.failure),
                         rows[i].status);
        if (rows[i].status == STATUS_OK) {
            assert_in_range(server_port(fixture.server), 1, 65535);
            server_close(fixture.server); /* without having run */
        } else {
            assert_non_null(strstr(fixture.failure.message, "listen: "));
        }
    }
}

static void each_answer_is_a_line_of_the_access_log(void **state)
{
    char path[] = "/tmp/test_server.XXXXXX";
    struct fixture fixture;
    struct buffer answer;
    struct failure failure;
    int fd = mkstemp(path);

    (void)state;
    init(&fixture);
    fixture.settings.access_log = path;
    start(&fixture);
    buffer_init(&answer);
    ask(&fixture,
        "GET /bytes/70?x=%22 HTTP/1.1\r\nUser-Agent: a\"b\r\nReferer: c\r\n" CLOSE,
        &answer);
    ask(&fixture, "HEAD /bytes/70 HTTP/1.1\r\n" CLOSE, &answer);
    ask(&fixture, "GET /stream/5000 HTTP/1.1\r\n" CLOSE, &answer);
    ask(&fixture, "nonsense\r\n", &answer);
    ask(&fixture, "\x16\x03", &answer);
    stop(&fixture);
    buffer_clear(&answer);
    assert_int_equal(file_read(fd, path, 1 << 20, &answer, &failure), STATUS_OK);
    buffer_add_char(&answer, '\0');
    print_message("%s", (char *)answer.bytes);
    assert_true(says(&answer, "127.0.0.1 - - ["));
    assert_true(
        says(&answer, "\"GET /bytes/70?x=%22 HTTP/1.1\" 200 70 \"c\" \"a\\x22b\" 0.0"));
    assert_true(says(&answer, "\"HEAD /bytes/70 HTTP/1.1\" 200 0 \"-\" \"-\" 0.0"));
    assert_true(says(&answer, "\"GET /stream/5000 HTTP/1.1\" 200 5000 "));
    assert_true(says(&answer, "\"nonsense\" 400 "));
    assert_true(says(&answer, "\"-\" 400 "));
    close(fd);
    unlink(path);
    buffer_finish(&answer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_deadline_ends_in_its_own_way),
        cmocka_unit_test(a_trickle_of_bytes_does_not_prolong_a_deadline),
        cmocka_unit_test(a_client_that_does_not_read_is_closed),
        cmocka_unit_test(connections_beyond_the_limits_are_refused),
        cmocka_unit_test(the_connection_that_is_idle_for_longest_gives_way_to_a_new_one),
        cmocka_unit_test(connections_are_spread_evenly),
        cmocka_unit_test(a_stopping_server_finishes_what_is_under_way),
        cmocka_unit_test(a_drain_ends_in_time_whatever_clients_do),
        cmocka_unit_test(signals_hang_up_and_end),
        cmocka_unit_test(a_context_that_does_not_open_ends_the_server),
        cmocka_unit_test(bad_settings_are_errors_that_say_so),
        cmocka_unit_test(each_answer_is_a_line_of_the_access_log),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
