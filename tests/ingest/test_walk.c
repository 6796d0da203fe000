#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../support/tree.h"
#include "ingest/walk.h"

#include <dirent.h>

static int make_folder(void **state)
{
    *state = malloc(FOLDER_LENGTH);
    folder_make(*state);
    return 0;
}

static int remove_folder(void **state)
{
    folder_remove(*state);
    free(*state);
    return 0;
}

/* ---- what a walk gave, as sorted lines "file PATH", "shadowed PATH" ... ---- */

enum { MOST_LINES = 200 };

struct lines {
    char *line[MOST_LINES];
    int count;
};

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void collect(const struct walk_settings *settings, struct lines *out)
{
    static const char *const kinds[] = {"file", "shadowed", "refused", "unreadable",
                                        "absent"};
    struct walk *walk;
    struct walk_item item;
    struct failure failure;

    out->count = 0;
    assert_int_equal(walk_open(settings, &walk, &failure), STATUS_OK);
    while (walk_next(walk, &item)) {
        char line[PATH_MAX + 16];

        assert_true(out->count < MOST_LINES);
        snprintf(line, sizeof(line), "%s %s", kinds[item.kind], item.path);
        out->line[out->count++] = strdup(line);
    }
    walk_close(walk);
    qsort(out->line, (size_t)out->count, sizeof(out->line[0]), compare);
}

static void expect_paths(const char *folder, const char *const *paths, int path_count,
                         const char *const *expected)
{
    struct walk_settings settings = {
        .folder = folder, .paths = paths, .path_count = path_count};
    struct lines lines;
    int i;

    collect(&settings, &lines);
    for (i = 0; i < lines.count; i++) {
        assert_non_null(expected[i]);
        assert_string_equal(lines.line[i], expected[i]);
        free(lines.line[i]);
    }
    assert_null(expected[i]);
}

static void expect(const char *folder, const char *const *expected)
{
    expect_paths(folder, NULL, 0, expected);
}

/* ---- tests ---- */

static void only_names_with_a_suffix_are_candidates(void **state)
{
    static const char *const names[] = {
        "a.fits",      "b.fits.gz",   "deep/er/c.fits", "d.FITS",
        "e.fits.bak",  "f.fit",       "g.fits.gz~",     ".fits",
        ".fits.gz",    "readme",      "h.gz",           "deep/.fits",
        "i.fits.part", "deep/j.fits", "k l+%.fits",     ".l.fits",
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        tree_write(*state, names[i], "", 1);
    mkdir(tree_path(*state, "folder.fits"), 0755);
    mkfifo(tree_path(*state, "pipe.fits"), 0644);
    expect(*state, (const char *[]){"file .l.fits", "file a.fits", "file b.fits.gz",
                                    "file deep/er/c.fits", "file deep/j.fits",
                                    "file k l+%.fits", NULL});
}

static void size_and_time_are_those_of_the_file(void **state)
{
    struct walk_settings settings = {.folder = *state};
    struct walk *walk;
    struct walk_item item;
    struct failure failure;

    tree_write(*state, "real/a.fits", "12345", 1400000000);
    tree_link(*state, "link.fits", "real/a.fits");
    assert_int_equal(walk_open(&settings, &walk, &failure), STATUS_OK);
    for (int i = 0; i < 2; i++) {
        assert_true(walk_next(walk, &item));
        assert_int_equal(item.kind, WALK_FILE);
        assert_int_equal(item.size, 5);
        assert_int_equal(item.mtime, 1400000000000000000);
    }
    assert_false(walk_next(walk, &item));
    walk_close(walk);
}

static void of_two_forms_the_newer_is_the_file(void **state)
{
    tree_write(*state, "plain.fits", "", 20);
    tree_write(*state, "plain.fits.gz", "", 10);
    tree_write(*state, "sub/zipped.fits", "", 10);
    tree_write(*state, "sub/zipped.fits.gz", "", 20);
    tree_write(*state, "same.fits", "", 10);
    tree_write(*state, "same.fits.gz", "", 10);
    tree_write(*state, "odd.fits", "", 10);
    mkdir(tree_path(*state, "odd.fits.gz"), 0755);
    expect(*state,
           (const char *[]){"file odd.fits", "file plain.fits", "file same.fits",
                            "file sub/zipped.fits.gz", "shadowed plain.fits.gz",
                            "shadowed same.fits.gz", "shadowed sub/zipped.fits", NULL});
}

static void links_are_followed_only_beneath_the_archive(void **state)
{
    const char *root = *state;

    tree_write(root, "outside/x.fits", "", 1);
    tree_write(root, "archive/data/a.fits", "", 1);
    tree_link(root, "archive/inside.fits", "data/a.fits");
    tree_link(root, "archive/folder", "data");
    tree_link(root, "archive/leaves", "../outside");
    tree_link(root, "archive/leaves.fits", "../outside/x.fits");
    tree_link(root, "archive/absolute.fits", "/etc/passwd");
    tree_link(root, "archive/dangling.fits", "nothing");
    tree_link(root, "archive/dangling", "nothing");
    expect(tree_path(root, "archive"),
           (const char *[]){"file data/a.fits", "file folder/a.fits", "file inside.fits",
                            "refused absolute.fits", "refused dangling.fits",
                            "refused leaves", "refused leaves.fits", NULL});
}

static void loops_of_links_end(void **state)
{
    tree_write(*state, "a/x.fits", "", 1);
    tree_write(*state, "b/y.fits", "", 1);
    tree_link(*state, "a/self", ".");
    tree_link(*state, "a/up", "..");
    tree_link(*state, "a/b", "../b");
    tree_link(*state, "b/a", "../a");
    tree_link(*state, "me.fits", "me.fits");
    expect(*state, (const char *[]){"file a/b/y.fits", "file a/x.fits", "file b/a/x.fits",
                                    "file b/y.fits", "refused me.fits", NULL});
}

static void names_that_no_identifier_can_carry_are_refused(void **state)
{
    tree_write(*state, "a\nb.fits", "", 1);
    tree_write(*state, "fine.fits", "", 1);
    expect(*state, (const char *[]){"file fine.fits", "refused a\nb.fits", NULL});
}

static void a_folder_that_cannot_be_read_is_named(void **state)
{
    tree_write(*state, "a/x.fits", "", 1);
    tree_write(*state, "closed/in/y.fits", "", 1);
    mkdir(tree_path(*state, "lost+found"), 0);
    assert_int_equal(chmod(tree_path(*state, "closed/in"), 0), 0);
    tree_set_override(false);
    expect(*state, (const char *[]){"file a/x.fits", "unreadable closed/in", NULL});
    tree_set_override(true);
    assert_int_equal(chmod(tree_path(*state, "closed/in"), 0755), 0);
}

static void paths_that_are_asked_for_are_all_that_is_walked(void **state)
{
    const char *asked[] = {"one/two", "x.fits", "gone.fits", "notes.txt", "one/link"};

    tree_write(*state, "one/two/a.fits", "", 1);
    tree_write(*state, "one/two/three/b.fits", "", 1);
    tree_write(*state, "one/c.fits", "", 1);
    tree_write(*state, "x.fits", "", 1);
    tree_write(*state, "notes.txt", "", 1);
    tree_link(*state, "one/link", "/usr");
    expect_paths(*state, asked, 5,
                 (const char *[]){"absent gone.fits", "file one/two/a.fits",
                                  "file one/two/three/b.fits", "file x.fits",
                                  "refused notes.txt", "refused one/link", NULL});
}

static void folders_are_followed_down_to_a_depth(void **state)
{
    char path[1024] = "";

    for (int i = 0; i < 70; i++) {
        char file[1100];

        snprintf(file, sizeof(file), "%s%d.fits", path, i);
        tree_write(*state, file, "", 1);
        strcat(path, "d/");
    }
    struct walk_settings settings = {.folder = *state};
    struct lines lines;
    int files = 0, unreadable = 0;

    collect(&settings, &lines);
    for (int i = 0; i < lines.count; i++) {
        files += strncmp(lines.line[i], "file", 4) == 0;
        unreadable += strncmp(lines.line[i], "unreadable", 10) == 0;
        free(lines.line[i]);
    }
    assert_int_equal(files, 64);
    assert_int_equal(unreadable, 1);
}

static int open_descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    int count = 0;

    while (readdir(folder))
        count++;
    closedir(folder);
    return count;
}

static void a_walk_that_is_left_early_keeps_no_descriptor(void **state)
{
    struct walk_settings settings = {.folder = *state};
    int before = open_descriptors();
    struct walk *walk;
    struct walk_item item;
    struct failure failure;

    tree_write(*state, "a/b/c/x.fits", "", 1);
    assert_int_equal(walk_open(&settings, &walk, &failure), STATUS_OK);
    assert_true(walk_next(walk, &item));
    walk_close(walk);
    assert_int_equal(open_descriptors(), before);
}

static void a_missing_archive_is_an_error_that_names_it(void **state)
{
    struct walk_settings settings = {.folder = "/nowhere/at/all"};
    struct walk *walk;
    struct failure failure;

    (void)state;
    assert_int_equal(walk_open(&settings, &walk, &failure), STATUS_SYSTEM);
    assert_non_null(strstr(failure.message, "/nowhere/at/all"));
}

static void stem_is_the_path_without_suffix(void **state)
{
    static const struct {
        const char *path;
        size_t stem;
    } rows[] = {
        {"a.fits", 1},   {"a.fits.gz", 1}, {"d/a.fits", 3},   {"a.fits.fits", 6},
        {"a.b.fits", 3}, {".fits", 0},     {"d/.fits.gz", 0}, {"a.gz", 0},
        {"a", 0},        {"", 0},          {"d.fits/a", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        print_message("path '%s'\n", rows[i].path);
        assert_int_equal(walk_stem(rows[i].path), rows[i].stem);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(only_names_with_a_suffix_are_candidates,
                                        make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(size_and_time_are_those_of_the_file, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(of_two_forms_the_newer_is_the_file, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(links_are_followed_only_beneath_the_archive,
                                        make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(loops_of_links_end, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(names_that_no_identifier_can_carry_are_refused,
                                        make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(a_folder_that_cannot_be_read_is_named,
                                        make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(paths_that_are_asked_for_are_all_that_is_walked,
                                        make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(folders_are_followed_down_to_a_depth, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(a_walk_that_is_left_early_keeps_no_descriptor,
                                        make_folder, remove_folder),
        cmocka_unit_test(a_missing_archive_is_an_error_that_names_it),
        cmocka_unit_test(stem_is_the_path_without_suffix),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
