#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/pager.h"

#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { THREADS = 2, PART = 8192, PARTS = 100 };

/* A disk that reads a part only when it is let go on, and then has it in memory, or not
 * if it is bad. */
static struct {
    sem_t reading, go_on;
    atomic_int reads;
    atomic_bool is_bad;
    atomic_bool is_there[PARTS];
} disk;

static bool is_there(const struct file_part *part)
{
    return atomic_load(&disk.is_there[part->offset / PART]);
}

static void read_slowly(const struct file_part *part)
{
    sem_post(&disk.reading);
    sem_wait(&disk.go_on);
    atomic_fetch_add(&disk.reads, 1);
    atomic_store(&disk.is_there[part->offset / PART], !atomic_load(&disk.is_bad));
}

static const struct pager_disk slow = {is_there, read_slowly};

/* What wakers do: count, and tell. */
static atomic_int wakes[PARTS];
static sem_t woken;

static void wake(void *where, uint64_t whom)
{
    (void)where;
    atomic_fetch_add(&wakes[whom], 1);
    sem_post(&woken);
}

static struct waker waker(uint64_t whom)
{
    return (struct waker){wake, NULL, whom};
}

static struct pager *pager;
static struct file_part first;

static struct file_part part(int number)
{
    struct file_part other = first;

    other.offset = (int64_t)number * PART;
    return other;
}

static int open_file(void)
{
    char path[] = "/tmp/test_pager_XXXXXX";
    int fd = mkstemp(path);

    unlink(path);
    return fd < 0 || ftruncate(fd, (off_t)PART * PARTS) ? -1 : fd;
}

static int set_up(void **state)
{
    struct failure failure;

    (void)state;
    memset(&disk, 0, sizeof(disk));
    memset(wakes, 0, sizeof(wakes));
    sem_init(&disk.reading, 0, 0);
    sem_init(&disk.go_on, 0, 0);
    sem_init(&woken, 0, 0);
    first = (struct file_part){.fd = open_file(), .size = PART};
    return first.fd < 0 || pager_open(THREADS, &slow, &pager, &failure);
}

static int tear_down(void **state)
{
    (void)state;
    pager_close(pager);
    pager_close(NULL);
    close(first.fd);
    return 0;
}

static void let_read(int count)
{
    for (int i = 0; i < count; i++)
        sem_post(&disk.go_on);
}

static void wait_for_wakes(int count)
{
    for (int i = 0; i < count; i++)
        sem_wait(&woken);
}

static void what_is_in_memory_is_not_read(void **state)
{
    bool asked = false;

    (void)state;
    atomic_store(&disk.is_there[0], true);
    assert_true(pager_has(pager, &first, waker(0), &asked));
    assert_true(pager_has(NULL, &first, waker(0), &asked));
    first.size = 0;
    first.offset = PART;
    assert_true(pager_has(pager, &first, waker(0), &asked));
    assert_int_equal(atomic_load(&disk.reads), 0);
}

static void a_hundred_who_want_one_part_have_it_read_once_and_are_woken_once(void **state)
{
    bool asked[PARTS] = {false};

    (void)state;
    for (int i = 0; i < PARTS; i++)
        assert_false(pager_has(pager, &first, waker((uint64_t)i), &asked[i]));
    let_read(1);
    wait_for_wakes(PARTS);
    assert_int_equal(atomic_load(&disk.reads), 1);
    for (int i = 0; i < PARTS; i++) {
        assert_int_equal(atomic_load(&wakes[i]), 1);
        assert_true(pager_has(pager, &first, waker((uint64_t)i), &asked[i]));
    }
}

static void who_asks_again_and_again_is_woken_once(void **state)
{
    bool asked = false;

    (void)state;
    for (int i = 0; i < 10; i++)
        assert_false(pager_has(pager, &first, waker(7), &asked));
    let_read(1);
    wait_for_wakes(1);
    pager_close(pager);
    pager = NULL;
    assert_int_equal(atomic_load(&wakes[7]), 1);
    assert_int_equal(atomic_load(&disk.reads), 1);
}

static void others_are_answered_while_some_wait(void **state)
{
    bool asked[PARTS] = {false};

    (void)state;
    atomic_store(&disk.is_there[0], true);
    for (int i = 1; i < PARTS; i++) {
        struct file_part cold = part(i);

        assert_false(pager_has(pager, &cold, waker((uint64_t)i), &asked[i]));
        assert_true(pager_has(pager, &first, waker(0), &asked[0]));
    }
    assert_int_equal(atomic_load(&disk.reads), 0);
    let_read(PARTS - 1);
    wait_for_wakes(PARTS - 1);
    assert_int_equal(atomic_load(&disk.reads), PARTS - 1);
}

static void what_is_not_there_though_it_was_read_may_be_touched(void **state)
{
    bool asked = false;

    (void)state;
    atomic_store(&disk.is_bad, true);
    assert_false(pager_has(pager, &first, waker(1), &asked));
    let_read(1);
    wait_for_wakes(1);
    assert_true(pager_has(pager, &first, waker(1), &asked));
    assert_false(pager_has(pager, &first, waker(1), &asked)); /* some other time */
    let_read(1);
    wait_for_wakes(1);
    assert_int_equal(atomic_load(&disk.reads), 2);
}

static void what_was_expected_is_waited_for_without_being_read_twice(void **state)
{
    bool asked = false;

    (void)state;
    pager_expect(pager, &first);
    pager_expect(pager, &first);
    pager_expect(NULL, &first);
    sem_wait(&disk.reading);
    assert_false(pager_has(pager, &first, waker(3), &asked));
    let_read(1);
    wait_for_wakes(1);
    assert_int_equal(atomic_load(&disk.reads), 1);
}

/* Some are read, others are still queued; nothing leaks. */
static void the_end_wakes_nobody_whose_part_was_not_read(void **state)
{
    bool asked[PARTS] = {false};

    (void)state;
    for (int i = 0; i < PARTS; i++) {
        struct file_part cold = part(i);

        assert_false(pager_has(pager, &cold, waker((uint64_t)i), &asked[i]));
    }
    let_read(PARTS);
    pager_close(pager);
    pager = NULL;
    for (int i = 0; i < PARTS; i++)
        assert_int_equal(atomic_load(&wakes[i]), atomic_load(&disk.is_there[i]));
}

static void the_owner_may_close_the_file_while_it_is_read(void **state)
{
    bool asked = false;

    (void)state;
    assert_false(pager_has(pager, &first, waker(0), &asked));
    close(first.fd);
    let_read(1);
    wait_for_wakes(1);
    first.fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/* ---- the kernel's memory of files ---- */

static struct file_part written_file(const char *folder)
{
    char path[64];
    struct file_part written = {.size = 50000, .offset = 300};
    void *bytes = calloc(1, 60000);

    snprintf(path, sizeof(path), "%s/test_pager_XXXXXX", folder);
    written.fd = mkstemp(path);
    assert_true(written.fd >= 0);
    assert_int_equal(write(written.fd, bytes, 60000), 60000);
    assert_true(pager_may_look(written.fd, path));
    unlink(path);
    fsync(written.fd);
    free(bytes);
    return written;
}

static void what_was_just_written_is_in_memory(void **state)
{
    static const char *const folders[] = {"/tmp", "/dev/shm"};

    (void)state;
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
        struct file_part written = written_file(folders[i]);
        uint8_t *mapped = mmap(NULL, 60000, PROT_READ, MAP_SHARED, written.fd, 0);

        assert_ptr_not_equal(mapped, MAP_FAILED);
        print_message("%s\n", folders[i]);
        assert_true(pager_disk.is_in_memory(&written));
        written.mapped = mapped + 300;
        assert_true(pager_disk.is_in_memory(&written));
        munmap(mapped, 60000);
        close(written.fd);
    }
}

/* Where the system can forget a file; one in memory only cannot be. */
static void what_was_dropped_is_seen_to_be_missing_and_is_read(void **state)
{
    struct file_part written = written_file("/tmp");
    uint8_t *mapped = mmap(NULL, 60000, PROT_READ, MAP_SHARED, written.fd, 0);
    struct file_part seen = written;

    (void)state;
    assert_ptr_not_equal(mapped, MAP_FAILED);
    seen.mapped = mapped + 300;
    posix_fadvise(written.fd, 0, 0, POSIX_FADV_DONTNEED);
    if (!pager_disk.is_in_memory(&seen)) {
        pager_disk.read(&seen);
        assert_true(pager_disk.is_in_memory(&seen));
        assert_true(pager_disk.is_in_memory(&written));
    } else {
        print_message("the system keeps what it has in memory\n");
    }
    munmap(mapped, 60000);
    close(written.fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_in_memory_is_not_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            a_hundred_who_want_one_part_have_it_read_once_and_are_woken_once, set_up,
            tear_down),
        cmocka_unit_test_setup_teardown(who_asks_again_and_again_is_woken_once, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(others_are_answered_while_some_wait, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(
            what_is_not_there_though_it_was_read_may_be_touched, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            what_was_expected_is_waited_for_without_being_read_twice, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_end_wakes_nobody_whose_part_was_not_read,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_owner_may_close_the_file_while_it_is_read,
                                        set_up, tear_down),
        cmocka_unit_test(what_was_just_written_is_in_memory),
        cmocka_unit_test(what_was_dropped_is_seen_to_be_missing_and_is_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
