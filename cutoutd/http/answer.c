#include "http/answer.h"

#include "base/number.h"

static const char *reason(int code)
{
    static const struct {
        int code;
        const char *phrase;
    } reasons[] = {
        {200, "OK"},
        {201, "Created"},
        {204, "No Content"},
        {206, "Partial Content"},
        {303, "See Other"},
        {304, "Not Modified"},
        {400, "Bad Request"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {406, "Not Acceptable"},
        {408, "Request Timeout"},
        {412, "Precondition Failed"},
        {413, "Content Too Large"},
        {414, "URI Too Long"},
        {415, "Unsupported Media Type"},
        {416, "Range Not Satisfiable"},
        {417, "Expectation Failed"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {503, "Service Unavailable"},
        {505, "HTTP Version Not Supported"},
    };

    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
        if (reasons[i].code == code)
            return reasons[i].phrase;
    return "";
}

bool answer_has_no_body(int code)
{
    return code == 204 || code == 304;
}

static void add_integer(struct buffer *out, int64_t value)
{
    buffer_added(out,
                 number_write_integer((char *)buffer_room(out, NUMBER_LENGTH), value));
}

static void add_header(struct buffer *out, const char *name, const char *value)
{
    buffer_add_string(out, name);
    buffer_add_literal(out, ": ");
    buffer_add_string(out, value);
    buffer_add_literal(out, "\r\n");
}

static void add_framing(struct buffer *out, const struct response *response,
                        const struct output_form *form, int64_t length)
{
    if (answer_has_no_body(response->code))
        return;
    if (length >= 0) {
        buffer_add_literal(out, "Content-Length: ");
        add_integer(out, length);
        buffer_add_literal(out, "\r\n");
    } else if (form->minor > 0) {
        buffer_add_literal(out, "Transfer-Encoding: chunked\r\n");
    }
}

void answer_write_head(struct buffer *out, const struct response *response,
                       const struct output_form *form, int64_t length)
{
    buffer_add_literal(out, "HTTP/1.1 ");
    add_integer(out, response->code);
    buffer_add_char(out, ' ');
    buffer_add_string(out, reason(response->code));
    buffer_add_literal(out, "\r\n");
    buffer_add_string(out, form->common);
    if (response->content_type && !answer_has_no_body(response->code))
        add_header(out, "Content-Type", response->content_type);
    add_framing(out, response, form, length);
    for (const struct response_header *header = response->headers; header;
         header = header->next)
        add_header(out, header->name, header->value);
    if (!form->keep_alive)
        buffer_add_literal(out, "Connection: close\r\n");
    else if (form->minor == 0)
        buffer_add_literal(out, "Connection: keep-alive\r\n");
    buffer_add_literal(out, "\r\n");
}
