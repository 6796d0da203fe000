/*
 * serving.h - a real server in the test's process, and clients made of plain sockets.
 *
 * Behind cmocka.h: what goes wrong here fails the test.
 */
#pragma once

#include "http/server.h"
#include "toy.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define FORM "Content-Type: application/x-www-form-urlencoded\r\n"
#define CLOSE "Host: a\r\nConnection: close\r\n\r\n"

/* ---- a server ---- */

struct fixture {
    struct server_settings settings;
    struct server_context context;
    struct server_events events;
    struct server *server;
    pthread_t thread;
    enum status status;
    struct failure failure;
};

static inline void *run(void *argument)
{
    struct fixture *fixture = argument;

    fixture->status = server_run(fixture->server, fixture->events, &fixture->failure);
    return NULL;
}

static inline void init(struct fixture *fixture)
{
    *fixture = (struct fixture){0};
    server_settings_init(&fixture->settings);
    fixture->settings.listen = "127.0.0.1:0";
    fixture->settings.threads = 2;
    fixture->settings.drain_seconds = 1;
}

static inline void start(struct fixture *fixture)
{
    assert_int_equal(server_open(&fixture->settings, toy_endpoints, fixture->context,
                                 &fixture->server, &fixture->failure),
                     STATUS_OK);
    assert_int_equal(pthread_create(&fixture->thread, NULL, run, fixture), 0);
}

static inline void stop(struct fixture *fixture)
{
    server_stop(fixture->server);
    pthread_join(fixture->thread, NULL);
    assert_int_equal(fixture->status, STATUS_OK);
    server_close(fixture->server);
}

/* ---- a client ---- */

static inline int call(const struct fixture *fixture)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port =
                                      htons((uint16_t)server_port(fixture->server)),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct timeval patience = {.tv_sec = 10};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

static inline void say(int fd, const char *text)
{
    assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* Read to the end of the connection; the text ends with NUL. False if it was reset or too
 * slow. */
static inline bool hear_all(int fd, struct buffer *out)
{
    ssize_t length;

    do {
        length = recv(fd, buffer_room(out, 65537), 65536, 0);
        if (length > 0)
            buffer_added(out, (size_t)length);
    } while (length > 0);
    out->bytes[out->length] = '\0';
    return length == 0;
}

/* Read on until the text is there; how much was read in all is at most a few kB. */
static inline void hear_until(int fd, struct buffer *out, const char *text)
{
    for (;;) {
        ssize_t length;

        *buffer_room(out, 4097) = '\0';
        if (strstr((char *)out->bytes, text))
            return;
        length = recv(fd, buffer_room(out, 4097), 4096, 0);
        assert_true(length > 0);
        buffer_added(out, (size_t)length);
    }
}

/* One connection, one text, all of the answer. */
static inline void ask(const struct fixture *fixture, const char *text,
                       struct buffer *out)
{
    int fd = call(fixture);

    buffer_clear(out);
    say(fd, text);
    assert_true(hear_all(fd, out));
    close(fd);
}

static inline int code_of(const struct buffer *answer)
{
    return answer->length > 12 ? atoi((const char *)answer->bytes + 9) : 0;
}

static inline const char *body_of(const struct buffer *answer)
{
    const char *end = strstr((const char *)answer->bytes, "\r\n\r\n");

    return end ? end + 4 : "";
}

static inline size_t body_length_of(const struct buffer *answer)
{
    return (size_t)((const char *)answer->bytes + answer->length - body_of(answer));
}

static inline bool says(const struct buffer *answer, const char *text)
{
    return strstr((const char *)answer->bytes, text) != NULL;
}

static inline void check_toy_bytes(const char *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (bytes[i] != toy_byte((int64_t)i))
            fail_msg("byte %zu is wrong", i);
}

static inline void pause_ms(int milliseconds)
{
    poll(NULL, 0, milliseconds);
}
