#include "dali/multipart.h"

#include "base/buffer.h"
#include "base/memory.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    LONGEST_BOUNDARY = 70, /* RFC 2046, section 5.1.1 */
    LONGEST_HEAD = 8 * 1024,
    LONGEST_NAME = 255,
};

struct multipart {
    struct multipart_reader reader;
    char delimiter[4 + LONGEST_BOUNDARY + 1]; /* CRLF, two hyphens and the boundary */
    size_t delimiter_length;
    struct buffer pending; /* came and was not understood yet */
    enum { PREAMBLE, BEHIND_DELIMITER, HEAD, DATA, EPILOGUE } stage;
};

static enum status wrong(struct failure *failure, const char *what)
{
    return failure_set(failure, STATUS_BAD_PARAMETER, "the multipart body: %s", what);
}

/* The value of a parameter of a header, which ends where the header does; false if there
 * is none. Backslashes quote in quoted ones. */
static bool parameter(const char *header, const char *name, char *out, size_t size)
{
    const char *at = header;
    size_t length = strlen(name), written = 0;
    bool quoted;

    while ((at = strcasestr(at, name))) {
        bool begins = at > header && strchr("; \t", at[-1]);

        at += length;
        if (begins && *at == '=')
            break;
    }
    if (!at)
        return false;
    quoted = *++at == '"';
    for (at += quoted; *at && !strchr(quoted ? "\"" : "; \t\r\n", *at); at++) {
        if (quoted && *at == '\\' && at[1])
            at++;
        if (written + 1 == size)
            return false;
        out[written++] = *at;
    }
    out[written] = '\0';
    return true;
}

enum status multipart_open(const char *content_type, struct multipart_reader reader,
                           struct multipart **out, struct failure *failure)
{
    static const char type[] = "multipart/form-data";
    char boundary[LONGEST_BOUNDARY + 1];
    struct multipart *multipart;

    if (!content_type || strncasecmp(content_type, type, sizeof(type) - 1) != 0)
        return failure_set(failure, STATUS_BAD_TYPE,
                           "the body must be application/x-www-form-urlencoded or "
                           "multipart/form-data");
    if (!parameter(content_type, "boundary", boundary, sizeof(boundary)) || !*boundary)
        return wrong(failure, "its Content-Type has no boundary");
    memory_new(multipart);
    multipart->reader = reader;
    strcpy(stpcpy(multipart->delimiter, "\r\n--"), boundary);
    multipart->delimiter_length = strlen(multipart->delimiter);
    buffer_add_literal(&multipart->pending, "\r\n"); /* the first one begins the body */
    *out = multipart;
    return STATUS_OK;
}

void multipart_close(struct multipart *multipart)
{
    if (!multipart)
        return;
    buffer_finish(&multipart->pending);
    free(multipart);
}

static void drop(struct multipart *multipart, size_t size)
{
    struct buffer *pending = &multipart->pending;

    memmove(pending->bytes, pending->bytes + size, pending->length - size);
    pending->length -= size;
}

/* Hand on what comes before the next delimiter, or what cannot be a part of one. */
static enum status take_data(struct multipart *multipart, bool *goes_on,
                             struct failure *failure)
{
    struct buffer *pending = &multipart->pending;
    const uint8_t *delimiter = memmem(pending->bytes, pending->length,
                                      multipart->delimiter, multipart->delimiter_length);
    size_t kept = multipart->delimiter_length - 1;
    size_t size = delimiter                ? (size_t)(delimiter - pending->bytes)
                  : pending->length > kept ? pending->length - kept
                                           : 0;
    bool is_part = multipart->stage == DATA;
    enum status status = STATUS_OK;

    if (is_part && size)
        status = multipart->reader.data(multipart->reader.state,
                                        (const char *)pending->bytes, size, failure);
    if (is_part && delimiter && !status)
        status = multipart->reader.end(multipart->reader.state, failure);
    drop(multipart, delimiter ? size + multipart->delimiter_length : size);
    if (delimiter)
        multipart->stage = BEHIND_DELIMITER;
    *goes_on = delimiter != NULL;
    return status;
}

/* Two hyphens end the body; else blanks may come before the line's end. */
static enum status take_delimiter_end(struct multipart *multipart, bool *goes_on,
                                      struct failure *failure)
{
    const struct buffer *pending = &multipart->pending;
    const uint8_t *end = memmem(pending->bytes, pending->length, "\r\n", 2);

    *goes_on = true;
    if (pending->length >= 2 && memcmp(pending->bytes, "--", 2) == 0) {
        multipart->stage = EPILOGUE;
    } else if (end) {
        /* The line's end stays, so that a head without lines ends like any other. */
        drop(multipart, (size_t)(end - pending->bytes));
        multipart->stage = HEAD;
    } else if (pending->length > LONGEST_HEAD) {
        return wrong(failure, "a boundary that does not end");
    } else {
        *goes_on = false;
    }
    return STATUS_OK;
}

static enum status begin_part(const struct multipart *multipart, const char *head,
                              struct failure *failure)
{
    static const char header[] = "\r\nContent-Disposition:";
    const char *disposition = strcasestr(head, header);
    char name[LONGEST_NAME + 1], file_name[LONGEST_NAME + 1], *line = NULL, *end;
    enum status status;

    if (disposition)
        line = memory_copy_string(disposition + 2);
    if (line && (end = strstr(line, "\r\n")))
        *end = '\0';
    if (!line || !parameter(line, "name", name, sizeof(name)))
        status = wrong(failure, "a part without a name");
    else
        status = multipart->reader.begin(
            multipart->reader.state, name,
            parameter(line, "filename", file_name, sizeof(file_name)) ? file_name : NULL,
            failure);
    free(line);
    return status;
}

static enum status take_head(struct multipart *multipart, bool *goes_on,
                             struct failure *failure)
{
    struct buffer *pending = &multipart->pending;
    uint8_t *end = memmem(pending->bytes, pending->length, "\r\n\r\n", 4);
    enum status status;

    *goes_on = end != NULL;
    if (!end)
        return pending->length > LONGEST_HEAD ? wrong(failure, "a part's head too long")
                                              : STATUS_OK;
    *end = '\0';
    status = begin_part(multipart, (const char *)pending->bytes, failure);
    drop(multipart, (size_t)(end - pending->bytes) + 4);
    multipart->stage = DATA;
    return status;
}

enum status multipart_add(struct multipart *multipart, const char *bytes, size_t length,
                          struct failure *failure)
{
    bool goes_on = true;
    enum status status = STATUS_OK;

    buffer_add(&multipart->pending, bytes, length);
    while (goes_on && !status) {
        switch (multipart->stage) {
        case PREAMBLE:
        case DATA:
            status = take_data(multipart, &goes_on, failure);
            break;
        case BEHIND_DELIMITER:
            status = take_delimiter_end(multipart, &goes_on, failure);
            break;
        case HEAD:
            status = take_head(multipart, &goes_on, failure);
            break;
        case EPILOGUE:
            buffer_clear(&multipart->pending);
            return STATUS_OK;
        }
    }
    return status;
}

enum status multipart_end(const struct multipart *multipart, struct failure *failure)
{
    return multipart->stage == EPILOGUE ? STATUS_OK
                                        : wrong(failure, "it was cut off in the middle");
}
