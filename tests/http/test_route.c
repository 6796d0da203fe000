#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "http/route.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct endpoint endpoints[] = {
    {"/", METHOD_GET, NULL, NULL, NULL},
    {"/healthz", METHOD_GET, NULL, NULL, NULL},
    {"/tap/sync", METHOD_POST, NULL, NULL, NULL},
    {"/tap/sync", METHOD_GET | METHOD_DELETE, NULL, NULL, NULL},
    {"/{c}", METHOD_GET, NULL, NULL, NULL},
    {"/{c}/sync", METHOD_GET | METHOD_POST, NULL, NULL, NULL},
    {"/{c}/spectra/*", METHOD_GET, NULL, NULL, NULL},
    {NULL, 0, NULL, NULL, NULL},
};

static const struct {
    const char *path;
    enum method method;
    int row; /* -1: none */
    const char *collection, *rest, *allow;
} rows[] = {
    {"/", METHOD_GET, 0, NULL, NULL, "GET, HEAD"},
    {"/", METHOD_HEAD, 0, NULL, NULL, "GET, HEAD"},
    {"/", METHOD_POST, -1, NULL, NULL, "GET, HEAD"},
    {"/", METHOD_OPTIONS, -1, NULL, NULL, "GET, HEAD"},
    {"/", METHOD_OTHER, -1, NULL, NULL, "GET, HEAD"},
    {"/healthz", METHOD_GET, 1, NULL, NULL, "GET, HEAD"},
    {"/tap/sync", METHOD_POST, 2, NULL, NULL, "GET, HEAD, POST, DELETE"},
    {"/tap/sync", METHOD_GET, 3, NULL, NULL, "GET, HEAD, POST, DELETE"},
    {"/tap/sync", METHOD_DELETE, 3, NULL, NULL, "GET, HEAD, POST, DELETE"},
    {"/lamost5", METHOD_GET, 4, "lamost5", NULL, "GET, HEAD"},
    {"/healthzz", METHOD_GET, 4, "healthzz", NULL, "GET, HEAD"},
    {"/lamost5/sync", METHOD_POST, 5, "lamost5", NULL, "GET, HEAD, POST"},
    {"/lamost5/sync", METHOD_DELETE, -1, "lamost5", NULL, "GET, HEAD, POST"},
    {"/l/spectra/a/b.vot", METHOD_GET, 6, "l", "a/b.vot", "GET, HEAD"},
    {"/l/spectra//", METHOD_GET, 6, "l", "/", "GET, HEAD"},
    {"/l/spectra/", METHOD_GET, -1, NULL, NULL, ""},
    {"/l/spectra", METHOD_GET, -1, NULL, NULL, ""},
    {"/lamost5/", METHOD_GET, -1, NULL, NULL, ""},
    {"/lamost5/sync/", METHOD_GET, -1, NULL, NULL, ""},
    {"/lamost5/syncs", METHOD_GET, -1, NULL, NULL, ""},
    {"//sync", METHOD_GET, -1, NULL, NULL, ""},
    {"//spectra/x", METHOD_GET, -1, NULL, NULL, ""},
    {"", METHOD_GET, -1, NULL, NULL, ""},
    {"*", METHOD_OPTIONS, -1, NULL, NULL, ""},
    {"/a/b/c", METHOD_GET, -1, NULL, NULL, ""},
};

static void check_text(const char *text, const char *expected)
{
    if (expected)
        assert_string_equal(text, expected);
    else
        assert_null(text);
}

static void the_first_pattern_that_matches_decides(void **state)
{
    struct arena arena;

    (void)state;
    arena_init(&arena);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct route route = route_find(endpoints, rows[i].method, rows[i].path, &arena);

        print_message("%d %s\n", rows[i].method, rows[i].path);
        assert_ptr_equal(route.endpoint,
                         rows[i].row < 0 ? NULL : &endpoints[rows[i].row]);
        check_text(route.collection, rows[i].collection);
        check_text(route.rest, rows[i].rest);
        assert_string_equal(route_allow(route.allowed, &arena), rows[i].allow);
    }
    arena_finish(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_pattern_that_matches_decides),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
