#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../support/catalogue_place.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* How often the catalogue is mapped in this process. */
static int maps(const struct place *place)
{
    FILE *file = fopen("/proc/self/maps", "re");
    char line[4096];
    int count = 0;

    assert_non_null(file);
    while (fgets(line, sizeof(line), file))
        count += strstr(line, place->folder) && strstr(line, "catalogue.sqlite\n");
    fclose(file);
    return count;
}

/* Whether another process sees a lock of ours on the catalogue: while there is one, no
 * process that closes it takes itself for the last and removes the log. */
static bool is_locked(struct place *place)
{
    const char *path = arena_format(&place->arena, "%s/catalogue.sqlite", place->folder);
    int status;
    pid_t child = fork();

    if (child == 0) {
        struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
        int fd = open(path, O_RDWR | O_CLOEXEC);

        _exit(fd < 0 || fcntl(fd, F_GETLK, &lock) < 0 ? 2 : lock.l_type != F_UNLCK);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) < 2);
    return WEXITSTATUS(status);
}

static void connections_share_one_map_as_long_as_there_is_one(void **state)
{
    struct place *place = *state;
    struct catalogue *first, *second;

    add(place, "a", 1);
    assert_int_equal(maps(place), 1);
    first = open_reader(place);
    second = open_reader(place);
    assert_true(has(place, first, "a") && has(place, second, "a"));
    assert_int_equal(maps(place), 1);
    catalogue_close(place->writer);
    catalogue_close(first);
    assert_int_equal(maps(place), 1);
    assert_true(has(place, second, "a"));
    catalogue_close(second);
    assert_int_equal(maps(place), 0);
    ASSERT_OK(place, catalogue_open(place->folder, CATALOGUE_WRITE, &place->writer,
                                    &place->failure));
}

static void closing_one_connection_leaves_the_others_their_locks(void **state)
{
    struct place *place = *state;
    struct catalogue *reader, *other;

    add(place, "a", 1);
    reader = open_reader(place);
    other = open_reader(place);
    assert_true(has(place, reader, "a") && has(place, other, "a"));
    assert_true(is_locked(place));
    catalogue_close(other);
    assert_true(is_locked(place));
    catalogue_close(place->writer);
    assert_true(is_locked(place));
    catalogue_close(reader);
    assert_false(is_locked(place));
    ASSERT_OK(place, catalogue_open(place->folder, CATALOGUE_WRITE, &place->writer,
                                    &place->failure));
}

/* Enough for SQLite to write its log back to the file many times. */
static void what_is_appended_is_read_by_who_was_there_before(void **state)
{
    enum { COUNT = 20000, BATCH = 2000 };
    struct place *place = *state;
    struct catalogue *reader;

    add(place, "first", 1);
    reader = open_reader(place);
    assert_true(has(place, reader, "first"));
    for (int i = 0; i < COUNT; i++) {
        const char *path = arena_format(&place->arena, "path/of/spectrum-%d", i);
        struct entry entry = entry_of(place, path, 1);

        if (i % BATCH == 0)
            ASSERT_OK(place, catalogue_begin(place->writer, &place->failure));
        ASSERT_OK(place,
                  catalogue_put_spectrum(place->writer, &entry,
                                         put_file(place, entry.file), &place->failure));
        if (i % BATCH < BATCH - 1)
            continue;
        ASSERT_OK(place, catalogue_commit(place->writer, &place->failure));
        for (int k = i; k >= 0; k -= BATCH / 7)
            assert_true(has(place, reader,
                            arena_format(&place->arena, "path/of/spectrum-%d", k)));
        arena_reset(&place->arena);
    }
    catalogue_close(reader);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_PLACE(connections_share_one_map_as_long_as_there_is_one),
        WITH_PLACE(closing_one_connection_leaves_the_others_their_locks),
        WITH_PLACE(what_is_appended_is_read_by_who_was_there_before),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
