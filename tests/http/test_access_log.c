#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "http/access_log.h"

#include "base/file.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const time_t WHEN = 1795369243; /* date -ud @1795369243: 2026-11-22 17:40:43 */

static struct address address_from(const char *text)
{
    struct sockaddr_storage storage = {0};

    if (strchr(text, ':')) {
        storage.ss_family = AF_INET6;
        inet_pton(AF_INET6, text, &((struct sockaddr_in6 *)&storage)->sin6_addr);
    } else {
        storage.ss_family = AF_INET;
        inet_pton(AF_INET, text, &((struct sockaddr_in *)&storage)->sin_addr);
    }
    return address_of(&storage);
}

static void read_whole(const char *path, struct buffer *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct failure failure;

    assert_true(fd >= 0);
    buffer_clear(out);
    assert_int_equal(file_read(fd, path, 1 << 20, out, &failure), STATUS_OK);
    close(fd);
    buffer_add_char(out, '\0');
}

static void a_line_is_one_request_whatever_it_holds(void **state)
{
    static const struct {
        const char *peer;
        struct access access;
        const char *line;
    } rows[] = {
        {"192.0.2.7",
         {NULL, "GET /x HTTP/1.1", 200, 5120, "http://a/", "curl/8", 123456},
         "192.0.2.7 - - [22/Nov/2026:17:40:43 +0000] \"GET /x HTTP/1.1\" 200 5120 "
         "\"http://a/\" \"curl/8\" 0.000123\n"},
        {"2001:db8::1",
         {NULL, NULL, 400, 0, NULL, NULL, 61000001999},
         "2001:db8::1 - - [22/Nov/2026:17:40:43 +0000] \"-\" 400 0 \"-\" \"-\" "
         "61.000001\n"},
        {"::ffff:192.0.2.7",
         {NULL, "GET /\" HTTP/1.1", 404, 7, "a\\b\t", "\x1b[1m\n\x7f\xc3\xa4", 0},
         "192.0.2.7 - - [22/Nov/2026:17:40:43 +0000] \"GET /\\x22 HTTP/1.1\" 404 7 "
         "\"a\\x5Cb\\x09\" \"\\x1B[1m\\x0A\\x7F\\xC3\\xA4\" 0.000000\n"},
    };
    char path[] = "/tmp/test_access_log.XXXXXX";
    struct access_lines lines;
    struct access_log *log;
    struct failure failure;
    struct buffer written;

    (void)state;
    buffer_init(&written);
    close(mkstemp(path));
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct address peer = address_from(rows[i].peer);
        struct access access = rows[i].access;

        truncate(path, 0);
        access.peer = &peer;
        assert_int_equal(access_log_open(path, &log, &failure), STATUS_OK);
        access_lines_init(&lines, log);
        access_lines_add(&lines, &access, WHEN);
        read_whole(path, &written);
        assert_string_equal((char *)written.bytes, ""); /* gathered, not written */
        access_lines_finish(&lines);
        access_log_close(log);
        read_whole(path, &written);
        assert_string_equal((char *)written.bytes, rows[i].line);
    }
    unlink(path);
    buffer_finish(&written);
}

static void a_reopened_log_goes_on_in_the_new_file(void **state)
{
    struct address peer = address_from("192.0.2.7");
    struct access access = {&peer, "GET /1 HTTP/1.1", 200, 0, NULL, NULL, 0};
    char path[] = "/tmp/test_access_log.XXXXXX", moved[64];
    struct access_lines lines;
    struct access_log *log;
    struct failure failure;
    struct buffer written;

    (void)state;
    buffer_init(&written);
    close(mkstemp(path));
    snprintf(moved, sizeof(moved), "%s.1", path);
    assert_int_equal(access_log_open(path, &log, &failure), STATUS_OK);
    access_lines_init(&lines, log);
    access_lines_add(&lines, &access, WHEN);
    access_lines_flush(&lines);
    assert_int_equal(rename(path, moved), 0);
    assert_int_equal(access_log_reopen(log, &failure), STATUS_OK);
    access.line = "GET /2 HTTP/1.1";
    access_lines_add(&lines, &access, WHEN);
    access_lines_finish(&lines);
    access_log_close(log);
    read_whole(moved, &written);
    assert_non_null(strstr((char *)written.bytes, "GET /1"));
    assert_null(strstr((char *)written.bytes, "GET /2"));
    read_whole(path, &written);
    assert_non_null(strstr((char *)written.bytes, "GET /2"));
    unlink(path);
    unlink(moved);
    buffer_finish(&written);
}

static void no_path_is_no_log_and_a_bad_one_an_error(void **state)
{
    struct access_log *log;
    struct failure failure;

    (void)state;
    assert_int_equal(access_log_open(NULL, &log, &failure), STATUS_OK);
    assert_null(log);
    assert_int_equal(access_log_open("", &log, &failure), STATUS_OK);
    assert_null(log);
    assert_int_equal(access_log_reopen(NULL, &failure), STATUS_OK);
    access_log_close(NULL);
    assert_int_equal(access_log_open("/nonexistent/x.log", &log, &failure),
                     STATUS_SYSTEM);
    assert_non_null(strstr(failure.message, "/nonexistent/x.log"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_is_one_request_whatever_it_holds),
        cmocka_unit_test(a_reopened_log_goes_on_in_the_new_file),
        cmocka_unit_test(no_path_is_no_log_and_a_bad_one_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
