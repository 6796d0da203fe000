#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dali/request.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void headers_are_found_without_regard_to_case_and_joined(void **state)
{
    static const struct header headers[] = {
        {"Accept", "text/xml"},
        {"X-Empty", ""},
        {"accept", "text/plain"},
        {"ACCEPT", "*/*"},
    };
    struct arena arena;
    struct request request = {
        .headers = headers, .header_count = COUNT(headers), .arena = &arena};

    (void)state;
    arena_init(&arena);
    assert_string_equal(request_header(&request, "aCCept"), "text/xml, text/plain, */*");
    assert_string_equal(request_header(&request, "x-empty"), "");
    assert_null(request_header(&request, "Host"));
    assert_null(request_header(&request, "Accep"));
    arena_finish(&arena);
}

/* Expected values follow the rules of RFC 9110, sections 12.4.2 and 12.5.3. */
static void gzip_is_accepted_as_the_rfc_has_it(void **state)
{
    static const struct {
        const char *value; /* NULL: no such header */
        bool accepted;
    } rows[] = {
        {NULL, false},
        {"", false},
        {"gzip", true},
        {"GZip", true},
        {"x-gzip", true},
        {"deflate, gzip", true},
        {"deflate,br", false},
        {"gzip;q=1.0, identity; q=0.5, *;q=0", true},
        {"gzip;q=0", false},
        {"gzip; q=0", false},
        {"gzip ; q=0.000", false},
        {"gzip;Q=0.", false},
        {"gzip;q=0.001", true},
        {"gzip;q=0 , br", false},
        {"*", true},
        {"*;q=0", false},
        {"identity, *;q=0.3", true},
        {"*, gzip;q=0", false},
        {"gzip;q=0, *", false},
        {"gzippy", false},
        {"notgzip", false},
        {"identity", false},
        {", ,gzip", true},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct header header = {"Accept-Encoding", rows[i].value};
        struct request request = {.headers = &header,
                                  .header_count = rows[i].value != NULL};

        print_message("%s\n", rows[i].value ? rows[i].value : "(none)");
        assert_int_equal(request_accepts_gzip(&request), rows[i].accepted);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_are_found_without_regard_to_case_and_joined),
        cmocka_unit_test(gzip_is_accepted_as_the_rfc_has_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
