#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "dali/multipart.h"

#include <stdio.h>
#include <string.h>

/* What was told, in words: "name=value;" of a field, "name(file)=value;" of a file. */
struct told {
    struct buffer text;
    size_t most;        /* bytes that came at once */
    enum status answer; /* of each call */
};

static enum status answer(const struct told *told, struct failure *failure)
{
    return told->answer ? failure_set(failure, told->answer, "enough") : STATUS_OK;
}

static enum status begin(void *state, const char *name, const char *file_name,
                         struct failure *failure)
{
    struct told *told = state;

    buffer_add_string(&told->text, name);
    if (file_name)
        buffer_format(&told->text, "(%s)", file_name);
    buffer_add_char(&told->text, '=');
    return answer(told, failure);
}

static enum status data(void *state, const char *bytes, size_t length,
                        struct failure *failure)
{
    struct told *told = state;

    (void)failure;
    assert_true(length > 0);
    buffer_add(&told->text, bytes, length);
    told->most = length > told->most ? length : told->most;
    return STATUS_OK;
}

static enum status end(void *state, struct failure *failure)
{
    struct told *told = state;

    (void)failure;
    buffer_add_char(&told->text, ';');
    return STATUS_OK;
}

static enum status read_pieces(const char *type, const char *body, size_t length,
                               size_t piece, struct told *told, struct failure *failure)
{
    struct multipart_reader reader = {begin, data, end, told};
    struct multipart *multipart;
    enum status status = multipart_open(type, reader, &multipart, failure);

    if (status)
        return status;
    buffer_clear(&told->text);
    for (size_t at = 0; at < length && !status; at += piece)
        status = multipart_add(multipart, body + at,
                               length - at < piece ? length - at : piece, failure);
    if (!status)
        status = multipart_end(multipart, failure);
    multipart_close(multipart);
    buffer_add_char(&told->text, '\0');
    return status;
}

#define TYPE "multipart/form-data; boundary=b"
#define FIELD(name) "Content-Disposition: form-data; name=\"" name "\"\r\n\r\n"
#define A_FILE(name, file)                                                               \
    "Content-Disposition: form-data; name=\"" name "\"; filename=\"" file "\"\r\n"       \
    "Content-Type: text/plain\r\n\r\n"

/* Of which each must be read the same, whatever pieces it comes in. */
static const struct {
    const char *type, *body, *told;
} good[] = {
    {TYPE, "--b--\r\n", ""},
    {TYPE, "--b--", ""},
    {TYPE, "--b\r\n" FIELD("x") "1\r\n--b--\r\n", "x=1;"},
    {TYPE, "--b\r\n" FIELD("x") "\r\n--b--", "x=;"},
    {TYPE,
     "--b\r\n" FIELD("x") "1\r\n--b\r\n" A_FILE("y", "z.txt") "2\n3\r\n\r\n--b--\r\n",
     "x=1;y(z.txt)=2\n3\r\n;"},
    /* What is almost a boundary is none. */
    {TYPE, "--b\r\n" FIELD("x") "\r\n--\r\n-b\r\r\n--\n--b--\r\n\r\n--a\r\n--b--\r\n",
     "x=\r\n--\r\n-b\r\r\n--\n--b--\r\n\r\n--a;"},
    /* RFC 2046, section 5.1.1: what comes before and behind, blanks behind a boundary. */
    {TYPE, "not for you\r\n--b \t\r\n" FIELD("x") "1\r\n--b-- \r\nnor this\r\n--b\r\n",
     "x=1;"},
    /* Names without case, other headers, other orders. */
    {"Multipart/Form-Data;charset=x;\tBoundary=\"b c\"",
     "--b c\r\nX-Y: name=\"z\"\r\ncontent-disposition:form-data;filename=f;name=x\r\n"
     "A: b\r\n\r\n1\r\n--b c--\r\n",
     "x(f)=1;"},
    {TYPE,
     "--b\r\nContent-Disposition: form-data; filename=\"name=q\"; "
     "name=x\r\n\r\n1\r\n--b--",
     "x(name=q)=1;"},
    {TYPE, "--b\r\n" FIELD("a \\\"b\\\" \\\\") "1\r\n--b--", "a \"b\" \\=1;"},
    {TYPE, "--b\r\n" A_FILE("x", "") "1\r\n--b--", "x()=1;"},
};

static void parts_are_told_whatever_pieces_they_come_in(void **state)
{
    struct told told = {.answer = STATUS_OK};
    struct failure failure = {.message = ""};

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        size_t length = strlen(good[i].body);

        print_message("%s\n%s\n", good[i].type, good[i].body);
        for (size_t piece = 1; piece <= length; piece++) {
            assert_int_equal(
                read_pieces(good[i].type, good[i].body, length, piece, &told, &failure),
                STATUS_OK);
            assert_string_equal((const char *)told.text.bytes, good[i].told);
        }
    }
    buffer_finish(&told.text);
}

static void a_body_that_is_cut_off_anywhere_is_refused(void **state)
{
    static const char body[] =
        "--b\r\n" FIELD("x") "1\r\n--b\r\n" A_FILE("y", "z") "2\r\n--b--\r\n";
    size_t whole = sizeof(body) - 1 - 2; /* the last line needs no end */
    struct told told = {.answer = STATUS_OK};
    struct failure failure;

    (void)state;
    for (size_t cut = 0; cut < whole; cut++) {
        assert_int_equal(read_pieces(TYPE, body, cut, 7, &told, &failure),
                         STATUS_BAD_PARAMETER);
        assert_non_null(strstr(failure.message, "cut off in the middle"));
    }
    assert_int_equal(read_pieces(TYPE, body, whole, 7, &told, &failure), STATUS_OK);
    buffer_finish(&told.text);
}

#define TEN "0123456789"
#define SEVENTY TEN TEN TEN TEN TEN TEN TEN

static void what_is_wrong_gets_a_sentence(void **state)
{
    static const struct {
        const char *type, *body;
        enum status status;
        const char *words;
    } rows[] = {
        {NULL, "", STATUS_BAD_TYPE, "the body must be"},
        {"", "", STATUS_BAD_TYPE, "the body must be"},
        {"text/plain; boundary=b", "", STATUS_BAD_TYPE, "the body must be"},
        {"multipart/mixed; boundary=b", "", STATUS_BAD_TYPE, "the body must be"},
        {"multipart/form-data", "", STATUS_BAD_PARAMETER, "no boundary"},
        {"multipart/form-data; boundary=", "", STATUS_BAD_PARAMETER, "no boundary"},
        {"multipart/form-data; boundary=\"\"", "", STATUS_BAD_PARAMETER, "no boundary"},
        {"multipart/form-data; xboundary=b", "", STATUS_BAD_PARAMETER, "no boundary"},
        {"multipart/form-data; boundary=" SEVENTY "x", "", STATUS_BAD_PARAMETER,
         "no boundary"},
        {"multipart/form-data; boundary=" SEVENTY, "--" SEVENTY "--", STATUS_OK, ""},
        {TYPE, "--b\r\n\r\n1\r\n--b--", STATUS_BAD_PARAMETER, "a part without a name"},
        {TYPE, "--b\r\nContent-Disposition: form-data\r\n\r\n1\r\n--b--",
         STATUS_BAD_PARAMETER, "a part without a name"},
        {TYPE, "--b\r\nX: y\r\nname: \"x\"; name=x\r\n\r\n1\r\n--b--",
         STATUS_BAD_PARAMETER, "a part without a name"},
        {TYPE, "--c\r\n" FIELD("x") "1\r\n--c--", STATUS_BAD_PARAMETER, "cut off"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct told told = {.answer = STATUS_OK};
        struct failure failure = {.message = ""};
        enum status status = read_pieces(rows[i].type, rows[i].body, strlen(rows[i].body),
                                         SIZE_MAX, &told, &failure);

        print_message("%s: %s\n", rows[i].type ? rows[i].type : "-", failure.message);
        assert_int_equal(status, rows[i].status);
        assert_non_null(strstr(failure.message, rows[i].words));
        buffer_finish(&told.text);
    }
    multipart_close(NULL);
}

/* However much comes without an end, it is not kept. */
static void heads_and_boundaries_have_an_end(void **state)
{
    static const struct {
        const char *begin, *words;
    } rows[] = {
        {"--b", "a boundary that does not end"},
        {"--b\r\nX: ", "a part's head too long"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct told told = {.answer = STATUS_OK};
        struct failure failure;
        struct buffer body = {0};

        buffer_add_string(&body, rows[i].begin);
        for (int j = 0; j < 20000; j++)
            buffer_add_char(&body, ' ');
        assert_int_equal(read_pieces(TYPE, (const char *)body.bytes, body.length, 1000,
                                     &told, &failure),
                         STATUS_BAD_PARAMETER);
        assert_non_null(strstr(failure.message, rows[i].words));
        buffer_finish(&body);
        buffer_finish(&told.text);
    }
}

static void a_failure_of_the_reader_ends_the_reading(void **state)
{
    struct told told = {.answer = STATUS_TOO_LARGE};
    struct failure failure;

    (void)state;
    assert_int_equal(
        read_pieces(TYPE, good[4].body, strlen(good[4].body), SIZE_MAX, &told, &failure),
        STATUS_TOO_LARGE);
    assert_string_equal(failure.message, "enough");
    assert_string_equal((const char *)told.text.bytes, "x=");
    buffer_finish(&told.text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_are_told_whatever_pieces_they_come_in),
        cmocka_unit_test(a_body_that_is_cut_off_anywhere_is_refused),
        cmocka_unit_test(what_is_wrong_gets_a_sentence),
        cmocka_unit_test(heads_and_boundaries_have_an_end),
        cmocka_unit_test(a_failure_of_the_reader_ends_the_reading),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
