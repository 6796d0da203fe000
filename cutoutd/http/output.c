#include "http/output.h"

#include "base/clock.h"
#include "http/answer.h"

#include <errno.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>

/* One connection's turn: then the others of its thread have theirs. What is produced may
 * take much time for few bytes. */
enum {
    TURN = 1024 * 1024,
    STRETCH = 128 * 1024,   /* bytes of a file that are in memory before they are sent */
    PRODUCING = 500 * 1000, /* nanoseconds */
};

void output_init(struct output *output)
{
    *output = (struct output){0};
}

void output_finish(struct output *output)
{
    buffer_finish(&output->before);
}

static int64_t body_length(const struct response *response)
{
    switch (response->kind) {
    case BODY_BYTES:
        return (int64_t)response->bytes.length;
    case BODY_FILE:
        return response->file.length;
    case BODY_PRODUCER:
        return response->producer.length;
    case BODY_NONE:
        break;
    }
    return 0;
}

/* Frame the piece in response->bytes; an empty one is the end (RFC 9112, section 7.1). */
static void write_chunk_frame(struct output *output, bool is_first)
{
    size_t length = output->response->bytes.length;

    if (!is_first)
        buffer_add_literal(&output->before, "\r\n");
    buffer_format(&output->before, "%zx\r\n", length);
    if (length == 0)
        buffer_add_literal(&output->before, "\r\n");
}

/* Have the producer put its next piece into response->bytes, and its frame behind
 * `before`; it may not have one yet. */
static enum status produce(struct output *output, struct failure *failure)
{
    struct producer *producer = &output->response->producer;
    struct buffer *piece = &output->response->bytes;
    enum status status;

    buffer_clear(piece);
    status = producer->produce(producer->state, piece, failure);
    if (status == STATUS_PENDING && piece->length)
        status = STATUS_OK; /* what there is goes out before the rest is waited for */
    output->lacks_piece = status == STATUS_PENDING;
    if (status)
        return output->lacks_piece ? STATUS_OK : status;
    output->is_last = piece->length == 0;
    if (output->left >= 0) {
        if ((int64_t)piece->length > output->left)
            return failure_set(failure, STATUS_SYSTEM,
                               "a producer made more than it promised");
        if (output->is_last)
            return failure_set(failure, STATUS_SYSTEM,
                               "a producer made less than it promised");
        output->left -= (int64_t)piece->length;
        output->is_last = output->left == 0;
    }
    if (output->is_chunked)
        write_chunk_frame(output, output->all_sent == 0);
    return STATUS_OK;
}

enum status output_begin(struct output *output, struct response *response,
                         struct output_form *form, struct failure *failure)
{
    int64_t length = body_length(response);
    bool has_none = answer_has_no_body(response->code);
    bool is_empty = form->without_body || has_none || length == 0;

    output->response = response;
    output->sent = 0;
    output->body_sent = 0;
    output->all_sent = 0;
    output->left = length;
    output->failure.message[0] = '\0';
    output->pager = form->pager;
    output->waker = form->waker;
    output->lacks_piece = false;
    output->stretch_end = 0;
    output->asked = false;
    output->is_chunked = length < 0 && form->minor > 0;
    output->is_last = is_empty || response->kind == BODY_BYTES;
    form->keep_alive &= length >= 0 || output->is_chunked || has_none;
    if (is_empty)
        buffer_clear(&response->bytes);
    buffer_clear(&output->before);
    answer_write_head(&output->before, response, form, length);
    return response->kind == BODY_PRODUCER && !is_empty ? produce(output, failure)
                                                        : STATUS_OK;
}

/* Count what the socket took, and how much of that was body. */
static void count(struct output *output, size_t taken)
{
    size_t begun =
        output->sent < output->before.length ? output->before.length : output->sent;

    output->sent += taken;
    output->all_sent += taken;
    if (output->sent > begun)
        output->body_sent += (int64_t)(output->sent - begun);
}

static enum output_result result_of_errno(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK ? OUTPUT_BLOCKED : OUTPUT_FAILED;
}

/* Send what is left of `before` and the piece. */
static enum output_result send_pieces(struct output *output, int fd)
{
    const struct buffer *before = &output->before;
    const struct buffer *piece = &output->response->bytes;
    bool more = output->response->kind == BODY_FILE && !output->is_last;

    while (output->sent < before->length + piece->length) {
        size_t of_before = output->sent < before->length ? output->sent : before->length;
        size_t of_piece = output->sent - of_before;
        struct iovec vectors[2] = {
            {before->bytes + of_before, before->length - of_before},
            {piece->length ? piece->bytes + of_piece : NULL, piece->length - of_piece},
        };
        struct msghdr message = {.msg_iov = vectors, .msg_iovlen = 2};
        ssize_t taken = sendmsg(fd, &message, MSG_NOSIGNAL | (more ? MSG_MORE : 0));

        if (taken < 0 && errno == EINTR)
            continue;
        if (taken < 0)
            return result_of_errno();
        count(output, (size_t)taken);
    }
    return OUTPUT_DONE;
}

/* Whether what is to be sent next of the file is in memory. */
static bool has_stretch(struct output *output)
{
    struct file_part part = {
        .fd = output->response->file.fd,
        .offset = output->response->file.offset,
        .size = output->left < STRETCH ? (size_t)output->left : STRETCH,
    };

    if (part.offset < output->stretch_end)
        return true;
    if (!pager_has(output->pager, &part, output->waker, &output->asked))
        return false;
    output->stretch_end = part.offset + (int64_t)part.size;
    return true;
}

/* Send a stretch of the file. */
static enum output_result send_file(struct output *output, int fd)
{
    struct response *response = output->response;
    ssize_t taken;

    if (!has_stretch(output))
        return OUTPUT_WAITING;
    taken = sendfile(fd, response->file.fd, &response->file.offset,
                     (size_t)(output->stretch_end - response->file.offset));
    if (taken < 0 && errno == EINTR)
        return OUTPUT_DONE;
    if (taken < 0)
        return result_of_errno();
    if (taken == 0) {
        failure_set(&output->failure, STATUS_SYSTEM,
                    "a file became shorter while it was sent");
        return OUTPUT_FAILED;
    }
    output->left -= taken;
    output->body_sent += taken;
    output->all_sent += (uint64_t)taken;
    output->is_last = output->left == 0;
    return OUTPUT_DONE;
}

/* Send the piece that the producer has ready, or has now. */
static enum output_result send_piece(struct output *output, int fd)
{
    if (output->lacks_piece && produce(output, &output->failure))
        return OUTPUT_FAILED;
    return output->lacks_piece ? OUTPUT_WAITING : send_pieces(output, fd);
}

/* Send some of the file, or the producer's next piece. */
static enum output_result send_next(struct output *output, int fd)
{
    if (output->response->kind == BODY_FILE)
        return send_file(output, fd);
    output->sent = 0;
    buffer_clear(&output->before);
    output->lacks_piece = true;
    return send_piece(output, fd);
}

enum output_result output_send(struct output *output, int fd)
{
    uint64_t end_of_turn = output->all_sent + TURN;
    bool is_produced = output->response->kind == BODY_PRODUCER;
    int64_t end_of_time = is_produced ? clock_nanoseconds() + PRODUCING : 0;
    enum output_result result = send_piece(output, fd);

    while (result == OUTPUT_DONE && !output->is_last) {
        if (output->all_sent >= end_of_turn ||
            (is_produced && clock_nanoseconds() >= end_of_time))
            return OUTPUT_BLOCKED;
        result = send_next(output, fd);
    }
    return result;
}
