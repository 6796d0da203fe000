#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/pager.h"
#include "serving.h"

#include <semaphore.h>

/* Answers that have to wait on their way: a producer for its next piece, a file for its
 * disk. One thread serves, so whoever waits there would hold up all. */

/* ---- a disk that reads when it is let to ---- */

enum { STRETCH = 128 * 1024 };

static struct {
    sem_t go_on;
    atomic_int reads;
    _Atomic int64_t there; /* in memory up to here */
} disk;

static bool is_there(const struct file_part *part)
{
    return part->offset + (int64_t)part->size <= atomic_load(&disk.there);
}

static void read_slowly(const struct file_part *part)
{
    sem_wait(&disk.go_on);
    atomic_fetch_add(&disk.reads, 1);
    atomic_store(&disk.there, part->offset + (int64_t)part->size);
}

static const struct pager_disk slow = {is_there, read_slowly};

/* ---- a server of one thread ---- */

static struct fixture fixture;
static struct pager *pager;

static int set_up(void **state)
{
    struct failure failure;

    (void)state;
    sem_init(&disk.go_on, 0, 0);
    atomic_store(&disk.reads, 0);
    atomic_store(&disk.there, 0);
    atomic_store(&toy_closed, 0);
    for (int i = 0; i < TOY_WAITS; i++)
        atomic_store(&toy_awake[i], 0);
    init(&fixture);
    fixture.settings.threads = 1;
    fixture.settings.drain_seconds = 0;
    if (pager_open(1, &slow, &pager, &failure))
        return -1;
    fixture.settings.pager = pager;
    start(&fixture);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    stop(&fixture);
    pager_close(pager);
    return 0;
}

static void let_read(int count)
{
    for (int i = 0; i < count; i++)
        sem_post(&disk.go_on);
}

static void expect_answer_elsewhere(void)
{
    struct buffer answer = {0};

    ask(&fixture, "GET /bytes/5 HTTP/1.1\r\n" CLOSE, &answer);
    assert_int_equal(code_of(&answer), 200);
    assert_int_equal(body_length_of(&answer), 5);
    buffer_finish(&answer);
}

/* ---- producers ---- */

static void a_body_arrives_whole_whenever_its_pieces_come(void **state)
{
    static const struct {
        const char *request;
        size_t length;
    } rows[] = {
        {"GET /late/1?SLOT=1&MS=1 HTTP/1.1\r\n" CLOSE, 1},
        {"GET /late/300000?SLOT=2&MS=1 HTTP/1.1\r\n" CLOSE, 300000},
        {"GET /late/300000?SLOT=3&MS=1&CHUNKED=1 HTTP/1.0\r\n\r\n", 300000},
        {"GET /late/0?SLOT=4&MS=1 HTTP/1.1\r\n" CLOSE, 0},
        {"HEAD /late/300000?SLOT=5&MS=1 HTTP/1.1\r\n" CLOSE, 0},
    };
    struct buffer answer = {0};

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        print_message("%.40s\n", rows[i].request);
        ask(&fixture, rows[i].request, &answer);
        assert_int_equal(code_of(&answer), 200);
        assert_int_equal(body_length_of(&answer), rows[i].length);
        check_toy_bytes(body_of(&answer), rows[i].length);
    }
    buffer_finish(&answer);
}

static void chunks_and_the_next_request_follow_one_that_waited(void **state)
{
    struct buffer answer = {0};

    (void)state;
    ask(&fixture,
        "GET /late/3?SLOT=6&MS=1&CHUNKED=1 HTTP/1.1\r\nHost: a\r\n\r\n"
        "GET /bytes/4 HTTP/1.1\r\n" CLOSE,
        &answer);
    assert_true(says(&answer, "\r\n\r\n3\r\nabc\r\n0\r\n\r\nHTTP/1.1 200"));
    assert_true(says(&answer, "\r\n\r\nabcd"));
    buffer_finish(&answer);
}

static void others_are_answered_while_a_producer_waits(void **state)
{
    int waiting = call(&fixture);

    (void)state;
    say(waiting, "GET /late/100?SLOT=7&MS=0 HTTP/1.1\r\n" CLOSE);
    for (int i = 0; i < 5; i++)
        expect_answer_elsewhere();
    assert_int_equal(atomic_load(&toy_closed), 0);
    close(waiting);
}

static void a_producer_that_still_waits_is_closed_with_the_server(void **state)
{
    int waiting = call(&fixture);

    say(waiting, "GET /late/100?SLOT=8&MS=0 HTTP/1.1\r\n" CLOSE);
    expect_answer_elsewhere();
    tear_down(state);
    assert_int_equal(atomic_load(&toy_closed), 1);
    close(waiting);
    set_up(state);
}

/* ---- files ---- */

static void a_file_is_sent_as_its_stretches_come_into_memory(void **state)
{
    enum { LENGTH = 2 * STRETCH + 10000 };
    struct buffer answer = {0};
    int client = call(&fixture);

    (void)state;
    say(client, "GET /file/272144 HTTP/1.1\r\n" CLOSE);
    assert_int_equal(LENGTH, 272144);
    expect_answer_elsewhere();
    assert_int_equal(atomic_load(&disk.reads), 0);
    let_read(3);
    assert_true(hear_all(client, &answer));
    assert_int_equal(body_length_of(&answer), LENGTH);
    check_toy_bytes(body_of(&answer), LENGTH);
    assert_int_equal(atomic_load(&disk.reads), 3);
    close(client);
    buffer_finish(&answer);
}

static void a_file_in_memory_is_sent_at_once(void **state)
{
    struct buffer answer = {0};

    (void)state;
    atomic_store(&disk.there, INT64_MAX);
    ask(&fixture, "GET /file/300000 HTTP/1.1\r\n" CLOSE, &answer);
    assert_int_equal(body_length_of(&answer), 300000);
    assert_int_equal(atomic_load(&disk.reads), 0);
    buffer_finish(&answer);
}

static void a_client_that_goes_while_its_file_is_read_harms_nobody(void **state)
{
    int client = call(&fixture);

    (void)state;
    say(client, "GET /file/1000 HTTP/1.1\r\n" CLOSE);
    expect_answer_elsewhere();
    close(client);
    let_read(1);
    expect_answer_elsewhere();
}

static int let_all_read(void **state)
{
    let_read(10);
    return tear_down(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_body_arrives_whole_whenever_its_pieces_come,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            chunks_and_the_next_request_follow_one_that_waited, set_up, tear_down),
        cmocka_unit_test_setup_teardown(others_are_answered_while_a_producer_waits,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            a_producer_that_still_waits_is_closed_with_the_server, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_is_sent_as_its_stretches_come_into_memory,
                                        set_up, let_all_read),
        cmocka_unit_test_setup_teardown(a_file_in_memory_is_sent_at_once, set_up,
                                        let_all_read),
        cmocka_unit_test_setup_teardown(
            a_client_that_goes_while_its_file_is_read_harms_nobody, set_up, let_all_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
