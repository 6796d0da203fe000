#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ingest/scope.h"
#include "ingest/seen.h"

static void paths_are_taken_as_people_give_them(void **state)
{
    static const struct {
        const char *given;
        const char *path; /* NULL: refused */
    } rows[] = {
        {"a/b", "a/b"},
        {"a/b/", "a/b"},
        {"./a", "a"},
        {".//./a", "a"},
        {".", ""},
        {"./", ""},
        {"/data/lamost/a.fits", "a.fits"},
        {"/data/lamost/", ""},
        {"/data/lamost", ""},
        {"/data/lamost5/a.fits", NULL},
        {"/etc/passwd", NULL},
        {"../a", NULL},
        {"a/../../b", NULL},
        {"a//b", NULL},
        {"a\nb", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct scope scope;
        struct failure failure;
        enum status status =
            scope_init(&scope, "/data/lamost/", &rows[i].given, 1, &failure);

        print_message("path '%s'\n", rows[i].given);
        assert_int_equal(status, rows[i].path ? STATUS_OK : STATUS_BAD_PARAMETER);
        if (status)
            continue;
        assert_string_equal(scope.paths[0], rows[i].path);
        scope_finish(&scope);
    }
}

static void only_what_was_looked_at_can_be_missed(void **state)
{
    static const char *const asked[] = {"a", "b/x.fits"};
    static const struct {
        const char *path;
        bool has, could_see;
    } rows[] = {
        {"a/y.fits", true, true},
        {"a/closed/y.fits", true, false},
        {"a/closedness/y.fits", true, true},
        {"ab/y.fits", false, false},
        {"b/x.fits", true, true},
        {"b/y.fits", false, false},
    };
    struct scope scope;
    struct failure failure;

    (void)state;
    assert_int_equal(scope_init(&scope, "/archive", asked, 2, &failure), STATUS_OK);
    scope_except(&scope, "a/closed");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        print_message("path '%s'\n", rows[i].path);
        assert_int_equal(scope_has(&scope, rows[i].path), rows[i].has);
        assert_int_equal(scope_could_see(&scope, rows[i].path), rows[i].could_see);
    }
    scope_finish(&scope);
}

static void no_path_is_the_whole_archive(void **state)
{
    struct scope scope;
    struct failure failure;

    (void)state;
    assert_int_equal(scope_init(&scope, "/archive", NULL, 0, &failure), STATUS_OK);
    assert_true(scope_is_all(&scope));
    assert_true(scope_could_see(&scope, "any/file.fits"));
    scope_except(&scope, "");
    assert_true(scope_has(&scope, "any/file.fits"));
    assert_false(scope_could_see(&scope, "any/file.fits"));
    scope_finish(&scope);
}

static void a_failing_disk_ends_in_seeing_nothing(void **state)
{
    struct scope scope;
    struct failure failure;

    (void)state;
    assert_int_equal(scope_init(&scope, "/archive", NULL, 0, &failure), STATUS_OK);
    for (int i = 0; i < 100000; i++)
        scope_except(&scope, "a/closed");
    assert_true(scope.unreadable_count <= 1000);
    assert_false(scope_could_see(&scope, "b/x.fits"));
    scope_finish(&scope);
}

static void files_seen_take_a_bit_each(void **state)
{
    static const int64_t numbers[] = {0, 1, 7, 8, 4095, 32768, 10000000};
    struct seen seen;

    (void)state;
    seen_init(&seen);
    assert_false(seen_has(&seen, 12345678));
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        assert_false(seen_has(&seen, numbers[i]));
        seen_add(&seen, numbers[i]);
        assert_true(seen_has(&seen, numbers[i]));
        assert_false(seen_has(&seen, numbers[i] + 2));
    }
    assert_true(seen.size <= 4 * 1000 * 1000);
    seen_finish(&seen);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_are_taken_as_people_give_them),
        cmocka_unit_test(only_what_was_looked_at_can_be_missed),
        cmocka_unit_test(no_path_is_the_whole_archive),
        cmocka_unit_test(a_failing_disk_ends_in_seeing_nothing),
        cmocka_unit_test(files_seen_take_a_bit_each),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
