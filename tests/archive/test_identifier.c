#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "archive/identifier.h"

#include <stdlib.h>
#include <string.h>

static const char *const AUTHORITY = "org.lamost";
static const char *const COLLECTION = "lamost5";

/* RFC 3986, section 2: percent-encoding; design: letters, digits and -._~/+ stay. */
static const struct {
    const char *path;
    const char *did;
    const char *url;
} spellings[] = {
    {"dr5/spec-1_sp01-001", "ivo://org.lamost/~?lamost5/dr5/spec-1_sp01-001",
     "dr5/spec-1_sp01-001"},
    {"med-1/R-84023871", "ivo://org.lamost/~?lamost5/med-1/R-84023871",
     "med-1/R-84023871"},
    {"HD123+456~.x", "ivo://org.lamost/~?lamost5/HD123+456~.x", "HD123%2B456~.x"},
    {"a b", "ivo://org.lamost/~?lamost5/a%20b", "a%20b"},
    {"a%b&c=d?e#f", "ivo://org.lamost/~?lamost5/a%25b%26c%3Dd%3Fe%23f",
     "a%25b%26c%3Dd%3Fe%23f"},
    {"\xe9\x83\xad", "ivo://org.lamost/~?lamost5/%E9%83%AD", "%E9%83%AD"},
    {"a/%2E%2E/b", "ivo://org.lamost/~?lamost5/a/%252E%252E/b", "a/%252E%252E/b"},
};

static void identifiers_are_written_and_read_as_spelled(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++) {
        struct buffer did, url;
        struct arena arena;

        print_message("%s\n", spellings[i].path);
        buffer_init(&did);
        buffer_init(&url);
        arena_init(&arena);
        identifier_write(&did, AUTHORITY, COLLECTION, spellings[i].path);
        identifier_write_url_path(&url, spellings[i].path);
        buffer_add_char(&did, '\0');
        buffer_add_char(&url, '\0');
        assert_string_equal(did.bytes, spellings[i].did);
        assert_string_equal(url.bytes, spellings[i].url);
        assert_string_equal(
            identifier_read(spellings[i].did, AUTHORITY, COLLECTION, &arena),
            spellings[i].path);
        arena_finish(&arena);
        buffer_finish(&did);
        buffer_finish(&url);
    }
}

static void other_spellings_are_no_identifiers(void **state)
{
    static const char *const rows[] = {
        "",
        "x",
        "ivo:",
        "IVO://org.lamost/~?lamost5/x",
        "ivo://org.lamost/~?lamost5",
        "ivo://org.lamost/~?lamost5/",
        "ivo://org.lamost/~?lamost5x/y",
        "ivo://org.lamost/~?lamost6/x",
        "ivo://org.lamos/~?lamost5/x",
        "ivo://ORG.lamost/~?lamost5/x",
        "ivo://org.lamost/lamost5/x",
        "ivo://org.lamost/~?lamost5//x",
        "ivo://org.lamost/~?lamost5/x/",
        "ivo://org.lamost/~?lamost5/../x",
        "ivo://org.lamost/~?lamost5/x/./y",
        "ivo://org.lamost/~?lamost5/a b",   /* should be encoded */
        "ivo://org.lamost/~?lamost5/a%2Db", /* should not */
        "ivo://org.lamost/~?lamost5/a%e9",  /* lower-case hex */
        "ivo://org.lamost/~?lamost5/%2E%2E/x",
        "ivo://org.lamost/~?lamost5/a%00b",
        "ivo://org.lamost/~?lamost5/a%0Ab",
        "ivo://org.lamost/~?lamost5/a%7Fb",
        "ivo://org.lamost/~?lamost5/a%",
        "ivo://org.lamost/~?lamost5/a%2",
        "ivo://org.lamost/~?lamost5/a%2G",
        "ivo://org.lamost/~?lamost5/\xe9",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arena arena;

        print_message("%s\n", rows[i]);
        arena_init(&arena);
        assert_null(identifier_read(rows[i], AUTHORITY, COLLECTION, &arena));
        arena_finish(&arena);
    }
}

static void identifiers_have_a_longest(void **state)
{
    static const char PREFIX[] = "ivo://org.lamost/~?lamost5/";
    char did[IDENTIFIER_LENGTH + 2];
    struct arena arena;

    (void)state;
    arena_init(&arena);
    memset(did, 'a', sizeof(did));
    memcpy(did, PREFIX, strlen(PREFIX));
    did[IDENTIFIER_LENGTH] = '\0';
    assert_non_null(identifier_read(did, AUTHORITY, COLLECTION, &arena));
    did[IDENTIFIER_LENGTH] = 'a';
    did[IDENTIFIER_LENGTH + 1] = '\0';
    assert_null(identifier_read(did, AUTHORITY, COLLECTION, &arena));
    arena_finish(&arena);
}

static void paths_lead_down_only(void **state)
{
    static const struct {
        const char *path;
        bool is_path;
    } rows[] = {
        {"x", true},        {"a/b/c.d", true},  {"...", true},    {"a/..b/c..", true},
        {"a b", true},      {"\xe9\x83", true}, {"", false},      {"/", false},
        {"/a", false},      {"a/", false},      {"a//b", false},  {".", false},
        {"..", false},      {"a/.", false},     {"./a", false},   {"a/../b", false},
        {"a/..", false},    {"a\nb", false},    {"a\x7f", false}, {"\x01", false},
        {"a\x1f/b", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        print_message("%s\n", rows[i].path);
        assert_int_equal(identifier_is_path(rows[i].path), rows[i].is_path);
    }
}

static void a_very_long_path_is_none(void **state)
{
    char path[IDENTIFIER_LENGTH + 2];

    (void)state;
    memset(path, 'a', sizeof(path));
    path[IDENTIFIER_LENGTH + 1] = '\0';
    assert_false(identifier_is_path(path));
    path[IDENTIFIER_LENGTH] = '\0';
    assert_true(identifier_is_path(path));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(identifiers_are_written_and_read_as_spelled),
        cmocka_unit_test(other_spellings_are_no_identifiers),
        cmocka_unit_test(identifiers_have_a_longest),
        cmocka_unit_test(paths_lead_down_only),
        cmocka_unit_test(a_very_long_path_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
