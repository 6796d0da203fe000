#include "http/exchange.h"

#include "base/log.h"
#include "base/memory.h"
#include "dali/error.h"
#include "http/route.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { KEPT_BUFFER = 1024 * 1024 }; /* bytes that a pooled exchange may hold on to */

struct exchange *exchange_take(struct exchange **pool, struct parser_limits limits)
{
    struct exchange *exchange = *pool;

    if (exchange) {
        *pool = exchange->next;
    } else {
        memory_new(exchange);
        arena_init(&exchange->arena);
        response_init(&exchange->response, &exchange->arena);
        output_init(&exchange->output);
    }
    parser_init(&exchange->parser, limits, &exchange->arena);
    exchange->endpoint = NULL;
    exchange->must_close = false;
    return exchange;
}

static void drop_large_buffer(struct buffer *buffer)
{
    if (buffer->capacity > KEPT_BUFFER)
        buffer_finish(buffer);
}

void exchange_give_back(struct exchange *exchange, struct exchange **pool)
{
    params_form_close(exchange->form);
    exchange->form = NULL;
    if (exchange->work.state)
        exchange->work.close(exchange->work.state);
    exchange->work.state = NULL;
    response_reset(&exchange->response);
    drop_large_buffer(&exchange->response.bytes);
    drop_large_buffer(&exchange->output.before);
    arena_reset(&exchange->arena);
    exchange->next = *pool;
    *pool = exchange;
}

void exchange_pool_finish(struct exchange **pool)
{
    while (*pool) {
        struct exchange *exchange = *pool;

        *pool = exchange->next;
        response_finish(&exchange->response);
        output_finish(&exchange->output);
        arena_finish(&exchange->arena);
        free(exchange);
    }
}

void exchange_refuse(struct exchange *exchange, struct refusal refusal)
{
    struct buffer *out;

    response_reset(&exchange->response);
    out = response_bytes(&exchange->response, refusal.code, "text/plain; charset=utf-8");
    buffer_add_string(out, refusal.sentence);
    buffer_add_char(out, '\n');
    if (refusal.code == 503 || refusal.code == 429)
        response_header_add(&exchange->response, "Retry-After", "5");
}

void exchange_fail(struct exchange *exchange, const struct failure *failure)
{
    const struct endpoint *endpoint = exchange->endpoint;

    if (error_code(failure->status) == 500)
        log_error("%s: %s", exchange->request.path, failure->message);
    response_reset(&exchange->response);
    (endpoint && endpoint->refuse ? endpoint->refuse
                                  : error_write_text)(failure, &exchange->response);
}

static void fill_request(struct exchange *exchange, const struct route *route)
{
    const struct head *head = &exchange->parser.head;
    struct request *request = &exchange->request;

    request->method = head->method;
    request->path = head->path;
    request->collection = route->collection;
    request->rest = route->rest;
    request->headers = head->headers;
    request->header_count = head->header_count;
    request->arena = &exchange->arena;
    request->work = &exchange->work;
    params_init(&request->params, &exchange->arena);
}

/* Whether the body is said to be a form; parameters of the type, such as charset, do not
 * matter. */
static bool is_form(const struct request *request)
{
    static const char form[] = "application/x-www-form-urlencoded";
    const char *type = request_header(request, "Content-Type");

    return type && strncasecmp(type, form, sizeof(form) - 1) == 0 &&
           strchr("; \t", type[sizeof(form) - 1]);
}

static enum status take_form_piece(void *state, const char *piece, size_t length,
                                   struct failure *failure)
{
    return params_form_add(state, piece, length, failure);
}

static enum exchange_next answer_with(struct exchange *exchange, struct refusal refusal)
{
    exchange_refuse(exchange, refusal);
    return EXCHANGE_ANSWER;
}

static enum exchange_next answer_failure(struct exchange *exchange,
                                         const struct failure *failure)
{
    exchange_fail(exchange, failure);
    return EXCHANGE_ANSWER;
}

static enum status take_reader_piece(void *state, const char *piece, size_t length,
                                     struct failure *failure)
{
    const struct body_reader *reader = state;

    return reader->take(reader->state, piece, length, failure);
}

/* Who takes the body: a form becomes parameters, another is the endpoint's. */
static enum status open_sink(struct exchange *exchange, void *context, int64_t max_form,
                             struct body_sink *out, struct failure *failure)
{
    struct request *request = &exchange->request;
    enum status status;

    if (is_form(request)) {
        exchange->form = params_form_open(&request->params, (size_t)max_form);
        *out = (struct body_sink){take_form_piece, exchange->form};
        return STATUS_OK;
    }
    if (!exchange->endpoint->open_body)
        return failure_set(failure, STATUS_BAD_TYPE,
                           "the body must be application/x-www-form-urlencoded");
    if ((status =
             exchange->endpoint->open_body(context, request, &exchange->reader, failure)))
        return status;
    *out = (struct body_sink){take_reader_piece, &exchange->reader};
    return STATUS_OK;
}

static enum exchange_next open_body(struct exchange *exchange, void *context,
                                    struct exchange_limits limits)
{
    struct request *request = &exchange->request;
    struct body_sink sink;
    struct failure failure;

    if (request->method != METHOD_POST)
        return answer_with(exchange,
                           (struct refusal){400, "Only POST requests take a body"});
    if (open_sink(exchange, context, limits.body, &sink, &failure))
        return answer_failure(exchange, &failure);
    if (!body_init(&exchange->body, &exchange->parser.head,
                   exchange->form ? limits.body : limits.upload,
                   exchange->parser.limits.headers, sink))
        return answer_with(exchange, exchange->body.refusal);
    return EXCHANGE_BODY;
}

/* What the path takes, and that a page from elsewhere may ask it (Fetch standard, "CORS
 * preflight"). */
static void answer_options(struct exchange *exchange, unsigned allowed)
{
    struct response *response = &exchange->response;
    const char *methods = route_allow(allowed, &exchange->arena);

    response_reset(response);
    response->code = 204;
    response_header_add(response, "Allow", methods);
    response_header_add(response, "Access-Control-Allow-Methods", methods);
    response_header_add(response, "Access-Control-Allow-Headers", "*");
    response_header_add(response, "Access-Control-Max-Age", "86400");
}

enum exchange_next exchange_route(struct exchange *exchange,
                                  const struct endpoint *endpoints, void *context,
                                  struct exchange_limits limits)
{
    const struct head *head = &exchange->parser.head;
    struct route route =
        route_find(endpoints, head->method, head->path, &exchange->arena);
    struct failure failure;

    exchange->endpoint = route.endpoint;
    exchange->must_close = head->is_chunked || head->content_length > 0;
    fill_request(exchange, &route);
    if (!route.allowed)
        return answer_with(exchange,
                           (struct refusal){404, "There is nothing at this path"});
    if (!route.endpoint && head->method == METHOD_OPTIONS) {
        answer_options(exchange, route.allowed);
        return EXCHANGE_ANSWER;
    }
    if (!route.endpoint) {
        exchange_refuse(exchange,
                        (struct refusal){405, "This path does not take this method"});
        response_header_add(&exchange->response, "Allow",
                            route_allow(route.allowed, &exchange->arena));
        return EXCHANGE_ANSWER;
    }
    if (head->query && params_read(&exchange->request.params, head->query,
                                   strlen(head->query), &failure))
        return answer_failure(exchange, &failure);
    return exchange->must_close ? open_body(exchange, context, limits) : EXCHANGE_SERVE;
}

enum exchange_next exchange_feed_body(struct exchange *exchange, const char *bytes,
                                      size_t length, size_t *taken)
{
    struct body *body = &exchange->body;

    switch (body_feed(body, bytes, length, taken)) {
    case BODY_MORE:
        return EXCHANGE_BODY;
    case BODY_REFUSED:
        return answer_with(exchange, body->refusal);
    case BODY_FAILED:
        return answer_failure(exchange, &body->failure);
    case BODY_ALL:
        break;
    }
    exchange->must_close = false;
    if (exchange->form ? params_form_end(exchange->form, &body->failure)
                       : exchange->reader.end(exchange->reader.state, &body->failure))
        return answer_failure(exchange, &body->failure);
    return EXCHANGE_SERVE;
}

bool exchange_serve(struct exchange *exchange, void *context)
{
    struct failure failure = {.message = ""};
    enum status status = exchange->endpoint->serve(context, &exchange->request,
                                                   &exchange->response, &failure);

    if (status == STATUS_PENDING) {
        response_reset(&exchange->response);
        return false;
    }
    if (status != STATUS_OK) {
        failure.status = status;
        exchange_fail(exchange, &failure);
    }
    return true;
}
