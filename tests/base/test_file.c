#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct place {
    char folder[64];
    int fd;
};

static void put(const struct place *place, const char *name, const char *text)
{
    int fd = openat(place->fd, name, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    struct failure failure;

    assert_true(fd >= 0);
    assert_int_equal(file_write(fd, text, strlen(text), &failure), STATUS_OK);
    close(fd);
}

static int make_place(void **state)
{
    static struct place place;

    strcpy(place.folder, "/tmp/cutoutd-test-XXXXXX");
    if (!mkdtemp(place.folder))
        return -1;
    place.fd = open(place.folder, O_RDONLY | O_DIRECTORY);
    mkdirat(place.fd, "in", 0755);
    mkdirat(place.fd, "in/deep", 0755);
    put(&place, "outside.fits", "outside");
    put(&place, "in/a.fits", "inside");
    if (symlinkat("a.fits", place.fd, "in/same.fits") ||
        symlinkat("../outside.fits", place.fd, "in/escape.fits") ||
        symlinkat("/etc/passwd", place.fd, "in/absolute.fits") ||
        mkfifoat(place.fd, "in/fifo.fits", 0644))
        return -1;
    *state = &place;
    return 0;
}

static int remove_place(void **state)
{
    struct place *place = *state;
    char command[128];

    close(place->fd);
    snprintf(command, sizeof(command), "rm -r %s", place->folder);
    return system(command);
}

static void only_regular_files_beneath_the_folder_open(void **state)
{
    static const struct {
        const char *path;
        bool opens;
    } rows[] = {
        {"a.fits", true},
        {"same.fits", true},
        {"deep/../a.fits", true},
        {"escape.fits", false},
        {"absolute.fits", false},
        {"../outside.fits", false},
        {"deep/../../outside.fits", false},
        {"/etc/passwd", false},
        {"deep", false},
        {"fifo.fits", false},
        {"missing.fits", false},
        {"", false},
    };
    struct place *place = *state;
    AUTO_FD in = openat(place->fd, "in", O_RDONLY | O_DIRECTORY);

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        AUTO_FD fd = file_open_beneath(in, rows[i].path);

        print_message("%s\n", rows[i].path);
        assert_int_equal(fd >= 0, rows[i].opens);
    }
}

static void a_file_is_read_whole_or_refused_for_its_size(void **state)
{
    struct place *place = *state;
    AUTO_FD fd = openat(place->fd, "outside.fits", O_RDONLY);
    struct failure failure;
    struct buffer buffer;

    buffer_init(&buffer);
    assert_int_equal(file_read(fd, "outside.fits", 7, &buffer, &failure), STATUS_OK);
    assert_int_equal(buffer.length, 7);
    assert_memory_equal(buffer.bytes, "outside", 7);
    lseek(fd, 0, SEEK_SET);
    assert_int_equal(file_read(fd, "outside.fits", 6, &buffer, &failure),
                     STATUS_TOO_LARGE);
    buffer_finish(&buffer);
}

static void a_full_disk_is_told_apart(void **state)
{
    AUTO_FD fd = open("/dev/full", O_WRONLY);
    struct failure failure;

    (void)state;
    assert_int_equal(file_write(fd, "x", 1, &failure), STATUS_NO_SPACE);
    assert_non_null(strstr(failure.message, "No space left"));
}

static void folders_are_made_with_their_parents(void **state)
{
    struct place *place = *state;
    struct failure failure;
    char path[128];
    struct stat facts;

    snprintf(path, sizeof(path), "%s/x/y/z", place->folder);
    assert_int_equal(file_make_folder(path, &failure), STATUS_OK);
    assert_int_equal(file_make_folder(path, &failure), STATUS_OK);
    assert_int_equal(stat(path, &facts), 0);
    snprintf(path, sizeof(path), "%s/outside.fits/z", place->folder);
    assert_int_equal(file_make_folder(path, &failure), STATUS_SYSTEM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_regular_files_beneath_the_folder_open),
        cmocka_unit_test(a_file_is_read_whole_or_refused_for_its_size),
        cmocka_unit_test(a_full_disk_is_told_apart),
        cmocka_unit_test(folders_are_made_with_their_parents),
    };

    return cmocka_run_group_tests(tests, make_place, remove_place);
}
