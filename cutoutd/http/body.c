#include "http/body.h"

static const struct refusal TOO_LARGE = {413,
                                         "The body is longer than this service takes"};

bool body_init(struct body *body, const struct head *head, int64_t limit,
               size_t max_beside, struct body_sink sink)
{
    body->sink = sink;
    body->is_chunked = head->is_chunked;
    body->left = head->is_chunked ? limit : head->content_length;
    chunked_init(&body->chunked, max_beside);
    body->refusal = head->content_length > limit ? TOO_LARGE : (struct refusal){0};
    return body->refusal.code == 0;
}

static bool hand_on(struct body *body, const char *piece, size_t length)
{
    body->left -= (int64_t)length;
    return body->sink.take(body->sink.state, piece, length, &body->failure) == STATUS_OK;
}

static enum body_result feed_counted(struct body *body, const char *bytes, size_t length,
                                     size_t *taken)
{
    *taken = (int64_t)length < body->left ? length : (size_t)body->left;
    if (!hand_on(body, bytes, *taken))
        return BODY_FAILED;
    return body->left ? BODY_MORE : BODY_ALL;
}

/* Whether a chunk that begins or goes on with that much data may be taken to its end. */
static bool fits(const struct body *body, size_t data_length)
{
    return (int64_t)(data_length + body->chunked.left) <= body->left;
}

static enum body_result feed_chunked(struct body *body, const char *bytes, size_t length,
                                     size_t *taken)
{
    enum chunked_result result = CHUNKED_DATA;

    for (*taken = 0; result == CHUNKED_DATA && *taken < length;) {
        const char *data = NULL;
        size_t data_length = 0, step = 0;

        result = chunked_feed(&body->chunked, bytes + *taken, length - *taken, &step,
                              &data, &data_length);
        *taken += step;
        if (result == CHUNKED_DATA && !fits(body, data_length)) {
            body->refusal = TOO_LARGE;
            return BODY_REFUSED;
        }
        if (result == CHUNKED_DATA && !hand_on(body, data, data_length))
            return BODY_FAILED;
    }
    if (result == CHUNKED_REFUSED)
        body->refusal = body->chunked.refusal;
    return result == CHUNKED_REFUSED ? BODY_REFUSED
           : result == CHUNKED_ALL   ? BODY_ALL
                                     : BODY_MORE;
}

enum body_result body_feed(struct body *body, const char *bytes, size_t length,
                           size_t *taken)
{
    return body->is_chunked ? feed_chunked(body, bytes, length, taken)
                            : feed_counted(body, bytes, length, taken);
}
