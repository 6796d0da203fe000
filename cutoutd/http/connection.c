#include "http/connection.h"

#include "base/log.h"
#include "base/memory.h"

#include <errno.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Bytes that are looked at in one turn, and that may wait here while an answer is under
 * way. */
enum { INPUT_AHEAD = 16 * 1024 };

struct connection {
    struct deadline deadline; /* first, so that it leads here */
    struct loop *loop;
    int fd;
    enum connection_state state;
    struct event readable, writable;
    bool is_reading, is_writing; /* which of them are added */
    bool is_parked;              /* until the request's waker is called */
    bool has_ended;              /* the client will send no more */
    bool keep_alive;             /* when the answer under way has gone */
    struct address peer;
    struct buffer input;       /* came and was not looked at yet */
    struct exchange *exchange; /* the request being read or answered */
    uint64_t serial;           /* of the request */
    struct connection *next_parked;
};

/* Where the pointer to the parked connection of that serial is, or would be. */
static struct connection **parking_place(struct loop *loop, uint64_t serial)
{
    struct connection **at = &loop->parked[serial % LOOP_PARKED_BUCKETS];

    while (*at && (*at)->serial != serial)
        at = &(*at)->next_parked;
    return at;
}

static void park(struct connection *connection)
{
    struct connection **at = parking_place(connection->loop, connection->serial);

    if (connection->is_parked)
        return;
    connection->next_parked = NULL;
    *at = connection;
    connection->is_parked = true;
}

static void unpark(struct connection *connection)
{
    struct connection **at = parking_place(connection->loop, connection->serial);

    if (!connection->is_parked)
        return;
    *at = connection->next_parked;
    connection->is_parked = false;
}

static void enter(struct connection *connection, enum connection_state state)
{
    struct loop *loop = connection->loop;

    unpark(connection);
    connection->state = state;
    if (state == CONNECTION_CLOSED)
        deadline_clear(&connection->deadline);
    else
        deadline_set(&connection->deadline, &loop->states[state], loop->now);
}

static bool takes_input(const struct connection *connection)
{
    return connection->state == CONNECTION_IDLE || connection->state == CONNECTION_HEAD ||
           connection->state == CONNECTION_BODY;
}

/* ---- the end of an answer ---- */

static void log_access(struct connection *connection)
{
    struct exchange *exchange = connection->exchange;
    struct loop *loop = connection->loop;
    bool has_head = exchange->request.headers != NULL;
    struct access access = {
        .peer = &connection->peer,
        .line = exchange->parser.head.line,
        .code = exchange->response.code,
        .bytes = exchange->output.body_sent,
        .referer = has_head ? request_header(&exchange->request, "Referer") : NULL,
        .agent = has_head ? request_header(&exchange->request, "User-Agent") : NULL,
        .nanoseconds = loop_look_at_clock(loop) - exchange->began,
    };

    access_lines_add(&loop->lines, &access, loop->second);
}

static void end_exchange(struct connection *connection)
{
    struct exchange *exchange = connection->exchange;
    struct loop *loop = connection->loop;

    if (connection->state == CONNECTION_SENDING) {
        counter_add(&loop->requests, 1);
        counter_add(&loop->bytes_sent, exchange->output.all_sent);
        if (loop->shared->log)
            log_access(connection);
    }
    connection->exchange = NULL;
    exchange_give_back(exchange, &loop->spare);
}

static void cut_off(struct connection *connection)
{
    if (connection->exchange)
        end_exchange(connection);
    enter(connection, CONNECTION_CLOSED);
}

/* The answer has gone out whole: the next request, or the end. */
static void end_answer(struct connection *connection)
{
    bool may_have_sent_more =
        connection->exchange->must_close || connection->loop->drain_end;

    end_exchange(connection);
    if (connection->keep_alive) {
        enter(connection, CONNECTION_IDLE);
    } else if (may_have_sent_more && !connection->has_ended) {
        /* To close with bytes unread would reset the connection and take the answer with
         * it. */
        shutdown(connection->fd, SHUT_WR);
        enter(connection, CONNECTION_LINGERING);
    } else {
        enter(connection, CONNECTION_CLOSED);
    }
}

static void continue_answer(struct connection *connection)
{
    struct output *output = &connection->exchange->output;

    unpark(connection);
    switch (output_send(output, connection->fd)) {
    case OUTPUT_BLOCKED:
        return;
    case OUTPUT_WAITING:
        park(connection);
        return;
    case OUTPUT_DONE:
        end_answer(connection);
        return;
    case OUTPUT_FAILED:
        break;
    }
    if (output->failure.message[0])
        log_error("%s: %s", connection->exchange->request.path, output->failure.message);
    cut_off(connection);
}

/* ---- the beginning of an answer ---- */

static bool begin_output(struct connection *connection, struct failure *failure)
{
    struct exchange *exchange = connection->exchange;
    const struct head *head = &exchange->parser.head;
    struct loop *loop = connection->loop;
    struct output_form form = {
        .common = loop->common,
        .minor = head->minor,
        .keep_alive = head->keep_alive && !exchange->must_close && !loop->drain_end,
        .without_body = head->method == METHOD_HEAD,
        .pager = loop->shared->settings->pager,
        .waker = exchange->request.waker,
    };
    bool begun = !output_begin(&exchange->output, &exchange->response, &form, failure);

    connection->keep_alive = form.keep_alive;
    return begun;
}

static void begin_answer(struct connection *connection)
{
    struct failure failure;

    if (connection->exchange->must_close)
        counter_add(&connection->loop->refused, 1);
    enter(connection, CONNECTION_SENDING);
    if (!begin_output(connection, &failure)) {
        exchange_fail(connection->exchange, &failure);
        begin_output(connection, &failure);
    }
    continue_answer(connection);
}

/* Answer by ourselves and close: the client does not keep to HTTP, or to our limits. */
static void refuse(struct connection *connection, struct refusal refusal)
{
    connection->exchange->must_close = true;
    exchange_refuse(connection->exchange, refusal);
    begin_answer(connection);
}

/* ---- requests ---- */

static void serve(struct connection *connection)
{
    if (exchange_serve(connection->exchange, connection->loop->context)) {
        begin_answer(connection);
        return;
    }
    if (connection->state != CONNECTION_PARKED)
        enter(connection, CONNECTION_PARKED);
    park(connection);
}

/* ---- bytes in ---- */

static void begin_exchange(struct connection *connection)
{
    const struct server_settings *settings = connection->loop->shared->settings;
    struct parser_limits limits = {(size_t)settings->max_uri,
                                   (size_t)settings->max_headers};
    struct loop *loop = connection->loop;

    connection->exchange = exchange_take(&loop->spare, limits);
    connection->exchange->request = (struct request){.path = "-"};
    connection->exchange->began = loop_look_at_clock(loop);
    enter(connection, CONNECTION_HEAD);
}

/* A client that asked is told to go on (RFC 9110, section 10.1.1), unless its body is
 * here already. */
static void invite_body(struct connection *connection, bool is_here)
{
    static const char text[] = "HTTP/1.1 100 Continue\r\n\r\n";
    ssize_t length = sizeof(text) - 1;

    enter(connection, CONNECTION_BODY);
    if (connection->exchange->parser.head.expects_continue && !is_here &&
        send(connection->fd, text, (size_t)length, MSG_NOSIGNAL) != length)
        cut_off(connection);
}

static void go_on(struct connection *connection, enum exchange_next next)
{
    if (next == EXCHANGE_SERVE)
        serve(connection);
    else if (next == EXCHANGE_ANSWER)
        begin_answer(connection);
}

/* The head is whole. */
static void take_request(struct connection *connection, bool body_is_here)
{
    struct exchange *exchange = connection->exchange;
    struct loop *loop = connection->loop;
    const struct server_settings *settings = loop->shared->settings;
    enum exchange_next next;

    next = exchange_route(
        exchange, loop->shared->endpoints, loop->context,
        (struct exchange_limits){settings->max_body, settings->max_upload});
    connection->serial = mailbox_next_serial(loop->mailbox);
    exchange->request.waker =
        (struct waker){mailbox_wake, loop->mailbox, connection->serial};
    exchange->request.client = connection->peer.ip.s6_addr;
    if (next == EXCHANGE_BODY)
        invite_body(connection, body_is_here);
    go_on(connection, next);
}

static size_t take_head(struct connection *connection, const char *bytes, size_t length)
{
    struct parser *parser = &connection->exchange->parser;
    size_t taken;

    switch (parser_feed(parser, bytes, length, &taken)) {
    case PARSED_ALL:
        take_request(connection, taken < length);
        break;
    case PARSED_REFUSED:
        refuse(connection, parser->refusal);
        break;
    case PARSED_MORE:
        break;
    }
    return taken;
}

static size_t take_body(struct connection *connection, const char *bytes, size_t length)
{
    size_t taken;

    go_on(connection, exchange_feed_body(connection->exchange, bytes, length, &taken));
    return taken;
}

/* Requests, one behind the other, until one waits, is not whole, or ends the connection.
 * Returns the bytes taken. */
static size_t take(struct connection *connection, const char *bytes, size_t length)
{
    size_t taken = 0, step = 1;

    while (taken < length && step && takes_input(connection)) {
        if (connection->state == CONNECTION_IDLE)
            begin_exchange(connection);
        step = connection->state == CONNECTION_HEAD
                   ? take_head(connection, bytes + taken, length - taken)
                   : take_body(connection, bytes + taken, length - taken);
        taken += step;
    }
    return taken;
}

/* Look at what has come and had to wait. */
static void take_input(struct connection *connection)
{
    struct buffer *input = &connection->input;
    size_t taken = take(connection, (const char *)input->bytes, input->length);

    if (taken < input->length)
        memmove(input->bytes, input->bytes + taken, input->length - taken);
    input->length -= taken;
    if (input->length == 0)
        buffer_finish(input);
}

/* Bytes are looked at where they were received; only what is left of them is kept. */
static void take_received(struct connection *connection, const char *bytes, size_t length)
{
    size_t taken = 0;

    if (connection->input.length == 0)
        taken = take(connection, bytes, length);
    if (connection->state == CONNECTION_LINGERING || taken == length)
        return;
    buffer_add(&connection->input, bytes + taken, length - taken);
    if (connection->input.length > length - taken)
        take_input(connection);
}

static size_t room_for_input(const struct connection *connection)
{
    if (connection->has_ended)
        return 0;
    if (connection->state == CONNECTION_BODY || connection->state == CONNECTION_LINGERING)
        return LOOP_INPUT;
    if (takes_input(connection))
        return INPUT_AHEAD;
    return connection->input.length < INPUT_AHEAD ? INPUT_AHEAD - connection->input.length
                                                  : 0;
}

static void receive(struct connection *connection)
{
    struct loop *loop = connection->loop;
    size_t room = room_for_input(connection);
    ssize_t length = recv(connection->fd, loop->input, room, 0);

    if (length > 0)
        take_received(connection, loop->input, (size_t)length);
    else if (length == 0)
        connection->has_ended = true;
    else if (errno != EAGAIN && errno != EINTR)
        cut_off(connection);
}

/* ---- events ---- */

static void destroy(struct connection *connection)
{
    struct loop *loop = connection->loop;

    if (connection->is_reading)
        event_del(&connection->readable);
    if (connection->is_writing)
        event_del(&connection->writable);
    if (loop->shared->crowd)
        crowd_leave(loop->shared->crowd, &connection->peer);
    counter_add(&loop->closed, 1);
    close(connection->fd);
    buffer_finish(&connection->input);
    free(connection);
}

static void set_event(struct event *event, bool *is_added, bool wanted)
{
    if (*is_added == wanted)
        return;
    *is_added = wanted;
    if (wanted)
        event_add(event, NULL);
    else
        event_del(event);
}

/*
 * The end of every callback: the events follow from the state. In the steady state
 * nothing changes, as reading stays on and writing is asked for only when the socket was
 * full. The connection may be gone afterwards.
 */
static void settle(struct connection *connection)
{
    if (connection->has_ended &&
        (takes_input(connection) || connection->state == CONNECTION_LINGERING))
        cut_off(connection);
    if (connection->state == CONNECTION_CLOSED) {
        destroy(connection);
        return;
    }
    set_event(&connection->readable, &connection->is_reading,
              room_for_input(connection) > 0);
    set_event(&connection->writable, &connection->is_writing,
              connection->state == CONNECTION_SENDING && !connection->is_parked);
}

static void on_readable(evutil_socket_t fd, short what, void *argument)
{
    struct connection *connection = argument;

    (void)fd;
    (void)what;
    receive(connection);
    settle(connection);
}

static void on_writable(evutil_socket_t fd, short what, void *argument)
{
    struct connection *connection = argument;

    (void)fd;
    (void)what;
    loop_look_at_clock(connection->loop);
    continue_answer(connection);
    take_input(connection);
    settle(connection);
}

void connection_open(struct loop *loop, const struct letter *socket)
{
    struct connection *connection = memory_new(connection);

    connection->loop = loop;
    connection->fd = socket->fd;
    connection->peer = socket->peer;
    event_assign(&connection->readable, loop->base, socket->fd, EV_READ | EV_PERSIST,
                 on_readable, connection);
    event_assign(&connection->writable, loop->base, socket->fd, EV_WRITE | EV_PERSIST,
                 on_writable, connection);
    counter_add(&loop->opened, 1);
    enter(connection, CONNECTION_IDLE);
    if (socket->refusal) {
        begin_exchange(connection);
        refuse(connection, *socket->refusal);
    } else {
        receive(connection);
    }
    settle(connection);
}

void connection_wake(struct loop *loop, uint64_t serial)
{
    struct connection *connection = *parking_place(loop, serial);

    if (!connection)
        return;
    if (connection->state == CONNECTION_PARKED)
        serve(connection);
    else
        continue_answer(connection);
    take_input(connection);
    settle(connection);
}

/* ---- the end ---- */

static struct connection *connection_of(struct deadline *deadline)
{
    return (struct connection *)deadline;
}

/* A request that has just come is answered. */
static void expire_idle(struct connection *connection)
{
    receive(connection);
    if (connection->state == CONNECTION_IDLE)
        cut_off(connection);
}

void connection_expire(struct deadline *deadline)
{
    static const struct refusal slow_head = {408, "The request did not come in time"};
    static const struct refusal slow_body = {408, "The body did not come in time"};
    static const struct refusal slow_answer = {503, "The answer was not ready in time"};
    struct connection *connection = connection_of(deadline);

    switch (connection->state) {
    case CONNECTION_HEAD:
        refuse(connection, slow_head);
        break;
    case CONNECTION_BODY:
        refuse(connection, slow_body);
        break;
    case CONNECTION_PARKED:
        refuse(connection, slow_answer);
        break;
    case CONNECTION_IDLE:
        expire_idle(connection);
        break;
    case CONNECTION_SENDING:
    case CONNECTION_LINGERING:
    case CONNECTION_CLOSED:
        cut_off(connection);
        break;
    }
    settle(connection);
}

void connection_abort(struct deadline *deadline)
{
    cut_off(connection_of(deadline));
    destroy(connection_of(deadline));
}
